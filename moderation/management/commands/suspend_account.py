"""`manage.py suspend_account ID --card 2 --facts … --why … --days 7`, for operators; moderators decide in the app."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from chat.management import where
from chat.protocol.errors import ProtocolError
from moderation.actions.operating import decide_as_operator
from moderation.management.ground import ask_for_reasons, reasons
from moderation.models import Kind


class Command(BaseCommand):
    help = "Suspends an account: its devices are cut off at once. Whoever it is reads why in the app, and can object."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account's id")
        parser.add_argument("--days", type=int, help="how long (1 to 366); until it is restored when left out")
        ask_for_reasons(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["days"]
        if days is not None and not 1 <= days <= 366:
            raise CommandError("--days is 1 to 366.")
        until = None if days is None else timezone.now() + timedelta(days=days)
        try:
            decide_as_operator(where.account(options["account"]), Kind.SUSPEND, reasons(options), until=until)
        except ProtocolError:
            raise CommandError("The code of conduct has no such card.") from None
        self.stdout.write("Suspended.")
