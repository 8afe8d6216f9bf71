"""The one command that runs everything, as people start and stop it."""

import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from chat.api.fields import b64decode
from chat.links import InviteSecret
from scripts.tree import ROOT
from tests.delivery.harness import PATH, procfile
from tests.factories import REASONS, Person
from tests.http.serving import EmptyServer, Server
from tests.support.services import PostgreSQL, Redis, wait_until

PUSH_OFF = {"webpush": False, "fcm": False}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with EmptyServer() as running:
        yield running


def secret_of(link: str) -> InviteSecret:
    return InviteSecret(b64decode(link.partition("#i.")[2].partition(".")[0]))


def join(server: Server, link: str) -> tuple[Person, Any]:
    person = Person()
    with server.client() as client:
        reply = client.post("/api/v1/join", json=person.joining(secret_of(link)))
    assert reply.status_code == 200, reply.text
    return person, reply.json()


def test_the_printed_links_let_people_in_by_their_roles(server: Server) -> None:
    links = server.links()
    assert links["address"] == server.address
    assert len(links["members"]) == 3
    roles = [join(server, link)[1]["role"] for link in (links["coordinator"], links["moderator"], *links["members"])]
    assert roles == ["coordinator", "moderator", "member", "member", "member"]


def test_links_and_codes_are_printed_and_kept_from_others(server: Server) -> None:
    links = server.links()
    text = server.log()
    for link in (links["coordinator"], links["moderator"], *links["members"]):
        assert link in text
    assert text.count("█▀") > 5 * 10
    assert server.address in text.splitlines()[-1]
    assert stat.S_IMODE((server.data / "links.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((server.data / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (server.data / "keys").iterdir()} == {0o600}


def test_the_link_says_that_the_network_itself_invites(server: Server) -> None:
    inviter = server.links()["coordinator"].split(".")[-1]
    assert msgspec.msgpack.decode(b64decode(inviter)) == {"n": None}


def test_a_first_member_finds_one_open_room_and_may_found_it(server: Server) -> None:
    # The links of the module's server may be used by now.
    with Server() as fresh:
        person, _ = join(fresh, fresh.links()["members"][0])
        with fresh.client(headers={"authorization": person.authorization}) as client:
            rooms = client.get("/api/v1/rooms").json()
            assert [room["title"] for room in rooms["open"]] == ["Welcome"]
            info = client.post(f"/api/v1/rooms/{rooms['open'][0]['id']}/group-info", json={})
            assert info.json()["error"]["code"] == "room_not_ready"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_order_and_a_second_start_finds_everything_quickly(sign: signal.Signals) -> None:
    with Server() as server:
        first = server.links()
        person, me = join(server, first["members"][0])
        assert server.stop(sign) == 0
        assert "Traceback" not in server.log()
        before = _cpu_seconds_of_children()
        server.start()
        with server.client(headers={"authorization": person.authorization}) as client:
            assert client.get("/api/v1/me").json() == me
        second = server.links()
        # Who holds a link of the first start can still use it, and no further one opens the network.
        assert {name: second[name] for name in ("coordinator", "moderator")} == {
            name: first[name] for name in ("coordinator", "moderator")
        }
        assert second["members"][:2] == first["members"][1:]
        assert second["members"][2] not in first["members"]
        server.stop(sign)
        # In time of the processor, since other tests run beside this one; migrations alone would take longer.
        assert _cpu_seconds_of_children() - before < 3
        server.start()
        networks = {join(server, link)[1]["network"]["id"] for link in (first["members"][1], second["members"][2])}
        assert networks == {me["network"]["id"]}


def _cpu_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_taken_port_is_said_with_the_remedy(server: Server) -> None:
    with pytest.raises(RuntimeError, match=rf"{server.port}.*PORT=8001"):
        Server(PORT=str(server.port), DATA_DIR=str(server.data / "second")).__enter__()


def test_port_zero_takes_a_free_one_and_prints_it(tmp_path: Path) -> None:
    environment = Server(PORT="0", ORIGIN="", DATA_DIR=str(tmp_path), KINDRED_LINKS_JSON="").environment
    command = [sys.executable, "manage.py", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith("Kindred is at "))
        address = said.split()[3]
        assert address.startswith("http://localhost:")
        assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().strip() == "Stopped. Everything that was accepted is kept."


def test_bad_settings_stop_the_start_with_the_setting_and_the_remedy(server: Server, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    (shared / "of somebody else").touch()
    wrong = {
        "PORT": ("eighty", "PORT is 'eighty': set it to a whole number from 0 to 65535"),
        "DATABASE_URL": ("mysql://secret@host/x", "DATABASE_URL must be postgresql://"),
        "TRUSTED_PROXY": ("proxy.local", "TRUSTED_PROXY to the proxy's IP address"),
        "DATA_DIR": (str(shared), "DATA_DIR to a folder for the server alone"),
        "ORIGIN": ("http://chat.example.org", "ORIGIN=https://"),
        "KINDRED_LINKS_JSON": ("/nowhere/links.json", "KINDRED_LINKS_JSON"),
    }
    for name, (value, said) in wrong.items():
        server._settings = {name: value}
        result = server.manage("check")
        server._settings = {}
        assert result.returncode != 0
        assert said in result.stderr
        assert "secret@" not in result.stderr


def test_it_runs_on_postgresql_and_redis(postgres_server: PostgreSQL, redis_server: Redis) -> None:
    url = f"{postgres_server.url.rsplit('/', 1)[0]}/kindred_serve"
    _create_database(postgres_server.url, "kindred_serve")
    with Server(DATABASE_URL=url, REDIS_URL=redis_server.url) as server:
        person, me = join(server, server.links()["members"][0])
        ready = httpx.get(f"{server.address}/readyz", timeout=60).json()
        assert ready == {"database": True, "channel_layer": True, "writes": True, "staying": True, "push": PUSH_OFF}
        server.stop()
        server.start()
        with server.client(headers={"authorization": person.authorization}) as client:
            assert client.get("/api/v1/me").json() == me
        assert not (server.data / "kindred.sqlite3").exists()


def _create_database(url: str, name: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())


def test_a_lost_channel_layer_makes_it_unready_but_not_dead() -> None:
    with Redis() as redis, Server(REDIS_URL=redis.url) as server:
        redis.kill()
        ready = httpx.get(f"{server.address}/readyz", timeout=60)
        said = {"database": True, "channel_layer": False, "writes": True, "staying": True, "push": PUSH_OFF}
        assert (ready.status_code, ready.json()) == (503, said)
        assert httpx.get(f"{server.address}/healthz", timeout=60).status_code == 200
        assert str(redis.port) not in server.log().split("Kindred is at", 1)[1]
        redis.start()
        wait_until(lambda: httpx.get(f"{server.address}/readyz", timeout=60).status_code == 200, 60)
        assert httpx.get(f"{server.address}/readyz", timeout=60).status_code == 200


def test_networks_and_invites_are_made_by_commands(server: Server) -> None:
    made = server.manage("make_network", "Second Harbour")
    network, link = made.stdout.split("\n")[:2]
    ours: dict[str, object] = {
        "id": network.removeprefix("network "),
        "title": "Second Harbour",
        "languages": ["es", "uk"],
        "contacts": [],
    }
    assert server.manage("set_languages", "es", "uk", "es", "--network", str(ours["id"])).returncode == 0
    assert join(server, link)[1]["network"] == ours
    invite = server.manage("make_invite", "--network", network.removeprefix("network "), "--role", "moderator")
    assert join(server, invite.stdout.strip())[1]["role"] == "moderator"
    for wrong in (
        ["make_invite"],
        ["make_invite", "--uses", "0"],
        ["make_network", " "],
        ["suspend_account", "nobody", "--law", "A law", *REASONS],
        ["set_languages", "--network", str(ours["id"]), "Spanish"],
    ):
        assert server.manage(*wrong).stderr.startswith("CommandError: ")


def test_a_public_server_has_no_demo_network() -> None:
    settings = {
        "ORIGIN": "https://chat.example.org",
        "DOMAIN": "chat.example.org",
        "ALLOWED_HOSTS": "chat.example.org,127.0.0.1",
        "TRUSTED_PROXY": "none",
    }
    with Server(**settings) as server:
        assert not (server.data / "links.json").exists()
        *warned, last = server.log().strip().splitlines()
        assert last == "Kindred is at https://chat.example.org   (Ctrl-C stops it)"
        # Of the keys, which lie beside the database here.
        assert (
            [line for line in warned if "kindred." in line] == [line for line in warned if "kindred.W020" in line] != []
        )
        page = httpx.get(f"{server.address}/", headers={"host": "chat.example.org"}, timeout=60)
        assert page.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("asgi", ["manage.py serve", "Procfile"])
def test_a_public_origin_without_a_word_about_the_proxy_stops_the_start(asgi: str) -> None:
    public = {"ORIGIN": "https://c.example", "DOMAIN": "c.example", "ALLOWED_HOSTS": "c.example", "TRUSTED_PROXY": ""}
    server = Server(**public)
    command = [sys.executable, "manage.py", "serve"] if asgi == "manage.py serve" else procfile("web")
    environment = server.environment | {"PATH": PATH}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    server.__exit__(None, None, None)
    assert ended.returncode != 0
    assert "Set TRUSTED_PROXY to the proxy's IP address as this server sees it" in ended.stderr
    assert "or to none where people connect to this server itself" in ended.stderr
