"""What a moderator who lies puts into an evidence bundle before the server seals it is named."""

from uuid import uuid4

import msgspec

from moderation import attestation
from moderation.evidence import bundle as form
from moderation.evidence.bundle import Message
from moderation.evidence.container import pack
from moderation.evidence.content import said
from moderation.signing import b64
from tests.moderation.bundles import Maker, mimi
from tests.moderation.whole_bundle import (
    BYSTANDER,
    INFILTRATOR,
    REPORTER,
    made,
    sealed_anew,
    sealed_with,
    with_message,
)


def test_a_text_that_the_content_does_not_say_is_named() -> None:
    assert sealed_anew(with_message(1, text="I love you")) == ["message 1: the text shown is not what the content says"]


def test_an_invented_content_under_a_genuine_stamp_is_named() -> None:
    invented = mimi(INFILTRATOR, made().maker.room, "I will hurt you")
    problems = sealed_anew(with_message(1, content=b64(invented), text="I will hurt you"))
    assert problems == ["message 1: the content is not what was stamped"]


def test_a_swapped_sender_is_named() -> None:
    assert sealed_anew(with_message(2, who="Person A")) == ["message 2: its label is not the one of its sender"]
    assert sealed_anew(with_message(3, who="Person C")) == ["message 3: its label is not the one of its sender"]


def test_a_content_that_names_another_sender_or_room_than_its_stamp_is_named() -> None:
    maker = made().maker
    foreign = mimi(REPORTER, uuid4(), "hello")
    token = maker.attested(INFILTRATOR, foreign, 20)
    message = Message(token, "Person A", b64(foreign), said(foreign).text, None, [])
    assert sealed_with([message]) == [
        "message 1: the content names another sender than the stamp",
        "message 1: the content names another room than the stamp",
    ]


def test_an_attestation_of_another_case_or_server_is_named() -> None:
    mine, other = made().maker, Maker(room=made().maker.room)
    elsewhere = Maker(signer=mine.signer).message(INFILTRATOR, "Person A", "x", 4)
    stranger = other.message(INFILTRATOR, "Person A", "x", 4)
    assert sealed_with([elsewhere]) == ["message 1: attested for another case"]
    foreign = msgspec.structs.replace(made().bundle, messages=[stranger])
    files = mine.files(made().bundle) | {form.BUNDLE: msgspec.json.encode(foreign)}
    problems = made().verified(pack(mine.sealed(files))).problems
    assert problems == ["message 1: the attestation: signed by a key that is not published"]


def test_a_withheld_message_of_which_something_is_told_is_named() -> None:
    assert sealed_anew(with_message(5, who="Person C")) == ["message 5: withheld, but something of it is told"]
    token = made().maker.attested(BYSTANDER, mimi(BYSTANDER, made().maker.room, "x"), 11)
    *shown, withheld = made().bundle.messages
    told = msgspec.structs.replace(withheld, attestation=token)
    assert sealed_with([*shown, told]) == ["message 5: withheld, but something of it is told"]


def test_a_message_whose_stamp_hides_who_it_is_by_cannot_be_shown_as_somebodys() -> None:
    short = attestation.withhold(made().bundle.messages[0].attestation)
    assert "message 1: something of it is missing" in sealed_anew(with_message(1, attestation=short))


def test_a_changed_entry_of_custody_is_named() -> None:
    first, *rest = made().bundle.custody
    for changed in ({"actor": "A-SOMEBODY00"}, {"at": 1}, {"seq": 0}, {"detail": "x"}):
        custody = [msgspec.structs.replace(first, **changed), *rest]
        problems = sealed_anew(msgspec.structs.replace(made().bundle, custody=custody))
        assert problems[0] == f"custody {custody[0].seq}: it was changed"
