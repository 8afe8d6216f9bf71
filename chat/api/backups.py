"""The sealed backup, by which an account comes back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import queries
from chat.actions.backups import fetch_backup, forget_backup, refresh_backup, replace_backup
from chat.api import answers, bodies
from chat.api.auth import Asked
from chat.api.rates import BACKUP_FETCH, BACKUP_SAVE, limit_by_address, limit_by_device
from chat.protocol.limits import LOCATOR_BYTES, MAX_BACKUP

router = Router()


@router.get("/me/backup", response=answers.BackupState, exclude_none=True)
def backup(request: Asked) -> dict[str, Any]:
    return {"backup": queries.backup(request.auth.account)}


@router.post("/me/backup", response=answers.Empty)
def replace(request: Asked) -> dict[str, Any]:
    replace_backup(request.auth.account, *_uploaded(request))
    return {}


@router.put("/me/backup", response=answers.Empty)
def refresh(request: Asked) -> dict[str, Any]:
    refresh_backup(request.auth.account, *_uploaded(request))
    return {}


@router.delete("/me/backup", response=answers.Empty)
def forget(request: Asked) -> dict[str, Any]:
    forget_backup(request.auth.account)
    return {}


@router.post("/backups/fetch", auth=None)
def fetch(request: HttpRequest, body: bodies.Locator) -> HttpResponse:
    limit_by_address(request, BACKUP_FETCH)
    return HttpResponse(fetch_backup(body.locator), content_type="application/octet-stream")


def _uploaded(request: Asked) -> tuple[bytes, bytes]:
    """The body as bytes: the locator's hash (32), then the sealed backup."""
    limit_by_device(request.auth, BACKUP_SAVE)
    data = request.read(LOCATOR_BYTES + MAX_BACKUP + 1)
    return data[:LOCATOR_BYTES], data[LOCATOR_BYTES:]
