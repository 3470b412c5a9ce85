"""Who may import whom, and how big and thin files are."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from behave.parser import parse_file

from steps.support.harness.options import ROOT
from steps.support.spec.product import PRODUCT

SPEC_SCENARIOS = """\
Scenario: Ejecución de migración en base de datos existente
  Given la tabla 'patients' ya tiene datos
  When se ejecuta el script de migración '01_meta_ads_columns.sql'
  Then la tabla 'patients' tiene la columna 'acquisition_source' con default 'ORGANIC'
  And la columna 'meta_ad_id' existe y permite NULLs
  And no se perdieron datos de pacientes existentes

Scenario: Persistencia de modelo actualizado
  Given un objeto Patient con acquisition_source='META_ADS'
  When se guarda en la base de datos
  Then el valor se persiste correctamente sin errores de esquema
"""

OURS = ("orchestrator_service", "migrations", "steps", "environment", "tests")


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)} imports relatively"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


STEP_FILES = sorted((ROOT / "steps").glob("*.py"))


@pytest.mark.parametrize("path", STEP_FILES, ids=lambda path: path.name)
def test_step_files_know_behave_and_the_product_alone(path: Path) -> None:
    assert path.name.endswith("_steps.py"), "behave executes every file here; what is no step belongs in steps/support"
    assert [name for name in imports(path) if not within(name, "behave", "steps.support.spec")] == []


@pytest.mark.parametrize("path", STEP_FILES, ids=lambda path: path.name)
def test_steps_are_thin(path: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        assert ast.get_docstring(function), f"{path.name}: {function.name} does not say, in Spanish, what it means"
        assert len(function.body) <= 4, f"{path.name}: {function.name} does too much"
        for node in ast.walk(function):
            forbidden = isinstance(node, ast.If | ast.For | ast.While | ast.Try | ast.Assert)
            assert not forbidden, f"{path.name}: {function.name} decides"


# What a harness for any migration of any table may import, a room at a time: each only what stands above it.
HARNESS = ROOT / "steps" / "support" / "harness"
ROOMS = [
    "errors", "interrupts", "output", "progress", "waiting", "expect", "vocabulary", "spanish", "redaction",
    "discretion", "attachable", "subject", "scenarios", "servers", "databases", "product", "checks", "options",
    "evidence", "concurrency", "rehearsal", "report", "suite", "selection", "world", "runner",
]  # fmt: skip
# What only this product says. The harness learns it from a Subject, or not at all.
PRODUCTS_OWN = re.compile(
    r"\bpatient|pacient|tenant_id|cl[ií]nic|meta.?ad|acquisition|organic|appointment|recepcion|orchestrator|0\d_\w+\.sql",
    re.I,
)


def harness_files() -> list[Path]:
    return sorted(path for path in HARNESS.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def says_what_is_the_products(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if PRODUCTS_OWN.search(line)]


def room_of(name: str) -> str:
    """The room of the harness a dotted name or a path is in; '' of none."""
    parts = name.removeprefix("steps.support.harness").strip(".").split(".")
    return parts[0] if name.startswith("steps.support.harness.") else ""


def against_the_order(module: str, imported: list[str]) -> list[str]:
    """Of what a harness module imports, what does not stand above it."""
    own = room_of(module)
    rooms = {room for name in imported if (room := room_of(name)) and room != own}
    return sorted(room for room in rooms if ROOMS.index(room) > ROOMS.index(own))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", harness_files(), ids=lambda path: str(path.relative_to(HARNESS)))
def test_the_harness_names_nothing_of_this_product(path: Path) -> None:
    assert says_what_is_the_products(path.read_text(encoding="utf-8")) == []


def test_the_harness_imports_itself_alone_and_in_one_direction() -> None:
    for path in python_files("steps/support/harness"):
        imported = list(imports(path))
        assert [name for name in imported if within(name, *OURS) and not within(name, "steps.support.harness")] == [], (
            path
        )
        if path.parent != HARNESS or path.name != "__init__.py":
            assert against_the_order(dotted(path), imported) == [], path


def test_every_room_has_its_place_in_the_order() -> None:
    there = {path.stem for path in HARNESS.iterdir() if not path.stem.startswith("__")}
    assert there == set(ROOMS)


def modules_import_each_other(folder: str) -> list[str]:
    """The modules of a folder that, by whatever way round, import themselves."""
    graph = {dotted(path): set(imports(path)) for path in python_files(folder)}
    reaches = {
        name: {other for other in graph if other != name and any(within(one, other) for one in imported)}
        for name, imported in graph.items()
    }
    for middle in graph:
        for name in graph:
            if middle in reaches[name]:
                reaches[name] |= reaches[middle]
    return sorted(name for name in graph if name in reaches[name])


def test_no_module_imports_one_that_imports_it_back() -> None:
    assert modules_import_each_other("steps/support") == []


@pytest.mark.parametrize("path", STEP_FILES, ids=lambda path: path.name)
def test_each_steps_file_has_a_module_of_its_name(path: Path) -> None:
    own = ROOT / "steps" / "support" / "spec" / path.name.removesuffix("_steps.py")
    assert own.is_dir() or own.with_suffix(".py").is_file(), f"{path.name} stands on no spec/{own.name}"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("QUERY = 'SELECT count(*) FROM patients'", says_what_is_the_products),
        ("raise Error('run 01_meta_ads_columns.sql')", says_what_is_the_products),
        ("# one of the clinics", says_what_is_the_products),
    ],
)
def test_the_border_bites(line: str, rule: Callable[[str], list[str]]) -> None:
    assert rule(line) == [line]


def test_the_order_bites() -> None:
    late = ["steps.support.harness.report.model.Run", "steps.support.harness.errors.OptionError"]
    assert against_the_order("steps.support.harness.rehearsal.findings", late) == ["report"]
    assert against_the_order("steps.support.harness.report.junit", late) == []


def test_support_knows_no_behave_but_in_the_runner() -> None:
    allowed = {HARNESS / "runner.py", HARNESS / "selection.py", ROOT / "environment.py"}
    for path in [*python_files("steps/support"), ROOT / "environment.py"]:
        if path not in allowed and "report" not in path.parts:
            assert [name for name in imports(path) if within(name, "behave")] == [], path


def test_the_service_knows_nobody_here() -> None:
    for path in python_files("orchestrator_service"):
        assert [name for name in imports(path) if within(name, "migrations", "steps", "tests", "environment")] == [], (
            path
        )


def test_migrations_never_import_the_models() -> None:
    for path in python_files("migrations"):
        allowed = "orchestrator_service" if path.name == "env.py" else "nobody"
        foreign = [name for name in imports(path) if within(name, *OURS) and not within(name, "migrations", allowed)]
        assert foreign == [], path


def test_a_scenario_asks_one_thing_in_few_steps_and_no_sql() -> None:
    for path in (ROOT / "features").glob("*.feature"):
        for scenario in parse_file(str(path)).walk_scenarios(with_outlines=True):
            assert [step.keyword for step in scenario.steps].count("When") == 1, scenario.name
            assert len(scenario.steps) <= 8, scenario.name
            words = " ".join(step.name for step in scenario.steps)
            assert not re.search(r"\b(SELECT|INSERT|UPDATE|ALTER|FROM)\b", words), scenario.name


@pytest.mark.parametrize("folder", ["steps", "orchestrator_service", "migrations"])
def test_no_assert_does_the_work(folder: str) -> None:
    """Under `python -O` it would not be done."""
    for path in python_files(folder):
        for check in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(check, ast.Assert):
                called = [node.func for node in ast.walk(check.test) if isinstance(node, ast.Call)]
                work = [ast.unparse(one) for one in called if not isinstance(one, ast.Name)]
                assert work == [], f"{path.relative_to(ROOT)}:{check.lineno}"


def test_files_are_small() -> None:
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in python_files("steps/support"))
    assert lengths[len(lengths) // 2] < 90
    assert lengths[-1] <= 180


# What nobody says who has never seen a database. A title that names a column may: there the column is what is asked.
ENGINEERS = re.compile(
    r"\b(SQL|NULLs?|driver|Alembic|psql|Citus|default|commit|rollback|lock|query|VARCHAR|JSONB?)\b", re.I
)


def said_to_engineers(titles: list[str]) -> list[str]:
    columns = [name for subject in PRODUCT.subjects for name in subject.columns]
    return [title for title in titles if ENGINEERS.search(title) and not any(name in title for name in columns)]


@pytest.mark.parametrize("path", sorted((ROOT / "features").glob("*.feature")), ids=lambda path: path.name)
def test_titles_are_for_who_never_saw_a_database(path: Path) -> None:
    feature = parse_file(str(path))
    titles = [one.name for one in (feature, *feature.rules, *feature.walk_scenarios())]
    assert len(titles) > 1
    assert said_to_engineers(titles) == []


def test_a_title_for_engineers_is_seen() -> None:
    titles = ["lee con SQL escrito a mano", "meta_ad_id ya existe como BIGINT DEFAULT 0", "lee los de 'Sur'"]
    assert said_to_engineers(titles) == titles[:1]


def test_the_specs_scenarios_stand_word_for_word() -> None:
    feature = (ROOT / "features" / "atribucion.feature").read_text(encoding="utf-8")
    written = [line.strip() for line in feature.splitlines()]
    for scenario in SPEC_SCENARIOS.strip().split("\n\n"):
        lines = [line.strip() for line in scenario.splitlines()]
        assert any(written[i : i + len(lines)] == lines for i in range(len(written))), scenario
