"""Rooms: seeing, making, renaming them."""

from typing import Any
from uuid import UUID

from ninja import Router

from chat import queries
from chat.access import access_open_room_as_staff, access_room, access_room_to_join
from chat.actions.rooms import create_room, rename_room
from chat.api import answers, bodies
from chat.api.auth import Asked, suspended_too
from chat.api.steps import logged
from chat.protocol.errors import Code, ProtocolError

router = Router()


@router.get("/rooms", auth=suspended_too, response=answers.Rooms, exclude_none=True)
def rooms(request: Asked) -> queries.RoomsView:
    return queries.rooms(request.auth)


@router.post("/rooms", response=answers.Room, exclude_none=True)
def create(request: Asked, body: bodies.CreateRoom) -> queries.RoomView:
    made = create_room(request.auth, body.id, body.kind, title=body.title, peer=body.peer)
    return queries.room(request.auth, made)


@router.get("/rooms/{uuid:room}", auth=suspended_too, response=answers.Room, exclude_none=True)
def room(request: Asked, room: UUID) -> queries.RoomView:
    return queries.room(request.auth, access_room(request.auth, room))


@router.post("/rooms/{uuid:room}/title", response=answers.Room, exclude_none=True)
@logged
def title(request: Asked, room: UUID, body: bodies.Rename) -> queries.RoomView:
    renamed = rename_room(access_open_room_as_staff(request.auth, room), body.title, request.auth.account)
    return queries.room(request.auth, renamed)


@router.post("/rooms/{uuid:room}/group-info", auth=suspended_too, response=answers.GroupInfo, exclude_none=True)
def group_info(request: Asked, room: UUID, body: bodies.GroupInfoRequest) -> dict[str, Any]:
    found = access_room_to_join(request.auth, room, body.invite)
    if found.group_info is None:
        raise ProtocolError(Code.ROOM_NOT_READY)
    return {
        "epoch": found.epoch,
        "group_info": found.group_info,
        "external_sender": queries.external_sender_key(),
        "kind": found.kind,
        "roster": queries.roster(found),
    }
