"""`manage.py rotate_hub_key`: stamps messages with a new key; what was stamped before stays proven."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backend import env
from backend.keys import place, replace, rotated_hub
from chat.actions.networks import tell_every_network


class Command(BaseCommand):
    help = "Makes a new key for franking. Processes that run take it up within a second; older keys are kept for proof."

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.KEYS_DIR / "hub.json"
        if env.secret("HUB_KEYS") or place(file) != file or not file.exists():
            raise CommandError("HUB_KEYS comes from the environment or from credentials: rotate it where it is kept.")
        with transaction.atomic():
            # Read after the log's rows are locked, so that of two rotations at once none takes the other's key away.
            tell_every_network("hub_key_rotated")
            number, text = rotated_hub(file.read_text(encoding="utf-8"))
            replace(file, text)
        self.stdout.write(f"Done: key {number} stamps from now on, what older ones stamped is still verified.")
