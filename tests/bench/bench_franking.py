# ruff: noqa: E402 (Django wants to be set up before its modules are imported)
"""What accountability costs: to stamp a message as it is stored, and to attest one that was shown. Last line: JSON.

Beside it stand Hecate's published figures (Issa et al. 2022: 32 µs to frank, 192 to 255 µs to verify, 380 bytes a
message) and the about 140 bytes of draft-ietf-mimi-protocol; those are other machines', so no ratio is made of them.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from chat import franking
from moderation.attestation import Stamped, attest, is_genuine, read
from moderation.evidence.verify import verify
from moderation.keys import signer
from tests.moderation.bundles import Maker

ROUNDS, EACH = 9, 2000
DOMAIN, KEY, AT = "kindred.example", os.urandom(32), 1_795_504_155_292
SENDER, ROOM, CASE = uuid4(), uuid4(), uuid4()
TAG = os.urandom(32)


def microseconds(work: Callable[[], object]) -> float:
    """The median round's CPU time for one."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(EACH):
            work()
        rounds.append((time.process_time() - began) / EACH * 1e6)
    return statistics.median(rounds)


def stamp() -> bytes:
    context = franking.context(franking.user_uri(DOMAIN, SENDER), franking.room_uri(DOMAIN, ROOM), 7, AT)
    return franking.frank(KEY, TAG, context)


MESSAGE = Stamped(SENDER, ROOM, 7, AT, TAG, stamp(), 1)
TOKEN = attest(MESSAGE, CASE, DOMAIN, 0, signer(), {1: KEY})


def verify_and_attest() -> None:
    if not is_genuine(MESSAGE, DOMAIN, {1: KEY}):
        raise SystemExit("a genuine message was not recognised")
    attest(MESSAGE, CASE, DOMAIN, 0, signer(), {1: KEY})


def seconds_to_verify_a_thousand() -> float:
    maker = Maker()
    data = maker.zip(maker.bundle([maker.message(SENDER, "Person A", f"message {n}", n + 1) for n in range(1000)]))
    began = time.process_time()
    if verify(data, maker.published).problems:
        raise SystemExit("a whole bundle was not recognised")
    return time.process_time() - began


def main() -> None:
    figures = {
        "stamp_us": microseconds(stamp),
        "attest_us": microseconds(verify_and_attest),
        "read_attestation_us": microseconds(lambda: read(TOKEN, signer().public)),
        # The tag in, the frank out; the MIMI content's salt and URIs are there anyway.
        "bytes_per_message": franking.TAG_BYTES + franking.FRANK_BYTES,
        "attestation_bytes": len(TOKEN),
        "verify_bundle_of_1000_s": seconds_to_verify_a_thousand(),
    }
    print(json.dumps({name: round(value, 1) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
