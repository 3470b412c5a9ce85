@req-bloqueo @vivo
Feature: La agenda sigue atendiendo mientras se migra

  El riesgo que nombra la especificación es una tabla bloqueada en producción. Agregar columnas lleva
  milisegundos; lo que frena a una clínica es la cola que se forma detrás de una migración que espera su turno.
  Por eso la migración mira primero, no espera en la cola detrás de nadie, y si no le toca, se rinde y lo dice.

  Rule: Mientras se migra, nadie espera y nada se pierde

    Scenario Outline: <migración>: las clínicas anotan durante la migración
      Given la tabla '<tabla>' ya tiene datos
      And ocho recepcionistas anotan <filas> sin parar
      When se ejecuta el script de migración '<script>'
      Then todo queda como lo pide la especificación
      And ninguna anotación falló ni se perdió

      Examples:
        | migración   | tabla    | filas     | script                  |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql |

    Scenario Outline: <migración>: las consultas ya preparadas anotan durante la migración
      Given la tabla '<tabla>' ya tiene datos
      And ocho recepcionistas anotan <filas> sin parar, con sus consultas ya preparadas
      When se ejecuta el script de migración '<script>'
      Then todo queda como lo pide la especificación
      And ninguna anotación falló ni se perdió

      Examples:
        | migración   | tabla    | filas     | script                  |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql |

    Scenario Outline: <migración>: espera fuera de la cola a que termine <quién>
      Espera fuera de la cola a que termine quien tiene la tabla, y nadie espera detrás

      Given la tabla '<tabla>' ya tiene datos
      And ocho recepcionistas anotan <filas> sin parar
      And <quién> tiene ocupada la tabla
      When se ejecuta el script '<script>' hasta que la tabla se libera
      Then a quien tenía ocupada la tabla nadie lo interrumpió
      And la migración no pidió la tabla mientras estuvo ocupada
      And todo queda como lo pide la especificación
      And ninguna anotación falló ni se perdió

      Examples:
        | migración             | tabla    | filas     | script                  | quién                   |
        | Meta Ads              | patients | pacientes | 01_meta_ads_columns.sql | un informe largo        |
        | Meta Ads              | patients | pacientes | 01_meta_ads_columns.sql | una sesión olvidada     |
        | Meta Ads              | patients | pacientes | 01_meta_ads_columns.sql | un cambio sin confirmar |
        | Aislamiento           | patients | pacientes | 02_tenant_isolation.sql | un informe largo        |
        | Aislamiento (tenants) | tenants  | pacientes | 02_tenant_isolation.sql | una sesión olvidada     |
        | Aislamiento (tenants) | tenants  | pacientes | 02_tenant_isolation.sql | un cambio sin confirmar |

  Rule: Si la tabla no se libera, la migración se rinde y dice por quién

    Scenario Outline: <migración>: si <quién> no termina nunca, se rinde
      Si quien tiene la tabla no termina nunca, se rinde y dice quién es

      Given la tabla '<tabla>' ya tiene datos
      And <quién> tiene ocupada la tabla
      When se ejecuta el script '<script>' con un plazo de 500ms
      Then la migración se rinde y nombra a quien tiene la tabla
      And a quien tenía ocupada la tabla nadie lo interrumpió
      And no cambió nada

      Examples:
        | migración             | tabla    | script                  | quién                   |
        | Meta Ads              | patients | 01_meta_ads_columns.sql | un informe largo        |
        | Meta Ads              | patients | 01_meta_ads_columns.sql | una sesión olvidada     |
        | Meta Ads              | patients | 01_meta_ads_columns.sql | un cambio sin confirmar |
        | Aislamiento           | patients | 02_tenant_isolation.sql | un informe largo        |
        | Aislamiento (tenants) | tenants  | 02_tenant_isolation.sql | una sesión olvidada     |
        | Aislamiento (tenants) | tenants  | 02_tenant_isolation.sql | un cambio sin confirmar |

      @prepared-transactions
      Examples: Un cambio preparado, que sigue aunque quien lo hizo se vaya
        | migración             | tabla    | script                  | quién                               |
        | Meta Ads              | patients | 01_meta_ads_columns.sql | un cambio preparado y sin confirmar |
        | Aislamiento (tenants) | tenants  | 02_tenant_isolation.sql | un cambio preparado y sin confirmar |

  Rule: Varias migraciones, o una a medias, terminan igual

    Scenario Outline: <migración>: varias personas migran a la vez
      Given la tabla '<tabla>' ya tiene datos
      When se ejecutan a la vez varias migraciones con '<script>', a mano y con Alembic
      Then todas terminan sin error
      And todo queda como lo pide la especificación
      And no se perdieron datos de <filas> existentes

      Examples:
        | migración   | tabla    | filas     | script                  |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql |

    Scenario Outline: <migración>: cortada por la mitad no deja nada
      Given la tabla '<tabla>' ya tiene datos
      And un informe largo tiene ocupada la tabla
      When se corta el script '<script>' mientras espera
      Then la migración quedó cortada
      And no cambió nada

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

    Scenario Outline: <migración>: repetirla no toca la tabla, ni siquiera si está bloqueada
      Cuando ya está todo, repetirla no espera a nadie, ni siquiera a quien bloquea la tabla

      Given la tabla '<tabla>' ya tiene lo nuevo y datos en ello
      And un mantenimiento que bloquea la tabla entera tiene ocupada la tabla
      When se ejecuta el script '<script>' con la tabla ocupada
      Then termina sin error y sin pedir la tabla
      And no cambió nada

      Examples:
        | migración             | tabla    | script                  |
        | Meta Ads              | patients | 01_meta_ads_columns.sql |
        | Aislamiento           | patients | 02_tenant_isolation.sql |
        | Aislamiento (tenants) | tenants  | 02_tenant_isolation.sql |
