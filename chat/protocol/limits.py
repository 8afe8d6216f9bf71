"""Sizes, counts and rates (docs/protocol.md, section 10)."""

from __future__ import annotations

MAX_PAYLOAD = 64 * 1024
"""Bytes of one application entry's PrivateMessage."""
MAX_FRAME = 64 * 1024 + 1024
"""Bytes of a client's frame other than `commit`: a full payload and its envelope."""
MAX_COMMIT_FRAME = 2 * 1024 * 1024
MAX_PAGE_BYTES = 1024 * 1024
MAX_PAGE_ITEMS = 500
MAX_CURSORS = 200
"""Rooms in one `cursor` frame; also the rooms a device may be in."""
MAX_ROOM_DEVICES = 1000
MAX_DEVICE_ROOMS = 200
MAX_DEVICE_KEY_PACKAGES = 200
PAST_EPOCHS = 2
"""Epochs before the current one whose application messages are still accepted (core-crypto keeps three)."""
MAX_INT = 2**63 - 1
"""The largest epoch or seq: a signed 64-bit column."""

HELLO_SECONDS = 10.0
ENTRY_DAYS = 30
