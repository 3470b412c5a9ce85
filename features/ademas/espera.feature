Feature: La migración espera su turno sin que nadie espere detrás

  Lo que frena a una clínica es la cola que se forma detrás de una migración que espera su turno. Por eso la
  migración mira primero, no espera en la cola detrás de nadie, y si no le toca, se rinde y lo dice.

  @exclusiva
  Scenario Outline: Espera fuera de la cola a que la tabla se libere
    Given la tabla ya tiene datos
    And ocho recepcionistas anotan sin parar
    And <lo que la ocupa> tiene ocupada la tabla
    When se ejecuta la migración hasta que la tabla se libera
    Then la migración no pidió la tabla mientras estuvo ocupada
    And ninguna anotación falló ni se perdió

    Examples: <lo que la ocupa>
      | lo que la ocupa         |
      | un informe largo        |
      | una sesión olvidada     |
      | un cambio sin confirmar |

  @exclusiva
  Scenario Outline: Si la tabla no se libera, se rinde y dice por quién
    Given la tabla ya tiene datos
    And <lo que la ocupa> tiene ocupada la tabla
    When se ejecuta la migración con un plazo de 500ms
    Then la migración se rinde y nombra la sesión que tiene la tabla
    And la sesión que tenía ocupada la tabla no fue interrumpida
    And no cambió nada

    Examples: <lo que la ocupa>
      | lo que la ocupa         |
      | un informe largo        |
      | una sesión olvidada     |
      | un cambio sin confirmar |

  Scenario: Varias personas migran a la vez
    Given la tabla ya tiene datos
    When se ejecutan a la vez varias migraciones, a mano y con la herramienta de cambios
    Then todas terminan sin error
    And lo que la migración agrega queda como se pide
    And no se perdieron datos existentes

  @exclusiva
  Scenario: Cortada por la mitad no deja nada
    Given la tabla ya tiene datos
    And un informe largo tiene ocupada la tabla
    When se corta la migración mientras espera
    Then la migración quedó cortada
    And no cambió nada

  Scenario: Repetirla no toca la tabla, ni siquiera si está bloqueada
    Given la tabla ya tiene lo nuevo, con datos
    And un mantenimiento que bloquea la tabla entera tiene ocupada la tabla
    When se ejecuta la migración con la tabla ocupada
    Then la migración no pidió la tabla mientras estuvo ocupada
    And no cambió nada
