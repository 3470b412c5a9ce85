Feature: La revisión anual de cada vehículo

  Scenario: Revisión
    Given la tabla ya tiene datos
    When se ejecuta la migración
    Then la columna 'inspection_result' es de tipo VARCHAR, con default 'PENDING' y permite NULLs
    And lo que la migración agrega queda como se pide
    And no se perdieron datos existentes
