"""What coordinators set for their network."""

from typing import Any

from ninja import Router

from chat.access import access_network_as_coordinator
from chat.actions.networks import set_contacts
from chat.api import answers, bodies
from chat.api.auth import Asked
from chat.api.steps import logged

router = Router()


@router.put("/network/contacts", response=answers.Contacts)
@logged
def contacts(request: Asked, body: bodies.SetContacts) -> dict[str, Any]:
    access_network_as_coordinator(request.auth)
    return {"contacts": set_contacts(request.auth.account, [one.model_dump() for one in body.contacts])}
