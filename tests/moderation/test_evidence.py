"""Evidence bundles: whole, or what is not is named."""

import html
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from moderation import attestation
from moderation.evidence import bundle as form
from moderation.evidence.bundle import Bundle, Message
from moderation.evidence.container import NotABundle, pack, unpack
from moderation.evidence.content import said
from moderation.evidence.page import NO_CHAT
from moderation.evidence.verify import Verdict, verify
from moderation.management.commands.verify_evidence import FITS
from moderation.signing import b64, key_set
from tests.moderation.bundles import Maker, mimi
from tests.moderation.pictures import JPEG, png, sent
from tests.moderation.signers import new_signer

REPORTER, INFILTRATOR, BYSTANDER, OTHER_ROOM = uuid4(), uuid4(), uuid4(), uuid4()


@dataclass(frozen=True)
class Made:
    maker: Maker
    bundle: Bundle
    pictures: dict[str, bytes]
    data: bytes

    def verified(self, data: bytes | None = None) -> Verdict:
        return verify(self.data if data is None else data, self.maker.signer.public)


@cache
def made() -> Made:
    maker = Maker()
    hill, street, face = sent(png(), "a hill"), sent(JPEG), sent(png(b"bystander face"), "bystander description")
    messages = [
        maker.message(INFILTRATOR, "Person A", "I have work for you abroad. <b>No papers</b> & good pay", 4),
        maker.message(REPORTER, "Person B", "لا أريد", 6),
        maker.message(INFILTRATOR, "Person A", "send me pictures", 9, pictures=[hill]),
        maker.message(INFILTRATOR, "Person A", "", 10, pictures=[street]),
        maker.withheld(BYSTANDER, "bystander words", 5, pictures=[face]),
    ]
    bundle, pictures = maker.bundle(messages), {one.name: one.data for one in (hill, street)}
    return Made(maker, bundle, pictures, maker.zip(bundle, pictures))


def test_a_bundle_as_it_was_sealed_is_whole() -> None:
    verdict = made().verified()
    assert verdict.problems == []
    assert (verdict.messages, verdict.withheld, verdict.pictures, verdict.absent) == (5, 1, 2, 0)


@given(st.data())
def test_any_change_of_a_byte_is_named(data: st.DataObject) -> None:
    changed = bytearray(made().data)
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at] ^= data.draw(st.integers(1, 255))
    assert made().verified(bytes(changed)).problems


@given(st.data())
def test_anything_cut_out_or_put_in_is_named(data: st.DataObject) -> None:
    whole = made().data
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start, min(len(whole), start + 400)))
    put = data.draw(st.binary(max_size=60))
    changed = whole[:start] + put + whole[end:]
    assert changed == whole or made().verified(changed).problems


def test_the_uninvolved_are_nowhere_in_it() -> None:
    files = unpack(made().data)
    for content in files.values():
        for secret in (str(BYSTANDER), BYSTANDER.hex, "bystander words", "bystander face", "bystander description"):
            assert secret.encode() not in content


def test_a_page_escapes_what_people_wrote() -> None:
    page = unpack(made().data)[form.PAGE].decode()
    assert "&lt;b&gt;No papers&lt;/b&gt; &amp; good pay" in page
    assert "<b>" not in page
    assert "<script" not in page


def resealed(change: Callable[[dict[str, bytes]], None]) -> Verdict:
    """Somebody who makes every hash fit again, but cannot seal, puts the old seal beside it."""
    files = unpack(made().data)
    old_seal = files[form.SEALED]
    inside = {name: content for name, content in files.items() if name not in (form.MANIFEST, form.SEALED)}
    change(inside)
    forged = Maker(case=made().maker.case).sealed(inside)
    return made().verified(pack(forged | {form.SEALED: old_seal}))


