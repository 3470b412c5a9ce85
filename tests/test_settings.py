import pytest

from orchestrator_service.db.settings import SettingsError, database_url

SECRET = "s3cr:t%40"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2"])
@pytest.mark.parametrize("variable", ["POSTGRES_DSN", "DATABASE_URL"])
def test_every_spelling_reaches_psycopg2(scheme: str, variable: str) -> None:
    url = database_url({variable: f"{scheme}://ana:{SECRET}@db:5433/clinic"})
    assert url.drivername == "postgresql+psycopg2"
    assert (url.username, url.password, url.host, url.port, url.database) == ("ana", "s3cr:t@", "db", 5433, "clinic")


def test_asyncpg_parameters_become_libpq_ones() -> None:
    url = database_url({"POSTGRES_DSN": "postgresql+asyncpg://db/clinic?ssl=require&prepared_statement_cache_size=0"})
    assert dict(url.query) == {"sslmode": "require"}


def test_a_password_among_the_parameters_is_not_shown() -> None:
    url = database_url({"POSTGRES_DSN": "postgresql://ana@db/clinic?password=hidden&sslmode=require"})
    assert url.password == "hidden"
    assert "hidden" not in url.render_as_string()


def test_both_set_and_equal_is_one_address() -> None:
    both = {"POSTGRES_DSN": "postgres://db/clinic", "DATABASE_URL": "postgresql+asyncpg://db/clinic"}
    assert database_url(both).database == "clinic"


def test_neither_set_says_what_to_set() -> None:
    with pytest.raises(SettingsError, match=r"neither POSTGRES_DSN nor DATABASE_URL is set. Set POSTGRES_DSN="):
        database_url({"POSTGRES_DSN": ""})


@pytest.mark.parametrize(
    "environ",
    [
        {"POSTGRES_DSN": f"postgres://ana:{SECRET}@one/clinic", "DATABASE_URL": f"postgres://ana:{SECRET}@two/clinic"},
        {"DATABASE_URL": f"mysql://ana:{SECRET}@db/clinic"},
        {"DATABASE_URL": f"postgres://ana:{SECRET}@db"},
        {"DATABASE_URL": f"postgres://ana:{SECRET}@db:port/clinic"},
        {"DATABASE_URL": f"no url {SECRET}"},
    ],
)
def test_a_wrong_address_is_refused_without_its_password(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refusal:
        database_url(environ)
    assert "s3cr" not in str(refusal.value)
    assert refusal.value.__cause__ is None
