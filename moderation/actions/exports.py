"""Sealing evidence that a moderator made on their device. The server sees a hash alone."""

import time

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat.models import Account
from chat.protocol.errors import Code, ProtocolError
from moderation.actions.announcing import announce_case
from moderation.actions.log import record
from moderation.evidence.bundle import SEAL
from moderation.keys import signer
from moderation.log_queries import custody
from moderation.models import Case, Outcome, Referral
from moderation.pseudonyms import pseudonym
from moderation.signing import b64


def seal_export(case: Case, account: Account, manifest: bytes, referral: Referral | None = None) -> str:
    """A JWS over the SHA-256 (32 bytes) of a bundle's manifest, after the export stands in the audit log.

    With a `referral` it is for somebody outside: forbidden until the opener has consented and a second moderator agreed.
    Raises case_withdrawn once the opener took the case back: nothing more leaves it.
    """
    with transaction.atomic():
        # Locked, so that once a member was told that they took it back nothing is sealed any more.
        if Case.objects.select_for_update(no_key=True).get(id=case.id).outcome == Outcome.WITHDRAWN:
            raise ProtocolError(Code.CASE_WITHDRAWN)
        if referral is not None:
            _handed_over(referral)
        action = "evidence_exported" if referral is None else "evidence_handed_over"
        record(case.network_id, account, action, case=case.id, detail=manifest.hex())
        # Nobody else writes to the log until this ends. The last entry is this export's own.
        *before, _own = [item.entry.seq for item, _ in custody(case, account)]
    if referral is not None:
        announce_case(case)
    claims = {
        "iss": f"mimi://{settings.DOMAIN}",
        "iat": int(time.time()),
        "case": str(case.id),
        "by": pseudonym(case.network_id, account.id),
        "handed_over": None if referral is None else str(referral.id),
        "manifest": b64(manifest),
        "custody": {"entries": len(before), "last": before[-1] if before else 0},
    }
    return signer().jws(SEAL, claims)


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
