"""`manage.py rotate_attestation_key`: signs with a new key; of the old one counts only what the audit logs have."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backend import env
from backend.keys import new_attestation, place, replace
from chat.actions.networks import lock_every_network, tell_every_network


class Command(BaseCommand):
    help = "Makes a new key for attestations and audit entries. Processes that run take it up at once."

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.KEYS_DIR / "attestation.json"
        if env.secret("ATTESTATION_KEYS") or place(file) != file or not file.exists():
            raise CommandError(
                "ATTESTATION_KEYS comes from the environment or from credentials: rotate it where it is kept."
            )
        with transaction.atomic():
            # Nobody signs an entry meanwhile, and of two rotations at once none takes the other's key away.
            lock_every_network()
            replace(file, new_attestation(file.read_text(encoding="utf-8")))
            # The first entry that the new key signs: it binds what the old one signed.
            tell_every_network("attestation_key_rotated")
        self.stdout.write("Done: what the old key signed is still verified, where the audit logs have it.")