def test_whoever_makes_all_the_hashes_fit_still_lacks_the_seal() -> None:
    def blame(files: dict[str, bytes]) -> None:
        files[form.BUNDLE] = files[form.BUNDLE].replace(b"send me pictures", b"send me a postcard")

    problems = resealed(blame).problems
    assert f"{form.SEALED}: {form.MANIFEST} is not what was sealed" in problems
    assert "message 3: the text shown is not what the content says" in problems


def sealed_anew(bundle: Bundle) -> list[str]:
    """A moderator who lies before the server seals it."""
    named = {name for message in bundle.messages for name in message.pictures}
    pictures = {name: data for name, data in made().pictures.items() if name in named}
    return made().verified(made().maker.zip(bundle, pictures)).problems


def with_message(number: int, **changed: object) -> Bundle:
    messages = list(made().bundle.messages)
    messages[number - 1] = msgspec.structs.replace(messages[number - 1], **changed)
    return msgspec.structs.replace(made().bundle, messages=messages)


def test_a_text_that_the_content_does_not_say_is_named() -> None:
    assert sealed_anew(with_message(1, text="I love you")) == ["message 1: the text shown is not what the content says"]


def test_an_invented_content_under_a_genuine_stamp_is_named() -> None:
    invented = mimi(INFILTRATOR, made().maker.room, "I will hurt you")
    problems = sealed_anew(with_message(1, content=b64(invented), text="I will hurt you"))
    assert problems == ["message 1: the content is not what was stamped"]


def test_a_swapped_sender_is_named() -> None:
    assert sealed_anew(with_message(2, who="Person A")) == ["message 2: labels and senders are mixed up"]
    assert sealed_anew(with_message(3, who="Person C")) == ["message 3: labels and senders are mixed up"]


def test_a_content_that_names_another_sender_or_room_than_its_stamp_is_named() -> None:
    maker = made().maker
    foreign = mimi(REPORTER, uuid4(), "hello")
    token = maker.attested(INFILTRATOR, foreign, 20)
    message = Message(token, "Person A", b64(foreign), said(foreign).text, None, [])
    bundle = msgspec.structs.replace(made().bundle, messages=[message])
    assert sealed_anew(bundle) == [
        "message 1: the content names another sender than the stamp",
        "message 1: the content names another room than the stamp",
    ]


def test_an_attestation_of_another_case_or_server_is_named() -> None:
    mine, other = made().maker, Maker(room=made().maker.room)
    elsewhere = Maker(signer=mine.signer).message(INFILTRATOR, "Person A", "x", 4)
    stranger = other.message(INFILTRATOR, "Person A", "x", 4)
    bundle = msgspec.structs.replace(made().bundle, messages=[elsewhere])
    assert sealed_anew(bundle) == ["message 1: attested for another case"]
    foreign = msgspec.structs.replace(made().bundle, messages=[stranger])
    files = mine.files(made().bundle) | {form.BUNDLE: msgspec.json.encode(foreign)}
    problems = made().verified(pack(mine.sealed(files))).problems
    assert problems == ["message 1: the attestation: signed by a key that is not published"]


def test_a_withheld_message_of_which_something_is_told_is_named() -> None:
    assert sealed_anew(with_message(5, who="Person C")) == ["message 5: withheld, but something of it is told"]
    token = made().maker.attested(BYSTANDER, mimi(BYSTANDER, made().maker.room, "x"), 11)
    assert sealed_anew(with_message(5, attestation=token)) == ["message 5: withheld, but something of it is told"]


def test_a_message_whose_stamp_hides_who_it_is_by_cannot_be_shown_as_somebodys() -> None:
    short = attestation.withhold(made().bundle.messages[0].attestation)
    assert "message 1: something of it is missing" in sealed_anew(with_message(1, attestation=short))


def test_a_changed_entry_of_custody_is_named() -> None:
    first, *rest = made().bundle.custody
    for changed in ({"actor": "A-SOMEBODY00"}, {"at": 1}, {"seq": 0}, {"detail": "x"}):
        custody = [msgspec.structs.replace(first, **changed), *rest]
        problems = sealed_anew(msgspec.structs.replace(made().bundle, custody=custody))
        assert problems == [f"custody {custody[0].seq}: it was changed"]


