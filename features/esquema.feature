@req-esquema
Feature: La misma tabla, se llegue como se llegue

  Unas bases de datos se migran a mano, con el script, y otras con Alembic, la herramienta que lleva la cuenta
  de los cambios; unas desde cero y otras con años de datos. Todas terminan con la misma tabla, y lo que el
  servicio espera encontrar es esa tabla.

  Scenario Outline: <migración>: a mano o con la herramienta de cambios, queda la misma tabla
    Given una base de datos vacía y otra con las tablas de antes de la migración
    When la vacía se migra con Alembic y la otra con el script '<script>'
    Then las dos quedan con las mismas tablas

    Examples:
      | migración   | script                  |
      | Meta Ads    | 01_meta_ads_columns.sql |
      | Aislamiento | 02_tenant_isolation.sql |

  @req-modelo
  Scenario: El modelo del servicio y la tabla migrada coinciden
    Given las tablas de antes de la migración, sin datos
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then el modelo Patient describe la misma tabla

  @req-datos
  Scenario Outline: <migración>: la herramienta de cambios adopta una base con años de datos
    Given la tabla '<tabla>' ya tiene datos
    When se migra con Alembic hasta '<script>'
    Then todo queda como lo pide la especificación
    And no se perdieron datos de <filas> existentes

    Examples:
      | migración   | tabla    | filas     | script                  |
      | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql |
      | Aislamiento | patients | pacientes | 02_tenant_isolation.sql |

  Scenario: La herramienta de cambios no encuentra nada pendiente
    Given la tabla 'patients' ya tiene datos
    When se migra con Alembic hasta '01_meta_ads_columns.sql'
    Then Alembic no encuentra nada pendiente

  @req-idempotente @req-datos
  Scenario Outline: <migración>: sobre una base ya migrada a mano, la herramienta de cambios no cambia nada
    Given la tabla '<tabla>' ya tiene lo nuevo y datos en ello
    When se migra con Alembic hasta '<script>'
    Then todo queda como lo pide la especificación
    And no se perdieron datos de <filas> existentes

    Examples:
      | migración   | tabla    | filas     | script                  |
      | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql |
      | Aislamiento | patients | pacientes | 02_tenant_isolation.sql |

  @req-datos
  Rule: Cada proyecto lleva su propia historia de cambios en la misma base

    Scenario Outline: <migración>: la historia de otro proyecto que ya estaba no se toca
      Given la tabla '<tabla>' ya tiene datos
      And la base de datos lleva la historia de Alembic de otro proyecto
      When se migra con Alembic hasta '<script>'
      Then todo queda como lo pide la especificación
      And la historia de Alembic de otro proyecto sigue en su revisión

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

    Scenario Outline: <migración>: otro proyecto puede empezar la suya después
      Given la tabla '<tabla>' ya tiene datos
      When se migra con Alembic hasta '<script>'
      Then todo queda como lo pide la especificación
      And otro proyecto no encuentra ninguna historia de Alembic que no sea suya

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

  Rule: Volver atrás no borra datos sin permiso

    Scenario Outline: <migración>: con datos que se perderían, no deja volver atrás
      Given la tabla '<tabla>', migrada con Alembic, tiene datos en lo nuevo de 3 <filas>
      When se intenta volver atrás con Alembic a antes de '<script>'
      Then Alembic se niega y dice que se perderían datos de 3 filas
      And no cambió nada

      Examples:
        | migración | tabla    | filas     | script                  |
        | Meta Ads  | patients | pacientes | 01_meta_ads_columns.sql |

    Scenario Outline: <migración>: sin datos que perder, se vuelve atrás
      Given la tabla '<tabla>', migrada con Alembic, tiene datos en lo nuevo de 0 <filas>
      When se intenta volver atrás con Alembic a antes de '<script>'
      Then la tabla '<tabla>' ya no tiene lo nuevo

      Examples:
        | migración   | tabla    | filas     | script                  |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql |

    Scenario Outline: <migración>: con permiso expreso, se vuelve atrás y los datos se pierden
      Given la tabla '<tabla>', migrada con Alembic, tiene datos en lo nuevo de 3 <filas>
      When se vuelve atrás con Alembic a antes de '<script>', con permiso de perderlos
      Then la tabla '<tabla>' ya no tiene lo nuevo

      Examples:
        | migración | tabla    | filas     | script                  |
        | Meta Ads  | patients | pacientes | 01_meta_ads_columns.sql |
