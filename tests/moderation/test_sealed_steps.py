"""Entries about decisions keep to themselves of which case they are: who may read opens them, and nobody to other words."""

import os
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from chat.api.fields import b64decode
from moderation import log_queries
from moderation.actions.cases import claim_case, close_case
from moderation.actions.forgetting import forget_cases
from moderation.audit import verify
from moderation.keys import signer
from moderation.models import AuditEntry, Case
from moderation.pseudonyms import pseudonym
from moderation.sealed_steps import CasePart, Opening, StepPart, bind, open_sealed, seal_opening
from tests import factories
from tests.factories import Person
from tests.http.api import get, post
from tests.moderation.conftest import Harbour, settle
from tests.privacy.thief import later

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = st.text(max_size=24)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def decided(by: Person, about: Person, case: Case, kind: str = "warn") -> str:
    body = {
        "id": str(uuid4()),
        "subject": str(about.account),
        "kind": kind,
        "ground": "conduct",
        "card": 1,
        "finding": "other",
    }
    assert post(by, "/decisions", {**body, "case": str(case.id)}).status == 200
    return str(body["id"])


def over(harbour: Harbour, case: Case) -> None:
    """Closed, and forgotten."""
    close_case(claim_case(case, harbour.account(harbour.moderator)), harbour.account(harbour.moderator), "acted")
    forget_cases(later())
    assert Case.objects.get(id=case.id).forgotten


def log(reader: Person) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = get(reader, "/audit").body["entries"]
    return entries


@given(st.data(), WORDS, WORDS, WORDS)
def test_an_entry_fits_to_no_other_words_than_those_that_it_binds(
    data: st.DataObject, actor: str, subject: str, detail: str
) -> None:
    case = data.draw(st.sampled_from([None, UUID(int=7)]))
    bound, opening = bind(case, actor, subject, detail)
    of_case, step = opening.case, opening.step
    assert of_case is not None
    assert step is not None
    assert opening.fits(bound)
    named = data.draw(st.sampled_from(["case", "of_case", "actor", "subject", "detail", "salt", "entry"]))
    other = data.draw(WORDS.filter(lambda word: word not in (actor, subject, detail)))
    match named:
        case "case":
            opening = replace(opening, case=replace(of_case, case=uuid4()))
        case "of_case":
            opening = replace(opening, case=replace(of_case, salt=os.urandom(16)))
        case "salt":
            opening = replace(opening, step=replace(step, salt=os.urandom(16)))
        case "entry":
            bound, _ = bind(case, actor, subject, detail)
        case "actor":
            opening = replace(opening, step=replace(step, actor=other))
        case "subject":
            opening = replace(opening, step=replace(step, subject=other))
        case _:
            opening = replace(opening, step=replace(step, detail=other))
    assert not opening.fits(bound)


@given(WORDS, WORDS)
def test_words_do_not_move_from_one_place_to_the_next(actor: str, subject: str) -> None:
    bound, opening = bind(None, actor + "x", subject, "")
    assert opening.step is not None
    moved = replace(opening.step, actor=actor, subject="x" + subject)
    assert not replace(opening, step=moved).fits(bound)


@given(st.binary(min_size=32, max_size=32), st.data())
def test_what_opens_an_entry_opens_no_other_one_and_not_when_it_was_changed(digest: bytes, data: st.DataObject) -> None:
    opening = bind(uuid4(), "A-AAAAAAAAAA", "A-BBBBBBBBBB", "warn")[1]
    sealed = seal_opening(digest, opening)
    assert open_sealed(digest, sealed) == opening
    assert open_sealed(os.urandom(32), sealed) is None
    changed = bytearray(sealed)
    changed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    assert open_sealed(digest, bytes(changed)) is None


def test_whatever_is_left_of_it_it_is_of_one_length() -> None:
    case, step = CasePart(uuid4(), bytes(16)), StepPart("A-AAAAAAAAAA", "A-BBBBBBBBBB", "x" * 60, bytes(16))
    few = frozenset(uuid4() for _ in range(5))
    left = [Opening(case, step), Opening(None, step), Opening(None, None), Opening(None, None, few)]
    assert len({len(seal_opening(bytes(32), opening)) for opening in left}) == 1


