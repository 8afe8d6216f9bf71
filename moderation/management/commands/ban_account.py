"""`manage.py ban_account ID --card 2 --facts … --why …`, for operators; coordinators cut off branches in the app."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.management import where
from chat.protocol.errors import ProtocolError
from moderation.actions.operating import decide_as_operator
from moderation.management.ground import ask_for_reasons, reasons
from moderation.models import Kind


class Command(BaseCommand):
    help = "Bans an account. Whoever it is reads why in the app, and can object to the network's moderators."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account's id")
        ask_for_reasons(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            decide_as_operator(where.account(options["account"]), Kind.BAN, reasons(options))
        except ProtocolError:
            raise CommandError("The code of conduct has no such card.") from None
        self.stdout.write("Banned.")
