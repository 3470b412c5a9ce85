@req-esquema
Feature: La misma tabla, se llegue como se llegue

  Unas bases de datos se migran a mano, con el script, y otras con la herramienta que lleva la cuenta de los cambios
  (Alembic); unas desde cero y otras con años de datos. Todas terminan con la misma tabla, y lo que el servicio espera
  encontrar es esa tabla.

  Scenario: A mano o con la herramienta de cambios, queda la misma tabla
    Given una base de datos vacía y otra con las tablas de antes de la migración
    When la vacía se migra con la herramienta de cambios y la otra a mano
    Then las dos quedan con las mismas tablas

  @01_meta_ads_columns @req-modelo
  Scenario: El modelo del servicio y la tabla migrada coinciden
    Given la tabla existe y está vacía
    When se ejecuta la migración
    Then el modelo Patient describe la misma tabla

  @req-datos
  Scenario: La herramienta de cambios adopta una base con años de datos
    Given la tabla ya tiene datos
    When se migra con la herramienta de cambios
    Then lo que la migración agrega queda como se pide
    And no se perdieron datos existentes

  @01_meta_ads_columns
  Scenario: La herramienta de cambios no encuentra nada pendiente
    Given la tabla ya tiene datos
    When se migra con la herramienta de cambios
    Then la herramienta de cambios no encuentra nada pendiente

  @req-idempotente @req-datos
  Scenario: Sobre una base ya migrada a mano, la herramienta de cambios no cambia nada
    Given la tabla ya tiene lo nuevo, con datos
    When se migra con la herramienta de cambios
    Then lo que la migración agrega queda como se pide
    And no se perdieron datos existentes
