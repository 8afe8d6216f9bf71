"""How people come into rooms and leave them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from ninja import Router

from chat import queries
from chat.access import access_room, access_room_invite, access_room_to_add_to, access_room_to_invite
from chat.actions.invites import make_room_invite
from chat.actions.key_packages import claim_key_packages
from chat.actions.rooms import leave_room
from chat.api import answers, bodies
from chat.api.auth import Asked, suspended_too
from chat.api.rates import CLAIM, ROOM_INVITE_CHECK, limit_by_device
from chat.models import RoomInvite

router = Router()


@router.post("/rooms/{uuid:room}/claim", auth=suspended_too, response=answers.Claim, exclude_none=True)
def claim(request: Asked, room: UUID, body: bodies.ClaimRequest) -> dict[str, Any]:
    found = access_room_to_add_to(request.auth, room)
    limit_by_device(request.auth, CLAIM, len(body.accounts))
    claimed = claim_key_packages(request.auth, found, set(body.accounts))
    return {
        "packages": [
            {
                "account": package.device.account_id,
                "device": package.device.hex,
                "key_package": package.key_package,
                "identity_key": package.device.account.identity_key,
                "certificate": package.device.certificate,
            }
            for package in claimed.packages
        ],
        "missing": [{"account": device.account_id, "device": device.hex} for device in claimed.missing],
    }


@router.post("/rooms/{uuid:room}/leave", response=answers.Empty)
def leave(request: Asked, room: UUID) -> dict[str, Any]:
    leave_room(request.auth, access_room(request.auth, room))
    return {}


@router.post("/rooms/{uuid:room}/invites", response=answers.RoomInvite)
def invite(request: Asked, room: UUID, body: bodies.MakeRoomInvite) -> RoomInvite:
    return make_room_invite(
        access_room_to_invite(request.auth, room),
        secret_hash=body.secret_hash,
        uses=body.uses,
        expires_in=timedelta(milliseconds=body.expires_in_ms),
        created_by=request.auth.account,
    )


@router.post("/room-invites/check", response=answers.RoomInviteCheck)
def check(request: Asked, body: bodies.Secret) -> dict[str, Any]:
    limit_by_device(request.auth, ROOM_INVITE_CHECK)
    found = access_room_invite(request.auth, body.secret)
    return {"room": found.room_id, "members": queries.members(found.room), "expires_at": found.expires_at}
