"""Where an evidence bundle has words of its own, its maker chooses none: no names, no reasons, no times, and not nothing."""

import json
from pathlib import Path

import msgspec
import pytest
from django.core.management import CommandError, call_command

from moderation.evidence import bundle as form
from moderation.evidence.bundle import REASONS, Bundle, label
from moderation.evidence.container import pack, unpack
from moderation.evidence.page import EMPTY
from moderation.signing import key_set
from tests.moderation.whole_bundle import made, sealed_anew, with_message

FREE = ["Maria Gomez, 5 High Street", "Person \u202eB", "Person B\u0007", "person a", "Person A ", "", "Person C"]


def called(who: str) -> Bundle:
    messages = [
        msgspec.structs.replace(one, who=who if one.who == "Person A" else one.who) for one in made().bundle.messages
    ]
    return msgspec.structs.replace(made().bundle, messages=messages)


@pytest.mark.parametrize("who", FREE)
def test_a_label_that_is_not_the_one_of_its_place_is_named(who: str) -> None:
    otherwise = [f"message {number}: its label is not the one of its sender" for number in (1, 3, 4)]
    assert sealed_anew(called(who)) == otherwise


def test_labels_go_on_after_the_last_letter() -> None:
    assert [label(number) for number in (0, 25, 26, 27, 51, 52, 701, 702)] == [
        f"Person {letters}" for letters in ("A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA")
    ]


@pytest.mark.parametrize("why", ["Person A wrote: I will kill you tonight", "", "uninvolved ", "\u202euninvolved"])
def test_a_reason_of_somebodys_own_is_named_and_stands_on_no_page(why: str) -> None:
    assert sealed_anew(with_message(5, withheld=why)) == ["message 5: withheld for a reason that is none"]
    page = unpack(made().maker.zip(with_message(5, withheld=why), made().pictures))[form.PAGE].decode()
    assert "kill you tonight" not in page
    assert "\u202e" not in page


def test_each_reason_that_there_is_holds_and_stands_on_the_page_in_words() -> None:
    for code, words in REASONS.items():
        assert sealed_anew(with_message(5, withheld=code)) == []
        page = unpack(made().maker.zip(with_message(5, withheld=code), made().pictures))[form.PAGE].decode()
        assert f"Withheld: {words}</div>" in page


def test_a_time_that_is_not_the_one_of_the_seal_is_named() -> None:
    for at in (1_560_000_000_000, made().bundle.made_at + 1):
        changed = msgspec.structs.replace(made().bundle, made_at=at)
        assert sealed_anew(changed) == [f"{form.SEALED}: it says otherwise when it was made"]


def test_words_between_the_lines_of_a_file_are_named() -> None:
    """JSON may say one field twice, or have more of them than anybody reads."""
    files = made().maker.files(made().bundle, made().pictures)
    for name in (form.BUNDLE, form.KEYS):
        for inside in (b'{"domain":"I will kill you",', b'{"note":"I will kill you",', b'{ "'):
            lie = files[name].replace(b'{"' if inside == b'{ "' else b"{", inside, 1)
            problems = made().verified(pack(made().maker.sealed(files | {name: lie}))).problems
            assert problems == [f"{name}: it has not the form"]


def test_a_bundle_without_messages_is_called_so_and_never_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = made().maker.zip(made().maker.bundle([]))
    assert made().verified(empty).problems == [f"{form.BUNDLE}: it holds no messages"]
    assert EMPTY in unpack(empty)[form.PAGE].decode()
    bundle, keys = tmp_path / "evidence.zip", tmp_path / "keys.json"
    bundle.write_bytes(empty)
    keys.write_text(json.dumps(key_set(made().maker.published)))
    with pytest.raises(CommandError, match="it holds no messages"):
        call_command("verify_evidence", str(bundle), "--keys", str(keys))
    assert "Whole" not in capsys.readouterr().out
