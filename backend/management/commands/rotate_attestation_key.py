"""`manage.py rotate_attestation_key`: signs with a new key from the next start on; the old one stays published."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backend.keys import new_attestation, place, replace
from chat.actions.networks import tell_every_network


class Command(BaseCommand):
    help = "Makes a new key for attestations and audit entries. Restart every process afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.KEYS_DIR / "attestation.json"
        if place(file) != file or not file.exists():
            raise CommandError(
                "ATTESTATION_KEYS comes from the environment or from credentials: rotate it where it is kept."
            )
        with transaction.atomic():
            # The last entry that the old key signs, by this command at least.
            tell_every_network("attestation_key_rotated")
            replace(file, new_attestation(file.read_text(encoding="utf-8")))
        self.stdout.write("Done. Restart every process; what the old key signed is still verified.")
