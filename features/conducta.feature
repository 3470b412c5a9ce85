@req-bloqueo
Feature: La migración se porta bien con los demás

  Mientras se migra, la clínica atiende. El script hace su trabajo de una vez o no hace nada,
  no molesta a nadie que no haga falta molestar, y se va sin dejar nada puesto.

  Rule: Todo o nada

    @req-idempotente
    Scenario Outline: <migración>: es un único bloque
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' contando sus sentencias
      Then el script fue un único bloque DO

      Examples:
        | migración | tabla    | script                  |
        | Meta Ads  | patients | 01_meta_ads_columns.sql |

    @req-datos @datos
    Scenario Outline: <migración>: si quien la ejecuta se arrepiente, no queda nada
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' en una transacción que se deshace
      Then no cambió nada

      Examples:
        | migración | tabla    | script                  |
        | Meta Ads  | patients | 01_meta_ads_columns.sql |

    @req-datos
    Scenario Outline: <migración>: si no puede terminar, lo dice y no deja nada a medias
      Given la tabla '<tabla>' ya casi no admite columnas
      When se intenta ejecutar el script de migración '<script>'
      Then termina con un error
      And no cambió nada

      Examples:
        | migración | tabla    | script                  |
        | Meta Ads  | patients | 01_meta_ads_columns.sql |

  Rule: La clínica no espera

    @datos
    Scenario Outline: <migración>: no recorre la tabla fila por fila
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' en una transacción que se deshace
      Then no leyó ni escribió ninguna fila

      Examples:
        | migración | tabla    | script                  |
        | Meta Ads  | patients | 01_meta_ads_columns.sql |

    @datos
    Scenario Outline: <migración>: no bloquea ninguna otra tabla
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' en una transacción que se deshace
      Then no bloqueó ninguna otra tabla

      Examples:
        | migración | tabla    | script                  |
        | Meta Ads  | patients | 01_meta_ads_columns.sql |

    @datos
    Scenario Outline: <migración>: no retiene la tabla
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' mirando cuánto retiene la tabla
      Then no retuvo la tabla
      And las columnas quedan como las pide la especificación

      Examples:
        | migración | tabla    | script                  |
        | Meta Ads  | patients | 01_meta_ads_columns.sql |

  Rule: Se va sin dejar nada puesto

    Scenario Outline: <migración>: la sesión queda como estaba
      Given la tabla '<tabla>' ya tiene datos
      When se ejecuta el script de migración '<script>' en una sesión que sigue abierta
      Then la sesión queda como estaba

      Examples:
        | migración | tabla    | script                  |
        | Meta Ads  | patients | 01_meta_ads_columns.sql |

  Rule: Pide permiso para lo suyo y nada más

    Scenario Outline: <migración>: a quien la ejecuta le basta con ser dueño de la tabla
      Given la tabla '<tabla>' es de un dueño que no es superusuario
      When ese dueño ejecuta el script de migración '<script>'
      Then las columnas quedan como las pide la especificación
      And no se perdieron datos de <filas> existentes

      Examples:
        | migración | tabla    | filas     | script                  |
        | Meta Ads  | patients | pacientes | 01_meta_ads_columns.sql |
