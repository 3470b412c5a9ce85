@req-bloqueo
Feature: La migración se porta bien con los demás

  Mientras se migra, la clínica atiende. El script hace su trabajo de una vez o no hace nada,
  no molesta a nadie que no haga falta molestar, y se va sin dejar nada puesto.

  Rule: Todo o nada

    @req-idempotente
    Scenario: Es un único bloque
      Given la tabla 'patients' ya tiene datos
      When se ejecuta el script de migración '01_meta_ads_columns.sql' contando sus sentencias
      Then el script fue un único bloque DO

    @req-datos @datos
    Scenario: Si quien la ejecuta se arrepiente, no queda nada
      Given la tabla 'patients' ya tiene datos
      When se ejecuta el script de migración '01_meta_ads_columns.sql' en una transacción que se deshace
      Then no cambió nada

    @req-datos
    Scenario: Si no puede terminar, lo dice y no deja nada a medias
      Given la tabla 'patients' ya casi no admite columnas
      When se intenta ejecutar el script de migración '01_meta_ads_columns.sql'
      Then termina con un error
      And no cambió nada

  Rule: La clínica no espera

    @datos
    Scenario: No recorre los pacientes uno por uno
      Given la tabla 'patients' ya tiene datos
      When se ejecuta el script de migración '01_meta_ads_columns.sql' en una transacción que se deshace
      Then no leyó ni escribió ningún paciente

    @datos
    Scenario: No bloquea ninguna otra tabla
      Given la tabla 'patients' ya tiene datos
      When se ejecuta el script de migración '01_meta_ads_columns.sql' en una transacción que se deshace
      Then no bloqueó ninguna otra tabla

    @datos
    Scenario: No retiene la tabla
      Given la tabla 'patients' ya tiene datos
      When se ejecuta el script de migración '01_meta_ads_columns.sql' sin que retenga la tabla
      Then las cinco columnas quedan como las pide la especificación

  Rule: Se va sin dejar nada puesto

    Scenario: La sesión queda como estaba
      Given la tabla 'patients' ya tiene datos
      When se ejecuta el script de migración '01_meta_ads_columns.sql' en una sesión que sigue abierta
      Then la sesión queda como estaba

  Rule: Pide permiso para lo suyo y nada más

    Scenario: A quien la ejecuta le basta con ser dueño de la tabla
      Given la tabla 'patients' es de un dueño que no es superusuario
      When ese dueño ejecuta el script de migración '01_meta_ads_columns.sql'
      Then las cinco columnas quedan como las pide la especificación
      And no se perdieron datos de pacientes existentes
