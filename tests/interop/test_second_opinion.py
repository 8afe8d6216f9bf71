"""A recorded run of core-crypto and ts-mls in one room, as PyPI rfc9420 and the server's own rules read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat.mls.group import open_group_info
from tests.interop.second_opinion import HEADER, Traffic, roster, verify, verify_handshake, verify_key_package

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def traffic() -> Traffic:
    return Traffic.read(Path(__file__).parent / "traffic.json")


def test_everything_that_was_recorded_is_verified(traffic: Traffic) -> None:
    done = verify(traffic)
    assert {"key packages", "group infos", "commits", "external commits", "proposals", "welcomes"} == done.keys()
    assert min(done.values()) >= 1
    assert done["commits"] >= 5


def test_the_server_reads_the_same_groups(traffic: Traffic) -> None:
    for epoch, raw in traffic.group_infos.items():
        ours = open_group_info(raw)
        assert ours.epoch == epoch
        assert {str(leaf): seat.client_id for leaf, seat in ours.roster.items()} == roster(traffic.group(epoch))


def test_a_changed_signature_is_noticed_in_every_handshake(traffic: Traffic) -> None:
    for epoch, raw in traffic.handshakes:
        if epoch == 0:
            continue
        group = traffic.group(epoch)
        kind = verify_handshake(group, raw, traffic.external_sender)
        # A proposal ends with its signature; a commit ends with tags, and its content begins behind the header and the sender.
        place = len(raw) - 1 if kind == "proposals" else HEADER + len(group.group_id) + 40
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(Exception):  # noqa: B017, PT011 (each layer of rfc9420 has exceptions of its own)
            verify_handshake(group, changed, traffic.external_sender)


def test_a_changed_key_package_is_noticed(traffic: Traffic) -> None:
    for raw in traffic.key_packages:
        with pytest.raises(Exception):  # noqa: B017, PT011
            verify_key_package(raw[:-1] + bytes([raw[-1] ^ 1]), traffic.made_at)


def test_the_run_had_both_implementations_and_a_device_with_leading_zeros(traffic: Traffic) -> None:
    rosters = [client for names in traffic.rosters.values() for client in names.values()]
    assert any(":abcde@" in client for client in rosters)
    assert max(len(names) for names in traffic.rosters.values()) >= 4
