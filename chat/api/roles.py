"""What those who look after a room do there, and coordinators' view of who invited whom."""

from typing import Any
from uuid import UUID

from ninja import Router

from chat import queries
from chat.access import access_network_as_coordinator, access_room_as_steward
from chat.actions import roles
from chat.api import answers, bodies
from chat.api.auth import Asked

router = Router()


@router.post("/rooms/{uuid:room}/stewards", response=answers.Room, exclude_none=True)
def stewards(request: Asked, room: UUID, body: bodies.SetSteward) -> queries.RoomView:
    found = access_room_as_steward(request.auth, room)
    return queries.room(request.auth, roles.set_steward(found, body.account, body.steward))


@router.post("/rooms/{uuid:room}/rules", response=answers.Room, exclude_none=True)
def rules(request: Asked, room: UUID, body: bodies.SetRules) -> queries.RoomView:
    found = access_room_as_steward(request.auth, room)
    return queries.room(request.auth, roles.set_rules(found, body.members_may_add))


@router.post("/rooms/{uuid:room}/mute", response=answers.Room, exclude_none=True)
def mute(request: Asked, room: UUID, body: bodies.MuteMember) -> queries.RoomView:
    found = access_room_as_steward(request.auth, room)
    return queries.room(request.auth, roles.mute(found, body.account, body.until))


@router.post("/rooms/{uuid:room}/remove", response=answers.Empty)
def remove(request: Asked, room: UUID, body: bodies.RemoveMember) -> dict[str, Any]:
    roles.remove_member(access_room_as_steward(request.auth, room), body.account, request.auth.account)
    return {}


@router.get("/invites/tree", response=answers.InviteTree, exclude_none=True)
def tree(request: Asked) -> dict[str, Any]:
    return {"people": queries.invite_tree(access_network_as_coordinator(request.auth))}
