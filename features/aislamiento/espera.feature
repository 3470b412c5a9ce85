@02_tenant_isolation
Feature: La lista de clínicas tampoco queda bloqueada

  El aislamiento cambia dos tablas: la de pacientes y la de clínicas. También de la segunda espera su turno.

  Scenario: Espera fuera de la cola a que la lista de clínicas se libere
    Given la tabla ya tiene datos
    And ocho recepcionistas anotan sin parar
    And un cambio sin confirmar tiene ocupada la tabla 'tenants'
    When se ejecuta la migración hasta que la tabla se libera
    Then la migración no pidió la tabla mientras estuvo ocupada
    And ninguna anotación falló ni se perdió

  Scenario: Si la lista de clínicas no se libera, se rinde y dice por quién
    Given la tabla ya tiene datos
    And una sesión olvidada tiene ocupada la tabla 'tenants'
    When se ejecuta la migración con un plazo de 500ms
    Then la migración se rinde y nombra la sesión que tiene la tabla
    And no cambió nada
