"""Rows as the service saves and reads them: through the model, a new session and connection each time."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from steps.support import expect, spanish
from steps.support.spec.world import World
from steps.support.vocabulary import Words, known

ATTRIBUTION = {
    "acquisition_source": "META_ADS", "meta_campaign_id": "120208466731130123", "meta_ad_id": "120208466731140456",
    "meta_ad_headline": "Blanqueamiento 🦷", "meta_ad_body": "Turnos esta semana\n¡Escribinos!",
}  # fmt: skip
AWKWARD_TEXTS: Words[Any] = Words("un objeto Patient con <text> en '<column>'", {
    "emoji": "🦷 sonrisa 👩🏽‍⚕️",
    "comillas": """'simples' "dobles" «latinas» \\ % $1 :x --""",
    "un texto vacío": "",
    "texto de derecha a izquierda": "\u200fعيادة الأسنان\u200f שן",
    "varias líneas": "Turnos\n\thoy\r\n  y mañana  ",
    "un número de veinte cifras": "00120208466731130123",
    "una letra que ninguna base puede guardar": "antes\0después",
    "un emoji cortado por la mitad": "sonrisa \ud83e",
    "un número en vez de un texto": 120208466731140456,
    "un anuncio de 100 kB": "Promoción 🦷. " * 6400,
})  # fmt: skip


def new(world: World, model: str, values: Mapping[str, Any]) -> None:
    """What an object of the model is to be saved with; what `values` does not name is not set at all."""
    known(model, "el modelo de este escenario", [world.model.mapped.__name__])
    for name in values:
        _known(world, name)
    world.row = world.model.mapped
    world.saved = dict(values)


def new_without(world: World, model: str, column: str) -> None:
    """An object of the model not saved yet, on which none of the migration's columns, such as `column`, was set."""
    known(column, f"una columna de {world.subject.script.name}", world.subject.columns)
    new(world, model, {})


def unsaved(world: World) -> Any:
    """The object that is to be saved."""
    assert world.row is not None, "Ningún paso de este escenario dice qué se guarda: falta un Given."
    return world.row(**world.model.required, **world.saved)


def save(world: World) -> None:
    """Save the object; fail when the table refuses what the model says."""
    row = unsaved(world)
    try:
        with world.session() as session:
            session.add(row)
            session.commit()
            world.row_key = getattr(row, world.subject.key)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        why = spanish.refusal(getattr(error.orig, "pgcode", None)) or "la base de datos no lo aceptó"
        raise expect.UnmetError(f"No se pudo guardar: {why[0].lower()}{why[1:]}.", findings=[reason]) from error


def saved_with_attribution(world: World) -> None:
    """A patient in the database with all five values."""
    new(world, "Patient", ATTRIBUTION)
    save(world)


def change(world: World, name: str, value: str) -> None:
    """Change one column of the saved row, in a session of its own."""
    _known(world, name)
    world.before = _values(read_again(world))
    with world.session() as session:
        setattr(session.get_one(world.model.mapped, world.row_key), name, value)
        session.commit()


def expect_only_change(world: World, name: str) -> None:
    """Fail unless `name` changed and nothing else, but for what a trigger changes."""
    now = _values(read_again(world))
    _known(world, name)
    changed = [column for column, value in now.items() if value != world.before[column]]
    ours = [column for column in changed if column not in world.model.by_triggers]
    expect.equal("No cambió solamente lo que se cambió.", [name], ours)


def read_again(world: World) -> Any:
    """The saved row as another session on another connection reads it."""
    assert world.row_key is not None, "Ningún paso de este escenario guardó nada."
    with world.session() as session:
        return session.get_one(world.model.mapped, world.row_key)


def expect_saved(world: World) -> None:
    """Fail unless every value that was set reads back the same."""
    _expect_values(world, world.saved)


def expect_value(world: World, name: str, value: str | None) -> None:
    """Fail unless the column reads back as `value`."""
    _expect_values(world, {name: value})


def expect_no_ad(world: World) -> None:
    """Fail when the row reads back with a value in a column that has no default."""
    _expect_values(world, {name: None for name, column in world.subject.columns.items() if column.default is None})


def expect_all(world: World) -> None:
    """Fail unless the migration's columns read back as set, and those not set as their defaults."""
    _expect_values(
        world, {name: world.saved.get(name, column.default) for name, column in world.subject.columns.items()}
    )


def _expect_values(world: World, wanted: Mapping[str, Any]) -> None:
    row = read_again(world)
    for name, value in wanted.items():
        _known(world, name)
        expect.equal(f"{world.subject.table}.{name} no es lo que se esperaba.", value, getattr(row, name))


def _values(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _names(type(row))}


def _names(model: Any) -> list[str]:
    return list(inspect(model).columns.keys())


def _known(world: World, name: str) -> None:
    known(name, f"una columna del modelo {world.model.mapped.__name__}", _names(world.model.mapped))
