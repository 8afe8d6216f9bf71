"""Pictures in evidence bundles: those that were sent, or what is not is named."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evidence import bundle as form
from moderation.evidence.bundle import Bundle, Message
from moderation.evidence.container import pack, unpack
from moderation.evidence.content import NOT_SHOWN, said
from moderation.evidence.pictures import is_sent, kind
from moderation.evidence.verify import Verdict, verify
from moderation.signing import b64
from tests.moderation.bundles import Maker, mimi
from tests.moderation.pictures import GIF, JPEG, SVG, WEBP, png, sent, two_ways

SENDER, OTHER = uuid4(), uuid4()
HILL, STREET = sent(png(b"hill"), 'a <b>"hill"</b>'), sent(JPEG)
maker = Maker()
HERE = {HILL.name: HILL.data, STREET.name: STREET.data}
BUNDLE = maker.bundle(
    [maker.message(SENDER, "Person A", "look", 4, [HILL]), maker.message(OTHER, "Person B", "", 5, [STREET])]
)


def sealed(bundle: Bundle = BUNDLE, pictures: Mapping[str, bytes] = HERE) -> Verdict:
    """What becomes of a bundle that the server sealed, whatever is in it."""
    return verify(maker.zip(bundle, pictures), maker.published)


def with_names(number: int, names: list[str | None]) -> Bundle:
    messages = list(BUNDLE.messages)
    messages[number - 1] = msgspec.structs.replace(messages[number - 1], pictures=names)
    return msgspec.structs.replace(BUNDLE, messages=messages)


def with_parts(seq: int, parts: list[list[Any]], names: list[str | None]) -> Message:
    content = mimi(SENDER, maker.room, "x", attachments=parts)
    token = maker.attested(SENDER, content, seq)
    return Message(token, "Person A", b64(content), said(content).text, None, names)


def test_pictures_are_in_a_bundle_as_they_were_sent() -> None:
    verdict = sealed()
    assert (verdict.problems, verdict.pictures, verdict.absent) == ([], 2, 0)
    files = unpack(maker.zip(BUNDLE, HERE))
    assert files[HILL.name] == HILL.data
    assert HILL.name == f"pictures/{HILL.hash.hex()}.png"
    assert [message.text for message in BUNDLE.messages] == ['look\n[picture: a <b>"hill"</b>]', "[picture]"]


def test_the_page_shows_a_picture_with_its_senders_words_and_runs_and_fetches_nothing() -> None:
    page = unpack(maker.zip(BUNDLE, HERE))[form.PAGE].decode()
    assert f'<img src="{HILL.name}" alt="a &lt;b&gt;&quot;hill&quot;&lt;/b&gt;">' in page
    assert "look\n[picture: a &lt;b&gt;&quot;hill&quot;&lt;/b&gt;]" in page
    assert f'<img src="{STREET.name}" alt="A picture without a description">' in page
    policy = re.search('<meta http-equiv="Content-Security-Policy" content="([^"]+)">', page)
    assert policy
    assert policy[1].startswith("default-src 'none'; img-src 'self' file:; style-src 'sha256-")
    assert "unsafe" not in policy[1]
    assert "<script" not in page


def test_of_a_picture_that_is_not_there_the_page_says_so() -> None:
    bundle = with_names(1, [None])
    verdict = sealed(bundle, {STREET.name: STREET.data})
    assert (verdict.problems, verdict.pictures, verdict.absent) == ([], 1, 1)
    page = maker.files(bundle)[form.PAGE].decode()
    assert "This picture is not here." in page
    assert "look\n[picture: a &lt;b&gt;" in page


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (png(b"hall"), ["its picture is not the one that was sent"]),
        (HILL.data[:-1], ["its picture is not the one that was sent"]),
        (HILL.data + b"\0", ["its picture is not the one that was sent"]),
        (GIF, ["its picture is of another kind than its name says", "its picture is not the one that was sent"]),
        (SVG, ["its picture is of another kind than its name says", "its picture is not the one that was sent"]),
        (b"", ["its picture is of another kind than its name says", "its picture is not the one that was sent"]),
        (png(bytes(2_000_000)), ["its picture is not the one that was sent"]),
    ],
)
def test_another_picture_in_its_place_is_named(data: bytes, problems: list[str]) -> None:
    assert sealed(pictures=HERE | {HILL.name: data}).problems == [f"message 1: {problem}" for problem in problems]


@given(st.data())
def test_whatever_is_done_to_a_picture_before_it_is_sealed_is_named(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(HILL.data)))
    end = data.draw(st.integers(start, len(HILL.data)))
    changed = HILL.data[:start] + data.draw(st.binary(max_size=40)) + HILL.data[end:]
    assert (changed == HILL.data) == (sealed(pictures=HERE | {HILL.name: changed}).problems == [])


@given(
    st.dictionaries(
        st.sampled_from([HILL.name, STREET.name, "pictures/", "x.svg"]), st.sampled_from([SVG, JPEG, HILL.data])
    )
)
def test_files_that_are_not_just_those_that_messages_name_are_named(pictures: dict[str, bytes]) -> None:
    assert (pictures == HERE) == (sealed(pictures=pictures).problems == [])


@pytest.mark.parametrize(
    "name",
    [
        STREET.name,
        HILL.name.replace("png", "jpg"),
        HILL.name.replace("png", "svg"),
        HILL.name.replace(".png", "-2.png"),
        HILL.name.upper(),
        f"../{HILL.name}",
        "https://elsewhere.example/hill.png",
        "",
    ],
    # The names are of another key in each process that collects the tests.
    ids=["another's", "jpg", "svg", "second", "upper case", "above", "elsewhere", "none"],
)
def test_a_picture_has_the_name_that_belongs_to_it(name: str) -> None:
    problems = sealed(with_names(1, [name]), {**HERE, name: HILL.data}).problems
    assert problems
    assert "elsewhere.example" not in maker.files(with_names(1, [name]))[form.PAGE].decode()


def test_a_picture_that_is_missing_and_one_that_nobody_named_are_named() -> None:
    assert sealed(pictures={STREET.name: STREET.data}).problems == ["message 1: its picture is missing"]
    assert sealed(with_names(1, [None])).problems == [f"{HILL.name}: no message names it"]
    assert sealed(with_names(1, [])).problems == [
        "message 1: it does not name each of its pictures",
        f"{HILL.name}: no message names it",
    ]
    files = maker.sealed(maker.files(BUNDLE, HERE))
    assert verify(pack(files | {"pictures/more.png": b"x"}), maker.published).problems == ["pictures/more.png: added"]


def test_of_a_message_that_is_withheld_there_is_no_picture() -> None:
    withheld = maker.withheld(OTHER, "x", 6, pictures=[STREET])
    bundle = maker.bundle([BUNDLE.messages[0], withheld])
    assert sealed(bundle, {HILL.name: HILL.data}).problems == []
    assert sealed(bundle).problems == [f"{STREET.name}: no message names it"]
    told = msgspec.structs.replace(withheld, pictures=[STREET.name])
    assert sealed(maker.bundle([BUNDLE.messages[0], told])).problems == [
        "message 2: withheld, but something of it is told",
        f"{STREET.name}: no message names it",
    ]


def test_ciphertext_that_opens_in_two_ways_is_each_time_what_the_message_names() -> None:
    one, other = two_ways()
    second = other.name.replace(".", "-2.")
    assert (one.name, one.data != other.data) == (other.name, True)
    messages = [
        with_parts(7, [one.part(maker.room_uri)], [one.name]),
        with_parts(8, [other.part(maker.room_uri)], [second]),
    ]
    bundle = maker.bundle(messages)
    assert sealed(bundle, {one.name: one.data, second: other.data}).problems == []
    assert sealed(bundle, {one.name: other.data, second: one.data}).problems == [
        "message 1: its picture is not the one that was sent",
        "message 2: its picture is not the one that was sent",
    ]
    alone = maker.bundle(messages[1:])
    assert (
        sealed(alone, {second: other.data}).problems[0] == "message 1: its picture has not the name that belongs to it"
    )
    renamed = maker.bundle([msgspec.structs.replace(messages[1], pictures=[other.name])])
    assert sealed(renamed, {other.name: other.data}).problems == []


def test_one_picture_that_was_sent_twice_is_one_file() -> None:
    part = HILL.part(maker.room_uri)
    bundle = maker.bundle([with_parts(7, [part], [HILL.name]), with_parts(8, [part], [HILL.name])])
    verdict = sealed(bundle, {HILL.name: HILL.data})
    assert (verdict.problems, verdict.pictures) == ([], 2)


def test_a_sender_who_pads_more_than_is_usual_does_not_get_away() -> None:
    padded = sent(JPEG, spare=3)
    bundle = maker.bundle([with_parts(7, [padded.part(maker.room_uri)], [padded.name])])
    assert sealed(bundle, {padded.name: padded.data}).problems == []


def test_what_was_sent_as_a_picture_and_is_none_is_not_taken_for_one() -> None:
    lie = sent(SVG)
    name = lie.name.replace("None", "jpg")
    bundle = maker.bundle([with_parts(7, [lie.part(maker.room_uri)], [name])])
    assert sealed(bundle, {name: lie.data}).problems == ["message 1: its picture is of another kind than its name says"]
    film = HILL.part(maker.room_uri, kind="video/mp4")
    bundle = maker.bundle([with_parts(7, [film], [HILL.name])])
    assert sealed(bundle, {HILL.name: HILL.data}).problems == [
        "message 1: it does not name each of its pictures",
        f"{HILL.name}: no message names it",
    ]
    bundle = maker.bundle([with_parts(7, [film], [])])
    assert (sealed(bundle, {}).problems, sealed(bundle, {}).absent) == ([], 0)
    assert NOT_SHOWN in maker.files(bundle)[form.PAGE].decode()


@pytest.mark.parametrize(
    ("data", "ending"),
    [(png(), "png"), (JPEG, "jpg"), (GIF, "gif"), (WEBP, "webp"), (SVG, None), (b"GIF8", None), (b"", None)],
)
def test_kinds_are_told_by_the_first_bytes(data: bytes, ending: str | None) -> None:
    assert kind(data) == ending


@given(st.binary(max_size=70_000))
def test_only_what_was_sealed_is_what_was_sent(data: bytes) -> None:
    picture = sent(data)
    named = said(mimi(SENDER, maker.room, "", attachments=[picture.part(maker.room_uri)])).pictures[0]
    assert is_sent(named, data)
    for changed in (data + b"\0", data + b"\x80", bytes(1) + data, data[1:] or b"x"):
        assert not is_sent(named, changed)
