Feature: El servicio sigue andando mientras se migra

  La base de datos y el servicio no se actualizan en el mismo instante.
  El servicio de ayer, que no conoce lo nuevo, no se entera de la migración.

  @01_meta_ads_columns
  Scenario: El servicio de siempre sigue andando mientras se migra
    Given la tabla ya tiene datos
    When se ejecuta la migración con el servicio de siempre trabajando
    Then el servicio de siempre sigue leyendo, cargando y cambiando pacientes
    And el paciente que cargó figura como 'ORGANIC'

  Scenario: Un servicio que preparó sus consultas sigue andando
    Given la tabla ya tiene datos
    And un servicio ya preparó sus consultas
    When se ejecuta la migración
    Then lo que la migración agrega queda como se pide
    And las consultas preparadas siguen andando sin un solo error
