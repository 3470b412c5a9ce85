"""A step for each way to end."""

import logging
from typing import Any

from behave import given, step, then, when
from behave.api.pending_step import StepNotImplementedError


@step("un paso que pasa")
@given("un paso con tabla")
@when("un paso con texto")
@given("un paso del fondo de la regla")
def passes(_context: Any) -> None:
    """No hace nada."""


@when("un paso que falla")
def fails(_context: Any) -> None:
    raise AssertionError("Algo no es lo que debía.\n  hay 2")


@when("un paso que salta")
@given("un paso que salta")
def skips(context: Any) -> None:
    context.scenario.skip("todavía no existe en esta versión de Postgres")


@then("se esperaba '{expected}' y se obtuvo '{obtained}'")
def differs(_context: Any, expected: str, obtained: str) -> None:
    from steps.support import expect

    expect.equal("La columna <x> no es la esperada.", expected, obtained)


@when("un paso que imprime '{text}' y rompe")
def breaks(_context: Any, text: str) -> None:
    print(text)
    logging.getLogger("prueba").warning("hola por el registro")
    raise ValueError("se rompió <todo>")


@given("un paso pendiente")
def pending(_context: Any) -> None:
    raise StepNotImplementedError("falta escribirlo")


@given("un paso cuya limpieza falla")
def bad_cleanup(context: Any) -> None:
    def clean() -> None:
        raise OSError("la limpieza no pudo borrar")

    context.add_cleanup(clean)


@then("un paso afirma sin mensaje")
def says_nothing(context: Any) -> None:
    assert not context  # behave shows an empty message for it


@then("un paso encuentra")
def finds(context: Any) -> None:
    from steps.support import expect

    expect.nothing("Se perdieron datos.", [row["hallazgo"] for row in context.table])


@when("un paso adjunta un dibujo, un SQL y lo que nadie adjunta")
def attaches(context: Any) -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Latencia"><title>Latencia</title>'
        '<desc>En palabras</desc><path d="M0 0L9 9" stroke="currentColor"/></svg>'
    )
    context.attach("image/svg+xml", svg.encode())
    context.attach("application/sql", b"SELECT 1 < 2")
    context.attach("application/x-desconocido", b"\x00\x01")
