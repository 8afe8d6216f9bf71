"""Each rule of a commit is broken by itself, by a client that signs whatever it wants."""

from collections.abc import Callable
from os import urandom
from typing import Any
from uuid import uuid4

import pytest

from chat.mls.codec import opaque
from chat.mls.errors import MlsError
from chat.mls.external import PendingRemoval, external_remove, pending_removal
from chat.mls.facts import CommitFacts
from chat.mls.framing import SenderType
from chat.mls.leaf import LeafSource
from chat.mls.rules import judge_commit
from tests.mls.forge import (
    EXTENSIONS,
    NOW,
    SERVER,
    Actor,
    Draft,
    Room,
    add,
    external_init,
    reference,
    remove,
)
from tests.mls.material import Everyone


class Cast:
    """A room of ada, ben, cat and ada's second device, in epoch 1; dan is outside."""

    def __init__(self) -> None:
        self.ada, self.ben, self.cat, self.dan = (Actor() for _ in range(4))
        self.tablet = Actor(self.ada.account, "d000000000000002")
        self.room = Room()
        draft = self.room.found(self.ada, self.ben, self.cat, self.tablet)
        sent = self.room.send(draft)
        facts = judge_commit(sent.commit, sent.group_info, sent.welcome, None, self.room.context(self.ada))
        self.room = Room(facts.after)

    def update(self, actor: Actor | None = None, **bent: Any) -> Draft:
        return Draft(actor or self.ada, **bent)

    def entry(self, actor: Actor, **bent: Any) -> Draft:
        return Draft(actor, **{"proposals": [external_init()], "external": True, **bent})

    def removal(self, leaf: int) -> PendingRemoval:
        state = self.room.state
        assert state is not None
        return pending_removal(external_remove(state.group_id, state.epoch, leaf, 0, SERVER))

    def judge(self, draft: Draft, sender: Actor | None = None, **other: Any) -> CommitFacts:
        sent = self.room.send(draft)
        context = self.room.context(sender or draft.actor, **other)
        return judge_commit(sent.commit, sent.group_info, sent.welcome, self.room.state, context)

    def refusal(self, draft: Draft, sender: Actor | None = None, **other: Any) -> str:
        with pytest.raises(MlsError) as refusal:
            self.judge(draft, sender, **other)
        return refusal.value.code


@pytest.fixture
def cast() -> Cast:
    return Cast()


def test_the_dishonest_client_is_right_when_nothing_is_bent(cast: Cast) -> None:
    assert cast.judge(cast.update()).path_updated
    assert cast.judge(cast.update(cast.cat)).sender.leaf == 2
    assert cast.judge(cast.entry(cast.dan)).joined == (cast.dan.member,)
    assert cast.judge(cast.entry(cast.ben, proposals=[external_init(), remove(1)], removes=[1])).resynced
    assert cast.judge(cast.room.adding(cast.ben, cast.dan)).joined == (cast.dan.member,)


def _key() -> bytes:
    return Actor().package_leaf()[1:33]


def _old_key(cast: Cast) -> bytes:
    assert cast.room.state is not None
    return next(cast.room.state.tree.keys())


def _old_tree(cast: Cast) -> bytes:
    assert cast.room.state is not None
    return cast.room.state.tree.encode()


def _entry_that_adds(cast: Cast) -> Draft:
    draft = cast.room.adding(cast.ada, Actor())
    return cast.entry(cast.dan, proposals=[external_init(), *draft.proposals], adds=draft.adds, welcome=draft.welcome)


