"""`manage.py serve`: everything in one process. HOST, PORT (0: a free one) and DATA_DIR choose where."""

import socket
import sys
from io import StringIO
from typing import Any

import segno
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backend import demo
from chat.protocol.limits import MAX_COMMIT_FRAME


class Command(BaseCommand):
    help = "Migrates, makes a demo network on first start, and serves HTTP and the socket until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        _migrate()
        listener = _listen()
        port = listener.getsockname()[1]
        origin = settings.ORIGIN or f"http://{_name_of(settings.HOST)}:{port}"
        links = demo.links(demo.demo_network(), origin) if settings.DEMO else None
        if links is not None and settings.LINKS_JSON is not None:
            # Before anything is answered: whoever waits for the server to be ready reads it then.
            demo.write_json(settings.LINKS_JSON, origin, links)
        self._serve(listener, lambda: self._announce(origin, links))
        self.stdout.write("Stopped. Everything that was accepted is kept.")

    def _serve(self, listener: socket.socket, ready: Any) -> None:
        # Daphne installs its reactor on import, so nothing else may have imported Twisted before.
        from daphne.server import Server

        from backend.asgi import application

        Server(
            application=application,
            endpoints=[f"fd:fileno={listener.fileno()}"],
            ready_callable=ready,
            # No access log: it would name who asked for what, from where.
            action_logger=None,
            server_name="",
            websocket_max_message_size=MAX_COMMIT_FRAME,
            websocket_max_frame_size=MAX_COMMIT_FRAME,
            application_close_timeout=3,
        ).run()

    def _announce(self, origin: str, links: demo.Links | None) -> None:
        if links is not None:
            self._print_links(links)
        self.stdout.write(f"\nKindred is at {origin}   (Ctrl-C stops it)\n")
        self.stdout.flush()

    def _print_links(self, links: demo.Links) -> None:
        self.stdout.write("Each link lets one person in, and is good for seven days.\n")
        named = [("Coordinator", links.coordinator), ("Moderator", links.moderator)]
        named += [(f"Member {number}", link) for number, link in enumerate(links.members, 1)]
        for name, link in named:
            self.stdout.write(f"\n{name}: {link}\n")
            self.stdout.write(_qr_code(link, self.stdout.encoding))


def _qr_code(link: str, encoding: str | None) -> str:
    picture = StringIO()
    segno.make(link, error="l", micro=False).terminal(picture, border=2, compact=True)
    try:
        picture.getvalue().encode(encoding or "ascii")
    except UnicodeEncodeError:
        return ""  # this terminal has no block characters; the link above is enough
    return picture.getvalue()


def _migrate() -> None:
    """Only when something is to do: the command itself takes longer than the rest of the start."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def _listen() -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.HOST, settings.PORT))
    except OSError as error:
        raise CommandError(
            f"Cannot listen on {settings.HOST}:{settings.PORT} ({error.strerror}). "
            "Choose another place, as in: PORT=8001 make run"
        ) from None
    listener.listen(1024)
    return listener


def _name_of(host: str) -> str:
    # Browsers give encryption to http pages on localhost alone.
    if host in ("127.0.0.1", "0.0.0.0", "::1", "::"):  # noqa: S104
        return "localhost"
    return f"[{host}]" if ":" in host else host
