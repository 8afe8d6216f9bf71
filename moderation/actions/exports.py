"""Sealing evidence that a moderator made on their device. The server sees a hash alone."""

import time

from django.conf import settings
from django.db import transaction

from chat.models import Account
from moderation.actions.log import record
from moderation.evidence.bundle import SEAL
from moderation.keys import signer
from moderation.models import Case
from moderation.pseudonyms import pseudonym
from moderation.signing import b64


def seal_export(case: Case, account: Account, manifest: bytes) -> str:
    """A JWS over the SHA-256 (32 bytes) of a bundle's manifest, after the export stands in the audit log."""
    with transaction.atomic():
        record(case.network_id, account, "evidence_exported", case=case.id, detail=manifest.hex())
    claims = {
        "iss": f"mimi://{settings.DOMAIN}",
        "iat": int(time.time()),
        "case": str(case.id),
        "by": pseudonym(case.network_id, account.id),
        "manifest": b64(manifest),
    }
    return signer().jws(SEAL, claims)