BENT: dict[str, tuple[str, Callable[[Cast], Draft]]] = {
    "another group": ("wrong_group", lambda c: c.update(group_id=urandom(16))),
    "an epoch to come": ("future_epoch", lambda c: c.update(epoch=2)),
    "a past epoch": ("stale_epoch", lambda c: c.update(epoch=0)),
    "another member's leaf": ("wrong_sender", lambda c: c.update(sender=1)),
    "a leaf that nobody has": ("wrong_sender", lambda c: c.update(sender=9)),
    "the server's name": ("wrong_sender", lambda c: c.update(sender_type=SenderType.EXTERNAL)),
    "a stranger's signature": ("bad_signature", lambda c: c.update(signed_by=c.dan.key)),
    "data in the clear": ("not_allowed", lambda c: c.update(authenticated_data=b"hello")),
    "another's credential on the new leaf": ("identity_mismatch", lambda c: c.update(leaf_of=c.ben)),
    "a leaf made for an update": ("malformed", lambda c: c.update(leaf_source=LeafSource.UPDATE)),
    "a leaf signed for another place": ("bad_signature", lambda c: c.update(leaf_index=3)),
    "a parent hash that leads nowhere": ("malformed", lambda c: c.update(parent_hash=urandom(32))),
    "a path that is too long": ("malformed", lambda c: c.update(extra_nodes=1)),
    "secrets sealed to one too many": ("malformed", lambda c: c.update(extra_recipients=1)),
    "a key that nobody can seal to": ("malformed", lambda c: c.update(encrypts_to=bytes(32))),
    "a path key that nobody can seal to": ("malformed", lambda c: c.update(node_key=bytes(32))),
    "an old key as a new one": ("malformed", lambda c: c.update(encrypts_to=_old_key(c))),
    "one key for the whole path": ("membership_mismatch", lambda c: c.update(node_key=_key())),
    "no path and no change": ("malformed", lambda c: c.update(path=False)),
    "a removal without a path": ("malformed", lambda c: c.update(proposals=[remove(3)], removes=[3], path=False)),
    "an Update of a leaf": ("not_allowed", lambda c: c.update(proposals=[b"\x01\x00\x02" + c.ada.package_leaf()])),
    "a pre-shared key": ("not_allowed", lambda c: c.update(proposals=[b"\x01\x00\x04\x01\x00\x00"])),
    "a new start": ("not_allowed", lambda c: c.update(proposals=[b"\x01\x00\x05" + opaque(urandom(16)) + bytes(5)])),
    "other group extensions": ("not_allowed", lambda c: c.update(proposals=[b"\x01\x00\x07" + EXTENSIONS])),
    "a proposal that does not exist": ("not_allowed", lambda c: c.update(proposals=[b"\x01\x0a\x0a"])),
    "a reference to nothing": ("not_allowed", lambda c: c.update(proposals=[reference(urandom(32))])),
    "an entry by a member": ("malformed", lambda c: c.update(proposals=[external_init()])),
    "the removal of another account": ("not_allowed", lambda c: c.update(proposals=[remove(1)], removes=[1])),
    "its own removal": ("malformed", lambda c: c.update(proposals=[remove(0)])),
    "the removal of nobody": ("malformed", lambda c: c.update(proposals=[remove(77)])),
    "a removal twice": ("malformed", lambda c: c.update(proposals=[remove(3), remove(3)], removes=[3])),
    "group info of another room": ("group_info_mismatch", lambda c: c.update(info={"group_id": urandom(16)})),
    "group info of another epoch": ("group_info_mismatch", lambda c: c.update(info={"epoch": 3})),
    "group info with other extensions": ("group_info_mismatch", lambda c: c.update(info={"extensions": b"\0"})),
    "group info with another history": ("group_info_mismatch", lambda c: c.update(info={"confirmed": urandom(32)})),
    "group info with another tag": ("group_info_mismatch", lambda c: c.update(info={"tag": urandom(32)})),
    "group info in another's name": ("group_info_mismatch", lambda c: c.update(info={"signer": 1})),
    "group info signed by another": ("bad_signature", lambda c: c.update(info={"key": c.ben.key})),
    "group info with the old tree": ("membership_mismatch", lambda c: c.update(info={"tree": _old_tree(c)})),
    "group info with another tree hash": ("membership_mismatch", lambda c: c.update(info={"tree_hash": urandom(32)})),
    "a welcome for nobody": ("welcome_mismatch", lambda c: c.update(welcome=[urandom(32)])),
    "an entry without its beginning": ("not_allowed", lambda c: c.entry(c.dan, proposals=[])),
    "an entry that begins twice": ("not_allowed", lambda c: c.entry(c.dan, proposals=[external_init()] * 2)),
    "an entry that removes another": (
        "not_allowed",
        lambda c: c.entry(c.dan, proposals=[external_init(), remove(1)], removes=[1]),
    ),
    "an entry that adds another": ("not_allowed", _entry_that_adds),
    "an entry without a path": ("wrong_sender", lambda c: c.entry(c.dan, path=False)),
    "an entry signed by another": ("bad_signature", lambda c: c.entry(c.dan, signed_by=c.ben.key)),
    "an entry in another's name": ("identity_mismatch", lambda c: c.entry(c.dan, leaf_of=c.ben)),
    "a return that leaves its old leaf twice": (
        "membership_mismatch",
        lambda c: c.entry(c.ben, proposals=[external_init(), remove(1), remove(1)], removes=[1]),
    ),
    "a path that is too short": ("malformed", lambda c: c.update(extra_nodes=-1)),
    "a return that keeps the old leaf": ("membership_mismatch", lambda c: c.entry(c.ben)),
}


