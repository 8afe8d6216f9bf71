"""`manage.py restore_account ID`, for operators; moderators get tools of their own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chat.actions.accounts import restore_account
from chat.management import where


class Command(BaseCommand):
    help = "Ends the suspension of an account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account's id")

    def handle(self, *args: Any, **options: Any) -> None:
        restore_account(where.account(options["account"]), told_as="account_restored")
        self.stdout.write("Restored.")
