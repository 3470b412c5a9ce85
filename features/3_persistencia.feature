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

    Scenario Outline: Un texto difícil se guarda sin cambiar una letra
      Given un objeto Patient con <texto> en cada dato nuevo
      When se guarda en la base de datos
      Then al leerlo de nuevo los cinco datos son los mismos
      And en la tabla están los mismos, letra por letra

      Examples: <texto>
        | texto                                  |
        | emoji                                  |
        | comillas                               |
        | un texto vacío                         |
        | texto de derecha a izquierda           |
        | varias líneas                          |
        | un número de veinte cifras             |
        | un anuncio de 100 kB                   |

    Scenario Outline: Lo que WhatsApp manda de un anuncio se lee igual
      Given un paciente que llegó por WhatsApp con <lo que llega>
      When se guarda en la base de datos
      Then al leerlo de nuevo los cinco datos son los mismos
      And en la tabla están los mismos, letra por letra

      Examples: <lo que llega>
        | lo que llega                                 |
        | un número de anuncio de 18 cifras            |
        | un título de 255 letras                      |
        | un texto de 2200 letras en varios renglones  |
        | emojis unidos entre sí                       |
        | un texto con {{product.name}} sin completar  |
        | un anuncio sin campaña                       |
        | un título vacío                              |

    Scenario Outline: Lo que no se puede guardar se rechaza antes, y se dice por qué
      Given un objeto Patient con <lo imposible> en '<dato>'
      When se intenta guardar en la base de datos
      Then el error nombra la columna '<dato>' y dice por qué
      And la misma sesión guarda después un paciente sin problema

      Examples: <lo imposible>
        | lo imposible                             | dato             |
        | una letra que ninguna base puede guardar | meta_ad_body     |
        | un emoji cortado por la mitad            | meta_ad_headline |
        | un número en vez de un texto             | meta_ad_id       |

  Rule: Cada dato se cambia por separado

    Scenario: Se corrige el anuncio y nada más cambia
      Given un paciente guardado con toda su atribución
      When se cambia solamente su 'meta_ad_id' a '120208466731149999'
      Then al leerlo de nuevo cambió solamente 'meta_ad_id'

    Scenario: Se cambia otro dato y la atribución queda igual
      Given un paciente guardado con toda su atribución
      When se cambia solamente su 'notes' a 'Prefiere la mañana'
      Then al leerlo de nuevo cambió solamente 'notes'
