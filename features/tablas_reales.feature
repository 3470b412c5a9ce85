@req-idempotente @req-esquema @vivo
Feature: La migración entiende las tablas tal como están

  En producción la tabla no siempre es la del manual. Alguna clínica ya agregó una columna a mano, con otro tipo;
  alguna red dividió la tabla por clínica. La migración lo arregla cuando puede hacerlo sin perder nada,
  y cuando no puede se niega antes de tocar la tabla, y dice por qué.

  Rule: Lo que se puede llevar a lo pedido sin perder nada, se lleva

    Scenario Outline: <columna> ya existe como <definición>
      Given la columna '<columna>' ya existe como <definición>
      When se ejecuta el script de migración '01_meta_ads_columns.sql'
      Then las cinco columnas quedan como las pide la especificación
      And no se perdieron datos de pacientes existentes

      Examples:
        | columna            | definición                          |
        | acquisition_source | TEXT                                |
        | acquisition_source | VARCHAR(50)                         |
        | acquisition_source | VARCHAR                             |
        | acquisition_source | VARCHAR DEFAULT 'WEB'               |
        | acquisition_source | VARCHAR NOT NULL DEFAULT 'ORGANIC'  |
        | meta_campaign_id   | VARCHAR DEFAULT ''                  |
        | meta_ad_id         | TEXT                                |
        | meta_ad_headline   | VARCHAR(255)                        |
        | meta_ad_body       | VARCHAR                             |

  Rule: Lo que no, se rechaza antes de tocar la tabla

    Scenario Outline: <columna> ya existe como <definición>, y no se toca
      Given la columna '<columna>' ya existe como <definición>
      When se intenta ejecutar el script de migración '01_meta_ads_columns.sql'
      Then se niega por el tipo de '<columna>'
      And no cambió nada

      Examples:
        | columna            | definición                                          |
        | meta_ad_id         | BIGINT                                              |
        | meta_ad_body       | JSONB                                               |
        | acquisition_source | INTEGER                                             |
        | meta_campaign_id   | VARCHAR GENERATED ALWAYS AS (phone_number) STORED   |

  Rule: La forma de la tabla no importa

    Scenario Outline: La tabla está <forma>
      Given la tabla 'patients' está <forma>
      When se ejecuta el script de migración '01_meta_ads_columns.sql'
      Then las cinco columnas quedan como las pide la especificación
      And no se perdieron datos de pacientes existentes

      Examples:
        | forma                         |
        | dividida por clínica          |
        | dividida por fecha            |
        | debajo de vistas              |
        | publicada para replicar       |
        | heredada por otra tabla       |
        | junto a una columna calculada |
        | junto a nombres parecidos     |

      @citus
      Examples: En una red de clínicas que ya no cabe en una máquina
        | forma                              |
        | repartida entre máquinas con Citus |
