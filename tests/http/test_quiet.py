"""Privacy: what people send and where they are stands in no log, no error and no file of the server."""

import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection

from backend.logs import PrivateFormatter
from chat import queries
from chat.api.fields import b64encode
from chat.protocol.errors import Code
from scripts.tree import ROOT
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import ask, get
from tests.http.serving import Server
from tests.http.test_serve import join, secret_of
from tests.support.services import wait_until

pytestmark = pytest.mark.privacy

CANARY = "canary-7f3a"
# All of 127/8 is this machine, so that an address can be looked for that nothing else has.
ADDRESS = "127.45.67.89"


@pytest.fixture(scope="module")
def visited() -> Iterator[tuple[Server, Person, dict[str, Any]]]:
    """A server after a day of good, broken and hostile requests from ADDRESS, with every log turned up."""
    with Server(LOG_LEVEL="DEBUG") as server:
        links = server.links()
        person, _ = join(server, links["coordinator"])
        transport = httpx.HTTPTransport(local_address=ADDRESS)
        headers = {
            "user-agent": f"{CANARY}/1.0",
            "x-forwarded-for": f"{ADDRESS}, 203.0.113.9",
            "referer": f"https://{CANARY}.example/",
        }
        with httpx.Client(base_url=server.address, transport=transport, timeout=60, headers=headers) as client:
            token = {"authorization": person.authorization}
            newcomer = Person().joining(secret_of(links["members"][0]))
            assert client.post("/api/v1/join", json=newcomer).status_code == 200
            for path in ("/", f"/{CANARY}", "/api/v1/me", f"/api/v1/rooms?secret={CANARY}", f"/api/v1/{CANARY}"):
                client.get(path)
                client.get(path, headers=token)
            for body in (b"{", json.dumps({"secret": CANARY}).encode(), b"[" * 100_000, b" " * 1_100_000):
                client.post("/api/v1/join", content=body)
                client.post("/api/v1/invites/check", content=body, headers=token)
            client.get("/api/v1/me", headers={"authorization": f"Bearer {CANARY}"})
            client.get("/", headers={"host": f"{CANARY}.example"})
            client.request("BREW", f"/api/v1/rooms?{CANARY}")
            client.get("/ws")
        assert server.stop() == 0
        yield server, person, links


def test_logs_hold_no_address_and_nothing_that_was_sent(visited: tuple[Server, Person, dict[str, Any]]) -> None:
    server, person, links = visited
    log = server.log()
    for link in (links["coordinator"], links["moderator"], *links["members"]):
        log = log.replace(link, "")  # printed at start, for whoever started it
    for private in (ADDRESS, "203.0.113.9", CANARY, b64encode(person.token), str(person.account), person.device):
        assert private not in log
    for link in links["members"]:
        assert b64encode(secret_of(link).value) not in log


def uvicorn_of_the_readme() -> str:
    (line,) = [line for line in (ROOT / "README.md").read_text().splitlines() if "ASGI_SERVER=" in line]
    return line.partition("=")[2].strip('"')


