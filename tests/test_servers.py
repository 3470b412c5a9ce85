import pytest

from steps.support.harness.errors import NoServerError
from steps.support.harness.servers import choose, docker, embedded, running
from steps.support.harness.servers.server import Server


def test_a_server_too_old_gets_one_line(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "OLDEST", server.major + 1)
    with pytest.raises(NoServerError, match=rf"is Postgres {server.version}, and the suite needs {server.major + 1}"):
        running.attach(server.url)


def test_auto_is_docker_where_an_engine_answers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "answers", lambda: True)
    monkeypatch.setattr(docker, "start", lambda _image, _room: server)
    assert choose.choose("auto", "postgres:18") == (server, "auto: Docker answers")


def test_auto_is_the_embedded_server_without_docker(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "answers", lambda: False)
    monkeypatch.setattr(embedded, "start", lambda _room: server)
    assert choose.choose("auto", "postgres:18") == (server, "auto: Docker does not answer")


def test_auto_says_why_an_engine_is_of_no_use(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot_pull(image: str, _room: int) -> Server:
        raise NoServerError(f"{image} cannot be pulled")

    monkeypatch.setattr(docker, "answers", lambda: True)
    monkeypatch.setattr(docker, "start", cannot_pull)
    monkeypatch.setattr(embedded, "start", lambda _room: server)
    _, reason = choose.choose("auto", "postgres:99")
    assert reason == "auto: Docker answers, but postgres:99 cannot be pulled"


def test_docker_asked_for_and_away_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(NoServerError, match="Docker does not answer and -D postgres=docker asks for it"):
        choose.choose("docker", "postgres:18")
