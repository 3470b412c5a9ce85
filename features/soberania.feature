@req-soberania @roles
Feature: Ninguna clínica ve pacientes de otra

  Los pacientes, y el anuncio que los trajo, son de su clínica. El servicio trabaja siempre
  en nombre de una clínica, y la base de datos cuida que lo ajeno no aparezca ni cambie,
  se pida como se pida.

  Background:
    Given la clínica 'Norte' tiene 3 pacientes y la clínica 'Sur' tiene 2

  @01_meta_ads_columns
  Rule: Cada clínica trabaja con lo suyo

    Scenario: Una clínica lista sus pacientes
      When la clínica 'Norte' lista sus pacientes por origen
      Then aparecen exactamente sus 3 pacientes

    Scenario Outline: Una clínica solo encuentra lo suyo cuando <hace algo>
      Una clínica solo encuentra lo suyo, pregunte como pregunte

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

  @02_tenant_isolation
  Rule: Lo ajeno no aparece ni cambia, se pida como se pida

    Scenario Outline: Nada de otra clínica está al alcance cuando se <hace algo>
      Nada de otra clínica está al alcance, se pida como se pida

      When la clínica 'Norte' <hace algo>
      Then no aparece ningún paciente de 'Sur'
      And los pacientes de 'Sur' siguen como estaban

      Examples:
        | hace algo                                                |
        | lee la lista entera, sin decir de quién                  |
        | lee con una consulta escrita a mano                      |
        | lee con una consulta escrita a mano por los de 'Sur'     |
        | lee por debajo del servicio, directo de la base de datos |
        | cambia la lista entera, sin decir de quién               |
        | cambia con una orden escrita a mano                      |
        | borra con una orden escrita a mano                       |
        | pasa a todos los pacientes a 'Sur'                       |
        | carga un paciente de 'Sur' con una orden escrita a mano  |
        | vacía la lista de pacientes                              |
        | borra a la clínica 'Sur'                                 |
        | cambia a la clínica 'Sur'                                |

    Scenario Outline: Se rechaza <lo que se intenta>, y no pasa nada
      Lo que toca a otra clínica se rechaza, y no pasa nada

      When la clínica 'Norte' intenta <lo que se intenta>
      Then se rechaza antes de llegar a la base de datos
      And los pacientes de 'Sur' siguen como estaban

      Examples:
        | lo que se intenta                          |
        | cargar un paciente a nombre de 'Sur'       |
        | pasar un paciente suyo a 'Sur'             |
        | guardar un paciente que otra sesión leyó de 'Sur' |

    Scenario: Nadie trabaja en nombre de una clínica que no existe
      When se intenta trabajar en nombre de una clínica que no existe
      Then se rechaza antes de llegar a la base de datos

    Scenario: Sin decir en nombre de qué clínica, no se ve a nadie
      When se trabaja como clínica sin decir cuál
      Then no aparece ningún paciente

  @02_tenant_isolation
  Rule: A quien ya trabajaba no le cambia nada

    Scenario Outline: El <quien> sigue viendo a todos
      Quien ya trabajaba sigue viendo a todos

      When el <quien> cuenta los pacientes de todas las clínicas
      Then cuenta 5 pacientes

      Examples:
        | quien               |
        | servicio de siempre |
        | dueño de las tablas |

    Scenario Outline: El <quien> sigue cargando y cambiando
      Quien ya trabajaba sigue cargando y cambiando

      When el <quien> carga y cambia pacientes de todas las clínicas
      Then los pacientes de 'Sur' siguen como estaban

      Examples:
        | quien               |
        | servicio de siempre |
        | dueño de las tablas |

  @02_tenant_isolation @vivo
  Rule: Ninguna tabla nueva queda sin cuidar sin que se note

    Scenario: Todo está cuidado
      When se revisa qué tablas quedan sin cuidar
      Then la revisión no encuentra ninguna

    Scenario: Una tabla nueva se encuentra
      Given una tabla nueva 'facturas' con datos de cada clínica
      When se revisa qué tablas quedan sin cuidar
      Then la revisión nombra la tabla 'facturas'

  @01_meta_ads_columns
  Rule: Solo administración, y a la vista, trabaja con todas las clínicas

    Scenario: Un trabajo de administración ve todas las clínicas
      When administración cuenta los pacientes de todas las clínicas
      Then cuenta 5 pacientes
