"""`manage.py ban_account ID`, for operators; coordinators revoke branches in the app."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chat.actions.accounts import ban_account
from chat.management import where


class Command(BaseCommand):
    help = "Suspends an account and takes its devices out of every room."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account's id")

    def handle(self, *args: Any, **options: Any) -> None:
        ban_account(where.account(options["account"]), told_as="account_banned")
        self.stdout.write("Banned.")