@pytest.mark.parametrize("what", BENT)
def test_a_commit_is_refused_for(what: str, cast: Cast) -> None:
    code, bend = BENT[what]
    assert cast.refusal(bend(cast)) == code


def test_one_members_commit_cannot_be_sent_by_another(cast: Cast) -> None:
    assert cast.refusal(cast.update(cast.ben), sender=cast.ada) == "wrong_sender"
    assert cast.refusal(cast.entry(cast.dan), sender=cast.ada) == "identity_mismatch"


def test_a_member_may_remove_another_device_of_its_own_account(cast: Cast) -> None:
    facts = cast.judge(cast.update(proposals=[remove(3)], removes=[3]))
    assert facts.left == (cast.tablet.member,)
    assert cast.refusal(cast.update(cast.ben, proposals=[remove(3)], removes=[3])) == "not_allowed"


def test_a_device_that_is_being_removed_cannot_commit(cast: Cast) -> None:
    assert cast.refusal(cast.update(cast.ben), pending=(cast.removal(1),)) == "not_allowed"


def test_every_pending_removal_must_be_carried_out_by_reference_or_by_value(cast: Cast) -> None:
    first, second = cast.removal(1), cast.removal(2)
    pending = (first, second)
    both = cast.update(proposals=[reference(first.ref), reference(second.ref)], removes=[1, 2])
    assert cast.judge(both, pending=pending).left == (cast.ben.member, cast.cat.member)
    mixed = cast.update(proposals=[reference(second.ref), remove(1)], removes=[2, 1])
    assert cast.judge(mixed, pending=pending).left == (cast.cat.member, cast.ben.member)
    one = cast.update(proposals=[reference(first.ref)], removes=[1])
    assert cast.refusal(one, pending=pending) == "pending_removal"
    assert cast.refusal(cast.update(), pending=pending) == "pending_removal"
    twice = cast.update(proposals=[reference(first.ref), remove(1), reference(second.ref)], removes=[1, 2])
    assert cast.refusal(twice, pending=pending) == "malformed"


def test_a_device_may_come_back_while_it_is_being_removed_if_its_account_may_enter(cast: Cast) -> None:
    back = cast.entry(cast.ben, proposals=[external_init(), remove(1)], removes=[1])
    facts = cast.judge(back, pending=(cast.removal(1), cast.removal(2)))
    assert facts.resynced
    assert [removal.leaf for removal in facts.outstanding] == [2]
    assert cast.refusal(back, may_enter={cast.ada.account}) == "not_allowed"


def test_pending_removals_of_another_epoch_are_the_callers_mistake(cast: Cast) -> None:
    assert cast.room.state is not None
    stale = pending_removal(external_remove(cast.room.group_id, 0, 1, 0, SERVER))
    nobody = cast.removal(9)
    for pending in ((stale,), (nobody,), (cast.removal(1), cast.removal(1))):
        with pytest.raises(ValueError, match="pending removals must be"):
            cast.judge(cast.update(), pending=pending)


def test_only_accounts_that_may_be_added_are_added(cast: Cast) -> None:
    draft = cast.room.adding(cast.ada, cast.dan)
    assert cast.judge(draft, may_be_added={cast.dan.account}).joined == (cast.dan.member,)
    assert cast.refusal(draft, may_be_added={uuid4()}) == "not_allowed"


