@01_meta_ads_columns @req-soberania
Feature: Ninguna clínica ve pacientes de otra

  Los pacientes, y el anuncio que los trajo, son de su clínica. El servicio trabaja siempre
  en nombre de una clínica, y aunque alguien olvide filtrar, lo ajeno no aparece ni cambia.

  Background:
    Given la clínica 'Norte' tiene 3 pacientes y la clínica 'Sur' tiene 2

  Rule: Cada clínica trabaja con lo suyo

    Scenario: Una clínica lista sus pacientes
      When la clínica 'Norte' lista sus pacientes por origen
      Then aparecen exactamente sus 3 pacientes

    Scenario Outline: Una clínica solo encuentra lo suyo cuando <hace algo>
      When la clínica 'Norte' <hace algo>
      Then no aparece ningún paciente de 'Sur'

      Examples:
        | hace algo                                  |
        | cuenta sus pacientes                       |
        | busca pacientes por el anuncio que los trajo |
        | busca un paciente por un número que es de 'Sur' |
        | mira sus pacientes junto con los datos de las clínicas |
        | junta dos listas de pacientes              |

    Scenario: Un cambio para todos alcanza solo a los propios
      When la clínica 'Norte' marca a todos los pacientes como 'REFERRAL'
      Then los 3 pacientes de 'Norte' tienen origen 'REFERRAL'
      And los pacientes de 'Sur' siguen como estaban

    Scenario: Borrar todo borra solo lo propio
      When la clínica 'Norte' borra todos los pacientes
      Then la clínica 'Norte' tiene 0 pacientes
      And los pacientes de 'Sur' siguen como estaban

    Scenario: Un paciente nuevo queda en la clínica que lo carga
      When la clínica 'Norte' carga un paciente sin decir de qué clínica es
      Then la clínica 'Norte' tiene 4 pacientes
      And los pacientes de 'Sur' siguen como estaban

  Rule: Lo ajeno se rechaza, y no pasa nada

    Scenario Outline: Se rechaza <lo que se intenta>
      When la clínica 'Norte' intenta <lo que se intenta>
      Then se rechaza antes de llegar a la base de datos
      And los pacientes de 'Sur' siguen como estaban

      Examples:
        | lo que se intenta                          |
        | cargar un paciente a nombre de 'Sur'       |
        | pasar un paciente suyo a 'Sur'             |
        | guardar un paciente que otra sesión leyó de 'Sur' |
        | leer la tabla sin filtrar                  |
        | cambiar la tabla sin filtrar               |
        | leer con SQL escrito a mano                |

    Scenario: Nadie trabaja en nombre de una clínica que no existe
      When se intenta trabajar en nombre de una clínica que no existe
      Then se rechaza antes de llegar a la base de datos

    Scenario: Sin decir en nombre de qué clínica, no se llega a ningún paciente
      When se intenta leer pacientes sin decir de qué clínica
      Then se rechaza antes de llegar a la base de datos

  Rule: Solo administración, y a la vista, trabaja con todas las clínicas

    Scenario: Un trabajo de administración ve todas las clínicas
      When administración cuenta los pacientes de todas las clínicas
      Then cuenta 5 pacientes
