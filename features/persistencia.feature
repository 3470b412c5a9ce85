@req-persistencia @req-modelo
Feature: Lo que se anota de un paciente se lee igual

  El servicio guarda pacientes con el modelo Patient. Lo que escribe en una sesión
  es lo que cualquier otra sesión, en otra conexión, lee después.

  Background:
    Given la base de datos ya está migrada

  Rule: El origen es ORGANIC mientras nadie diga otra cosa

    Scenario: Un paciente nuevo sin origen es ORGANIC
      Given un objeto Patient sin acquisition_source
      When se guarda en la base de datos
      Then al leerlo de nuevo 'acquisition_source' es 'ORGANIC'

    Scenario: Un origen desconocido a propósito queda vacío
      Given un objeto Patient con acquisition_source NULL
      When se guarda en la base de datos
      Then al leerlo de nuevo 'acquisition_source' es NULL

    Scenario: Un paciente nuevo sin anuncio no inventa ninguno
      Given un objeto Patient sin acquisition_source
      When se guarda en la base de datos
      Then al leerlo de nuevo los datos del anuncio son NULL

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
