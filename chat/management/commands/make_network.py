"""`manage.py make_network "Title"`: a new network, and the link that makes its first coordinator."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.actions.invites import make_invite
from chat.actions.networks import create_network
from chat.links import InviteSecret, invite_link
from chat.management.where import origin
from chat.models import Role


class Command(BaseCommand):
    help = "Makes a network and prints a single-use link for its coordinator, good for 7 days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("title", help="what people see when they open an invite")

    def handle(self, *args: Any, **options: Any) -> None:
        here = origin()
        network = create_network(_title(options["title"]))
        secret = InviteSecret()
        make_invite(network, secret_hash=secret.digest, role=Role.COORDINATOR, expires_in=timedelta(days=7))
        self.stdout.write(f"network {network.id}")
        self.stdout.write(invite_link(here, secret))


def _title(text: str) -> str:
    title = text.strip()
    if not 1 <= len(title) <= 80:
        raise CommandError("A title has 1 to 80 characters.")
    return title
