"""Sizes, counts and rates (docs/protocol.md, section 10). Sizes are bytes."""

from __future__ import annotations

from typing import Final

MAX_PAYLOAD: Final = 64 * 1024
"""One application entry's PrivateMessage."""
MAX_FRAME: Final = MAX_PAYLOAD + 1024
"""A client's frame other than `commit`: a full payload and its envelope."""
MAX_COMMIT_FRAME: Final = 2 * 1024 * 1024
MAX_PAGE_BYTES: Final = 1024 * 1024
MAX_PAGE_ITEMS: Final = 500
BACKUP_STEP: Final = 64 * 1024
"""A sealed backup is a multiple of this, so that its size says little."""
MAX_BACKUP: Final = 8 * 1024 * 1024
BLOB_STEP: Final = 32 * 1024
"""An attachment's ciphertext is a multiple of this, so that its size says little."""
MAX_BLOB: Final = 48 * BLOB_STEP
MAX_ROOM_BLOBS: Final = 256 * 1024 * 1024
"""Attachments of a room, together."""
BLOB_DAYS: Final = 30
CASE_BLOB_DAYS: Final = 183
"""In a case's room: as long as a decision can be appealed."""
LOCATOR_BYTES: Final = 32
"""What a backup is found by, and its hash, which stands before the backup in an upload."""

MAX_ROOM_DEVICES: Final = 1000
MAX_DEVICE_ROOMS: Final = 200
"""Rooms of cases, of notes on them and of the staff are not counted."""
MAX_DEVICE_KEY_PACKAGES: Final = 200
MAX_CURSORS: Final = MAX_DEVICE_ROOMS
"""Rooms in one `cursor` frame."""
MAX_ACCOUNT_CONNECTIONS: Final = 20
MAX_ACCOUNT_DEVICES: Final = 10
"""Active devices of an account."""

LINK_SECONDS: Final = 600.0
MAX_LINK_OFFER: Final = 1024
MAX_LINK_PART: Final = 512 * 1024
MAX_LINK_PARTS: Final = 32
"""Parts of a link's answer: 16 MiB together."""

MAX_CONTACTS: Final = 6
"""Whom a network says to call: few enough to be read in fear."""
MAX_CONTACT_LINE: Final = 120
MAX_CONTACT_PAGE: Final = 200
"""Characters of what is said about one, and of its address."""

PAST_EPOCHS: Final = 2
"""Epochs before the current one whose application messages are accepted (core-crypto keeps three)."""
MAX_INT: Final = 2**63 - 1
"""The largest epoch or seq: a signed 64-bit column."""

HELLO_SECONDS: Final = 10.0
ENTRY_DAYS: Final = 30

#: What one device may do: (times a second in the long run, times at once).
SEND_RATE: Final = (20.0, 400.0)
SEND_STEP: Final = 4096
"""A message counts once more for each so many bytes of its payload."""
COMMIT_RATE: Final = (2.0, 40.0)
FETCH_RATE: Final = (20.0, 200.0)
FRAME_RATE: Final = (100.0, 1000.0)
"""Every frame counts here, malformed ones ten times, and a `hello` twenty times."""
REFUSED_RATE: Final = (20.0, 1000.0)
"""Answers of `rate_limited` that one socket may get before it is closed."""
