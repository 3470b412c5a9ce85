@req-bloqueo @vivo
Feature: La agenda sigue atendiendo mientras se migra

  El riesgo que nombra la especificación es una tabla bloqueada en producción. Agregar columnas lleva
  milisegundos; lo que frena a una clínica es la cola que se forma detrás de una migración que espera su turno.
  Por eso la migración mira primero, no espera en la cola detrás de nadie, y si no le toca, se rinde y lo dice.

  Background:
    Given la tabla 'patients' ya tiene datos

  Rule: Mientras se migra, nadie espera y nada se pierde

    Scenario: Las clínicas anotan pacientes durante la migración
      Given ocho recepcionistas anotan pacientes sin parar
      When se ejecuta el script de migración '01_meta_ads_columns.sql'
      Then las cinco columnas quedan como las pide la especificación
      And ninguna anotación falló ni se perdió

    Scenario Outline: La migración espera fuera de la cola a que termine <quién>
      Given ocho recepcionistas anotan pacientes sin parar
      And <quién> tiene ocupada la tabla
      When se ejecuta el script '01_meta_ads_columns.sql' hasta que la tabla se libera
      Then a quien tenía ocupada la tabla nadie lo interrumpió
      And la migración no pidió la tabla mientras estuvo ocupada
      And las cinco columnas quedan como las pide la especificación
      And ninguna anotación falló ni se perdió

      Examples:
        | quién                   |
        | un informe largo        |
        | una sesión olvidada     |
        | un cambio sin confirmar |

  Rule: Si la tabla no se libera, la migración se rinde y dice por quién

    Scenario Outline: <quién> no termina nunca
      Given <quién> tiene ocupada la tabla
      When se ejecuta el script '01_meta_ads_columns.sql' con un plazo de 1s
      Then la migración se rinde y nombra a quien tiene la tabla
      And a quien tenía ocupada la tabla nadie lo interrumpió
      And no cambió nada

      Examples:
        | quién                   |
        | un informe largo        |
        | una sesión olvidada     |
        | un cambio sin confirmar |

      @prepared-transactions
      Examples: Transacciones preparadas
        | quién                     |
        | una transacción preparada |

  Rule: Varias migraciones, o una a medias, terminan igual

    Scenario: Varias personas migran a la vez
      When se ejecutan a la vez varias migraciones con '01_meta_ads_columns.sql', por psql y por Alembic
      Then todas terminan sin error
      And las cinco columnas quedan como las pide la especificación
      And no se perdieron datos de pacientes existentes

    Scenario: Una migración cortada por la mitad no deja nada
      Given un informe largo tiene ocupada la tabla
      When se corta el script '01_meta_ads_columns.sql' mientras espera
      Then la migración quedó cortada
      And no cambió nada

    Scenario: Repetir la migración no toca la tabla, ni siquiera si está bloqueada
      Given la tabla 'patients' también tiene las cinco columnas
      And un mantenimiento que bloquea la tabla entera tiene ocupada la tabla
      When se ejecuta el script '01_meta_ads_columns.sql' con la tabla ocupada
      Then termina sin error y sin pedir la tabla
      And no cambió nada
