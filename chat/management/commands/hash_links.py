"""`manage.py hash_links FILE`: the list of addresses that hints on people's devices warn about."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat import link_hashes


class Command(BaseCommand):
    help = "Makes the list of known scam addresses from a text file with one host a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the text file; # begins a remark")
        parser.add_argument("--to", type=Path, help="where the list goes instead of DATA_DIR/hints/links")

    def handle(self, *args: Any, **options: Any) -> None:
        to: Path = options["to"] or link_hashes.place(settings.DATA_DIR)
        try:
            read = link_hashes.hosts_in(options["file"].read_text().splitlines())
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        made = link_hashes.packed(read.hosts)
        to.parent.mkdir(parents=True, exist_ok=True)
        # A device that asks meanwhile gets the one or the other, never a part.
        beside = to.with_name(f"{to.name}.new")
        beside.write_bytes(made)
        beside.replace(to)
        self.stdout.write(f"{len(read.hosts)} hosts, {len(made)} bytes, in {to}. Devices fetch it within a day or two.")
        if read.passed_over:
            self.stdout.write(f"{read.passed_over} rules that are for no whole host were passed over.")
