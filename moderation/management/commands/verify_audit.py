"""`manage.py verify_audit`: whether the audit logs are whole, against the published keys and checkpoints that were kept."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.models import Network
from moderation import log_queries
from moderation.audit import read_checkpoint, verify
from moderation.keys import signer
from moderation.log_queries import unfit
from moderation.signing import NotVerified, public_keys


class Command(BaseCommand):
    help = "Verifies every network's audit log. Names each entry that was changed, moved, dropped or cut off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--keys", type=Path, help="a kept copy of /.well-known/kindred-keys.json; else this server's"
        )
        parser.add_argument("--checkpoint", action="append", default=[], help="a checkpoint that somebody kept (JWS)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            keys = signer().public if options["keys"] is None else public_keys(json.loads(options["keys"].read_text()))
            kept = [read_checkpoint(token, keys) for token in options["checkpoint"]]
        except (OSError, ValueError, NotVerified) as problem:
            raise CommandError(f"The keys or a checkpoint cannot be used: {problem}") from None
        networks = list(Network.objects.order_by("created_at"))
        unknown = {point.network for point in kept} - {str(network.id) for network in networks}
        problems = [f"{network}: a checkpoint names it, and it is not here" for network in sorted(unknown)]
        for network in networks:
            entries = log_queries.audit_log(network.id)
            mine = [point for point in kept if point.network == str(network.id)]
            wrong = [
                *verify(entries, keys, mine),
                *(f"entry {seq}: it opens to something else" for seq in unfit(network.id)),
            ]
            found = [f"{network.id}: {problem}" for problem in wrong]
            problems += found
            if not found:
                self.stdout.write(f"{network.id}: {len(entries)} entries, whole")
        if problems:
            raise CommandError("\n".join(problems))
