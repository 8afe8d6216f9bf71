"""Writing the audit log: in the same transaction as what it tells of."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from chat.models import Account, Network
from chat.protocol.errors import Code, ProtocolError
from moderation import audit
from moderation.audit import KEY_ROTATED, rotated_detail
from moderation.keys import signer
from moderation.models import AuditEntry, Case
from moderation.models.audit import PROPOSALS
from moderation.pseudonyms import OPERATOR, pseudonym
from moderation.sealed_steps import Opening, bind, seal_opening
from moderation.signing import Signer


def record(
    network: UUID,
    actor: Account | None,
    action: str,
    *,
    case: UUID | None = None,
    subject: UUID | None = None,
    detail: str = "",
    attested: Sequence[bytes] = (),
) -> None:
    """Appends an entry; `actor` is None for the operator. Call it inside the transaction that does `action`, as its last step.

    Writers of one network wait for each other from here until their transactions end. `attested` are digests that the
    entry binds beside its words (`attested_detail`).
    """
    if action == KEY_ROTATED:
        # It says from which key to which, which the log itself knows.
        log_signer(network)
        return
    if action in PROPOSALS:
        detail = f"{detail}/{secrets.token_urlsafe(16)}"
    named = (_by(network, actor, case), "" if subject is None else _name(network, subject, case), detail)
    _append(network, log_signer(network), action, *named, case, attested=attested)


def record_decided(
    network: UUID, actor: Account | None, action: str, *, case: UUID | None, subject: str | UUID | None, detail: str
) -> None:
    """As `record`, of what is decided in a case: the entry says neither of which, nor about whom and by whom, to who has it
    without the key (moderation/sealed_steps.py). `case` is None when it is forgotten; a `subject` may be a pseudonym.
    """
    name = subject if isinstance(subject, str) else "" if subject is None else _name(network, subject, case)
    bound, opening = bind(case, _by(network, actor, case), name, detail)
    _append(network, log_signer(network), action, "", "", bound, None, opening)


def log_signer(network: UUID) -> Signer:
    """The signer of the network's next entry; until the transaction ends nobody else writes to its log.

    A log whose last entry an older key signed gets one about that first, signed by the new key: it binds all that is
    before it, so that nobody who has the old key can put anything there. Raises unavailable in a process that has only a
    key of which the log says that it was replaced.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an action and its audit entry belong into one transaction")
    Network.objects.select_for_update(no_key=True).only("id").get(id=network)
    ours, entries = signer(), AuditEntry.objects.filter(network=network)
    last = entries.order_by("-seq").values_list("key_id", flat=True).first()
    if last in (None, ours.current):
        return ours
    if entries.filter(action=KEY_ROTATED, detail__startswith=f"{ours.current}.").exists():
        try:
            return ours.signing_as(last)
        except KeyError:
            raise ProtocolError(Code.UNAVAILABLE) from None
    _append(network, ours, KEY_ROTATED, OPERATOR, "", rotated_detail(last, ours.current), None)
    return ours


def _append(
    network: UUID,
    by: Signer,
    action: str,
    actor: str,
    subject: str,
    detail: str,
    case: UUID | None,
    opening: Opening | None = None,
    attested: Sequence[bytes] = (),
) -> None:
    last = AuditEntry.objects.filter(network=network).order_by("-seq").values_list("seq", "digest").first()
    seq, previous = last if last is not None else (0, audit.START)
    entry = audit.Entry(
        network=network.bytes,
        seq=seq + 1,
        at=time.time_ns() // 1_000_000,
        actor=actor,
        action=action,
        case=None if case is None else case.bytes,
        subject=subject,
        detail=detail,
    )
    made = audit.signed(entry, previous, by)
    AuditEntry.objects.create(
        network_id=network,
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        action=action,
        case=case,
        subject=entry.subject,
        detail=detail,
        attested=b"".join(attested),
        digest=made.digest,
        key_id=made.key_id,
        signature=made.signature,
        opening=b"" if opening is None else seal_opening(made.digest, opening),
    )


def _by(network: UUID, actor: Account | None, case: UUID | None) -> str:
    return OPERATOR if actor is None else _name(network, actor.id, case)


def _name(network: UUID, account: UUID, case: UUID | None) -> str:
    asked = case is not None and _asked(network, account, case)
    return pseudonym(network, account, case if asked else None)


def _asked(network: UUID, account: UUID, case: UUID) -> bool:
    """Whether the account opened the case; where that is forgotten, the log itself tells."""
    opener = Case.objects.filter(id=case).values_list("opened_by", flat=True).first()
    if opener is not None:
        return opener == account
    name = pseudonym(network, account, case)
    return AuditEntry.objects.filter(network=network, case=case, action="case_opened", actor=name).exists()


def record_act(
    sender: None, network: UUID, actor: Account | None, action: str, subject: UUID | None, detail: str, **_: object
) -> None:
    """What chat tells of its staff (chat/actions/acts.py)."""
    record(network, actor, action, subject=subject, detail=detail)
