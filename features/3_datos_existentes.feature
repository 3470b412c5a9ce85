Feature: La migración no toca lo que ya estaba

  Los pacientes que una clínica cargó durante años valen más que cualquier columna nueva.
  Se compara el contenido de cada fila, letra por letra, y no solamente cuántas hay.

  @req-datos
  Scenario: Ningún dato de ninguna clínica cambia
    Given la tabla ya tiene datos
    When se ejecuta la migración
    Then no se perdieron datos existentes

  @req-esquema
  Scenario: La tabla conserva sus reglas, índices y permisos
    Given la tabla ya tiene datos
    When se ejecuta la migración
    Then las reglas y los permisos de las tablas siguen como estaban

  @req-datos
  Scenario: Lo próximo que se anota recibe el número que le tocaba
    Given la tabla ya tiene datos
    When se ejecuta la migración
    Then la próxima fila recibe el número que le tocaba
