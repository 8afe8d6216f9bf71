"""ejabberd with an archived chat room (MUC and MAM on PostgreSQL) and clients of it: the peer that delivery is measured beside.

Settings as one would have them for speed: anonymous login, no shapers, no history on entering, no presence broadcast.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.bench import load
from tests.bench.servers import SERVER_CORE
from tests.support.services import PostgreSQL, free_port, listens, wait_until

SCHEMA = Path("/usr/share/ejabberd/sql/pg.sql")
START_SECONDS = 60.0
DATABASE = "ejabberd"
CONFIG = """
loglevel: error
hosts: [localhost]
auth_method: [anonymous]
anonymous_protocol: both
allow_multiple_connections: true
listen:
  - {{port: {port}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, shaper: none, access: all, starttls: false}}
modules:
  mod_mam: {{db_type: sql, default: never, assume_mam_usage: false}}
  mod_muc:
    access: all
    access_create: all
    access_mam: all
    history_size: 0
    max_users: 5000
    min_message_interval: 0
    room_shaper: none
    user_message_shaper: none
    user_presence_shaper: none
    default_room_options: {{mam: true, public: true, max_users: 5000, presence_broadcast: []}}
shaper_rules: {{max_user_sessions: 1000}}
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: {sql_port}
sql_database: {database}
sql_username: kindred
sql_password: unused
sql_pool_size: 5
update_sql_schema: true
"""


def installed() -> bool:
    """Debian's packages, the driver for PostgreSQL among them."""
    return shutil.which("erl") is not None and SCHEMA.exists() and _libraries("p1_pgsql-") is not None


def _libraries(name: str) -> Path | None:
    """The folder of Erlang's libraries that holds this one."""
    return next((found.parent for found in Path("/usr/lib").glob(f"**/{name}*") if found.is_dir()), None)


@contextmanager
def server(postgres: PostgreSQL) -> Iterator[tuple[int, list[int]]]:
    """ejabberd alone on the server core. Yields its port and the process ids to count CPU of."""
    folder = Path(tempfile.mkdtemp(prefix="kindred-ejabberd-"))
    port = free_port()
    _make_database(postgres)
    config = CONFIG.format(port=port, sql_port=urlsplit(postgres.url).port, database=DATABASE)
    (folder / "ejabberd.yml").write_text(config)
    environment = {
        **os.environ,
        "ERL_LIBS": str(_libraries("ejabberd-")),
        "EJABBERD_CONFIG_PATH": str(folder / "ejabberd.yml"),
        "EJABBERD_LOG_PATH": str(folder / "ejabberd.log"),
        "ERL_CRASH_DUMP_BYTES": "0",
        "HOME": str(folder),
    }
    spool = ["-mnesia", "dir", f'"{folder}/spool"']
    command = ["taskset", "-c", str(SERVER_CORE), "erl", "-noinput", *spool, "+K", "true", "-s", "ejabberd"]
    with (folder / "out.log").open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, start_new_session=True)
    try:
        wait_until(lambda: process.poll() is not None or listens(port), START_SECONDS)
        if not listens(port):
            raise RuntimeError(f"ejabberd did not start:\n{(folder / 'out.log').read_text(errors='replace')[-2000:]}")
        time.sleep(2)
        yield port, _group(process.pid)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _make_database(postgres: PostgreSQL) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(postgres.url.rpartition("/")[0] + f"/{DATABASE}", autocommit=True) as own:
        own.execute(SCHEMA.read_text())


def _group(leader: int) -> list[int]:
    """The processes of a session's leader."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader:
            found.append(int(entry.name))
    return found


def clients(port: int, rooms: int, members: int) -> list[load.Client]:
    """Members who are in their rooms, each with a message of a body of 1 KB in base64."""
    made = [_client(port, room, member) for room in range(rooms) for member in range(members)]
    _pass_over_presence(made)
    return made


def _client(port: int, room: int, member: int) -> load.Client:
    wire = socket.create_connection(("127.0.0.1", port), 20)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream = (
        b"<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
        b"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
    )
    secret = base64.b64encode(b"\0user%dx%d\0pw" % (room, member))
    _ask(wire, stream, b"</stream:features>")
    _ask(wire, b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>" % secret, b"<success")
    _ask(wire, stream, b"</stream:features>")
    bind = b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>"
    _ask(wire, bind, b"</iq>")
    place = b"room%d@conference.localhost" % room
    entering = (
        b"<presence to='%s/m%d'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>"
        % (place, member)
    )
    _ask(wire, entering, b"110")
    head = b"<message type='groupchat' to='%s' id='m%d'><body>" % (place, member)
    message = head + base64.b64encode(os.urandom(load.BODY)) + b"</body></message>"
    return load.Client(wire, room, member, message, len(head), 0, b"", 0)


def _ask(wire: socket.socket, sent: bytes, until: bytes) -> None:
    wire.sendall(sent)
    came = b""
    while until not in came:
        part = wire.recv(65536)
        came += part
        if not part or b"<failure" in came or b"stream:error" in came:
            raise RuntimeError(f"ejabberd refused: {came[-300:]!r}")


def _pass_over_presence(made: Sequence[load.Client]) -> None:
    """Reads until nothing has come for a second."""
    for client in made:
        client.wire.setblocking(False)
    quiet = time.monotonic()
    while time.monotonic() - quiet < 1:
        for client in made:
            try:
                if client.wire.recv(1 << 20):
                    quiet = time.monotonic()
            except BlockingIOError:
                continue
        time.sleep(0.02)
