@req-idempotente
Feature: Ejecutar la migración de nuevo no hace daño

  Una migración puede cortarse por la mitad, o correrse dos veces por error.
  Al final la tabla es siempre la misma, y la atribución que ya se anotó no se pierde.

  @datos
  Scenario Outline: <migración>: la segunda vez no cambia nada
    Given la tabla '<tabla>' ya tiene datos
    When se ejecuta dos veces el script de migración '<script>'
    Then las dos veces termina sin error
    And la segunda vez no cambió nada

    Examples:
      | migración   | tabla    | script                  |
      | Meta Ads    | patients | 01_meta_ads_columns.sql |
      | Aislamiento | patients | 02_tenant_isolation.sql |

  @req-datos
  Scenario Outline: <migración>: lo anotado desde entonces se conserva
    Given la tabla '<tabla>' ya tiene lo nuevo y datos en ello
    When se ejecuta el script de migración '<script>'
    Then no se perdieron datos de <filas> existentes
    And las reglas y los permisos de las tablas siguen como estaban

    Examples:
      | migración   | tabla    | filas     | script                  |
      | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql |
      | Aislamiento | patients | pacientes | 02_tenant_isolation.sql |

  Scenario Outline: Se completa lo que falta cuando ya existe <lo que había>
    Lo que un intento anterior dejó por la mitad se completa

    Given la tabla '<tabla>' ya tiene '<lo que había>' de un intento anterior
    When se ejecuta el script de migración '<script>'
    Then todo queda como lo pide la especificación
    And no se perdieron datos de <filas> existentes

    Examples: Una sola columna
      | tabla    | filas     | script                  | lo que había       |
      | patients | pacientes | 01_meta_ads_columns.sql | acquisition_source |
      | patients | pacientes | 01_meta_ads_columns.sql | meta_campaign_id   |
      | patients | pacientes | 01_meta_ads_columns.sql | meta_ad_id         |
      | patients | pacientes | 01_meta_ads_columns.sql | meta_ad_headline   |
      | patients | pacientes | 01_meta_ads_columns.sql | meta_ad_body       |

    Examples: Todas menos una
      | tabla    | filas     | script                  | lo que había                                                       |
      | patients | pacientes | 01_meta_ads_columns.sql | meta_campaign_id, meta_ad_id, meta_ad_headline, meta_ad_body       |
      | patients | pacientes | 01_meta_ads_columns.sql | acquisition_source, meta_ad_id, meta_ad_headline, meta_ad_body     |
      | patients | pacientes | 01_meta_ads_columns.sql | acquisition_source, meta_campaign_id, meta_ad_headline, meta_ad_body |
      | patients | pacientes | 01_meta_ads_columns.sql | acquisition_source, meta_campaign_id, meta_ad_id, meta_ad_body     |
      | patients | pacientes | 01_meta_ads_columns.sql | acquisition_source, meta_campaign_id, meta_ad_id, meta_ad_headline |

    Examples: De las políticas, los permisos y el rol
      | tabla    | filas     | script                  | lo que había                                                                      |
      | patients | pacientes | 02_tenant_isolation.sql | la política de filas patients.tenant_rows                                            |
      | patients | pacientes | 02_tenant_isolation.sql | la política de filas patients.tenant_rows_only                                       |
      | patients | pacientes | 02_tenant_isolation.sql | la política de filas tenants.tenant_rows, la política de filas tenants.tenant_rows_only |
      | patients | pacientes | 02_tenant_isolation.sql | la política de filas tenants.rows_as_before                                          |
      | patients | pacientes | 02_tenant_isolation.sql | los permisos patients.orchestrator_tenant                                        |
