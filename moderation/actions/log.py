"""Writing the audit log: in the same transaction as what it tells of."""

from __future__ import annotations

import time
from uuid import UUID

from django.db import transaction

from chat.models import Account, Network
from moderation import audit
from moderation.keys import signer
from moderation.models import AuditEntry
from moderation.pseudonyms import OPERATOR, pseudonym


def record(
    network: UUID,
    actor: Account | None,
    action: str,
    *,
    case: UUID | None = None,
    subject: UUID | None = None,
    detail: str = "",
) -> None:
    """Appends an entry; `actor` is None for the operator. Call it inside the transaction that does `action`, as its last step.

    Writers of one network wait for each other from here until their transactions end.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an action and its audit entry belong into one transaction")
    Network.objects.select_for_update(no_key=True).only("id").get(id=network)
    last = AuditEntry.objects.filter(network=network).order_by("-seq").values_list("seq", "digest").first()
    seq, previous = last if last is not None else (0, audit.START)
    entry = audit.Entry(
        network=network.bytes,
        seq=seq + 1,
        at=time.time_ns() // 1_000_000,
        actor=OPERATOR if actor is None else pseudonym(network, actor.id),
        action=action,
        case=None if case is None else case.bytes,
        subject="" if subject is None else pseudonym(network, subject),
        detail=detail,
    )
    made = audit.signed(entry, previous, signer())
    AuditEntry.objects.create(
        network_id=network,
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        action=action,
        case=case,
        subject=entry.subject,
        detail=detail,
        digest=made.digest,
        key_id=made.key_id,
        signature=made.signature,
    )


def record_act(
    sender: None, network: UUID, actor: Account | None, action: str, subject: UUID | None, detail: str, **_: object
) -> None:
    """What chat tells of its staff (chat/actions/acts.py)."""
    record(network, actor, action, subject=subject, detail=detail)
