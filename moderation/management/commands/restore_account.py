"""`manage.py restore_account ID --reason mistake`, for operators; moderators end decisions in the app."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chat.management import where
from moderation.actions.operating import restore_as_operator
from moderation.models import LiftedFor


class Command(BaseCommand):
    help = "Ends every ban and suspension of an account, whoever decided it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account's id")
        parser.add_argument("--reason", required=True, choices=LiftedFor.values, help="what the person reads")

    def handle(self, *args: Any, **options: Any) -> None:
        restore_as_operator(where.account(options["account"]), options["reason"])
        self.stdout.write("Restored.")
