@roles @02_tenant_isolation
Feature: La base de datos cuida lo de cada clínica, se pida como se pida

  El servicio puede olvidarse de filtrar, o alguien escribir una consulta a mano.
  Por eso lo cuida la base de datos, y no le cambia nada a quien ya trabajaba con ella.

  Background:
    Given la clínica 'Norte' tiene 3 pacientes y la clínica 'Sur' tiene 2

  Scenario Outline: Nada de otra clínica está al alcance, se pida como se pida
    When la clínica 'Norte' <hace algo>
    Then no aparece ningún paciente de 'Sur'
    And los pacientes de 'Sur' siguen como estaban

    Examples: <hace algo>
      | hace algo                                               |
      | lee con una consulta escrita a mano                     |
      | cambia con una orden escrita a mano                     |
      | borra con una orden escrita a mano                      |
      | pasa a todos los pacientes a 'Sur'                      |
      | carga un paciente de 'Sur' con una orden escrita a mano |
      | borra a la clínica 'Sur'                                |
      | cambia a la clínica 'Sur'                               |

  Scenario: Sin decir en nombre de qué clínica, no se ve a nadie
    When se trabaja como clínica sin decir cuál
    Then no aparece ningún paciente

  Scenario Outline: Quien ya trabajaba sigue viendo a todos
    When el <quien> cuenta los pacientes de todas las clínicas
    Then cuenta 5 pacientes

    Examples: <quien>
      | quien               |
      | servicio de siempre |
      | dueño de las tablas |

  Scenario Outline: Quien ya trabajaba sigue cargando y cambiando
    When el <quien> carga y cambia pacientes de todas las clínicas
    Then los pacientes de 'Sur' siguen como estaban

    Examples: <quien>
      | quien               |
      | servicio de siempre |
      | dueño de las tablas |

  Rule: Ninguna tabla nueva queda sin cuidar sin que se note

    Scenario: Todo está cuidado
      When se revisa qué tablas quedan sin cuidar
      Then la revisión no encuentra ninguna

    Scenario: Una tabla nueva se encuentra
      Given una tabla nueva 'facturas' con datos de cada clínica
      When se revisa qué tablas quedan sin cuidar
      Then la revisión nombra la tabla 'facturas'
