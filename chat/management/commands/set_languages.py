"""`manage.py set_languages es en`: what a network's people write in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.actions.networks import set_languages
from chat.management import where


class Command(BaseCommand):
    help = "Says which languages a network writes in, so that hints on its members' phones know messages in these."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("languages", nargs="+", help="ISO 639 codes, as es en uk")
        parser.add_argument("--network", help="its id; not needed when there is only one")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            set_languages(where.network(options["network"]), options["languages"])
        except ValueError as error:
            raise CommandError(f"{error}.") from None
        self.stdout.write("Phones hear of it when they next connect.")
