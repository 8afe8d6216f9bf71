"""The relay through which a new device gets what an old one of the same person sends it. Sealed, once, for minutes."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from chat.actions.device_links import Taken, answer_link, offer_link, offer_of, take_link
from chat.api import answers, bodies
from chat.api.auth import Asked
from chat.api.fields import Bytes16
from chat.api.rates import LINK_ANSWER, LINK_OFFER, LINK_TAKE, count_wrong, limit_by_address, limit_by_device
from chat.protocol.errors import Code, ProtocolError

router = Router()


@router.put("/links/{link}", auth=None, response=answers.Empty)
def offer(request: HttpRequest, link: Bytes16, body: bodies.OfferLink) -> dict[str, Any]:
    limit_by_address(request, LINK_OFFER)
    offer_link(link, body.offer, body.take_hash)
    return {}


@router.get("/links/{link}", response=answers.LinkOffer)
def look(request: Asked, link: Bytes16) -> dict[str, Any]:
    return {"offer": offer_of(link)}


@router.post("/links/{link}/answer", response=answers.Empty)
def answer(request: Asked, link: Bytes16, body: bodies.AnswerLink) -> dict[str, Any]:
    limit_by_device(request.auth, LINK_ANSWER)
    answer_link(request.auth, link, body.part, body.parts, body.sealed)
    return {}


@router.post("/links/{link}/take", auth=None, response=answers.LinkTaken)
def take(request: HttpRequest, link: Bytes16, body: bodies.TakeLink) -> Taken:
    limit_by_address(request, LINK_TAKE)
    try:
        return take_link(link, body.key, body.part)
    except ProtocolError as error:
        if error.code == Code.NOT_FOUND:
            count_wrong(request, LINK_TAKE)
        raise
