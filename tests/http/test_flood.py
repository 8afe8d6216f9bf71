"""A flood of wrong secrets, from one address and from a thousand: whoever comes from elsewhere gets in as ever."""

import asyncio
import hashlib
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import pytest

from chat.api.fields import b64encode
from chat.links import InviteSecret
from chat.protocol.limits import BACKUP_STEP
from tests.delivery.harness import until
from tests.factories import Person
from tests.http.serving import Server
from tests.http.test_serve import join, secret_of

A_SECOND = 150
FIRST = 900
"""Wrong tries before the newcomers come."""
AT_ONCE = 30
NEWCOMERS = 12
LOCATOR = bytes(range(32))


class Client:
    """Asks from an address of its own: as the socket's source, or as a proxy on this machine tells it."""

    def __init__(self, server: Server, address: str, *, proxied: bool) -> None:
        self._port = server.port
        self._source = None if proxied else (address, 0)
        self._forwarded = f"X-Forwarded-For: 192.0.2.9, {address}\r\n" if proxied else ""

    async def post(self, path: str, body: Any) -> int:
        """The answer's status."""
        content = json.dumps(body).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, local_addr=self._source)
        try:
            head = (
                f"POST /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
                f"{self._forwarded}Connection: close\r\nContent-Length: {len(content)}\r\n\r\n"
            )
            writer.write(head.encode() + content)
            answer = await reader.read()
        finally:
            writer.close()
        return int(answer.split(b" ", 2)[1])


class Flood:
    """Wrong secrets on taking a link's answer, each tenth on joining, from each of the addresses in turn."""

    def __init__(self, server: Server, addresses: list[str], *, proxied: bool) -> None:
        self._clients = [Client(server, address, proxied=proxied) for address in addresses]
        self._joining = Person().joining(InviteSecret())
        self._free = asyncio.Semaphore(AT_ONCE)
        self.answers: Counter[int] = Counter()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """From when so many as `FIRST` were answered."""
        flooding = asyncio.create_task(self._flood())
        try:
            await until(lambda: self.answers.total() >= FIRST or flooding.done(), 120)
            yield
        finally:
            flooding.cancel()
            await asyncio.gather(flooding, return_exceptions=True)

    async def _flood(self) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with asyncio.TaskGroup() as tries:
            for number in count():
                tries.create_task(self._try(number))
                # So many a second, or as many as the server answers.
                await asyncio.sleep(max(0.0, begun + number / A_SECOND - loop.time()))
                await self._free.acquire()

    async def _try(self, number: int) -> None:
        client = self._clients[number % len(self._clients)]
        if number % 10 == 9:
            status = await client.post("/join", self._joining)
        else:
            link = b64encode(os.urandom(16))
            status = await client.post(f"/links/{link}/take", {"key": b64encode(bytes(32)), "part": 0})
        self.answers[status] += 1
        self._free.release()


async def come(server: Server, number: int, secret: InviteSecret, *, proxied: bool) -> dict[str, int]:
    """What somebody asks who comes with an invite and with the words for a backup, from an address of their own."""
    client = Client(server, f"127.{200 + number}.0.1", proxied=proxied)
    person = Person()
    given = b64encode(secret.value)
    return {
        "check": await client.post("/invites/check", {"secret": given}),
        "join": await client.post("/join", person.joining(secret)),
        "register": await client.post("/devices", person.second_phone().registering()),
        "fetch": await client.post("/backups/fetch", {"locator": b64encode(LOCATOR)}),
    }


@pytest.mark.parametrize("proxied", [False, True], ids=["directly", "by a proxy"])
@pytest.mark.parametrize("addresses", [1, 1000], ids=["one address", "a thousand addresses"])
async def test_newcomers_get_in_while_strangers_flood_from(addresses: int, proxied: bool) -> None:
    with Server(TRUSTED_PROXY="127.0.0.1" if proxied else "") as server:
        owner, _ = join(server, server.links()["members"][0])
        with server.client(headers={"authorization": owner.authorization}) as client:
            sealed = hashlib.sha256(LOCATOR).digest() + bytes(BACKUP_STEP)
            assert client.post("/api/v1/me/backup", content=sealed).status_code == 200
        made = server.manage("make_invite", "--uses", str(NEWCOMERS)).stdout.strip()
        secret = secret_of(made)
        sources = [f"127.{1 + number // 200}.{number % 200}.1" for number in range(addresses)]
        flood = Flood(server, sources, proxied=proxied)
        async with flood.going_on():
            newcomers = (come(server, number, secret, proxied=proxied) for number in range(NEWCOMERS))
            came = await asyncio.gather(*newcomers)
        assert came == [{"check": 200, "join": 200, "register": 200, "fetch": 200}] * NEWCOMERS
        # What the flood was answered: that it was wrong, and soon that it is too much.
        assert flood.answers.keys() <= {404, 429}
        assert flood.answers[429] > 0 or addresses > 1
