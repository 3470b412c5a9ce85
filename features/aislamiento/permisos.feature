@02_tenant_isolation
Feature: La base de datos separa a las clínicas

  Quien trabaja con el rol de las clínicas ve y cambia lo de una sola, y la base de datos lo cuida con políticas.
  Una política que falta, o que deja pasar de más, no se nota hasta que alguien mira lo que no debía.

  Scenario: El rol, las políticas y los permisos quedan como se piden
    Given la tabla ya tiene datos
    When se ejecuta la migración
    Then lo que la migración agrega queda como se pide
