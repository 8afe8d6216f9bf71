"""`GET /server`: what a client needs before it is anyone."""

from time import time

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from chat import queries
from chat.api import answers
from chat.protocol import limits

router = Router()
_VERSION = 1
_SUITE = 3
_LIMITS = {
    "application_payload": limits.MAX_PAYLOAD,
    "frame": limits.MAX_FRAME,
    "commit_frame": limits.MAX_COMMIT_FRAME,
    "page_items": limits.MAX_PAGE_ITEMS,
    "room_devices": limits.MAX_ROOM_DEVICES,
    "device_rooms": limits.MAX_DEVICE_ROOMS,
    "device_key_packages": limits.MAX_DEVICE_KEY_PACKAGES,
    "pseudonym": 40,
    "room_name": 80,
    "title": 80,
}


@router.get("/server", auth=None, response=answers.Server)
def server(request: HttpRequest) -> answers.Server:
    return answers.Server(
        domain=settings.DOMAIN,
        version=_VERSION,
        suite=_SUITE,
        external_sender=queries.external_sender_key(),
        time=int(time() * 1000),
        limits=_LIMITS,
    )