SOME = st.lists(st.integers(0, 4), max_size=7)
"""Whatever a moderator may pick out of what there is, also several times and in any order."""


@given(SOME)
def test_a_message_repeated_or_out_of_its_order_is_named(picked: list[int]) -> None:
    problems = sealed_anew(
        msgspec.structs.replace(made().bundle, messages=[made().bundle.messages[at] for at in picked])
    )
    expected = []
    for number, at in enumerate(picked, 1):
        before = picked[: number - 1]
        if at in before:
            expected.append(f"message {number}: it is here twice")
        elif any(at < other for other in before):
            expected.append(f"message {number}: it is out of order")
    assert problems == expected


@cache
def spoken(room: UUID, seq: int) -> bytes:
    """What stands there: the same content each time that it is shown."""
    return mimi(INFILTRATOR, room, f"words {seq}")


def attested_anew(room: UUID, seq: int, *, withheld: bool = False, marked: bool = True) -> Message:
    content = spoken(room, seq)
    token = made().maker.attested(INFILTRATOR, content, seq, room, marked=marked)
    if withheld:
        return Message(attestation.withhold(token), None, None, None, "to protect somebody", [])
    return Message(token, "Person A", b64(content), f"words {seq}", None, [])


@given(SOME)
def test_a_message_attested_twice_is_named_and_another_of_that_number_in_another_chat_is_not(picked: list[int]) -> None:
    rooms = (made().maker.room, OTHER_ROOM)
    places = [(rooms[at % 2], 4 + at // 2) for at in picked]
    messages = [attested_anew(room, seq) for room, seq in places]
    problems = sealed_anew(msgspec.structs.replace(made().bundle, messages=messages))
    twice = [problem for problem in problems if problem.endswith("twice")]
    assert len(twice) == len(places) - len(set(places))
    chats = list(dict.fromkeys(room for room, _ in places))
    starts = [seq for at, (room, seq) in enumerate(places) if room not in [one for one, _ in places[:at]]]
    in_order = starts == sorted(starts) and places == sorted(places, key=lambda one: (chats.index(one[0]), one[1]))
    assert in_order or problems


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=7))
def test_a_message_attested_twice_is_named_whatever_of_it_is_withheld(picked: list[tuple[int, bool]]) -> None:
    rooms = (made().maker.room, OTHER_ROOM)
    places = [(rooms[at % 2], 4 + at // 2) for at, _ in picked]
    messages = [attested_anew(*place, withheld=withheld) for place, (_, withheld) in zip(places, picked, strict=True)]
    problems = sealed_anew(msgspec.structs.replace(made().bundle, messages=messages))
    expected = [
        f"message {number}: it is here twice" for number, place in enumerate(places, 1) if place in places[: number - 1]
    ]
    assert [problem for problem in problems if problem.endswith("twice")] == expected


def test_of_two_attestations_everything_but_the_mark_can_be_withheld_and_the_double_is_named() -> None:
    room = made().maker.room
    twice = [attested_anew(room, 4, withheld=True), attested_anew(room, 4, withheld=True)]
    elsewhere = attested_anew(OTHER_ROOM, 4, withheld=True)
    assert sealed_anew(msgspec.structs.replace(made().bundle, messages=twice)) == ["message 2: it is here twice"]
    assert sealed_anew(msgspec.structs.replace(made().bundle, messages=[twice[0], elsewhere])) == []


def test_attestations_from_before_there_were_marks_are_whole_beside_those_with_one() -> None:
    rooms = (made().maker.room, OTHER_ROOM)
    old = [attested_anew(rooms[0], 4, marked=False), attested_anew(rooms[0], 5, withheld=True, marked=False)]
    new = [attested_anew(rooms[0], 6), attested_anew(rooms[1], 7, withheld=True)]
    messages = [old[0], new[0], old[1], new[1]]
    assert sealed_anew(msgspec.structs.replace(made().bundle, messages=messages)) == []
    again = attested_anew(rooms[0], 4)
    assert sealed_anew(msgspec.structs.replace(made().bundle, messages=[old[0], again])) == [
        "message 2: it is here twice"
    ]


@given(st.lists(st.integers(0, 2), max_size=5))
def test_an_entry_of_custody_left_out_repeated_or_moved_is_named(picked: list[int]) -> None:
    custody = [made().bundle.custody[at] for at in picked]
    problems = sealed_anew(msgspec.structs.replace(made().bundle, custody=custody))
    assert bool(problems) is (picked != [0, 1, 2])
    missing = "custody: it is not the 3 entries up to 4 that the server's log had"
    assert (missing in problems) is (set(picked) != {0, 1, 2})


@pytest.mark.parametrize("claim", [None, {}, {"entries": 3}, {"entries": "3", "last": 4}, {"entries": 3, "last": -1}])
def test_a_seal_that_does_not_say_what_the_log_had_is_named(claim: object) -> None:
    files = made().maker.sealed(made().maker.files(made().bundle, made().pictures), custody=claim)
    assert made().verified(pack(files)).problems == [f"{form.SEALED}: it does not say what the server's log had"]


def test_a_page_that_says_something_else_than_the_bundle_is_named() -> None:
    files = made().maker.files(made().bundle, made().pictures)
    files[form.PAGE] = files[form.PAGE].replace(b"send me pictures", b"send me a postcard")
    assert made().verified(pack(made().maker.sealed(files))).problems == [
        f"{form.PAGE}: it does not say what the bundle says"
    ]


@pytest.mark.parametrize("claim", [{"case": str(uuid4())}, {"by": "A-SOMEBODY00"}, {"iss": "mimi://else.example"}])
def test_a_seal_of_something_else_is_named(claim: dict[str, str]) -> None:
    files = made().maker.sealed(made().maker.files(made().bundle, made().pictures), **claim)
    assert made().verified(pack(files)).problems == [f"{form.SEALED}: it belongs to another case, server or maker"]


HAND_OVER = str(uuid4())


def test_it_says_whether_it_was_made_with_the_members_consent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handed = msgspec.structs.replace(made().bundle, handed_over=HAND_OVER)
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(key_set(made().maker.signer.public)))
    for bundle, words in (
        (handed, f"Made for an agency with the member's consent, hand-over {HAND_OVER}."),
        (made().bundle, "An export by a moderator; nobody's consent is recorded in it."),
    ):
        data = made().maker.zip(bundle, made().pictures)
        (tmp_path / "evidence.zip").write_bytes(data)
        call_command("verify_evidence", str(tmp_path / "evidence.zip"), "--keys", str(keys))
        assert words in capsys.readouterr().out
        assert words in html.unescape(unpack(data)[form.PAGE].decode())
        assert made().verified(data).handed_over == bundle.handed_over


@pytest.mark.parametrize(
    ("says", "sealed"),
    [(HAND_OVER, None), (None, HAND_OVER), (HAND_OVER, str(uuid4()))],
    ids=["left out of the seal", "sealed alone", "another"],
)
def test_a_hand_over_that_the_server_did_not_seal_is_named(says: str | None, sealed: str | None) -> None:
    bundle = msgspec.structs.replace(made().bundle, handed_over=says)
    files = made().maker.sealed(made().maker.files(bundle, made().pictures), handed_over=sealed)
    otherwise = "it says otherwise for which hand-over it was made, or whether for any"
    assert made().verified(pack(files)).problems == [f"{form.SEALED}: {otherwise}"]


def test_chats_stand_apart_on_the_page_and_what_is_withheld_by_itself() -> None:
    maker = made().maker
    content = mimi(INFILTRATOR, OTHER_ROOM, "elsewhere")
    token = maker.attested(INFILTRATOR, content, 12, OTHER_ROOM)
    elsewhere = Message(token, "Person A", b64(content), "elsewhere", None, [])
    *shown, withheld = made().bundle.messages
    bundle = msgspec.structs.replace(made().bundle, messages=[*shown, elsewhere, withheld])
    data = maker.zip(bundle, made().pictures)
    assert made().verified(data).problems == []
    page = unpack(data)[form.PAGE].decode()
    pieces = [
        "<h3>Chat 1</h3>",
        "Chat 1 · No. 4 ·",
        "<h3>Chat 2</h3>",
        "Chat 2 · No. 12 ·",
        f"<h3>{NO_CHAT}</h3>",
        '"k">No. 5 ·',
    ]
    assert all(page.count(piece) == 1 for piece in pieces)
    assert sorted(pieces, key=page.index) == pieces


def test_a_file_added_or_left_out_is_named() -> None:
    files = unpack(made().data)
    assert made().verified(pack(files | {"more.txt": b"x"})).problems == ["more.txt: added"]
    del files[form.KEYS]
    assert made().verified(pack(files)).problems == [f"{form.KEYS}: missing"]


def test_a_zip_that_another_tool_packed_anew_is_named() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in unpack(made().data).items():
            archive.writestr(name, content)
    assert made().verified(target.getvalue()).problems == ["the file: a file in it is packed or locked"]
    with pytest.raises(NotABundle):
        unpack(b"not a zip")


def test_a_stranger_with_keys_of_their_own_seals_nothing_for_this_server() -> None:
    maker = Maker(case=made().maker.case)
    forged = maker.zip(maker.bundle([maker.message(INFILTRATOR, "Person A", "x", 4)]))
    assert verify(forged, maker.signer.public).problems == []
    assert len(made().verified(forged).problems) >= 4


def test_the_command_says_whole_or_what_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle, keys = tmp_path / "evidence.zip", tmp_path / "keys.json"
    bundle.write_bytes(made().data)
    keys.write_text(json.dumps(key_set(made().maker.signer.public)))
    call_command("verify_evidence", str(bundle), "--keys", str(keys))
    told = capsys.readouterr().out
    assert "Whole. 4 messages as the server stamped them, 1 withheld." in told
    assert "2 pictures as they were sent, 0 not in it." in told
    keys.write_text(json.dumps(key_set(new_signer().public)))
    with pytest.raises(CommandError, match="not published"):
        call_command("verify_evidence", str(bundle), "--keys", str(keys))
    bundle.write_bytes(made().data[:-1])
    with pytest.raises(CommandError):
        call_command("verify_evidence", str(bundle))


def test_the_command_calls_nothing_whole_that_only_fits_its_own_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maker, bundle = Maker(), tmp_path / "evidence.zip"
    for data in (made().data, maker.zip(maker.bundle([maker.message(INFILTRATOR, "Person A", "forged", 4)]))):
        bundle.write_bytes(data)
        with pytest.raises(CommandError, match="anybody can make such a file") as end:
            call_command("verify_evidence", str(bundle))
        assert end.value.returncode == FITS
        told = capsys.readouterr().out
        assert told.startswith("Fits its own keys. ")
        assert "Whole" not in told
    bundle.write_bytes(data[:-1])
    with pytest.raises(CommandError) as end:
        call_command("verify_evidence", str(bundle))
    assert end.value.returncode == 1


def test_thousand_messages_are_verified_whole() -> None:
    maker = Maker()
    people: list[UUID] = [uuid4() for _ in range(5)]
    messages = [maker.message(people[n % 5], f"Person {n % 5}", f"message {n}", n + 1) for n in range(1000)]
    verdict = verify(maker.zip(maker.bundle(messages)), maker.signer.public)
    assert verdict.problems == []
    assert verdict.messages == 1000
