@01_meta_ads_columns
Feature: Saber qué anuncio de Meta trajo a cada paciente

  Hoy una clínica paga anuncios en Instagram y Facebook sin saber cuáles traen pacientes:
  la base de datos no tiene dónde anotarlo. Con este cambio cada paciente puede llevar su origen,
  la campaña, el anuncio y el texto que vio antes de escribir.

  Estos dos escenarios son los criterios de aceptación de la especificación 01, palabra por palabra.
  Los demás archivos de esta carpeta cuentan los mismos requisitos con más detalle, sección por sección.

  Rule: Una base de datos en uso gana las columnas sin perder nada

    @req-columnas @req-datos
    Scenario: Ejecución de migración en base de datos existente
      Given la tabla 'patients' ya tiene datos
      When se ejecuta el script de migración '01_meta_ads_columns.sql'
      Then la tabla 'patients' tiene la columna 'acquisition_source' con default 'ORGANIC'
      And la columna 'meta_ad_id' existe y permite NULLs
      And no se perdieron datos de pacientes existentes

  Rule: Lo que el servicio guarda es lo que después se lee

    Background:
      Given la base de datos ya está migrada

    @req-modelo @req-persistencia
    Scenario: Persistencia de modelo actualizado
      Given un objeto Patient con acquisition_source='META_ADS'
      When se guarda en la base de datos
      Then el valor se persiste correctamente sin errores de esquema
