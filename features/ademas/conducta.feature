Feature: La migración se porta bien con los demás

  La migración hace su trabajo de una vez o no hace nada, pide permiso para lo suyo,
  y al terminar no deja nada cambiado fuera de su tabla.

  Scenario: Si se la deshace antes de confirmar, todo queda como antes
    Given la tabla ya tiene datos
    When se ejecuta la migración y se deshace antes de confirmar
    Then termina sin error
    And no cambió nada

  @01_meta_ads_columns
  Scenario: Si no puede terminar, lo dice y no deja nada a medias
    Given a la tabla casi no le queda lugar para columnas
    When se intenta ejecutar la migración
    Then termina con un error
    And no cambió nada

  Scenario: A la sesión que la ejecutó no le deja nada cambiado
    Given la tabla ya tiene datos
    When se ejecuta la migración en una conexión que sigue abierta
    Then la conexión queda como estaba

  Scenario: Para ejecutarla basta con ser dueño de la tabla
    Given la tabla es de un dueño que no administra el servidor
    When ese dueño ejecuta la migración
    Then lo que la migración agrega queda como se pide
    And no se perdieron datos existentes
