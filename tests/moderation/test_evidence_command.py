"""The command that verifies an evidence bundle says whole, or what is not, and for what it was made."""

import html
import json
from pathlib import Path

import msgspec
import pytest
from django.core.management import CommandError, call_command

from moderation.evidence import bundle as form
from moderation.evidence.container import unpack
from moderation.management.commands.verify_evidence import FITS
from moderation.signing import key_set
from tests.moderation.bundles import Maker
from tests.moderation.whole_bundle import (
    HAND_OVER,
    INFILTRATOR,
    made,
)


def test_it_says_whether_it_was_made_with_the_members_consent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handed = msgspec.structs.replace(made().bundle, handed_over=HAND_OVER)
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(key_set(made().maker.published)))
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


def test_the_command_says_whole_or_what_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle, keys = tmp_path / "evidence.zip", tmp_path / "keys.json"
    bundle.write_bytes(made().data)
    keys.write_text(json.dumps(key_set(made().maker.published)))
    call_command("verify_evidence", str(bundle), "--keys", str(keys))
    told = capsys.readouterr().out
    assert "Whole. 4 messages as the server stamped them, 1 withheld." in told
    assert "2 pictures as they were sent, 0 not in it." in told
    keys.write_text(json.dumps(key_set(Maker().published)))
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
