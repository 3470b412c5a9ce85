@01_meta_ads_columns @saltada
Feature: Saltada entera con motivo

  @req-datos
  Scenario: Tampoco empieza
    Then un paso que pasa
