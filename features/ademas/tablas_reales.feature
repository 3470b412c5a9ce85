Feature: La migración entiende las tablas tal como están

  En producción la tabla no siempre es la del manual. Alguien ya agregó una columna a mano, con otro tipo;
  alguna red de clínicas partió la tabla en varias. La migración lo arregla cuando puede hacerlo sin perder nada,
  y cuando no puede se niega antes de tocar la tabla, y dice por qué.

  @01_meta_ads_columns
  Scenario Outline: Una columna hecha de otra manera queda como se pide
    Given la tabla ya tiene <una columna hecha a mano>
    When se ejecuta la migración
    Then lo que la migración agrega queda como se pide
    And no se perdieron datos existentes

    Examples: <una columna hecha a mano>
      | una columna hecha a mano                                       |
      | acquisition_source de tipo TEXT                                |
      | acquisition_source de tipo VARCHAR(50)                         |
      | acquisition_source de tipo VARCHAR                             |
      | acquisition_source de tipo VARCHAR DEFAULT 'WEB'               |
      | acquisition_source de tipo VARCHAR NOT NULL DEFAULT 'ORGANIC'  |
      | meta_campaign_id de tipo VARCHAR DEFAULT ''                    |
      | meta_ad_id de tipo TEXT                                        |
      | meta_ad_headline de tipo VARCHAR(255)                          |
      | meta_ad_body de tipo VARCHAR                                   |

  @01_meta_ads_columns
  Scenario Outline: Una columna que no se puede convertir sin perder datos no se toca
    Given la tabla ya tiene <una columna hecha a mano>
    When se intenta ejecutar la migración
    Then se niega, y nombra esa columna
    And no cambió nada

    Examples: <una columna hecha a mano>
      | una columna hecha a mano                                                        |
      | meta_ad_id de tipo BIGINT                                                       |
      | meta_ad_body de tipo JSONB                                                      |
      | acquisition_source de tipo INTEGER                                              |
      | meta_campaign_id de tipo VARCHAR GENERATED ALWAYS AS (phone_number) STORED      |

  Scenario Outline: La forma de la tabla no importa
    Given la tabla está <forma>
    When se ejecuta la migración
    Then lo que la migración agrega queda como se pide
    And no se perdieron datos existentes

    Examples: <forma>
      | forma                     |
      | dividida por clínica      |
      | dividida por fecha        |
      | consultada por vistas     |
      | copiada a otro servidor   |
      | ampliada por otra tabla   |
      | con una columna calculada |

    @01_meta_ads_columns
    Examples: <forma>
      | forma                        |
      | con otras de nombre parecido |
