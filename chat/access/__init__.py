"""The only way to get a guarded object. Each function answers with the object or raises what the caller may know.

What is not one's own to see is `not_found`, so that nobody learns whether it exists.
"""

from chat.access.accounts import access_account, access_accounts, access_accounts_for
from chat.access.branches import branch_of, not_yet_banned
from chat.access.devices import access_backup, access_device, access_device_to_connect, device_token_exists
from chat.access.invites import access_invite, access_invite_as_staff, access_room_invite, refuse_spent
from chat.access.networks import (
    access_account_as_coordinator,
    access_network_as_coordinator,
    access_network_as_staff,
    access_network_to_invite,
)
from chat.access.rooms import (
    access_blob,
    access_member,
    access_open_room_as_staff,
    access_room,
    access_room_as_steward,
    access_room_to_add_to,
    access_room_to_invite,
    access_room_to_join,
    is_steward,
    kept_out,
    may_add,
)

__all__ = [
    "access_account",
    "access_account_as_coordinator",
    "access_accounts",
    "access_accounts_for",
    "access_backup",
    "access_blob",
    "access_device",
    "access_device_to_connect",
    "access_invite",
    "access_invite_as_staff",
    "access_member",
    "access_network_as_coordinator",
    "access_network_as_staff",
    "access_network_to_invite",
    "access_open_room_as_staff",
    "access_room",
    "access_room_as_steward",
    "access_room_invite",
    "access_room_to_add_to",
    "access_room_to_invite",
    "access_room_to_join",
    "branch_of",
    "device_token_exists",
    "is_steward",
    "kept_out",
    "may_add",
    "not_yet_banned",
    "refuse_spent",
]
