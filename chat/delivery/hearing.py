"""What other processes tell, done here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from chat.delivery import messages
from chat.delivery.log import Batch, Change
from chat.protocol import events

if TYPE_CHECKING:
    from chat.delivery.process import Delivery


class Hearing:
    """`heard` is called on the event loop with one message after the other."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._entries: list[Batch] = []

    def heard(self, message: messages.AnyMessage) -> None:
        delivery = self._delivery
        match message:
            case messages.NewEntries():
                self._gather(message)
            case messages.Forwarded():
                delivery.forwards.received(message, settings.HUB_KEYS)
            case messages.Declined():
                delivery.forwards.declined(message)
            case messages.Admitted(devices=devices):
                self._welcome(devices)
            case messages.Removed(room=room, devices=devices):
                # It may come late, after they were let in again.
                delivery.repair.doubt(room, devices)
            case messages.DeliveredTo(room=room, seq=seq):
                delivery.cursors.tell(room, seq)
            case messages.Barred(devices=devices):
                delivery.repair.keep(delivery.repair.look_at_some(devices))
            case messages.NetworkRoom() | messages.RoomNews() | messages.AccountNews():
                self._tell(message)

    def _tell(self, message: messages.NetworkRoom | messages.RoomNews | messages.AccountNews) -> None:
        hub = self._delivery.hub
        match message:
            case messages.NetworkRoom(network=network, room=room, change=room_change):
                hub.tell_network(network, events.RoomChanged(room.bytes, room_change))
            case messages.RoomNews(room=room, change=room_change):
                hub.tell_room(room, events.RoomChanged(room.bytes, room_change))
            case messages.AccountNews(account=account, change=change):
                hub.tell_account(account, events.AccountChanged(change))

    def _welcome(self, devices: list[int]) -> None:
        for device in devices:
            if device in self._delivery.hub.devices:
                self._delivery.repair.keep(self._delivery.welcome(device))

    def _gather(self, told: messages.NewEntries) -> None:
        """What can be heard at once goes out at once: fewer, larger frames."""
        change = Change(removed=frozenset(told.removed)) if told.removed else None
        if not self._entries:
            self._delivery.loop.call_soon(self._give_out)
        owners = self._delivery.forwards.heard(told)
        self._entries.append(Batch(told.room, told.first, told.packed, owners, change))

    def _give_out(self) -> None:
        gathered, self._entries = self._entries, []
        self._delivery.hub.take(*gathered)
