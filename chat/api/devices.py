"""The devices of the caller's own account, and registering a further one."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from chat import queries
from chat.actions.devices import Registering, register_device, revoke_device
from chat.api import answers, bodies
from chat.api.auth import Asked
from chat.api.fields import DeviceHex
from chat.api.rates import DEVICES, limit_by_address

router = Router()


@router.post("/devices", auth=None, response=answers.Me)
def register(request: HttpRequest, body: bodies.RegisterDevice) -> queries.MeView:
    limit_by_address(request, DEVICES)
    return queries.me(register_device(Registering(**dict(body))))


@router.get("/me/devices", response=answers.OwnDevices)
def own(request: Asked) -> dict[str, Any]:
    return {"devices": queries.own_devices(request.auth)}


@router.post("/me/devices/{device}/revoke", response=answers.Empty)
def revoke(request: Asked, device: DeviceHex) -> dict[str, Any]:
    revoke_device(request.auth.account, device)
    return {}
