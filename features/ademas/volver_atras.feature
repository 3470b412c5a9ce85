Feature: Volver atrás no borra datos sin permiso

  Volver a como estaba todo antes de la migración borra lo que se anotó desde entonces.
  Por eso se niega mientras haya algo que perder, y lo dice.

  @01_meta_ads_columns
  Scenario: Con datos que se perderían, no deja volver atrás
    Given la tabla, migrada con la herramienta de cambios, tiene datos en lo nuevo de 3 filas
    When se intenta volver atrás
    Then se niega y dice que se perderían datos de 3 filas
    And no cambió nada

  Scenario: Sin datos que perder, se vuelve atrás
    Given la tabla, migrada con la herramienta de cambios, tiene datos en lo nuevo de 0 filas
    When se intenta volver atrás
    Then la tabla ya no tiene lo nuevo

  @01_meta_ads_columns
  Scenario: Con permiso expreso, se vuelve atrás y los datos se pierden
    Given la tabla, migrada con la herramienta de cambios, tiene datos en lo nuevo de 3 filas
    When se vuelve atrás con permiso de perderlos
    Then la tabla ya no tiene lo nuevo
