"""What one client may hold of a server that Daphne runs: bodies, silence, unread answers and open files.

Daphne collects a whole body before an application sees any of it, writes answers without waiting for their reader, and
keeps silent connections for a minute. Its classes are replaced here by ones with bounds, so that the bounds hold
however Daphne is started. Other servers stream bodies and wait for readers by themselves.
"""

import asyncio
import resource
from collections import Counter
from typing import Any
from urllib.parse import unquote
from weakref import WeakSet

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet import reactor
from twisted.internet.error import ConnectionAborted
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from backend.asgi_middleware import TOO_LARGE_BODY, TOO_LARGE_HEADERS, body_limit

# Twisted's own types say less than what these are here.
_reactor: Any = reactor
_Channel: Any = HTTPChannel
_failure: Any = Failure

HEAD_SECONDS = 10.0
"""From a connection's start to the end of its first request's head, however slowly that comes."""
KEEP_ALIVE_SECONDS = 20.0
"""From an answer to the end of the next request's head."""
BODY_SILENCE_SECONDS = 20.0
STALLED_SECONDS = 30.0
"""For a reader who takes nothing of an answer."""
REFUSED_BYTES = 1024 * 1024
REFUSED_SECONDS = 2.0
"""What is still read, and thrown away, of a refused body, so that the answer reaches its sender."""
KEPT_FREE = 128
"""Open files that are left for the database, the log and other files of this process, and for who is just coming in."""
ENDED_TOGETHER = 16
MOST_FILES = 1024 * 1024


class Connections:
    """The open connections that no known device has: those are ended first where the process may open no more files.

    Of these the oldest goes, of the address that holds the most. `most` is how many files the process may have open.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._unknown: dict[Any, str] = {}
        self._known: WeakSet[Any] = WeakSet()

    def add(self, transport: Any, host: str) -> None:
        if len(self._unknown) + len(self._known) >= self._most - KEPT_FREE:
            self._make_room()
        self._unknown[transport] = host
        transport.admit = lambda: self._admit(transport)

    def remove(self, transport: Any) -> None:
        self._unknown.pop(transport, None)

    def _admit(self, transport: Any) -> None:
        self._unknown.pop(transport, None)
        self._known.add(transport)

    def _make_room(self) -> None:
        # A connection that became a socket has left without its HTTP channel being told.
        self._unknown = {transport: host for transport, host in self._unknown.items() if transport.connected}
        hosts = Counter(self._unknown.values())
        for _ in range(min(ENDED_TOGETHER, len(self._unknown))):
            [(busiest, _count)] = hosts.most_common(1)
            oldest = next(transport for transport, host in self._unknown.items() if host == busiest)
            hosts[busiest] -= 1
            self.remove(oldest)
            # Not abortConnection, which closes the file later: Twisted may accept hundreds before that.
            oldest.connectionLost(_failure(ConnectionAborted()))


class BoundedChannel(_Channel):  # type: ignore[misc]
    """An HTTP connection whose requests have to arrive in time."""

    _deadline: Any = None
    _refused: int | None = None

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        super().connectionMade()
        self.factory.open_connections.add(self.transport, getattr(self.transport.getPeer(), "host", ""))
        self._expect_head(HEAD_SECONDS)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._stop_waiting()
        self.factory.open_connections.remove(self.transport)
        super().connectionLost(reason)

    def allHeadersReceived(self) -> None:  # noqa: N802
        self._stop_waiting()
        super().allHeadersReceived()

    def requestDone(self, request: Any) -> None:  # noqa: N802
        if self.persistent:
            self._expect_head(KEEP_ALIVE_SECONDS)
        super().requestDone(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._refused is None:
            super().dataReceived(data)
            return
        self._refused += len(data)
        if self._refused > REFUSED_BYTES:
            self.transport.abortConnection()

    def refuse_body(self) -> None:
        """Answers 413, and reads no more of the request than lets its sender hear so."""
        if self._refused is not None:
            return
        self._refused = 0
        headers = b"".join(b"%b: %b\r\n" % header for header in TOO_LARGE_HEADERS)
        head = b"HTTP/1.1 413 Content Too Large\r\n%bcontent-length: %d\r\n\r\n" % (headers, len(TOO_LARGE_BODY))
        self.transport.write(head + TOO_LARGE_BODY)
        self.transport.loseWriteConnection()
        self._deadline = _reactor.callLater(REFUSED_SECONDS, self.transport.abortConnection)

    def _expect_head(self, seconds: float) -> None:
        self._stop_waiting()
        self._deadline = _reactor.callLater(seconds, self.timeoutConnection)

    def _stop_waiting(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None


class BoundedRequest(WebRequest):  # type: ignore[misc]
    """A request whose body is bounded while it comes in, and whose answer goes out as fast as it is read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit = 0
        self._body_bytes = 0
        self._refused = False
        self._readable: asyncio.Event | None = None
        self._stalled: Any = None

    # The body

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        super().gotLength(length)
        path = unquote(self.channel._path.split(b"?")[0].decode("latin-1"))  # noqa: SLF001 (not yet the request's own)
        self._limit = body_limit(self.channel._command.decode("latin-1"), path)  # noqa: SLF001
        if length is not None and length > self._limit:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._body_bytes += len(data)
        if self._body_bytes > self._limit:
            self._refuse()
        elif not self._refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        if not self._refused:
            super().requestReceived(command, path, version)

    def _refuse(self) -> None:
        self._refused = True
        self.channel.refuse_body()

    # The answer: a push producer of Twisted's

    async def wait_until_readable(self) -> None:
        """Returns when what was written before has nearly left, or nobody is there to read it."""
        if self.finished or self._disconnected:
            return
        if self._readable is None:
            self._readable = asyncio.Event()
            self._readable.set()
            self.registerProducer(self, True)
        await self._readable.wait()

    def pauseProducing(self) -> None:  # noqa: N802
        if self._readable is not None:
            self._readable.clear()
        self._stalled = _reactor.callLater(STALLED_SECONDS, self.channel.transport.abortConnection)

    def resumeProducing(self) -> None:  # noqa: N802
        self.stopProducing()

    def stopProducing(self) -> None:  # noqa: N802
        if self._stalled is not None and self._stalled.active():
            self._stalled.cancel()
        if self._readable is not None:
            self._readable.set()

    def finish(self) -> None:
        if self.producer is not None:
            self.unregisterProducer()
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self.stopProducing()
        super().connectionLost(reason)


class BoundedFactory(HTTPFactory):  # type: ignore[misc]
    """Makes BoundedChannel and BoundedRequest where Daphne makes Twisted's and its own."""

    protocol = BoundedChannel

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timeOut = BODY_SILENCE_SECONDS
        self.open_connections = Connections(most_open_files())

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol


def most_open_files() -> int:
    """How many files this process may have open, after asking for as many as it may ask for."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def install() -> None:
    """Has every server of Daphne's that is made from now on use these bounds."""
    daphne.server.HTTPFactory = BoundedFactory
