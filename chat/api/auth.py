"""Who is asking: `Authorization: Bearer {base64url of the device's 32-byte token}`."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from chat.access import access_device
from chat.api.fields import b64decode
from chat.models import Device


class Asked(HttpRequest):
    """A request of a known device."""

    auth: Device


class DeviceToken(HttpBearer):
    """The device of an account in good standing; `suspended_too` lets a suspended one in."""

    def __init__(self, *, suspended_too: bool = False) -> None:
        super().__init__()
        self._suspended_too = suspended_too

    def authenticate(self, request: HttpRequest, token: str) -> Device | None:
        try:
            secret = b64decode(token)
        except ValueError:
            return None
        return access_device(secret, suspended_too=self._suspended_too)


suspended_too = DeviceToken(suspended_too=True)
