"""The load generator's Python side: building it, connecting clients, one run, and what it saw."""

from __future__ import annotations

import base64
import ctypes
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from tests.delivery.groups import application

HERE = Path(__file__).parent
BODY = 1024
RAW, KINDRED, STREAM = 0, 1, 2


class _Plan(ctypes.Structure):
    _fields_ = [
        *[(name, ctypes.c_int) for name in ("dialect", "clients", "rooms", "members", "senders", "window")],
        ("rate", ctypes.c_double),
        ("acknowledge", ctypes.c_int),
        *[(name, ctypes.c_double) for name in ("warm", "measure", "drain")],
        *[(name, ctypes.c_void_p) for name in ("fds", "room_of", "member_of", "messages")],
        *[(name, ctypes.c_void_p) for name in ("message_len", "stamp_at", "id_at")],
        *[(name, ctypes.c_void_p) for name in ("cursors", "cursor_len", "cursor_at", "heads")],
    ]


class _Result(ctypes.Structure):
    _fields_ = [
        ("seconds", ctypes.c_double),
        *[
            (name, ctypes.c_uint64)
            for name in ("deliveries", "sent", "completed", "errors", "twice", "lost", "disordered", "frames")
        ],
        *[(name, ctypes.c_double) for name in ("p50", "p90", "p99", "p999", "max", "mean", "generator_cpu")],
    ]


@dataclass(frozen=True)
class Seen:
    """What one run measured. Times are seconds, latencies milliseconds; `faults` must be 0."""

    seconds: float
    deliveries: int
    completed: int
    faults: int
    frames: int
    p50: float
    p99: float
    max: float
    generator_load: float
    server_cpu: float

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds

    @property
    def cpu_per_million(self) -> float:
        """Seconds of server CPU for a million deliveries."""
        return 1e6 * self.server_cpu / max(1, self.deliveries)

    def line(self) -> str:
        return (
            f"{self.rate:9.0f}/s  {self.deliveries / max(1, self.frames):5.1f} a frame  p50 {self.p50:7.2f} ms  "
            f"p99 {self.p99:7.2f} ms  server {100 * self.server_cpu / self.seconds:3.0f} %  "
            f"generator {100 * self.generator_load:3.0f} %  faults {self.faults}"
        )


@dataclass
class Client:
    """A connected client: `message` and `cursor` are finished WebSocket frames with the places that change."""

    wire: socket.socket
    room: int
    member: int
    message: bytes
    stamp_at: int
    id_at: int
    cursor: bytes
    cursor_at: int
    head: int = 0


def compiled(source: str, *options: str) -> Path:
    """Builds a C file of this folder. RuntimeError when there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("a C compiler is missing: apt-get install gcc libc6-dev")
    target = _folder() / source.replace(".c", "")
    if not target.exists():
        subprocess.run([compiler, "-O2", *options, "-o", str(target), str(HERE / source)], check=True)
    return target


@cache
def _folder() -> Path:
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="kindred-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(str(compiled("generator.c", "-shared", "-fPIC")))


def frame(payload: bytes) -> bytes:
    """A client's WebSocket frame under a mask of zeros, which leaves the payload as it is."""
    size = len(payload)
    head = bytes((0x82, 0x80 | size)) if size < 126 else bytes((0x82, 0xFE)) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


def upgrade(port: int, path: str) -> socket.socket:
    wire = socket.create_connection(("127.0.0.1", port), 20)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(os.urandom(16)).decode()
    wire.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = wire.recv(1)
        if not byte:
            raise RuntimeError(f"the handshake was refused: {head[:100]!r}")
        head += byte
    if b" 101 " not in head.split(b"\r\n")[0]:
        raise RuntimeError(f"the handshake was refused: {head[:100]!r}")
    return wire


def read_frame(wire: socket.socket) -> bytes:
    """The next message of the server; control frames are passed over."""
    while True:
        head = _exactly(wire, 2)
        size = head[1] & 127
        if size >= 126:
            size = int.from_bytes(_exactly(wire, 2 if size == 126 else 8), "big")
        payload = _exactly(wire, size)
        if head[0] & 15 <= 2:
            return payload


