"""One clinic's work, and what it may not reach."""

from behave import given, then, when

from steps.support.spec.tenancy import expectations, isolation, reaching, sessions


@given("la clínica '{one}' tiene {count:d} pacientes y la clínica '{other}' tiene {others:d}")
def two_clinics(context, one, count, other, others):
    """Crea dos clínicas con ese nombre y con la cantidad de pacientes que se nombra cada una."""
    sessions.with_clinics(context.world, {one: count, other: others})


@when("la clínica '{clinic}' intenta {deed}")
def clinic_attempts(context, clinic, deed):
    """Desde la sesión de una clínica se intenta lo que se nombra, termine como termine."""
    sessions.attempt(context.world, clinic, deed)


@when("la clínica '{clinic}' lista sus pacientes por origen")
def clinic_lists_by_source(context, clinic):
    """Desde la sesión de una clínica se leen los pacientes ordenados por su origen."""
    sessions.look(context.world, clinic, reaching.lists)


@when("la clínica '{clinic}' cuenta sus pacientes")
def clinic_counts(context, clinic):
    """Desde la sesión de una clínica se cuentan los pacientes."""
    sessions.look(context.world, clinic, reaching.counts)


@when("la clínica '{clinic}' busca {what}")
def clinic_searches(context, clinic, what):
    """Desde la sesión de una clínica se busca lo que se nombra, aunque sea de otra."""
    sessions.search(context.world, clinic, what)


@when("la clínica '{clinic}' mira sus pacientes junto con los datos de las clínicas")
def clinic_joins(context, clinic):
    """Desde la sesión de una clínica se leen los pacientes junto con la tabla de clínicas."""
    sessions.look(context.world, clinic, reaching.joins)


@when("la clínica '{clinic}' junta dos listas de pacientes")
def clinic_unites(context, clinic):
    """Desde la sesión de una clínica se unen dos consultas de pacientes en una sola lista."""
    sessions.look(context.world, clinic, reaching.unites)


@when("la clínica '{clinic}' marca a todos los pacientes como '{source}'")
def clinic_marks_all(context, clinic, source):
    """Desde la sesión de una clínica se cambia el origen de todos los pacientes, sin nombrar ninguno."""
    sessions.mark_all(context.world, clinic, source)


@when("la clínica '{clinic}' borra todos los pacientes")
def clinic_deletes_all(context, clinic):
    """Desde la sesión de una clínica se borran todos los pacientes, sin nombrar ninguno."""
    sessions.delete_all(context.world, clinic)


@when("la clínica '{clinic}' carga un paciente sin decir de qué clínica es")
def clinic_adds(context, clinic):
    """Desde la sesión de una clínica se guarda un paciente sin escribir su clínica."""
    sessions.add_one(context.world, clinic)


@when("se intenta trabajar en nombre de una clínica que no existe")
def attempt_as_unknown(context):
    """Se abre la sesión de una clínica que no existe y se intenta leer."""
    sessions.attempt_as_unknown(context.world)


@when("la clínica '{clinic}' lee {what}")
def clinic_reads(context, clinic, what):
    """Desde la sesión de una clínica se lee como se nombra, sin que nada filtre de este lado."""
    sessions.read(context.world, clinic, what)


@when("la clínica '{clinic}' cambia {what}")
def clinic_changes(context, clinic, what):
    """Desde la sesión de una clínica se cambia como se nombra, sin que nada filtre de este lado."""
    sessions.change(context.world, clinic, what)


@when("la clínica '{clinic}' borra con una orden escrita a mano")
def clinic_deletes_by_hand(context, clinic):
    """Desde la sesión de una clínica se borra la tabla con SQL, sin filtro."""
    sessions.reach(context.world, clinic, reaching.deletes_by_hand)


@when("la clínica '{clinic}' borra a la clínica '{other}'")
def clinic_deletes_another(context, clinic, other):
    """Desde la sesión de una clínica se borra a otra, con la que se irían sus pacientes."""
    sessions.reach(context.world, clinic, reaching.deletes_another, other)


