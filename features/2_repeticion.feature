@req-idempotente
Feature: Ejecutar la migración de nuevo no hace daño

  Una migración puede cortarse por la mitad, o correrse dos veces por error.
  Al final la tabla es siempre la misma, y lo que ya se anotó no se pierde.

  Scenario: Se hace todo junto, con una sola orden
    Given la tabla ya tiene datos
    When se ejecuta la migración contando las órdenes que da
    Then dio una sola orden

  Scenario: La segunda vez no cambia nada
    Given la tabla ya tiene datos
    When se ejecuta dos veces la migración
    Then las dos veces termina sin error
    And la segunda vez no cambió nada

  @req-datos
  Scenario: Lo anotado desde entonces se conserva
    Given la tabla ya tiene lo nuevo, con datos
    When se ejecuta la migración
    Then no se perdieron datos existentes
    And las reglas y los permisos de las tablas siguen como estaban

  Scenario Outline: Lo que un intento anterior dejó por la mitad se completa
    Given la tabla ya tiene '<lo que había>' de un intento anterior
    When se ejecuta la migración
    Then lo que la migración agrega queda como se pide
    And no se perdieron datos existentes

    @01_meta_ads_columns
    Examples: <lo que había>
      | lo que había                                                       |
      | acquisition_source                                                 |
      | meta_campaign_id                                                   |
      | meta_ad_id                                                         |
      | meta_ad_headline                                                   |
      | meta_ad_body                                                       |
      | meta_campaign_id, meta_ad_id, meta_ad_headline, meta_ad_body       |
      | acquisition_source, meta_campaign_id, meta_ad_headline             |

    @02_tenant_isolation
    Examples: <lo que había>
      | lo que había                                                                            |
      | la política de filas patients.tenant_rows                                               |
      | la política de filas patients.tenant_rows_only                                          |
      | la política de filas tenants.tenant_rows, la política de filas tenants.tenant_rows_only |
      | la política de filas tenants.rows_as_before                                             |
      | el permiso patients.orchestrator_tenant                                               |
