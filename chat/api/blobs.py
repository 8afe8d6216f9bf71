"""Encrypted attachments, for the members of their room."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from chat.access import access_blob, access_room
from chat.actions.blobs import keep_blob
from chat.api import answers
from chat.api.auth import Asked, suspended_too
from chat.api.fields import Bytes16
from chat.api.rates import BLOB_FETCH, BLOB_KEEP, limit_by_device
from chat.protocol.limits import MAX_BLOB

router = Router()


@router.put("/rooms/{uuid:room}/blobs/{blob}", auth=suspended_too, response=answers.Empty)
def keep(request: Asked, room: UUID, blob: Bytes16) -> dict[str, Any]:
    limit_by_device(request.auth, BLOB_KEEP)
    found = access_room(request.auth, room)
    keep_blob(request.auth.account, found, blob, request.read(MAX_BLOB + 1))
    return {}


@router.get("/rooms/{uuid:room}/blobs/{blob}", auth=suspended_too)
def fetch(request: Asked, room: UUID, blob: Bytes16) -> HttpResponse:
    limit_by_device(request.auth, BLOB_FETCH)
    return HttpResponse(access_blob(request.auth, room, blob).sealed, content_type="application/octet-stream")
