"""For code that is not a socket's: HTTP views, management commands. Plain functions, on any thread.

Call them outside of transactions. Where this process serves sockets, they know by the time the function returns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from uuid import UUID

from asgiref.sync import async_to_sync
from hiredis import HiredisError

from chat.delivery import messages
from chat.delivery.layer import EVERYONE, room_group, shared_layer
from chat.delivery.log import Batch
from chat.delivery.process import Delivery, running
from chat.delivery.removals import Removal, remove_devices
from chat.protocol import events
from chat.protocol.errors import unavailable

logger = logging.getLogger(__name__)

NOBODY = b""
SECONDS = 15.0


def remove_places(room: UUID, devices: Collection[int]) -> None:
    """Ends delivery of the room to these devices (primary keys) at once, and asks members to take their leaves out.

    Raises ProtocolError(unavailable).
    """
    if not devices:
        return
    delivery = running()
    if delivery is None or _on_its_loop(delivery):
        removal = remove_devices(room, devices)
        if delivery is not None:
            delivery.removed(removal)
        else:
            _tell(_removal_messages(removal))
        return

    async def remove() -> None:
        def work() -> tuple[Removal, list[Batch]]:
            done = remove_devices(room, devices)
            return done, [] if done.batch is None else [done.batch]

        removal = await delivery.writer.run(work, room)
        if removal.batch is None:
            delivery.removed(removal)

    try:
        asyncio.run_coroutine_threadsafe(remove(), delivery.loop).result(SECONDS)
    except TimeoutError:
        raise unavailable() from None


def announce_gone(room: UUID, devices: Collection[int]) -> None:
    """A room was deleted: devices (primary keys) that were in it get nothing more of it, and are told that they left it."""
    gone = Removal(room, frozenset(devices), None)
    _everywhere(lambda delivery: delivery.removed(gone), messages.Removed(NOBODY, room, list(devices)))


def announce_room(network: UUID, room: UUID, change: events.RoomChange) -> None:
    """Tells a network's devices that one of its open rooms was opened, closed or renamed."""

    def tell(delivery: Delivery) -> None:
        delivery.hub.tell_network(network, events.RoomChanged(room.bytes, change))
        delivery.layer.tell_everyone(messages.NetworkRoom(delivery.layer.id, network, room, change))

    _everywhere(tell, messages.NetworkRoom(NOBODY, network, room, change))


def announce_account(account: UUID, change: events.AccountChange) -> None:
    """Tells an account's connected devices what about it has changed."""

    def tell(delivery: Delivery) -> None:
        delivery.hub.tell_account(account, events.AccountChanged(change))
        delivery.layer.tell_everyone(messages.AccountNews(delivery.layer.id, account, change))

    _everywhere(tell, messages.AccountNews(NOBODY, account, change))


def announce_to_members(room: UUID, change: events.RoomChange) -> None:
    """Tells the devices that are in a room of a change that stands in no entry."""

    def tell(delivery: Delivery) -> None:
        delivery.hub.tell_room(room, events.RoomChanged(room.bytes, change))
        delivery.layer.tell_room(room, messages.RoomNews(delivery.layer.id, room, change))

    _everywhere(tell, messages.RoomNews(NOBODY, room, change), room_group(room))


def cut_off(devices: Collection[int], code: events.ByeCode) -> None:
    """Closes the sockets of devices that were revoked or whose account was suspended or deleted."""

    def tell(delivery: Delivery) -> None:
        for device in devices:
            delivery.hub.bar(device, code)
        delivery.layer.tell_everyone(messages.Barred(delivery.layer.id, list(devices), code))

    _everywhere(tell, messages.Barred(NOBODY, list(devices), code))


def _everywhere(tell: Callable[[Delivery], None], message: messages.AnyMessage, group: str = EVERYONE) -> None:
    delivery = running()
    if delivery is None:
        _tell([(group, message)])
    elif _on_its_loop(delivery):
        tell(delivery)
    else:

        async def told() -> None:
            tell(delivery)

        asyncio.run_coroutine_threadsafe(told(), delivery.loop).result(SECONDS)


def _on_its_loop(delivery: Delivery) -> bool:
    try:
        return asyncio.get_running_loop() is delivery.loop
    except RuntimeError:
        return False


def _removal_messages(removal: Removal) -> list[tuple[str, messages.AnyMessage]]:
    devices = list(removal.devices)
    batch = removal.batch
    if batch is not None:
        told = messages.NewEntries(NOBODY, removal.room, batch.first, batch.packed, devices)
        return [(room_group(removal.room), told)]
    return [(EVERYONE, messages.Removed(NOBODY, removal.room, devices))] if devices else []


def _tell(told: list[tuple[str, messages.AnyMessage]]) -> None:
    """From a process without sockets. If nobody hears it, the others find out by looking (repair.py)."""
    layer = shared_layer()
    if layer is None:
        return

    async def send() -> None:
        try:
            for group, message in told:
                await layer.group_send(group, {"type": "kindred", "data": messages.encode(message)})
        except (OSError, HiredisError) as error:
            # What comes after telling has to be done all the same.
            logger.warning("other processes find out by looking: %s", type(error).__name__)
        finally:
            await layer.close()

    async_to_sync(send)()
