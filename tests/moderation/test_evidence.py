"""Evidence bundles: whole, or what is not is named."""

import io
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evidence import bundle as form
from moderation.evidence.bundle import Message, label
from moderation.evidence.container import NotABundle, pack, unpack
from moderation.evidence.page import NO_CHAT
from moderation.evidence.verify import Verdict, verify
from moderation.signing import b64
from tests.moderation.bundles import Maker, mimi
from tests.moderation.whole_bundle import BYSTANDER, HAND_OVER, INFILTRATOR, OTHER_ROOM, made


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


@pytest.mark.parametrize(
    "claim",
    [
        None,
        {},
        {"entries": 3},
        {"entries": 3, "last": 4},
        {"entries": "3", "last": 4, "digest": "x"},
        {"entries": 3, "last": -1, "digest": "x"},
    ],
)
def test_a_seal_that_does_not_say_what_the_log_had_is_named(claim: object) -> None:
    files = made().maker.sealed(made().maker.files(made().bundle, made().pictures), custody=claim)
    assert made().verified(pack(files)).problems == [f"{form.SEALED}: it does not say what the server's log had"]


def test_a_page_that_says_something_else_than_the_bundle_is_named() -> None:
    files = made().maker.files(made().bundle, made().pictures)
    files[form.PAGE] = files[form.PAGE].replace(b"send me pictures", b"send me a postcard")
    assert made().verified(pack(made().maker.sealed(files))).problems == [
        f"{form.PAGE}: it does not say what the bundle says"
    ]


@pytest.mark.parametrize(
    "claim", [{"network": str(uuid4())}, {"case": str(uuid4())}, {"by": "A-SOMEBODY00"}, {"iss": "mimi://else.example"}]
)
def test_a_seal_of_something_else_is_named(claim: dict[str, Any]) -> None:
    files = made().maker.sealed(made().maker.files(made().bundle, made().pictures), **claim)
    assert made().verified(pack(files)).problems == [
        f"{form.SEALED}: it belongs to another network, case, server or maker"
    ]


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
    bundle = maker.bundle([*shown, elsewhere, withheld])
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
    assert verify(forged, maker.published).problems == []
    assert len(made().verified(forged).problems) >= 4


def test_thousand_messages_are_verified_whole() -> None:
    maker = Maker()
    people: list[UUID] = [uuid4() for _ in range(5)]
    messages = [maker.message(people[n % 5], label(n % 5), f"message {n}", n + 1) for n in range(1000)]
    verdict = verify(maker.zip(maker.bundle(messages)), maker.published)
    assert verdict.problems == []
    assert verdict.messages == 1000
