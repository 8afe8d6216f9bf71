"""Who looks after the network, and what coordinators have signed about them."""

from typing import Any

from ninja import Router

from chat import queries
from chat.access import access_network_as_coordinator
from chat.actions.certifying import Certifying, certify_staff
from chat.api import answers, bodies
from chat.api.auth import Asked, suspended_too
from chat.api.steps import logged

router = Router()


@router.get("/staff", auth=suspended_too, response=answers.Staff, exclude_none=True)
def staff(request: Asked) -> queries.StaffView:
    return queries.staff_roll(request.auth.account)


@router.post("/staff/certificates", response=answers.Empty)
@logged
def certify(request: Asked, body: bodies.Certify) -> dict[str, Any]:
    access_network_as_coordinator(request.auth)
    certify_staff(request.auth.account, Certifying(**dict(body)))
    return {}