def _exactly(wire: socket.socket, count: int) -> bytes:
    parts = b""
    while len(parts) < count:
        part = wire.recv(count - len(parts))
        if not part:
            raise RuntimeError("the server closed the connection")
        parts += part
    return parts


def raw_client(port: int, room: int, member: int) -> Client:
    message = frame(os.urandom(BODY))
    return Client(
        upgrade(port, f"/ws/{room}"), room, member, message, len(message) - BODY, 0, frame(b"A" + bytes(11)), 0
    )


def hello(port: int, token: bytes) -> tuple[socket.socket, dict[bytes, int]]:
    """A socket after `ready`, and its rooms' heads."""
    wire = upgrade(port, "/ws")
    wire.sendall(frame(msgspec.msgpack.encode({"t": "hello", "v": 1, "token": token})))
    ready = msgspec.msgpack.decode(read_frame(wire))
    if ready["t"] != "ready":
        raise RuntimeError(f"the server answered {ready}")
    return wire, {room: head for room, head, _, _ in ready["rooms"]}


def kindred_client(port: int, token: bytes, room_id: bytes, room: int, member: int) -> Client:
    wire, heads = hello(port, token)
    send = application(room_id, 1, BODY)
    message = frame(msgspec.msgpack.encode(send))
    cursor = frame(msgspec.msgpack.encode({"t": "cursor", "rooms": [[room_id, 2**63]]}))
    return Client(
        wire,
        room,
        member,
        message,
        message.index(send["payload"]) + len(send["payload"]) - BODY,
        message.index(send["id"]),
        cursor,
        len(cursor) - 8,
        heads[room_id],
    )


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of these processes so far."""
    total = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def drive(
    clients: Sequence[Client], dialect: int, pids: Sequence[int], *, window: int = 8, rate: float = 0,
    acknowledge: int = 0, warm: float = 1, measure: float = 3,
) -> Seen:  # fmt: skip
    """One run: eight senders in each room take turns, at a rate or with `window` messages under way in each room."""
    rooms = max(client.room for client in clients) + 1
    members = max(client.member for client in clients) + 1
    for client in clients:
        client.wire.setblocking(False)
    kept: list[object] = []

    def ints(values: list[int]) -> ctypes.c_void_p:
        kept.append(array := (ctypes.c_int * len(values))(*values))
        return ctypes.cast(array, ctypes.c_void_p)

    def buffers(values: list[bytes]) -> ctypes.c_void_p:
        strings = [ctypes.create_string_buffer(value, len(value)) for value in values]
        kept.extend(strings)
        kept.append(array := (ctypes.c_void_p * len(strings))(*[ctypes.addressof(string) for string in strings]))
        return ctypes.cast(array, ctypes.c_void_p)

    heads = (ctypes.c_uint64 * len(clients))(*[client.head for client in clients])
    plan = _Plan(
        dialect, len(clients), rooms, members, min(8, members), window, rate, acknowledge, warm, measure, 3.0,
        ints([client.wire.fileno() for client in clients]), ints([client.room for client in clients]),
        ints([client.member for client in clients]), buffers([client.message for client in clients]),
        ints([len(client.message) for client in clients]), ints([client.stamp_at for client in clients]),
        ints([client.id_at for client in clients]), buffers([client.cursor for client in clients]),
        ints([len(client.cursor) for client in clients]), ints([client.cursor_at for client in clients]),
        ctypes.cast(heads, ctypes.c_void_p),
    )  # fmt: skip
    result = _Result()
    cpu = [0.0, 0.0, 0.0]

    def phase(number: int) -> None:
        cpu[number] = cpu_seconds(pids)

    _library().run(ctypes.byref(plan), ctypes.byref(result), ctypes.CFUNCTYPE(None, ctypes.c_int)(phase))
    return Seen(
        seconds=result.seconds,
        deliveries=result.deliveries,
        completed=result.completed,
        faults=result.errors + result.twice + result.lost + result.disordered,
        frames=result.frames,
        p50=result.p50,
        p99=result.p99,
        max=result.max,
        generator_load=result.generator_cpu / result.seconds,
        server_cpu=cpu[2] - cpu[1],
    )
