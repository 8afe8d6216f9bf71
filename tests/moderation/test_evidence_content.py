"""What a message says in evidence, out of its content."""

from pathlib import Path

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evidence.content import NotContent, said
from scripts.tree import ROOT


@given(st.binary(max_size=200))
def test_content_that_is_none_is_refused_and_never_crashes(data: bytes) -> None:
    try:
        found = said(data)
    except NotContent:
        return
    assert isinstance(found.text, str)


VECTORS = sorted((ROOT / "tests" / "vectors" / "mimi-content").glob("*.cbor"))


@pytest.mark.parametrize("file", VECTORS, ids=lambda file: file.stem)
def test_the_standards_samples_read_as_people_saw_them(file: Path) -> None:
    try:
        text = said(file.read_bytes()).text
    except NotContent:
        # Only content that names no sender and room is none for us.
        assert not {1, 2} <= set(cbor2.loads(file.read_bytes())[5])
        return
    assert isinstance(text, str)
