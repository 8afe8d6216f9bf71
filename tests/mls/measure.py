"""What judging costs, in milliseconds, for rooms of real devices: `python -m tests.mls.measure [members ...]`.

Each figure is the best of five. `update` is a commit in a room that has seen one, `open` a room read from the store.
"""

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, time
from typing import Any

from chat.mls.facts import CommitContext, CommitFacts
from chat.mls.framing import check_application
from chat.mls.group import GroupState, open_group_info
from chat.mls.identity import Member
from chat.mls.key_package import parse_key_package
from chat.mls.rules import judge_commit
from tests.mls.material import EVERYONE, vectors


def best(work: Callable[[], object]) -> float:
    """Milliseconds of the fastest of five runs."""
    runs = []
    for _ in range(5):
        began = perf_counter()
        work()
        runs.append(perf_counter() - began)
    return min(runs) * 1000


def measure(members: int) -> None:
    script = Path(__file__).parent / "make_room.mjs"
    made = subprocess.run(["node", script, str(members)], capture_output=True, text=True, check=True)
    room: dict[str, Any] = json.loads(made.stdout)
    packages = [b64decode(text) for text in room["keyPackages"]]
    facts = [parse_key_package(raw, int(time())) for raw in packages]
    context = CommitContext(
        group_id=b64decode(room["group"]),
        server_key=b64decode(room["serverKey"]),
        sender=Member(room["clientId"], b64decode(room["signatureKey"])),
        now=int(time()),
        offered={fact.ref: fact.member for fact in facts},
        may_be_added=EVERYONE,
        may_enter=EVERYONE,
    )
    messages = [{name: text and b64decode(text) for name, text in sent.items()} for sent in room["sent"]]

    def judge(step: int, before: GroupState | None) -> CommitFacts:
        sent = messages[step]
        return judge_commit(sent["commit"], sent["groupInfo"], sent["welcome"], before, context)

    first = judge(0, None).after
    second = judge(1, first).after
    upload = best(lambda: parse_key_package(packages[0], int(time())))
    adding, update = best(lambda: judge(0, None).roster), best(lambda: judge(2, second).roster)
    opening = best(lambda: open_group_info(messages[2]["groupInfo"]).roster)
    print(f"{members:8} {upload:12.2f} {adding:12.2f} {update:12.2f} {opening:12.2f}")


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or [2, 50, 300, 1000]
    print(f"{'members':>8} {'key package':>12} {'add all':>12} {'update':>12} {'open':>12}   (ms)")
    for members in sizes:
        measure(members)
    raw = b64decode(vectors()["application"]["message"])
    group_id = b64decode(vectors()["application"]["group"])
    each = best(lambda: [check_application(raw, group_id, 3) for _ in range(1000)])
    print(f"application message: {each:.2f} µs")


if __name__ == "__main__":
    main()
