"""What people were shown of a message, as evidence says it: the same words as the app, from shared vectors."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evidence.characters import LONGEST_NAME, is_name, visible
from moderation.evidence.content import NOT_SHOWN, REACTIONS, said
from moderation.signing import unb64
from scripts.tree import ROOT
from tests.moderation.generated_contents import generated
from tests.moderation.shown_vectors import FOLDER, files

VECTORS = [vector for file in sorted(FOLDER.glob("*.json")) for vector in json.loads(file.read_text())]
STANDARDS = sorted((ROOT / "tests" / "vectors" / "mimi-content").glob("*.cbor"))


def test_the_vectors_are_those_that_are_written_by_hand() -> None:
    assert {file.name: file.read_text() for file in FOLDER.glob("*.json")} == files()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["what"]))
def test_a_content_reads_as_its_vector_says(vector: dict[str, object]) -> None:
    found = said(unb64(str(vector["content"])))
    assert found.text == vector["text"]
    assert found.name == vector["name"]
    assert [picture.description for picture in found.pictures] == vector["pictures"]


@given(st.binary(max_size=200))
def test_whatever_is_shown_to_moderators_can_stand_in_evidence(data: bytes) -> None:
    found = said(data)
    assert found.text
    assert found.text.encode()


def test_what_was_changed_at_random_is_read_or_named() -> None:
    random = Random()
    read = [said(generated(random)) for _ in range(2_000)]
    named = [one for one in read if NOT_SHOWN in one.text]
    # Else nothing would be tried of one of the two.
    assert 100 < len(named) < 1_900


@given(st.text())
def test_no_text_that_is_shown_turns_another_around(text: str) -> None:
    shown = visible(text)
    assert not set(shown) & set("\0\x1b\r\x7f\x85\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert not is_name(text, LONGEST_NAME) or visible(text) == text


def test_a_reaction_is_one_emoji_and_never_a_word() -> None:
    assert len(REACTIONS) == 31
    assert not any(character.isalnum() or character.isspace() for emoji in REACTIONS for character in emoji)


@pytest.mark.parametrize("file", STANDARDS, ids=lambda file: file.stem)
def test_the_standards_samples_read_as_people_saw_them(file: object) -> None:
    path = ROOT / "tests" / "vectors" / "mimi-content" / str(getattr(file, "name", ""))
    expected = {
        "original": "Hi everyone, we just shipped release 2.0. __Good  work__!",
        "reply": "[in reply] Right on! _Congratulations_ 'all!",
        "reaction": "[reacted with] ❤",
        "unlike": "[took back a reaction]",
        "delete": "[deleted a message]",
    }
    text = said(path.read_bytes()).text
    assert text == expected.get(path.stem, text)
