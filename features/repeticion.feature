@req-idempotente
Feature: Ejecutar la migración de nuevo no hace daño

  Una migración puede cortarse por la mitad, o correrse dos veces por error.
  Al final la tabla es siempre la misma, y la atribución que ya se anotó no se pierde.

  @datos
  Scenario: La segunda vez no cambia nada
    Given la tabla 'patients' ya tiene datos
    When se ejecuta dos veces el script de migración '01_meta_ads_columns.sql'
    Then las dos veces termina sin error
    And la segunda vez no cambió nada

  @req-datos
  Scenario: La atribución anotada desde entonces se conserva
    Given la tabla 'patients' ya tiene las cinco columnas y pacientes con atribución
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then no se perdieron datos de pacientes existentes
    And restricciones, índices, claves, valores por defecto, disparadores y permisos siguen como estaban

  Scenario Outline: Se completa lo que falta cuando ya existe <lo que había>
    Given la tabla 'patients' ya tiene las columnas '<lo que había>' de un intento anterior
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then las cinco columnas quedan como las pide la especificación
    And no se perdieron datos de pacientes existentes

    Examples: Una sola columna
      | lo que había       |
      | acquisition_source |
      | meta_campaign_id   |
      | meta_ad_id         |
      | meta_ad_headline   |
      | meta_ad_body       |

    Examples: Todas menos una
      | lo que había                                                           |
      | meta_campaign_id, meta_ad_id, meta_ad_headline, meta_ad_body           |
      | acquisition_source, meta_ad_id, meta_ad_headline, meta_ad_body         |
      | acquisition_source, meta_campaign_id, meta_ad_headline, meta_ad_body   |
      | acquisition_source, meta_campaign_id, meta_ad_id, meta_ad_body         |
      | acquisition_source, meta_campaign_id, meta_ad_id, meta_ad_headline     |
