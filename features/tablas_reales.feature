@req-idempotente @req-esquema @vivo
Feature: La migración entiende las tablas tal como están

  En producción la tabla no siempre es la del manual. Alguien ya agregó una columna a mano, con otro tipo;
  alguna red de clínicas partió la tabla en varias. La migración lo arregla cuando puede hacerlo sin perder nada,
  y cuando no puede se niega antes de tocar la tabla, y dice por qué.

  Rule: Lo que se puede llevar a lo pedido sin perder nada, se lleva

    Scenario Outline: <columna> ya existe como <definición>
      Una columna que alguien ya había agregado de otra manera queda como se pidió

      Given la columna '<columna>' de '<tabla>' ya existe como <definición>
      When se ejecuta el script de migración '<script>'
      Then todo queda como lo pide la especificación
      And no se perdieron datos de <filas> existentes

      Examples:
        | tabla    | filas     | script                  | columna            | definición                          |
        | patients | pacientes | 01_meta_ads_columns.sql | acquisition_source | TEXT                                |
        | patients | pacientes | 01_meta_ads_columns.sql | acquisition_source | VARCHAR(50)                         |
        | patients | pacientes | 01_meta_ads_columns.sql | acquisition_source | VARCHAR                             |
        | patients | pacientes | 01_meta_ads_columns.sql | acquisition_source | VARCHAR DEFAULT 'WEB'               |
        | patients | pacientes | 01_meta_ads_columns.sql | acquisition_source | VARCHAR NOT NULL DEFAULT 'ORGANIC'  |
        | patients | pacientes | 01_meta_ads_columns.sql | meta_campaign_id   | VARCHAR DEFAULT ''                  |
        | patients | pacientes | 01_meta_ads_columns.sql | meta_ad_id         | TEXT                                |
        | patients | pacientes | 01_meta_ads_columns.sql | meta_ad_headline   | VARCHAR(255)                        |
        | patients | pacientes | 01_meta_ads_columns.sql | meta_ad_body       | VARCHAR                             |

  Rule: Lo que no, se rechaza antes de tocar la tabla

    Scenario Outline: <columna> ya existe como <definición>, y no se toca
      Una columna que no se puede convertir sin perder datos no se toca

      Given la columna '<columna>' de '<tabla>' ya existe como <definición>
      When se intenta ejecutar el script de migración '<script>'
      Then se niega por el tipo de '<columna>'
      And no cambió nada

      Examples:
        | tabla    | script                  | columna            | definición                                          |
        | patients | 01_meta_ads_columns.sql | meta_ad_id         | BIGINT                                              |
        | patients | 01_meta_ads_columns.sql | meta_ad_body       | JSONB                                               |
        | patients | 01_meta_ads_columns.sql | acquisition_source | INTEGER                                             |
        | patients | 01_meta_ads_columns.sql | meta_campaign_id   | VARCHAR GENERATED ALWAYS AS (phone_number) STORED   |

  Rule: La forma de la tabla no importa

    Scenario Outline: <migración>: la tabla está <forma>
      La tabla tal como está en producción

      Given la tabla '<tabla>' está <forma>
      When se ejecuta el script de migración '<script>'
      Then todo queda como lo pide la especificación
      And no se perdieron datos de <filas> existentes

      Examples:
        | migración   | tabla    | filas     | script                  | forma                        |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql | dividida por clínica         |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql | dividida por fecha           |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql | consultada por vistas        |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql | copiada a otro servidor      |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql | ampliada por otra tabla      |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql | con una columna calculada    |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql | con otras de nombre parecido |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql | dividida por clínica         |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql | dividida por fecha           |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql | consultada por vistas        |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql | copiada a otro servidor      |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql | ampliada por otra tabla      |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql | con una columna calculada    |

    @citus
    Scenario Outline: La tabla <tabla>, repartida entre máquinas
      En una red de clínicas que ya no cabe en una máquina

      Given la tabla '<tabla>' está repartida entre máquinas
      When se ejecuta el script de migración '<script>'
      Then todo queda como lo pide la especificación
      And en todas las máquinas son iguales
      And no se perdieron datos de <filas> existentes

      Examples:
        | tabla    | filas     | script                  |
        | patients | pacientes | 01_meta_ads_columns.sql |