@pytest.mark.parametrize("asgi", ["daphne", "uvicorn"])
def test_the_procfiles_servers_answer_and_name_nobody_either(tmp_path: Path, asgi: str) -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    server = Server()
    environment = server.environment | {
        "DATA_DIR": str(tmp_path),
        "ASGI_SERVER": uvicorn_of_the_readme() if asgi == "uvicorn" else "",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    subprocess.run(lines["release"].split(), cwd=ROOT, env=environment, check=True, capture_output=True)
    with (tmp_path / "log").open("wb") as log:
        web = ["sh", "-c", f"exec {lines['web']}"]
        process = subprocess.Popen(web, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        transport = httpx.HTTPTransport(local_address=ADDRESS)
        with httpx.Client(base_url=server.address, transport=transport, timeout=60) as client:
            wait_until(lambda: _answers(client), 120)
            assert client.get(f"/{CANARY}").status_code == 404
            assert "server" not in client.get(f"/api/v1/server?{CANARY}").headers
    finally:
        process.terminate()
        process.wait(60)
    assert (tmp_path / "log").read_text() == ""


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_files_hold_no_address_no_token_and_no_secret(visited: tuple[Server, Person, dict[str, Any]]) -> None:
    server, person, links = visited
    secrets = [secret_of(link).value for link in (links["coordinator"], *links["members"])]
    private = [
        ADDRESS.encode(),
        b"203.0.113.9",
        CANARY.encode(),
        person.token,
        b64encode(person.token).encode(),
        *secrets,
    ]
    kept = [file for file in server.data.rglob("*") if file.is_file() and file.name not in ("links.json", "serve.log")]
    assert any(file.name == "kindred.sqlite3" for file in kept)
    for file in kept:
        content = file.read_bytes()
        assert not any(word in content for word in private), file.name
    with sqlite3.connect(server.data / "kindred.sqlite3") as database:
        assert str(person.account.hex) in "\n".join(database.iterdump())


def test_the_servers_keys_are_not_in_the_database(visited: tuple[Server, Person, dict[str, Any]]) -> None:
    server = visited[0]
    database = (server.data / "kindred.sqlite3").read_bytes()
    for file in (server.data / "keys").iterdir():
        assert file.read_bytes().strip() not in database


@pytest.mark.django_db
def test_no_column_can_hold_a_sender_a_name_or_an_address() -> None:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        columns = {
            f"{table}.{column.name}"
            for table in tables
            for column in connection.introspection.get_table_description(cursor, table)
        }
    entry = {column.partition(".")[2] for column in columns if column.startswith("chat_entry.")}
    own = {"id", "room_id", "seq", "kind", "epoch", "entry_id", "payload", "tag", "frank", "hub_key", "accepted_at"}
    assert entry == own
    blob = {column.partition(".")[2] for column in columns if column.startswith("chat_blob.")}
    assert blob == {"id", "room_id", "blob", "size", "sealed", "expires_on"}
    # A migration's own name is Django's; the others are keyed hashes that lead to nobody (chat/push/naming.py).
    harmless = {"django_migrations.name", "chat_pushpresence.name", "chat_pushwake.name"}
    for word in ("sender", "author", "name", "address", "ip", "agent", "phone", "email", "pseudonym"):
        assert not [column for column in columns - harmless if word in column.split(".")[1].split("_")]
    assert not [table for table in tables if table.startswith(("auth_", "django_session", "django_admin"))]


def test_a_fault_of_ours_is_answered_plainly_and_logged_without_its_words(
    here: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(device: Any) -> Any:
        raise RuntimeError(f"{CANARY} {device.account_id}")

    monkeypatch.setattr(queries, "me", fail)
    reply = get(here[Name.MEMBER], "/me")
    assert reply.status == 500
    assert reply.code == Code.UNAVAILABLE
    assert CANARY not in json.dumps(reply.body)
    lines = [PrivateFormatter().format(record) for record in caplog.records]
    text = "\n".join(lines)
    assert "RuntimeError" in text
    assert "fail" in text
    assert CANARY not in text
    assert str(here[Name.MEMBER].account) not in text


def formatted(name: str, message: str, *args: object, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error is not None else None
    return PrivateFormatter().format(logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, info))


def test_of_librarys_messages_only_the_fixed_part_is_written() -> None:
    daphne = formatted("daphne.server", "Application for connection %s took too long", f"<WebSocket {ADDRESS}>")
    assert daphne == "warning daphne.server: Application for connection %s took too long"
    assert CANARY not in formatted("daphne.ws_protocol", f"Traceback: {CANARY}")
    assert formatted("chat.delivery", "a batch of %d", 3) == "warning chat.delivery: a batch of 3"


def test_an_errors_words_and_those_of_its_causes_are_left_out() -> None:
    try:
        try:
            raise ValueError(CANARY)
        except ValueError as cause:
            raise KeyError(CANARY) from cause
    except KeyError:
        error = sys.exc_info()[1]
    text = formatted("chat.api", "a fault", error=error)
    assert CANARY not in text
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text


def test_no_answer_tells_what_runs_here(here: World) -> None:
    for path in ("/none", "//none", "/me"):
        reply = ask(None, "GET", path)
        assert {"server", "x-powered-by"}.isdisjoint(name.lower() for name in reply.headers)
        assert "django" not in str(reply.body).lower()
