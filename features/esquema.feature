@req-esquema
Feature: Un solo esquema, se llegue como se llegue

  Unas clínicas migran a mano con psql y otras con Alembic, unas desde cero y otras con años de datos.
  Todas terminan con la misma tabla, y el modelo del servicio es esa tabla.

  Scenario: psql y Alembic dejan el mismo esquema
    Given una base de datos vacía para Alembic y otra con las tablas de ayer para psql
    When una se migra con Alembic y la otra con el script '01_meta_ads_columns.sql'
    Then las dos tienen el mismo esquema

  @req-modelo
  Scenario: El modelo del servicio y la tabla migrada coinciden
    Given las tablas de ayer, sin datos
    When se ejecuta el script de migración '01_meta_ads_columns.sql'
    Then el modelo Patient describe la misma tabla

  @req-datos
  Scenario: Alembic adopta una base de datos con años de datos
    Given la tabla 'patients' ya tiene datos
    When se migra con Alembic
    Then las cinco columnas quedan como las pide la especificación
    And no se perdieron datos de pacientes existentes
    And Alembic no encuentra diferencias entre el modelo y la tabla

  @req-idempotente @req-datos
  Scenario: Alembic sobre una base ya migrada a mano no cambia nada
    Given la tabla 'patients' ya tiene las cinco columnas y pacientes con atribución
    When se migra con Alembic
    Then las cinco columnas quedan como las pide la especificación
    And no se perdieron datos de pacientes existentes

  @req-datos
  Scenario: La base de datos de otro proyecto no se toca
    Given la tabla 'patients' ya tiene datos
    And la base de datos lleva la historia de Alembic de otro proyecto
    When se intenta migrar con Alembic
    Then Alembic se niega y nombra la historia ajena
    And no cambió nada

  @req-datos
  Rule: Volver atrás no borra atribución sin permiso

    Scenario: Con pacientes atribuidos, Alembic se niega a volver atrás
      Given una base de datos migrada con Alembic, con 3 pacientes atribuidos
      When se intenta volver atrás con Alembic
      Then Alembic se niega y dice que 3 pacientes perderían su atribución
      And no cambió nada

    Scenario: Sin atribución que perder, se vuelve atrás
      Given una base de datos migrada con Alembic, sin pacientes atribuidos
      When se intenta volver atrás con Alembic
      Then la tabla 'patients' ya no tiene las cinco columnas

    Scenario: Con permiso expreso, se vuelve atrás y la atribución se pierde
      Given una base de datos migrada con Alembic, con 3 pacientes atribuidos
      When se vuelve atrás con Alembic con permiso de perder la atribución
      Then la tabla 'patients' ya no tiene las cinco columnas
