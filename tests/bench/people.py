"""Networks full of people for measurements, put straight into the database."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from uuid import uuid4

from chat.actions.networks import create_network
from chat.models import Account, Device, Room, RoomDevice


@dataclass(frozen=True)
class Crowd:
    """Rooms by id, and the tokens of their members in order."""

    rooms: list[bytes]
    tokens: list[list[bytes]]


def crowd(rooms: int, members: int) -> Crowd:
    """So many groups at epoch 1 with so many people each, none in two of them."""
    network = create_network("Bench")
    made = Crowd([], [])
    for _ in range(rooms):
        tokens = [os.urandom(32) for _ in range(members)]
        accounts = Account.objects.bulk_create(
            Account(id=uuid4(), network=network, identity_key=os.urandom(32), conduct_version=1) for _ in tokens
        )
        devices = Device.objects.bulk_create(
            Device(
                account=account,
                hex=os.urandom(8).hex(),
                signature_key=os.urandom(32),
                certificate=os.urandom(64),
                token_hash=hashlib.sha256(token).digest(),
            )
            for account, token in zip(accounts, tokens, strict=True)
        )
        # As large as a room of so many has it, since it stands in the same row as the log's head.
        group_info = os.urandom(240 * members)
        room = Room.objects.create(network=network, kind="group", epoch=1, head=0, group_info=group_info)
        RoomDevice.objects.bulk_create(
            RoomDevice(room=room, device=device, leaf=leaf) for leaf, device in enumerate(devices)
        )
        made.rooms.append(room.id.bytes)
        made.tokens.append(tokens)
    return made
