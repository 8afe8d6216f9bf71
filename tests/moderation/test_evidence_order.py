"""Messages and custody in an evidence bundle: what is left out, there twice or out of its order is named."""

from functools import cache
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from moderation import attestation
from moderation.evidence.bundle import Message, label
from moderation.signing import b64
from tests.moderation.bundles import mimi
from tests.moderation.whole_bundle import INFILTRATOR, OTHER_ROOM, made, sealed_anew, sealed_with

SOME = st.lists(st.integers(0, 4), max_size=7)
"""Whatever a moderator may pick out of what there is, also several times and in any order."""

WITHHELD = 4


def _labelled(message: Message, senders: list[str | None]) -> Message:
    return message if message.who is None else msgspec.structs.replace(message, who=label(senders.index(message.who)))


@given(SOME)
def test_a_message_repeated_or_out_of_its_order_is_named(picked: list[int]) -> None:
    # Each sender has the label of their place.
    senders = list(dict.fromkeys(made().bundle.messages[at].who for at in picked if at != WITHHELD))
    messages = [_labelled(made().bundle.messages[at], senders) for at in picked]
    problems = sealed_anew(msgspec.structs.replace(made().bundle, messages=messages))
    expected = [] if picked else ["bundle.json: it holds no messages"]
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
        return Message(attestation.withhold(token), None, None, None, "uninvolved", [])
    return Message(token, "Person A", b64(content), f"words {seq}", None, [])


@given(SOME)
def test_a_message_attested_twice_is_named_and_another_of_that_number_in_another_chat_is_not(picked: list[int]) -> None:
    rooms = (made().maker.room, OTHER_ROOM)
    places = [(rooms[at % 2], 4 + at // 2) for at in picked]
    messages = [attested_anew(room, seq) for room, seq in places]
    problems = sealed_with(messages)
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
    problems = sealed_with(messages)
    expected = [
        f"message {number}: it is here twice" for number, place in enumerate(places, 1) if place in places[: number - 1]
    ]
    assert [problem for problem in problems if problem.endswith("twice")] == expected


def test_of_two_attestations_everything_but_the_mark_can_be_withheld_and_the_double_is_named() -> None:
    room = made().maker.room
    twice = [attested_anew(room, 4, withheld=True), attested_anew(room, 4, withheld=True)]
    elsewhere = attested_anew(OTHER_ROOM, 4, withheld=True)
    assert sealed_with(twice) == ["message 2: it is here twice"]
    assert sealed_with([twice[0], elsewhere]) == []


def test_attestations_from_before_there_were_marks_are_whole_beside_those_with_one() -> None:
    rooms = (made().maker.room, OTHER_ROOM)
    old = [attested_anew(rooms[0], 4, marked=False), attested_anew(rooms[0], 5, withheld=True, marked=False)]
    new = [attested_anew(rooms[0], 6), attested_anew(rooms[1], 7, withheld=True)]
    messages = [old[0], new[0], old[1], new[1]]
    assert sealed_with(messages) == []
    again = attested_anew(rooms[0], 4)
    assert sealed_with([old[0], again]) == ["message 2: it is here twice"]


@given(st.lists(st.integers(0, 2), max_size=5))
def test_an_entry_of_custody_left_out_repeated_or_moved_is_named(picked: list[int]) -> None:
    custody = [made().bundle.custody[at] for at in picked]
    problems = sealed_anew(msgspec.structs.replace(made().bundle, custody=custody))
    assert bool(problems) is (picked != [0, 1, 2])
    missing = "custody: it is not the 3 entries up to 4 that the server's log had"
    assert (missing in problems) is (set(picked) != {0, 1, 2})
