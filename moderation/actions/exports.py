"""Sealing evidence that a moderator made on their device. The server sees a hash alone."""

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat.models import Account
from chat.protocol.errors import Code, ProtocolError
from moderation.actions.announcing import announce_case
from moderation.actions.log import log_signer, record
from moderation.evidence.bundle import SEAL
from moderation.evidence.order import custody_digest
from moderation.log_queries import custody
from moderation.models import Case, Outcome, Referral
from moderation.pseudonyms import pseudonym
from moderation.signing import b64

LATE_MS, EARLY_MS = 15 * 60_000, 60_000
"""So long before its seal a bundle may say that it was made, and so long after, as servers' clocks differ."""


@dataclass(frozen=True)
class Export:
    """A bundle as its device asks for its seal: the SHA-256 (32 bytes) of its manifest, and when it says that it was made (ms).

    With a `referral` it is for somebody outside.
    """

    manifest: bytes
    made_at: int
    referral: Referral | None = None


def seal_export(case: Case, account: Account, export: Export) -> str:
    """A JWS over what the bundle may say of itself, after the export stands in the audit log. Its text the server cannot see.

    Raises malformed when it says another time than now, forbidden for a `referral` until the opener has consented and a
    second moderator agreed, and case_withdrawn once the opener took the case back: nothing more leaves it.
    """
    now = time.time_ns() // 1_000_000
    if not now - LATE_MS <= export.made_at <= now + EARLY_MS:
        raise ProtocolError(Code.MALFORMED)
    with transaction.atomic():
        # Locked, so that once a member was told that they took it back nothing is sealed any more.
        if Case.objects.select_for_update(no_key=True).get(id=case.id).outcome == Outcome.WITHDRAWN:
            raise ProtocolError(Code.CASE_WITHDRAWN)
        if export.referral is not None:
            _handed_over(export.referral)
        by = log_signer(case.network_id)
        seal = by.jws(SEAL, _claims(case, account, export, now))
        action = "evidence_exported" if export.referral is None else "evidence_handed_over"
        record(case.network_id, account, action, case=case.id, detail=hashlib.sha256(seal.encode()).hexdigest())
    if export.referral is not None:
        announce_case(case)
    return seal


def _claims(case: Case, account: Account, export: Export, now: int) -> dict[str, Any]:
    known = custody(case, account)
    return {
        "iss": f"mimi://{settings.DOMAIN}",
        "iat": now // 1000,
        "network": str(case.network_id),
        "case": str(case.id),
        "by": pseudonym(case.network_id, account.id),
        "made_at": export.made_at,
        "handed_over": None if export.referral is None else str(export.referral.id),
        "manifest": b64(export.manifest),
        "custody": {
            "entries": len(known),
            "last": known[-1].signed.entry.seq if known else 0,
            "digest": b64(custody_digest([entry.signed.digest for entry in known])),
        },
    }


def _handed_over(referral: Referral) -> None:
    """Notes the first time. Raises forbidden unless it is ready."""
    # Its case is locked already.
    locked = Referral.objects.select_related("case").select_for_update(of=("self",), no_key=True)
    fresh = locked.get(id=referral.id)
    if not fresh.ready:
        raise ProtocolError(Code.FORBIDDEN)
    if fresh.handed_over_at is None:
        fresh.handed_over_at = timezone.now()
        fresh.save(update_fields=["handed_over_at"])
