@req-datos
Feature: La migración no toca lo que ya estaba

  Los pacientes que una clínica cargó durante años valen más que cualquier columna nueva.
  Se compara el contenido de cada fila, letra por letra, y no solamente cuántas hay.

  Background:
    Given la tabla 'patients' ya tiene datos

  @req-columnas @datos
  Scenario: Los pacientes de siempre figuran como ORGANIC
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then todos los pacientes existentes tienen 'acquisition_source' igual a 'ORGANIC'
    And ningún paciente existente tiene campaña ni anuncio

  @datos
  Scenario: Ningún dato de ninguna clínica cambia
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then no se perdieron datos de pacientes existentes

  @datos
  Scenario: La tabla conserva sus reglas
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then restricciones, índices, claves, valores por defecto, disparadores y permisos siguen como estaban

  Scenario: El próximo paciente recibe el número que le tocaba
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then el próximo paciente recibe el número que le tocaba
