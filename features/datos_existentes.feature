Feature: La migración no toca lo que ya estaba

  Los pacientes que una clínica cargó durante años valen más que cualquier columna nueva.
  Se compara el contenido de cada fila, letra por letra, y no solamente cuántas hay.

  @req-columnas @datos
  Scenario: Los pacientes de siempre figuran como ORGANIC
    Given la tabla 'patients' ya tiene datos
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then todos los pacientes existentes tienen 'acquisition_source' igual a 'ORGANIC'
    And ningún paciente existente tiene campaña ni anuncio

  @req-datos @datos
  Scenario Outline: <migración>: ningún dato de ninguna clínica cambia
    Given la tabla '<tabla>' ya tiene datos
    When se ejecuta el script de migración '<script>'
    Then no se perdieron datos de <filas> existentes

    Examples:
      | migración   | tabla    | filas     | script                  |
      | Meta Ads    | patients | pacientes | 01_meta_ads_columns.sql |
      | Aislamiento | patients | pacientes | 02_tenant_isolation.sql |

  @req-esquema @datos
  Scenario Outline: <migración>: la tabla conserva sus reglas
    Given la tabla '<tabla>' ya tiene datos
    When se ejecuta el script de migración '<script>'
    Then las reglas y los permisos de las tablas siguen como estaban

    Examples:
      | migración   | tabla    | script                  |
      | Meta Ads    | patients | 01_meta_ads_columns.sql |
      | Aislamiento | patients | 02_tenant_isolation.sql |

  @req-conducta
  Scenario Outline: <migración>: lo próximo que se anota recibe el número que le tocaba
    Given la tabla '<tabla>' ya tiene datos
    When se ejecuta el script de migración '<script>'
    Then la próxima fila recibe el número que le tocaba

    Examples:
      | migración   | tabla    | script                  |
      | Meta Ads    | patients | 01_meta_ads_columns.sql |
      | Aislamiento | patients | 02_tenant_isolation.sql |
