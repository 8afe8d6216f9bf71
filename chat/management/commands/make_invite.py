"""`manage.py make_invite`: a link into a network, for those who have no coordinator to ask."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.actions.invites import make_invite
from chat.links import InviteSecret, invite_link
from chat.management import where
from chat.models import Role


class Command(BaseCommand):
    help = "Prints a new invite link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--network", help="its id; may be left out when there is one network")
        parser.add_argument("--role", choices=Role.values, default=Role.MEMBER)
        parser.add_argument("--uses", type=int, default=1, help="how many people it lets in (1 to 1000)")
        parser.add_argument("--days", type=int, default=7, help="how long it is good (1 to 90)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["uses"] <= 1000 or not 1 <= options["days"] <= 90:
            raise CommandError("--uses is 1 to 1000, --days 1 to 90.")
        here = where.origin()
        secret = InviteSecret()
        make_invite(
            where.network(options["network"]),
            secret_hash=secret.digest,
            role=options["role"],
            uses=options["uses"],
            expires_in=timedelta(days=options["days"]),
        )
        self.stdout.write(invite_link(here, secret))