@when("la clínica '{clinic}' pasa a todos los pacientes a '{other}'")
def clinic_moves_all(context, clinic, other):
    """Desde la sesión de una clínica se cambia la clínica de todos los pacientes, con SQL."""
    sessions.reach(context.world, clinic, reaching.moves_all, other)


@when("la clínica '{clinic}' carga un paciente de '{other}' con una orden escrita a mano")
def clinic_adds_by_hand(context, clinic, other):
    """Desde la sesión de una clínica se carga con SQL un paciente de otra."""
    sessions.reach(context.world, clinic, reaching.adds_by_hand, other)


@when("la clínica '{clinic}' vacía la lista de pacientes")
def clinic_truncates(context, clinic):
    """Desde la sesión de una clínica se vacía la tabla con TRUNCATE."""
    sessions.reach(context.world, clinic, reaching.truncates)


@when("se trabaja como clínica sin decir cuál")
def work_for_nobody(context):
    """Una sesión común toma el rol de las clínicas, no dice cuál es, y lee."""
    sessions.work_for_nobody(context.world)


@when("el {who} cuenta los pacientes de todas las clínicas")
def somebody_in_use_counts(context, who):
    """Quien ya trabajaba, que no sabe de esto, lee a los pacientes de todas con los datos de su clínica."""
    sessions.count_as_before(context.world, who)


@when("el {who} carga y cambia pacientes de todas las clínicas")
def somebody_in_use_works(context, who):
    """Quien ya trabajaba carga y cambia pacientes de todas, y lo deshace."""
    sessions.work_as_before(context.world, who)


@given("una tabla nueva '{table}' con datos de cada clínica")
def new_table(context, table):
    """Crea una tabla con tenant_id, que nadie cuida todavía."""
    isolation.add_table(context.world, table)


@when("se revisa qué tablas quedan sin cuidar")
def check_tables(context):
    """Se ejecuta la revisión de 02_tenant_isolation.sql, que no cambia nada."""
    isolation.check(context.world)


@then("la revisión no encuentra ninguna")
def check_finds_nothing(context):
    """La revisión terminó sin encontrar nada."""
    isolation.expect_nothing(context.world)


@then("la revisión nombra la tabla '{table}'")
def check_names(context, table):
    """La revisión falló y nombró la tabla."""
    isolation.expect_named(context.world, table)


@then("no aparece ningún paciente")
def nobody_appears(context):
    """No se obtuvo ningún paciente, de ninguna clínica."""
    expectations.expect_found(context.world, 0)


@when("administración cuenta los pacientes de todas las clínicas")
def administration_counts(context):
    """Cuenta los pacientes de todas con la sesión de administración, que tiene su propio nombre."""
    sessions.count_all(context.world)


@then("cuenta {count:d} pacientes")
@then("aparecen exactamente sus {count:d} pacientes")
def exactly_these_appear(context, count):
    """Lo obtenido son todos los pacientes de la clínica que preguntó y ninguno más."""
    expectations.expect_found(context.world, count)


@then("no aparece ningún paciente de '{clinic}'")
def none_of_another_appears(context, clinic):
    """Entre lo obtenido no hay ningún paciente de la clínica que se nombra."""
    expectations.expect_none_of(context.world, clinic)


@then("los {count:d} pacientes de '{clinic}' tienen origen '{source}'")
def all_have_source(context, count, clinic, source):
    """Todos los pacientes de la clínica tienen en la tabla el origen que se nombra."""
    expectations.expect_sources(context.world, clinic, {source: count})


@then("la clínica '{clinic}' tiene {count:d} pacientes")
def clinic_has(context, clinic, count):
    """La tabla tiene esa cantidad de pacientes de la clínica que se nombra."""
    expectations.expect_count(context.world, clinic, count)


@then("los pacientes de '{clinic}' siguen como estaban")
def patients_are_as_they_were(context, clinic):
    """Los pacientes de la clínica que se nombra no cambiaron en ningún dato."""
    expectations.expect_unchanged(context.world, clinic)


@then("se rechaza antes de llegar a la base de datos")
def refused_before_the_server(context):
    """El intento se rechazó sin que ninguna orden llegara al servidor."""
    expectations.expect_refused(context.world)
