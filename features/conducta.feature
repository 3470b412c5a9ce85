Feature: La migración se porta bien con los demás

  Mientras se migra, la clínica atiende. La migración hace su trabajo de una vez o no hace nada,
  no molesta a quien no hace falta molestar, y al terminar no deja nada cambiado fuera de su tabla.

  Rule: Todo o nada

    @req-idempotente
    Scenario Outline: <migración>: se hace todo junto, con una sola orden
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' contando las órdenes que da
      Then dio una sola orden

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

    @req-conducta @datos
    Scenario Outline: <migración>: si quien la ejecuta se arrepiente, todo queda como antes
      Given la tabla '<tabla>' ya tiene datos
      When se intenta ejecutar el script de migración '<script>' y deshacerlo antes de confirmar
      Then termina sin error
      And no cambió nada

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

    @req-conducta
    Scenario Outline: <migración>: si no puede terminar, lo dice y no deja nada a medias
      Given la tabla '<tabla>' ya casi no tiene lugar para columnas
      When se intenta ejecutar el script de migración '<script>'
      Then termina con un error
      And no cambió nada

      Examples:
        | migración | tabla    | script                  |
        | Meta Ads  | patients | 01_meta_ads_columns.sql |

    @req-conducta
    Scenario Outline: <migración>: se ejecuta de principio a fin, sin error
      Given la tabla '<tabla>' ya tiene datos
      When se intenta ejecutar el script de migración '<script>'
      Then termina sin error

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

  Rule: La clínica no espera

    @req-bloqueo @datos
    Scenario Outline: <migración>: no recorre los datos uno por uno
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' y se deshace antes de confirmar
      Then no leyó ni escribió ninguna fila

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

    @req-bloqueo @datos
    Scenario Outline: <migración>: no bloquea ninguna otra tabla
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' y se deshace antes de confirmar
      Then no bloqueó ninguna otra tabla

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

    @req-bloqueo @datos
    Scenario Outline: <migración>: suelta la tabla enseguida
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' midiendo cuánto bloquea la tabla
      Then la tabla quedó libre enseguida
      And todo queda como lo pide la especificación

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

  Rule: Al terminar no deja nada cambiado fuera de su tabla

    @req-conducta
    Scenario Outline: <migración>: a quien la ejecutó no le deja nada cambiado
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' en una conexión que sigue abierta
      Then la conexión queda como estaba

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

    @req-conducta @prepared-transactions
    Scenario Outline: <migración>: no les manda avisos a otros programas
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' y se deja preparado, sin confirmar
      Then no les avisó nada a otros programas

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

  Rule: Pide permiso para lo suyo y nada más

    @req-conducta
    Scenario Outline: <migración>: a quien la ejecuta le basta con ser dueño de la tabla
      Given la tabla '<tabla>' es de alguien que no administra el servidor
      When ese dueño intenta ejecutar el script de migración '<script>'
      Then termina sin error
      And todo queda como lo pide la especificación
      And no se perdieron datos de <filas> existentes

      Examples:
        | migración   | tabla    | filas     | script                  |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql |
