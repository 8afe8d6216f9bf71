"""`manage.py rotate_attestation_key`: signs with a new key from the next start on; the old one stays published."""

import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.keys import new_attestation


class Command(BaseCommand):
    help = "Makes a new key for attestations and audit entries. Restart every process afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.KEYS_DIR / "attestation.json"
        if not file.exists():
            raise CommandError("ATTESTATION_KEYS comes from the environment: rotate it where it is kept.")
        draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(new_attestation(file.read_text(encoding="utf-8")))
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(file)
        self.stdout.write("Done. Restart every process; what the old key signed is still verified.")
