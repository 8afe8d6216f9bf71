"""The audit log: entries for coordinators, a signed checkpoint for everyone, the keys for the world."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from ninja import Router

from chat.api.auth import Asked
from chat.models import Role
from chat.protocol.errors import Code, ProtocolError
from moderation import log_queries
from moderation.api import answers
from moderation.audit import Signed, Withheld, checkpoint
from moderation.keys import signer
from moderation.published import published
from moderation.quarters import quarters_over
from moderation.sealed_steps import Opening
from moderation.signing import key_set
from moderation.transparency_queries import log_digest

router = Router()
PAGE = 500


@router.get("/audit", response=answers.AuditLog, exclude_none=True)
def log(request: Asked, after: int = 0) -> dict[str, Any]:
    account = request.auth.account
    if account.role != Role.COORDINATOR:
        raise ProtocolError(Code.FORBIDDEN)
    found = log_queries.log_for(account, max(0, after), PAGE)
    return {"network": account.network_id, "entries": [_entry(*each) for each in found]}


@router.get("/audit/checkpoint", response=answers.AuditCheckpoint, exclude_none=True)
def point(request: Asked) -> dict[str, Any]:
    """Coordinators, who read the log, of now; everybody else as of the end of the last quarter that is over."""
    account, now = request.auth.account, timezone.now()
    place: dict[str, int | str]
    if account.role == Role.COORDINATOR:
        seq, digest = log_queries.audit_head(account.network_id) or (0, None)
        place = {"seq": seq}
    else:
        quarter = quarters_over(now.date())[0]
        digest = log_digest(account.network, quarter)
        place = {"until": quarter[1].isoformat()}
    if digest is None:
        return {"checkpoint": None}
    return {"checkpoint": checkpoint(account.network_id, place, digest, int(now.timestamp()), signer())}


def published_keys(request: HttpRequest) -> JsonResponse:
    """`/.well-known/kindred-keys.json`: the JWK Set that verifies attestations and audit entries, retired keys included."""
    return JsonResponse({**key_set(published()), "domain": settings.DOMAIN})


def _entry(item: Signed | Withheld, opening: Opening | None) -> dict[str, Any]:
    seal = {"digest": item.digest, "key_id": item.key_id, "signature": item.signature}
    if isinstance(item, Withheld):
        return {"seq": item.seq, **seal}
    entry = item.entry
    return {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "case": None if entry.case is None else UUID(bytes=entry.case),
        "subject": entry.subject,
        "detail": entry.detail,
        "opening": None if opening is None else _opening(opening),
        **seal,
    }


def _opening(opening: Opening) -> dict[str, Any]:
    case, step = opening.case, opening.step
    of_case = None if case is None else {"case": case.case, "salt": case.salt}
    of_step = None if step is None else {name: getattr(step, name) for name in ("actor", "subject", "detail", "salt")}
    return {"case": of_case, "step": of_step}
