"""A push service on loopback as Mozilla's autopush is: Firefox registers over a WebSocket and gets there what an
application server posts (RFC 8030). `python -m tests.push.autopush` prints the WebSocket's port, then HTTP's.

    POST /push/{channel}          a message, encrypted for the browser alone
    GET  /control/received        {received, faults, browser: [what the browser said, in order]}

One message waits for each channel and topic until the browser has acknowledged it, as autopush keeps them.
Messages: https://mozilla-push-service.readthedocs.io/en/latest/design/
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_sockets
from websockets.typing import Subprotocol

from tests.push.http1 import Asked, Told, as_json, listen, until_told
from tests.push.push_service import Refused, b64, check_rules, check_vapid, unb64


@dataclass
class Channel:
    uaid: str
    server_key: bytes
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The notification that waits under each topic."""


class Autopush:
    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}
        self.sockets: dict[str, ServerConnection] = {}
        self.received: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.browser: list[dict[str, Any]] = []
        self.address = ""

    async def talk(self, socket: ServerConnection) -> None:
        """One browser, from its hello to its end."""
        uaid = ""
        async for raw in socket:
            said = json.loads(raw)
            self.browser.append(said)
            kind = said.get("messageType")
            if kind == "hello":
                uaid = await self.hello(socket, said)
            elif kind == "register":
                self.channels[said["channelID"]] = Channel(uaid, unb64(said["key"]))
                endpoint = f"{self.address}/push/{said['channelID']}"
                await tell(socket, messageType=kind, status=200, channelID=said["channelID"], pushEndpoint=endpoint)
            elif kind == "unregister":
                self.channels.pop(said["channelID"], None)
                await tell(socket, messageType=kind, status=200, channelID=said["channelID"])
            elif kind == "ack":
                self.acknowledge(said["updates"])
            elif not said:
                await tell(socket)
        if self.sockets.get(uaid) is socket:
            del self.sockets[uaid]

    async def hello(self, socket: ServerConnection, said: dict[str, Any]) -> str:
        known = {channel.uaid for channel in self.channels.values()}
        uaid: str = said["uaid"] if said.get("uaid") in known else uuid4().hex
        self.sockets[uaid] = socket
        await tell(socket, messageType="hello", status=200, uaid=uaid, use_webpush=True, broadcasts={})
        for channel in self.channels.values():
            if channel.uaid == uaid:
                for notification in channel.waiting.values():
                    await tell(socket, **notification)
        return uaid

    def acknowledge(self, updates: list[dict[str, Any]]) -> None:
        for update in updates:
            channel = self.channels.get(update["channelID"])
            if channel is not None:
                kept = channel.waiting.items()
                channel.waiting = {topic: one for topic, one in kept if one["version"] != update["version"]}

    async def handle(self, asked: Asked) -> Told:
        if asked.path == "/control/received":
            return as_json({"received": self.received, "faults": self.faults, "browser": self.browser})
        identity = asked.path.removeprefix("/push/")
        channel = self.channels.get(identity)
        if channel is None:
            return Told(410)
        try:
            check_rules(asked)
            check_vapid(asked.headers.get("authorization", ""), channel.server_key, self.address)
        except Refused as refusal:
            self.faults.append(str(refusal))
            return Told(refusal.status)
        version = uuid4().hex
        notification = {
            "messageType": "notification",
            "channelID": identity,
            "version": version,
            "data": b64(asked.body),
            "headers": {"encoding": asked.headers["content-encoding"]},
        }
        channel.waiting[asked.headers.get("topic", version)] = notification
        self.received.append({"at": time.time(), "id": identity, "version": version, "size": len(asked.body)})
        if channel.uaid in self.sockets:
            await tell(self.sockets[channel.uaid], **notification)
        return Told(201, {"location": f"{self.address}/message/{version}", "ttl": asked.headers["ttl"]})


async def tell(socket: ServerConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def main() -> None:
    service = Autopush()
    http = await listen(service.handle)
    service.address = f"http://127.0.0.1:{http.sockets[0].getsockname()[1]}"
    async with serve_sockets(service.talk, "127.0.0.1", 0, subprotocols=[Subprotocol("push-notification")]) as sockets:
        await until_told(sockets, http)


if __name__ == "__main__":
    asyncio.run(main())
