@01_meta_ads_columns @req-columnas @area-<b>
Feature: Todas las construcciones & <ninguna> se pierde

  La descripción tiene dos líneas,
  y un "carácter" <raro> & otro.

  Background: Lo que todos necesitan
    Given un paso que pasa
    And un paso con tabla
      | columna | valor     |
      | a       | 1 & <dos> |

  Scenario: Pasa con tabla y texto
    When un paso con texto
      """
      SELECT '<b>' AS "x";
        sangrado
      """
    Then un paso que pasa

  @req-datos @smoke
  Scenario: Falla con esperado y obtenido
    When un paso que pasa
    Then se esperaba 'VARCHAR <10>' y se obtuvo 'TEXT & más'
    And un paso que pasa

  @req-datos
  Scenario Outline: La fila <nombre> da <resultado>
    When un paso que <acción>
    Then un paso que pasa

    Examples: Las buenas
      | nombre | acción | resultado |
      | uno    | pasa   | bien      |
      | dos    | pasa   | bien      |

    @extra
    Examples: Las otras
      | nombre | acción | resultado |
      | tres   | falla  | mal       |
      | cuatro | salta  | nada      |

  Rule: Una regla con su propio fondo

    Background:
      Given un paso del fondo de la regla

    Scenario: Pasa bajo la regla
      Then un paso que pasa

    @req-idempotente
    Scenario: Rompe con una excepción
      When un paso que imprime 'hola por stdout' y rompe
      Then un paso que pasa

  @saltada
  Rule: Una regla saltada entera

    Scenario: Bajo la regla saltada
      Then un paso que pasa
