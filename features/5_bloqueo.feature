@req-bloqueo
Feature: La tabla no queda bloqueada en producción

  El riesgo que nombra la especificación es una tabla bloqueada mientras la clínica atiende.
  Agregar columnas lleva milisegundos si no se recorren los pacientes uno por uno.

  @exclusiva
  Scenario: No recorre los datos uno por uno
    Given la tabla ya tiene datos
    When se ejecuta la migración y se deshace antes de confirmar
    Then no leyó ni escribió ninguna fila

  Scenario: No bloquea ninguna otra tabla
    Given la tabla ya tiene datos
    When se ejecuta la migración y se deshace antes de confirmar
    Then no bloqueó ninguna otra tabla

  Scenario: Suelta la tabla enseguida
    Given la tabla ya tiene datos
    When se ejecuta la migración midiendo cuánto bloquea la tabla
    Then la tabla quedó libre enseguida
    And lo que la migración agrega queda como se pide

  Scenario: Las clínicas anotan durante la migración
    Given la tabla ya tiene datos
    And ocho recepcionistas anotan sin parar
    When se ejecuta la migración
    Then lo que la migración agrega queda como se pide
    And ninguna anotación falló ni se perdió
