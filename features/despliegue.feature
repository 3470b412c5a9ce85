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

  Rule: Las consultas que un servicio dejó preparadas sirven también después de migrar

    Casi todos los conectores preparan cada consulta una vez y guardan en el servidor cómo responderla. Las que
    nombran sus columnas no se enteran de que hay más; por eso no hace falta parar ni reiniciar el servicio.

    Scenario Outline: <migración>: un servicio con <conector> no pierde ninguna consulta preparada
      Un servicio no pierde ninguna consulta preparada, tenga el conector que tenga

      Given la tabla '<tabla>' ya tiene datos
      And un servicio con <conector> ya preparó sus consultas de <filas>
      When se ejecuta el script de migración '<script>'
      Then todo queda como lo pide la especificación
      And sus consultas preparadas siguen andando sin un solo error

      Examples:
        | migración   | tabla    | filas     | script                  | conector |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql | psycopg2 |
        | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql | asyncpg  |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql | psycopg2 |
        | Aislamiento | patients | pacientes | 02_tenant_isolation.sql | asyncpg  |

  @vivo
  Rule: Donde otra base recibe una copia continua de la tabla, la copia se migra primero

    Scenario Outline: <migración>: migrada primero la copia, nunca deja de recibir
      Given la tabla '<tabla>' ya tiene datos
      And otra base recibe una copia continua de la tabla
      When se ejecuta '<script>' primero en la copia y después en el origen
      Then la copia nunca dejó de recibir
      And la copia tiene todo lo anotado

      Examples:
        | migración   | tabla    | script                  |
        | Meta Ads    | patients | 01_meta_ads_columns.sql |
        | Aislamiento | patients | 02_tenant_isolation.sql |

    Scenario Outline: <migración>: migrado primero el origen, la copia se detiene hasta que se la migra
      Given la tabla '<tabla>' ya tiene datos
      And otra base recibe una copia continua de la tabla
      When se ejecuta '<script>' primero en el origen, y en la copia cuando ya se detuvo
      Then la copia se detuvo mientras le faltaban las columnas
      And la copia tiene todo lo anotado

      Examples:
        | migración | tabla    | script                  |
        | Meta Ads  | patients | 01_meta_ads_columns.sql |
