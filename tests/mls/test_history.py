"""Random histories of real devices: the server's tree stays the tree of everybody in the room."""

import json
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest

from chat.mls.external import pending_removal
from chat.mls.facts import CommitContext
from chat.mls.group import GroupState, open_group_info
from chat.mls.identity import Member
from chat.mls.key_package import parse_key_package
from chat.mls.rules import judge_commit
from tests.mls.material import EVERYONE

HERE = Path(__file__).parent
COMMITS = 40


def live(seed: int) -> dict[str, object]:
    """A history made now by core-crypto's native build, which exists for Linux on x86-64 and for macOS."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not on the path")
    made = subprocess.run(
        [node, HERE / "make_history.mjs", str(seed), str(COMMITS)], capture_output=True, text=True, check=False
    )
    if "Cannot find" in made.stderr:
        pytest.skip("core-crypto's native build is not installed or not made for this machine")
    assert made.returncode == 0, made.stderr
    history: dict[str, object] = json.loads(made.stdout)
    return history


@pytest.mark.interop
@pytest.mark.parametrize("seed", range(4))
def test_every_commit_of_a_random_history_is_accepted_and_leads_to_what_its_members_see(seed: int, rounds: int) -> None:
    for turn in range(rounds):
        follow(live(seed + 4 * turn))


def follow(history: dict[str, object]) -> None:
    group_id, server_key = b64decode(str(history["group"])), b64decode(str(history["serverKey"]))
    now, steps = history["madeAt"], history["steps"]
    assert isinstance(now, int)
    assert isinstance(steps, list)
    state: GroupState | None = None
    for step in steps:
        packages = [parse_key_package(b64decode(text), now) for text in step["keyPackages"]]
        context = CommitContext(
            group_id=group_id,
            server_key=server_key,
            sender=Member(step["sender"], b64decode(step["signatureKey"])),
            now=now,
            pending=tuple(pending_removal(b64decode(text)) for text in step["pending"]),
            offered={facts.ref: facts.member for facts in packages},
            may_be_added=EVERYONE,
            may_enter=EVERYONE,
        )
        group_info = b64decode(step["groupInfo"])
        welcome = b64decode(step["welcome"]) if step["welcome"] else None
        facts = judge_commit(b64decode(step["commit"]), group_info, welcome, state, context)
        assert sorted(member.client_id for member in facts.roster.values()) == step["roster"]
        assert [seat.member for seat in facts.added] == [package.member for package in packages]
        before = set() if state is None else set(state.leaf_of)
        assert {m.client_id for m in facts.joined} == set(step["roster"]) - before
        assert {m.client_id for m in facts.left} == before - set(step["roster"])
        state = facts.after
        assert open_group_info(group_info).roster == state.roster
    assert state is not None
    assert state.epoch == len(steps)
