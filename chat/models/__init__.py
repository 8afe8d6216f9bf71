"""What the server keeps. No table holds a name, an address or the sender of a stored entry."""

from chat.models.account import Account, Device, Role
from chat.models.backup import Backup
from chat.models.blob import Blob
from chat.models.entry import Entry, EntryKind, EntryMark
from chat.models.inbox import InboxItem, InboxKind, WelcomeBlob
from chat.models.invite import Invite, RoomInvite
from chat.models.key_package import HandedOut, KeyPackage
from chat.models.link import DeviceLink, DeviceLinkPart
from chat.models.network import Conduct, Network
from chat.models.push import (
    PushChannel,
    PushMute,
    PushNews,
    PushPresence,
    PushProcess,
    PushSubscription,
    PushWake,
)
from chat.models.roles import RoomBar, RoomMute, RoomSteward, staff_rooms
from chat.models.room import (
    STAFF_ROOMS,
    Room,
    RoomDevice,
    RoomKind,
    RoomProgress,
    direct_pair,
    staff_pair,
    within_reach,
)
from chat.models.staff_certificate import StaffCertificate

__all__ = [
    "STAFF_ROOMS",
    "Account",
    "Backup",
    "Blob",
    "Conduct",
    "Device",
    "DeviceLink",
    "DeviceLinkPart",
    "Entry",
    "EntryKind",
    "EntryMark",
    "HandedOut",
    "InboxItem",
    "InboxKind",
    "Invite",
    "KeyPackage",
    "Network",
    "PushChannel",
    "PushMute",
    "PushNews",
    "PushPresence",
    "PushProcess",
    "PushSubscription",
    "PushWake",
    "Role",
    "Room",
    "RoomBar",
    "RoomDevice",
    "RoomInvite",
    "RoomKind",
    "RoomMute",
    "RoomProgress",
    "RoomSteward",
    "StaffCertificate",
    "WelcomeBlob",
    "direct_pair",
    "staff_pair",
    "staff_rooms",
    "within_reach",
]