def test_coordinators_read_of_which_case_a_decision_is_until_that_is_forgotten(harbour: Harbour) -> None:
    case = harbour.case()
    decided(harbour.moderator, harbour.infiltrator, case)
    decided(harbour.moderator, harbour.member, case)
    names = [pseudonym(harbour.network.id, harbour.infiltrator.account), log(harbour.coordinator)[0]["actor"]]
    own = pseudonym(harbour.network.id, harbour.moderator.account)

    def read() -> list[dict[str, Any]]:
        entries = [entry for entry in log(harbour.coordinator) if entry["action"] == "decision_made"]
        assert {(entry["actor"], entry["subject"], entry.get("case")) for entry in entries} == {("", "", None)}
        return [entry["opening"] for entry in entries]

    living = read()
    assert [opening["case"]["case"] for opening in living] == [str(case.id)] * 2
    steps = [opening["step"] for opening in living]
    assert [(step["actor"], step["subject"], step["detail"]) for step in steps] == [
        (own, name, "warn") for name in names
    ]
    over(harbour, case)
    # What is about whoever asked would say in which case by their name there.
    assert read() == [{"step": steps[0]}, {}]
    assert list(verify(log_queries.audit_log(harbour.network.id), signer().public)) == []
    assert log_queries.unfit(harbour.network.id) == []


def test_what_happens_to_a_decision_whose_case_is_forgotten_stands_under_no_name_of_before(harbour: Harbour) -> None:
    case = harbour.case()
    made = [decided(harbour.moderator, person, case) for person in (harbour.member, harbour.infiltrator)]
    over(harbour, case)
    for decision in made:
        assert post(harbour.moderator, f"/decisions/{decision}/lift", {"reason": "enough"}).status == 200
    ended = [entry for entry in log(harbour.coordinator) if entry["action"] == "decision_lifted"]
    assert [entry["opening"]["case"].get("case") for entry in ended] == [None, None]
    asker, other = (entry["opening"]["step"]["subject"] for entry in ended)
    assert other == pseudonym(harbour.network.id, harbour.infiltrator.account)
    opener = log(harbour.coordinator)[0]["actor"]
    assert asker not in ("", opener, pseudonym(harbour.network.id, harbour.member.account))


@pytest.mark.parametrize("forgotten", [False, True], ids=["living", "forgotten"])
def test_from_whom_the_case_is_kept_its_decisions_are_kept_in_the_log_for_ever(
    harbour: Harbour, forgotten: bool
) -> None:
    kept = factories.enrolled(Person(), harbour.network, "coordinator")
    case = harbour.case(kept_from=frozenset({kept.account}))
    decided(harbour.moderator, harbour.infiltrator, case)
    if forgotten:
        over(harbour, case)
    seen = [entry.get("action") for entry in log(kept)]
    assert set(seen) == {None}
    assert "decision_made" in [entry.get("action") for entry in log(harbour.coordinator)]


def test_a_proposal_about_a_coordinator_in_a_case_is_kept_from_them_and_the_length_says_nothing(
    harbour: Harbour,
) -> None:
    about = factories.enrolled(Person(), harbour.network, "coordinator")
    case = harbour.case()
    decided(harbour.coordinator, about, case, "ban")
    decided(harbour.coordinator, harbour.infiltrator, case, "ban")
    seen = [entry for entry in log(about) if entry["seq"] > 1]
    assert [entry.get("action") for entry in seen] == [None, "decision_proposed"]
    whole = [entry for entry in log(harbour.coordinator) if entry["seq"] > 1]
    assert len({len(entry["detail"]) for entry in whole}) == 1
    assert len(b64decode(whole[0]["opening"]["step"]["salt"])) == 16


def test_the_command_names_an_entry_that_opens_to_something_else(harbour: Harbour, capsys: Any) -> None:
    decided(harbour.moderator, harbour.infiltrator, harbour.case())
    call_command("verify_audit")
    assert "2 entries, whole" in capsys.readouterr().out
    row = AuditEntry.objects.get(seq=2)
    lie = Opening(None, StepPart("A-AAAAAAAAAA", "", "warn", bytes(16)))
    AuditEntry.objects.filter(id=row.id).update(opening=seal_opening(row.digest, lie))
    with pytest.raises(CommandError, match="entry 2: it opens to something else"):
        call_command("verify_audit")
    # What was forgotten of it is no fault.
    AuditEntry.objects.filter(id=row.id).update(opening=seal_opening(row.digest, Opening(None, None)))
    call_command("verify_audit")
