@req-modelo
Feature: El orden del despliegue

  La base de datos y el servicio no se actualizan en el mismo instante.
  Uno de los dos va siempre primero, y en los dos casos se sabe qué pasa.

  Scenario Outline: El servicio nuevo sobre una base sin migrar dice qué falta al <hacer>
    El servicio nuevo sobre una base sin migrar dice qué falta

    Given la tabla 'patients' ya tiene datos
    When el servicio nuevo intenta <hacer> un paciente
    Then el error es una sola línea que nombra la migración '01_meta_ads_columns.sql'
    And no cambió nada

    Examples:
      | hacer   |
      | leer    |
      | guardar |

  Scenario: El servicio de siempre sigue andando mientras se migra
    Given la tabla 'patients' ya tiene datos
    When se ejecuta '01_meta_ads_columns.sql' con el servicio de siempre trabajando
    Then el servicio de siempre sigue leyendo, cargando y cambiando pacientes
    And el paciente que cargó figura como 'ORGANIC'
