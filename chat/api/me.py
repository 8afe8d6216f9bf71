"""The caller's own account and device."""

from typing import Any

from ninja import Router

from chat import queries
from chat.actions.accounts import agree_to_conduct
from chat.actions.deletion import delete_account
from chat.actions.key_packages import upload_key_packages
from chat.api import answers, bodies
from chat.api.auth import Asked, suspended_too

router = Router()


@router.get("/me", auth=suspended_too, response=answers.Me)
def me(request: Asked) -> queries.MeView:
    return queries.me(request.auth)


@router.delete("/me", auth=suspended_too, response=answers.Empty)
def delete(request: Asked) -> dict[str, Any]:
    delete_account(request.auth.account)
    return {}


@router.post("/me/conduct", response=answers.Me)
def conduct(request: Asked, body: bodies.AgreeToConduct) -> queries.MeView:
    return queries.me(agree_to_conduct(request.auth, body.version))


@router.post("/me/key-packages", response=answers.KeyPackagesLeft)
def key_packages(request: Asked, body: bodies.UploadKeyPackages) -> dict[str, int]:
    upload_key_packages(request.auth, body.key_packages, body.last_resort)
    return {"key_packages_left": queries.key_packages_left(request.auth)}
