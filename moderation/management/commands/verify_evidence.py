"""`manage.py verify_evidence FILE --keys KEYS`: offline, against the server's published keys.

Ends with 0 when the bundle is whole, with 1 when it is not, and with FITS when nobody said whose keys to take.
"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation.evidence.container import NotABundle
from moderation.evidence.page import consent, when
from moderation.evidence.verify import bundled_keys, verify
from moderation.signing import NotVerified, published_keys

FITS = 3
"""Everything fits the keys that came with the bundle, which anybody can make: whose it is, is open."""


class Command(BaseCommand):
    help = (
        "Verifies an evidence bundle. Any change of a byte is named. Needs neither the server nor its database. "
        f"Exit codes: 0 whole, 1 not as it was sealed, {FITS} without --keys, when it fits the keys that it brings itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the zip, as it was exported")
        parser.add_argument(
            "--keys",
            type=Path,
            help="the server's /.well-known/kindred-keys.json as it is now, which did not come with the bundle",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            data = options["file"].read_bytes()
            published = bundled_keys(data) if options["keys"] is None else json.loads(options["keys"].read_text())
            keys = published_keys(published)
        except (OSError, ValueError, NotABundle, NotVerified) as problem:
            raise CommandError(f"{problem}") from None
        verdict = verify(data, keys)
        if verdict.problems:
            raise CommandError("NOT as it was sealed:\n" + "\n".join(verdict.problems))
        shown = verdict.messages - verdict.withheld
        own = options["keys"] is None
        holds = "Fits its own keys." if own else "Whole."
        self.stdout.write(f"{holds} {shown} messages as the server stamped them, {verdict.withheld} withheld.")
        if verdict.pictures or verdict.absent:
            self.stdout.write(f"{verdict.pictures} pictures as they were sent, {verdict.absent} not in it.")
        self.stdout.write(f"Sealed {when((verdict.sealed_at or 0) * 1000)}.")
        self.stdout.write(consent(verdict.handed_over))
        if own:
            raise CommandError(
                "Whose it is, is open: the keys came with it, and anybody can make such a file with keys of their own. "
                "Give --keys with the server's keys of today that you got from elsewhere.",
                returncode=FITS,
            )
