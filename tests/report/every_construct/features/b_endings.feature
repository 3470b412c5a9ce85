@01_meta_ads_columns
Feature: Todos los finales

  @req-modelo
  Scenario: Sin definir
    Given un paso que nadie definió
    Then un paso que pasa

  @req-modelo
  Scenario: Pendiente
    Given un paso pendiente
    Then un paso que pasa

  @req-esquema
  Scenario: Saltado por un paso con motivo
    Given un paso que salta
    Then un paso que pasa

  @req-esquema @saltar
  Scenario: Saltado antes de empezar con motivo
    Then un paso que pasa

  @req-esquema @gancho_antes
  Scenario: El gancho de antes falla
    Then un paso que pasa

  @req-esquema @gancho_despues
  Scenario: El gancho de después falla
    Then un paso que pasa

  @req-esquema
  Scenario: La limpieza falla
    Given un paso cuya limpieza falla
    Then un paso que pasa

  @req-persistencia
  Scenario: Adjunta de todo
    When un paso adjunta un dibujo, un SQL y lo que nadie adjunta
    Then un paso que pasa

  @req-persistencia
  Scenario: Falla sin decir nada
    Then un paso afirma sin mensaje

  @req-persistencia
  Scenario: Falla con hallazgos
    Then un paso encuentra
      | hallazgo             |
      | patients: falta id 7 |
      | patients: sobra id 9 |

  @no_seleccionado @req-persistencia
  Scenario: No está en la corrida
    Then un paso que pasa

  Scenario: Sin pasos y sin requisito
