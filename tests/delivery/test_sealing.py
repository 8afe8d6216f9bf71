"""What processes hand to one another is sealed: for one, from one, under one number."""

from __future__ import annotations

import pytest

from chat.delivery.sealing import Sealer


def test_what_is_sealed_opens_for_one_process_from_one_process_under_one_number() -> None:
    sealed = Sealer(b"k" * 32, b"a", b"b").seal(1, b"who said it")
    assert b"who said it" not in sealed
    assert Sealer(b"k" * 32, b"a", b"b").open(1, sealed) == b"who said it"
    for wrong, number in [
        (Sealer(b"k" * 32, b"a", b"b"), 2),
        (Sealer(b"k" * 32, b"a", b"c"), 1),
        (Sealer(b"k" * 32, b"c", b"b"), 1),
        (Sealer(b"x" * 32, b"a", b"b"), 1),
    ]:
        with pytest.raises(ValueError, match="not sealed"):
            wrong.open(number, sealed)
