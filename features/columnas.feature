@req-columnas
Feature: Las cinco columnas de atribución

  Cada paciente gana cinco datos. Todos son opcionales: la mayoría de los pacientes
  no llega por un anuncio, y de ellos no hay nada que anotar.

  Scenario Outline: La columna <columna> queda como la pide la especificación
    Las cinco columnas quedan como las pide la especificación

    Given la tabla 'patients' ya tiene datos
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then la columna '<columna>' es de tipo <tipo>, con <default> y permite NULLs

    Examples:
      | columna            | tipo    | default           |
      | acquisition_source | VARCHAR | default 'ORGANIC' |
      | meta_campaign_id   | VARCHAR | ningún default    |
      | meta_ad_id         | VARCHAR | ningún default    |
      | meta_ad_headline   | TEXT    | ningún default    |
      | meta_ad_body       | TEXT    | ningún default    |

  Scenario: La migración agrega esas cinco columnas y ninguna otra
    Given la tabla 'patients' ya tiene datos
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then las columnas nuevas de 'patients' son exactamente
      | columna            |
      | acquisition_source |
      | meta_campaign_id   |
      | meta_ad_id         |
      | meta_ad_headline   |
      | meta_ad_body       |

  Scenario: Una clínica que recién empieza recibe las mismas columnas
    Given la tabla 'patients' existe y está vacía
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then todo queda como lo pide la especificación
