Feature: Recordar cada turno

  Los mismos dos escenarios de la especificación 01, palabra por palabra, de otra migración y otra tabla.

  @req-columnas @req-datos
  Scenario: Ejecución de migración en base de datos existente, con turnos
    Given la tabla 'appointments' ya tiene datos
    When se ejecuta el script de migración '04_appointment_reminders.sql'
    Then la tabla 'appointments' tiene la columna 'reminder_channel' con default 'WHATSAPP'
    And la columna 'reminder_note' existe y permite NULLs
    And no se perdieron datos de turnos existentes

  @04_appointment_reminders @req-columnas
  Scenario: Persistencia de modelo actualizado, con turnos
    Given la base de datos ya está migrada
    And un objeto Appointment con reminder_channel='SMS'
    When se guarda en la base de datos
    Then el valor se persiste correctamente sin errores de esquema
