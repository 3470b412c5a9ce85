@req-soberania @roles @01_meta_ads_columns
Feature: Ninguna clínica ve pacientes de otra

  Los pacientes, y el anuncio que los trajo, son de su clínica. El servicio trabaja siempre
  en nombre de una clínica, y ve y cambia solamente lo de esa.

  Background:
    Given la clínica 'Norte' tiene 3 pacientes y la clínica 'Sur' tiene 2

  Scenario Outline: Una clínica encuentra lo suyo y nada más, pregunte como pregunte
    When la clínica 'Norte' <hace algo>
    Then aparecen exactamente sus 3 pacientes
    And no aparece ningún paciente de 'Sur'

    Examples: <hace algo>
      | hace algo                                              |
      | lista sus pacientes por origen                         |
      | cuenta sus pacientes                                   |
      | busca pacientes por el anuncio que los trajo           |
      | mira sus pacientes junto con los datos de las clínicas |

  Scenario: Un número de paciente de otra clínica no encuentra a nadie
    When la clínica 'Norte' busca un paciente por un número que es de 'Sur'
    Then no aparece ningún paciente

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

  Scenario Outline: Lo que toca a otra clínica se rechaza, y no pasa nada
    When la clínica 'Norte' <hace algo>
    Then se rechaza
    And los pacientes de 'Sur' siguen como estaban
    And los pacientes de 'Norte' siguen como estaban

    Examples: <hace algo>
      | hace algo                                        |
      | carga un paciente a nombre de 'Sur'              |
      | pasa un paciente suyo a 'Sur'                    |
      | guarda un paciente que otra sesión leyó de 'Sur' |

  Scenario: Una clínica que no existe no ve a nadie
    When se lee en nombre de una clínica que no existe
    Then no aparece ningún paciente

  Scenario: Administración, con su propia conexión, ve todas las clínicas
    When administración cuenta los pacientes de todas las clínicas
    Then cuenta 5 pacientes