def test_only_key_packages_that_were_handed_out_are_added(cast: Cast) -> None:
    draft = cast.room.adding(cast.ada, cast.dan)
    assert cast.refusal(draft, offered={}) == "key_package_unknown"
    swapped = dict.fromkeys(cast.room.offered, cast.ben.member)
    assert cast.refusal(draft, offered=swapped) == "identity_mismatch"


def test_an_expired_key_package_is_not_added(cast: Cast) -> None:
    draft = cast.room.adding(cast.ada, cast.dan)
    assert cast.refusal(draft, now=NOW + 86_400 * 31) == "key_package_expired"
    assert cast.refusal(draft, now=NOW - 86_400) == "bad_lifetime"


def test_a_device_cannot_be_in_a_room_twice(cast: Cast) -> None:
    assert cast.refusal(cast.room.adding(cast.ada, cast.ben)) == "membership_mismatch"
    assert cast.refusal(cast.room.adding(cast.ada, cast.dan, cast.dan)) == "membership_mismatch"


def test_two_devices_cannot_share_a_signature_key(cast: Cast) -> None:
    double = Actor()
    double.key = cast.ben.key
    assert cast.refusal(cast.room.adding(cast.ada, double)) == "membership_mismatch"


def test_a_device_cannot_come_a_second_time_with_another_key(cast: Cast) -> None:
    again = Actor(cast.ben.account)
    assert again.member.client_id == cast.ben.member.client_id
    assert cast.refusal(cast.room.adding(cast.ada, again)) == "membership_mismatch"


def test_a_device_that_lacks_what_the_room_requires_is_not_added(cast: Cast) -> None:
    basic_only = bytes.fromhex("020001" + "020003" + "0000" + "020001")
    package = cast.dan.key_package(cast.dan.package_leaf(capabilities=basic_only))
    ref = cast.room.offer(package)
    draft = Draft(cast.ada, [add(package)], adds=[package], path=False, welcome=[ref])
    assert cast.refusal(draft) == "not_allowed"


def test_a_device_that_lacks_what_the_room_requires_does_not_come_in(cast: Cast) -> None:
    basic_only = bytes.fromhex("020001" + "020003" + "0000" + "020001")
    assert cast.refusal(cast.entry(cast.dan, capabilities=basic_only)) == "not_allowed"


def test_the_welcome_is_for_just_the_devices_that_are_added(cast: Cast) -> None:
    draft = cast.room.adding(cast.ada, cast.dan, Actor())
    refs = draft.welcome
    assert refs is not None
    for wrong in (None, [], refs[:1], [*refs, urandom(32)], [refs[0], urandom(32)]):
        draft.welcome = wrong
        assert cast.refusal(draft) == "welcome_mismatch"
    draft.welcome = [refs[0], refs[0]]
    assert cast.refusal(draft) == "malformed"
    draft.welcome = refs[::-1]
    assert len(cast.judge(draft).joined) == 2


def test_a_welcome_is_not_larger_than_its_group(cast: Cast) -> None:
    sent = cast.room.send(cast.room.adding(cast.ada, cast.dan))
    assert sent.welcome is not None
    padded = sent.welcome[:-402] + opaque(urandom(len(sent.group_info) + 2000))
    with pytest.raises(MlsError, match="larger than its group"):
        judge_commit(sent.commit, sent.group_info, padded, cast.room.state, cast.room.context(cast.ada))


def test_a_seat_that_became_free_is_taken_again(cast: Cast) -> None:
    draft = cast.room.adding(cast.ada, cast.dan)
    removal = cast.removal(1)
    draft.proposals = [reference(removal.ref), *draft.proposals]
    draft.removes, draft.path = [1], True
    facts = cast.judge(draft, pending=(removal,))
    assert [(seat.leaf, seat.member) for seat in facts.added] == [(1, cast.dan.member)]
    assert facts.left == (cast.ben.member,)


def test_nobody_comes_in_by_itself_before_a_room_is_founded(cast: Cast) -> None:
    sent = cast.room.send(cast.entry(cast.dan, epoch=0))
    with pytest.raises(MlsError) as refusal:
        judge_commit(sent.commit, sent.group_info, None, None, cast.room.context(cast.dan))
    assert refusal.value.code == "wrong_sender"


def test_everyone_is_a_container_of_accounts_alone() -> None:
    assert uuid4() in Everyone()
    assert "ada" not in Everyone()
