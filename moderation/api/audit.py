"""The audit log: entries for coordinators, counts and a signed checkpoint for everyone, the keys for the world."""

import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from ninja import Router

from chat.api.auth import Asked
from chat.models import Role
from chat.protocol.errors import Code, ProtocolError
from moderation import log_queries
from moderation.api import answers
from moderation.audit import Signed, Withheld, checkpoint
from moderation.keys import signer
from moderation.signing import key_set

router = Router()
PAGE = 500


@router.get("/audit", response=answers.AuditLog, exclude_none=True)
def log(request: Asked, after: int = 0) -> dict[str, Any]:
    account = request.auth.account
    if account.role != Role.COORDINATOR:
        raise ProtocolError(Code.FORBIDDEN)
    found = log_queries.log_for(account, max(0, after), PAGE)
    return {"network": account.network_id, "entries": [_entry(item) for item in found]}


@router.get("/audit/counts", response=answers.AuditCounts, exclude_none=True)
def counts(request: Asked) -> dict[str, Any]:
    network = request.auth.account.network
    head = log_queries.audit_head(network.id)
    token = None if head is None else checkpoint(network.id, head[0], head[1], int(time.time()), signer())
    return {"counts": log_queries.audit_counts(network), "checkpoint": token}


def published_keys(request: HttpRequest) -> JsonResponse:
    """`/.well-known/kindred-keys.json`: the JWK Set that verifies attestations and audit entries, retired keys included."""
    return JsonResponse({**key_set(signer().public), "domain": settings.DOMAIN})


def _entry(item: Signed | Withheld) -> dict[str, Any]:
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
        **seal,
    }
