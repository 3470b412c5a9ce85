@01_meta_ads_columns @req-persistencia
Feature: Lo que se anota de un paciente se lee igual

  El servicio guarda cada paciente como un objeto Patient. Lo que una persona anota
  es lo que cualquier otra, desde otra computadora, lee después, sin cambiar una letra.

  Background:
    Given la base de datos ya está migrada

  Rule: El origen es ORGANIC mientras nadie diga otra cosa

    Scenario: Un paciente nuevo sin origen es ORGANIC
      Given un objeto Patient sin acquisition_source
      When se guarda en la base de datos
      Then al leerlo de nuevo 'acquisition_source' es 'ORGANIC'

    Scenario: Un origen que se deja en blanco queda en blanco
      Given un objeto Patient con acquisition_source en blanco
      When se guarda en la base de datos
      Then al leerlo de nuevo 'acquisition_source' está en blanco

    Scenario: A un paciente nuevo sin anuncio no se le inventa ninguno
      Given un objeto Patient sin acquisition_source
      When se guarda en la base de datos
      Then al leerlo de nuevo los datos del anuncio están en blanco

  Rule: Los cinco datos vuelven tal como se escribieron

    Scenario: Un paciente con toda su atribución
      Given un objeto Patient con
        | dato               | valor                       |
        | acquisition_source | META_ADS                    |
        | meta_campaign_id   | 120208466731130123          |
        | meta_ad_id         | 120208466731140456          |
        | meta_ad_headline   | Blanqueamiento en una tarde |
        | meta_ad_body       | Turnos esta semana. ¡Escribinos! |
      When se guarda en la base de datos
      Then al leerlo de nuevo los cinco datos son los mismos

    Scenario Outline: La columna <columna> guarda <texto> sin cambiar una letra
      Cada dato guarda textos difíciles sin cambiar una letra

      Given un objeto Patient con <texto> en '<columna>'
      When se guarda en la base de datos
      Then al leerlo de nuevo los cinco datos son los mismos

      Examples: Textos difíciles, en cada columna
        | columna            | texto                     |
        | acquisition_source | emoji                     |
        | acquisition_source | comillas                  |
        | acquisition_source | texto vacío               |
        | meta_campaign_id   | emoji                     |
        | meta_campaign_id   | comillas                  |
        | meta_campaign_id   | texto vacío               |
        | meta_ad_id         | un número de veinte cifras |
        | meta_ad_id         | comillas                  |
        | meta_ad_id         | texto vacío               |
        | meta_ad_headline   | emoji                     |
        | meta_ad_headline   | texto de derecha a izquierda |
        | meta_ad_headline   | comillas                  |
        | meta_ad_headline   | texto vacío               |
        | meta_ad_body       | emoji                     |
        | meta_ad_body       | texto de derecha a izquierda |
        | meta_ad_body       | comillas                  |
        | meta_ad_body       | varias líneas             |
        | meta_ad_body       | un anuncio de 100 kB      |
        | meta_ad_body       | texto vacío               |

    Scenario Outline: La columna <columna> no acepta <lo imposible>, y lo dice antes de guardar
      Lo que no se puede guardar se rechaza antes, diciendo por qué

      Given un objeto Patient con <lo imposible> en '<columna>'
      When se intenta guardar en la base de datos
      Then el error nombra la columna '<columna>' y dice por qué
      And la misma sesión guarda después un paciente sin problema

      Examples:
        | columna          | lo imposible                            |
        | meta_ad_body     | una letra que ninguna base puede guardar |
        | meta_ad_headline | un emoji cortado por la mitad           |
        | meta_ad_id       | un número en vez de un texto            |
        | meta_campaign_id | un número en vez de un texto            |

  Rule: Lo que WhatsApp manda de un anuncio vuelve letra por letra

    Scenario Outline: De WhatsApp llega <lo que llega> y se lee igual
      Lo que WhatsApp manda de un anuncio se lee igual, letra por letra

      Given un paciente que llegó por WhatsApp con <lo que llega>
      When se guarda en la base de datos
      Then al leerlo de nuevo los cinco datos son los mismos
      And en la tabla están los mismos, letra por letra

      Examples:
        | lo que llega                                 |
        | un número de anuncio de 18 cifras            |
        | un título de 255 letras                      |
        | un texto de 2200 letras en varios renglones  |
        | emojis unidos entre sí                       |
        | un texto con {{product.name}} sin completar  |
        | un anuncio sin campaña                       |
        | un título vacío                              |
        | ningún título                                |

  Rule: Cada dato se cambia por separado

    Scenario: Se corrige el anuncio y nada más cambia
      Given un paciente guardado con toda su atribución
      When se cambia solamente su 'meta_ad_id' a '120208466731149999'
      Then al leerlo de nuevo cambió solamente 'meta_ad_id'

    Scenario: Se cambia otro dato y la atribución queda igual
      Given un paciente guardado con toda su atribución
      When se cambia solamente su 'notes' a 'Prefiere la mañana'
      Then al leerlo de nuevo cambió solamente 'notes'

  Rule: De muchos a la vez se guardan todos o ninguno

    Scenario: Diez mil pacientes de una vez
      When se guardan 10000 pacientes de una vez
      Then se leen los 10000 con su anuncio

    Scenario: Uno repetido entre diez mil, y no queda ninguno
      When se intenta guardar 10000 pacientes de una vez, uno repetido
      Then no quedó ninguno de ellos
      And la misma sesión guarda después un paciente sin problema
