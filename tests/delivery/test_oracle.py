"""A server that leaves entries out, and leaves it to its clients to fetch them, does not pass tests of faults."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.delivery import member, outcomes
from tests.delivery.groups import circle
from tests.delivery.harness import Server, in_db, until
from tests.delivery.leaving_out import LeavingOut
from tests.support.faults import ALLOWED


async def test_what_a_server_leaves_out_is_seen_although_clients_fetch_it(
    own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "PATIENCE_SECONDS", 2.0)
    monkeypatch.setattr(outcomes, "LIVE_SECONDS", 5.0)
    here = await in_db(circle, 6)
    seen: dict[str, int] = {}

    def judged(found: Mapping[str, int], _: int) -> None:
        seen.update(found)

    async with LeavingOut(own_server.address) as way:

        async def leave_out() -> None:
            way.every = 10
            await until(lambda: way.dropped >= 10, 60)
            way.every = 0

        members = await outcomes.under_load(here, [lambda: way.address], leave_out, judged)
    faults = {kind for kind, count in seen.items() if count and kind not in ALLOWED}
    assert faults == {"left out live"}, seen
    assert seen["left out live"] >= 10
    assert sum(one.patient for one in members) == 2
