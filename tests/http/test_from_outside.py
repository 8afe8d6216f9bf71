"""What reaches a running server from outside: commands, foreign pages, endless bodies."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from websockets.sync.client import ClientConnection, connect

from chat.api.fields import b64encode
from tests.factories import REASONS, Person
from tests.http.serving import Server
from tests.http.test_serve import join
from tests.support.services import free_port


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.mark.parametrize("shared", [False, True], ids=["one process", "Redis"])
def test_a_suspended_person_is_cut_off_at_once(shared: bool, request: pytest.FixtureRequest) -> None:
    settings = {"REDIS_URL": request.getfixturevalue("redis_server").url} if shared else {}
    with Server(**settings) as server:
        person, me = join(server, server.links()["members"][0])
        with connect(f"ws://127.0.0.1:{server.port}/ws", compression=None) as socket:
            socket.send(msgspec.msgpack.encode({"t": "hello", "v": 1, "token": person.token}))
            assert _frame(socket.recv(timeout=20))["t"] == "ready"
            assert server.manage("suspend_account", me["account"], "--law", "A law", *REASONS).stdout == "Suspended.\n"
            assert _frame(socket.recv(timeout=20))["code"] == "suspended"
        with server.client(headers={"authorization": person.authorization}) as client:
            assert client.get("/api/v1/push").json()["error"]["code"] == "suspended"
            assert server.manage("restore_account", me["account"], "--reason", "mistake").stdout == "Restored.\n"
            assert client.get("/api/v1/push").status_code == 200


def test_the_networks_phones_hear_of_a_new_and_a_renamed_open_room_but_those_of_the_suspended() -> None:
    with Server() as server, ExitStack() as sockets:
        coordinator, _ = join(server, server.links()["coordinator"])
        member, _ = join(server, server.links()["members"][0])
        suspended, me = join(server, server.links()["members"][1])
        assert server.manage("suspend_account", me["account"], "--law", "A law", *REASONS).returncode == 0

        def connected(person: Person) -> ClientConnection:
            socket = sockets.enter_context(connect(f"ws://127.0.0.1:{server.port}/ws", compression=None))
            socket.send(msgspec.msgpack.encode({"t": "hello", "v": 1, "token": person.token}))
            assert _frame(socket.recv(timeout=20)).get("suspended", False) is (person is suspended)
            return socket

        silent = connected(suspended)
        with connected(member) as socket, server.client(headers={"authorization": coordinator.authorization}) as client:
            body = {"id": str(uuid4()), "kind": "open", "title": "Garden"}
            room = UUID(client.post("/api/v1/rooms", json=body).json()["id"])
            told = {"t": "room", "room": room.bytes}
            assert _frame(socket.recv(timeout=20)) == told | {"change": "opened"}
            client.post(f"/api/v1/rooms/{room}/title", json={"title": "Orchard"})
            assert _frame(socket.recv(timeout=20)) == told | {"change": "renamed"}
        silent.send(msgspec.msgpack.encode({"t": "ping", "id": bytes(16)}))
        assert _frame(silent.recv(timeout=20))["t"] == "pong"


def _frame(data: Any) -> dict[str, Any]:
    frame: dict[str, Any] = msgspec.msgpack.decode(data)
    return frame


def test_pages_of_other_sites_cannot_open_the_socket(server: Server) -> None:
    def status(origin: str | None, host: str = server.address.removeprefix("http://")) -> int:
        headers = {
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": b64encode(bytes(16)) + "==",
            "host": host,
        }
        if origin is not None:
            headers["origin"] = origin
        with httpx.stream("GET", f"{server.address}/ws", headers=headers, timeout=60) as reply:
            return reply.status_code

    assert status(server.address) == 101
    assert status(None) == 101
    for foreign in ("https://evil.example", "null", f"http://127.0.0.1:{free_port()}", "http://evil.example:80"):
        assert status(foreign) == 403
    assert status("http://evil.example", host="evil.example") == 403


def test_an_endless_body_is_cut_off(server: Server) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    with server.client() as client:
        assert client.post("/api/v1/join", content=endless()).json()["error"]["code"] == "too_large"
        announced = client.post("/api/v1/join", content=b" " * 2_000_000)
        assert announced.status_code == 413
        backup = bytes(8 * 1024 * 1024 + 33)
        assert client.put("/api/v1/me/backup", content=backup).json()["error"]["code"] == "too_large"
        # A backup of the greatest size comes as far as the question of who sends it; nothing else of that size does.
        assert client.put("/api/v1/me/backup", content=backup[1:]).json()["error"]["code"] == "unauthenticated"
        assert client.put("/api/v1/me", content=backup[1:]).json()["error"]["code"] == "too_large"
        assert client.get("/healthz", timeout=60).status_code == 200
