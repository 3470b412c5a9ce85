@01_meta_ads_columns @gancho_roto
Feature: El gancho de la funcionalidad falla

  @req-datos
  Scenario: Nunca empieza
    Then un paso que pasa
