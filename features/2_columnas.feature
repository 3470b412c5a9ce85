@01_meta_ads_columns @req-columnas
Feature: Las cinco columnas de atribución

  Cada paciente gana cinco datos. Todos son opcionales: la mayoría de los pacientes
  no llega por un anuncio, y de ellos no hay nada que anotar.

  Scenario Outline: Cada columna queda como la pide la especificación
    Given la tabla ya tiene datos
    When se ejecuta la migración
    Then la columna '<columna>' es de tipo <tipo>, con <default> y permite NULLs

    Examples: <columna>
      | columna            | tipo    | default           |
      | acquisition_source | VARCHAR | default 'ORGANIC' |
      | meta_campaign_id   | VARCHAR | ningún default    |
      | meta_ad_id         | VARCHAR | ningún default    |
      | meta_ad_headline   | TEXT    | ningún default    |
      | meta_ad_body       | TEXT    | ningún default    |

  Scenario: La migración agrega esas cinco columnas y ninguna otra
    Given la tabla ya tiene datos
    When se ejecuta la migración
    Then las columnas nuevas son exactamente las que pide la especificación

  Scenario: Una clínica que recién empieza recibe las mismas columnas
    Given la tabla existe y está vacía
    When se ejecuta la migración
    Then lo que la migración agrega queda como se pide

  Scenario: Los pacientes de siempre figuran como ORGANIC
    Given la tabla ya tiene datos
    When se ejecuta la migración
    Then todos los pacientes existentes tienen 'acquisition_source' igual a 'ORGANIC'
    And ningún paciente existente tiene campaña ni anuncio
