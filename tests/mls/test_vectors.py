"""What real core-crypto devices send is understood, and their dishonest turns are refused."""

from base64 import b64decode

import pytest

from chat.mls.errors import MlsError
from chat.mls.external import external_remove, pending_removal
from chat.mls.framing import check_application, private_message_header
from chat.mls.group import open_group_info
from chat.mls.welcome import is_welcome, welcome_refs
from tests.mls.material import Turn, before, key_packages, made_at, member, offered, server_key, turn, turns, vectors

ACCEPTED = [each for each in turns() if each.code is None]
REFUSED = [each for each in turns() if each.code is not None]


@pytest.mark.parametrize("each", ACCEPTED, ids=lambda each: each.title)
def test_an_honest_turn_is_accepted_with_the_members_that_core_crypto_sees(each: Turn) -> None:
    facts = each.judge(before(each.title))
    assert facts.epoch == each.epoch + 1
    assert facts.sender.member == each.sender
    assert facts.roster[facts.sender.leaf] == each.sender
    if each.kept:
        assert tuple(sorted(m.client_id for m in facts.roster.values())) == each.roster


@pytest.mark.parametrize("each", REFUSED, ids=lambda each: each.title)
def test_a_turn_that_does_not_fit_the_room_is_refused_with_its_code(each: Turn) -> None:
    state = before(each.title)
    with pytest.raises(MlsError) as refusal:
        each.judge(state)
    assert refusal.value.code == each.code


@pytest.mark.parametrize("each", [each for each in ACCEPTED if each.kept], ids=lambda each: each.title)
def test_a_room_rebuilt_from_its_stored_group_info_is_the_room_that_was_judged(each: Turn) -> None:
    judged = each.judge(before(each.title)).after
    rebuilt = open_group_info(each.group_info)
    assert rebuilt.context == judged.context
    assert rebuilt.roster == judged.roster
    assert rebuilt.tree.encode() == judged.tree.encode()
    assert rebuilt.interim_transcript_hash == judged.interim_transcript_hash
    assert rebuilt.external_senders == (server_key().public_key().public_bytes_raw(),)
    assert (rebuilt.group_id, rebuilt.epoch, rebuilt.suite) == (each.group_id, each.epoch + 1, 3)


@pytest.mark.parametrize("proposal", vectors()["proposals"], ids=lambda proposal: f"epoch {proposal['epoch']}")
def test_the_servers_removal_is_the_very_message_that_core_crypto_carried_out(proposal: dict[str, object]) -> None:
    group_id, epoch, leaf = b64decode(str(proposal["group"])), proposal["epoch"], proposal["leaf"]
    assert isinstance(epoch, int)
    assert isinstance(leaf, int)
    made = external_remove(group_id, epoch, leaf, 0, server_key())
    assert made == b64decode(str(proposal["message"]))
    removal = pending_removal(made)
    assert (removal.group_id, removal.epoch, removal.leaf) == (group_id, epoch, leaf)


def test_a_first_commit_names_its_creator_as_who_joined() -> None:
    facts = turn("alice founds the room alone").judge(None)
    assert facts.founded
    assert facts.joined == (member("alice"),)
    assert facts.path_updated
    both = turn("alice founds a direct room with bob").judge(None)
    assert both.joined == (member("alice"), member("bob"))
    assert not both.path_updated


def test_added_devices_come_with_the_key_packages_that_they_were_added_by() -> None:
    each = turn("alice adds bob and carol")
    facts = each.judge(before(each.title))
    assert [seat.member for seat in facts.added] == [member("bob"), member("carol")]
    assert [seat.leaf for seat in facts.added] == [1, 2]
    assert [offered()[ref] for ref in facts.key_packages] == [member("bob"), member("carol")]
    assert each.welcome is not None
    assert set(welcome_refs(each.welcome)) == set(facts.key_packages)


def test_a_removal_named_by_reference_is_resolved_to_its_device() -> None:
    each = turn("bob removes carol for the server")
    facts = each.judge(before(each.title))
    assert [(seat.leaf, seat.member) for seat in facts.removed] == [(2, member("carol"))]
    assert facts.left == (member("carol"),)
    assert facts.outstanding == ()


def test_a_device_that_comes_in_leaves_waiting_removals_to_be_proposed_anew() -> None:
    each = turn("frank comes in while a removal waits")
    facts = each.judge(before(each.title))
    assert facts.external
    assert not facts.resynced
    assert facts.joined == (member("frank"),)
    assert [removal.leaf for removal in facts.outstanding] == [3]
    assert facts.roster[3] == member("dave")


def test_a_device_that_comes_back_neither_joins_nor_leaves() -> None:
    each = turn("bob comes back by himself")
    facts = each.judge(before(each.title))
    assert facts.external
    assert facts.resynced
    assert facts.joined == facts.left == ()
    assert facts.removed[0].member == member("bob")


def test_a_welcome_is_told_from_other_messages() -> None:
    each = turn("alice adds bob and carol")
    assert each.welcome is not None
    assert is_welcome(each.welcome)
    assert not is_welcome(each.commit)
    assert not is_welcome(each.group_info)


def test_an_application_message_shows_its_room_and_epoch() -> None:
    recorded = vectors()["application"]
    group_id, raw = b64decode(recorded["group"]), b64decode(recorded["message"])
    assert private_message_header(raw) == (group_id, recorded["epoch"])
    assert check_application(raw, group_id, recorded["epoch"] + 2) == recorded["epoch"]
    for group, epoch, code in (
        (group_id, recorded["epoch"] + 3, "stale_epoch"),
        (group_id, recorded["epoch"] - 1, "future_epoch"),
        (bytes(16), recorded["epoch"], "wrong_group"),
    ):
        with pytest.raises(MlsError) as refusal:
            check_application(raw, group, epoch)
        assert refusal.value.code == code


def test_a_device_whose_number_starts_with_zeros_keeps_its_sixteen_digits() -> None:
    assert member("carol").device == "00ca501000000001"
    assert ":ca501000000001@" in member("carol").client_id
    assert key_packages("carol")
    assert made_at() > 0
