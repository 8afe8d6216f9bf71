"""`manage.py set_role ID moderator`, for operators; invites that bring a role are made in the app."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chat.management import where
from chat.models import Role
from moderation.access import STAFF
from moderation.actions.operating import set_role_as_operator


class Command(BaseCommand):
    help = "Makes a member a moderator or coordinator, or one of these a member again. The others find it in their log."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account's id")
        parser.add_argument("role", choices=Role.values)

    def handle(self, *args: Any, **options: Any) -> None:
        account = where.account(options["account"])
        set_role_as_operator(account, options["role"])
        self.stdout.write(f"The account is a {options['role']} now.")
        left = type(account).objects.filter(network=account.network_id, role__in=STAFF, suspended_at=None)
        if not left.exists():
            self.stdout.write("Nobody looks after this network any more: questions to moderators reach nobody.")
