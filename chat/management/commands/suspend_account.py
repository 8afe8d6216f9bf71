"""`manage.py suspend_account ID`, for operators; moderators get tools of their own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chat.actions.accounts import suspend_account
from chat.management import where


class Command(BaseCommand):
    help = "Suspends an account: its devices are cut off at once and refused until it is restored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account's id")

    def handle(self, *args: Any, **options: Any) -> None:
        suspend_account(where.account(options["account"]), told_as="account_suspended")
        self.stdout.write("Suspended.")
