"""What the audit log keeps from whom, and under which names (P24, P26): its chain is whole for every reader."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from chat.api.fields import b64decode
from chat.models import Account
from chat.protocol.errors import Code
from moderation.actions.attesting import attest_messages
from moderation.actions.cases import Asking, open_case, withdraw_case
from moderation.audit import Entry, Signed, Withheld, verify
from moderation.evidence.bundle import SEAL
from moderation.evidence.order import custody_digest
from moderation.keys import signer
from moderation.models import AuditEntry, Case
from moderation.pseudonyms import pseudonym
from moderation.signing import b64, unb64, verified_claims
from tests import factories
from tests.factories import Person
from tests.http.api import get, post
from tests.moderation.conftest import Harbour, settle, stamped
from tests.moderation.sealing import to_seal

pytestmark = pytest.mark.django_db(transaction=True)
SEAL_ALONE = {"seq", "digest", "key_id", "signature"}


@pytest.fixture
def harbour() -> Harbour:
    return settle()


@pytest.fixture
def other(harbour: Harbour) -> Person:
    """A second coordinator, who is kept from nothing."""
    return factories.enrolled(Person(), harbour.network, "coordinator")


def log(reader: Person) -> list[dict[str, Any]]:
    """What the reader is given, after it was checked as anybody checks a log that they kept."""
    body = get(reader, "/audit").body
    assert list(verify([read(body["network"], entry) for entry in body["entries"]], signer().public)) == []
    entries: list[dict[str, Any]] = body["entries"]
    return entries


def read(network: str, entry: dict[str, Any]) -> Signed | Withheld:
    seal = b64decode(entry["digest"]), entry["key_id"], b64decode(entry["signature"])
    if set(entry) == SEAL_ALONE:
        return Withheld(entry["seq"], *seal)
    case = UUID(entry["case"]).bytes if "case" in entry else None
    said = entry["at"], entry["actor"], entry["action"], case, entry["subject"], entry["detail"]
    return Signed(Entry(UUID(network).bytes, entry["seq"], *said), *seal)


def opened(entry: dict[str, Any]) -> dict[str, Any]:
    """What an entry says, also where it keeps that to itself."""
    opening = entry.get("opening")
    return entry if opening is None else {**entry, **opening["step"], "case": opening["case"]["case"]}


def asked(harbour: Harbour, person: Person, *kept_from: Person) -> Case:
    asking = Asking(uuid4(), uuid4(), "threats", "today", frozenset(one.account for one in kept_from))
    return open_case(factories.device_of(person), asking)


def propose(by: Person, about: Person, case: Case | None = None) -> str:
    body = {
        "id": str(uuid4()),
        "subject": str(about.account),
        "kind": "ban",
        "ground": "conduct",
        "card": 4,
        "finding": "other",
    }
    made = post(by, "/decisions", body if case is None else {**body, "case": str(case.id)}).body
    assert made["state"] == "proposed"
    return str(made["id"])


def actions(entries: list[dict[str, Any]]) -> list[str | None]:
    return [entry.get("action") for entry in entries]


def test_of_a_case_that_is_kept_from_a_coordinator_their_log_says_nothing(harbour: Harbour, other: Person) -> None:
    asked(harbour, harbour.member)
    kept = asked(harbour, harbour.member, harbour.coordinator)
    post(harbour.moderator, f"/cases/{kept.id}/claim")
    propose(harbour.moderator, harbour.infiltrator, kept)
    assert actions(log(other)) == ["case_opened", "case_opened", "case_claimed", "decision_proposed"]
    theirs = log(harbour.coordinator)
    assert actions(theirs) == ["case_opened", None, None, None]
    assert [set(entry) == SEAL_ALONE for entry in theirs] == [False, True, True, True]
    assert str(kept.id) not in json.dumps(theirs)
    assert get(harbour.moderator, "/audit").code == get(harbour.member, "/audit").code == Code.FORBIDDEN


def test_a_coordinator_reads_of_a_decision_about_themselves_once_it_is_in_force(
    harbour: Harbour, other: Person
) -> None:
    third = factories.enrolled(Person(), harbour.network, "coordinator")
    refused, agreed = propose(other, harbour.coordinator), propose(other, harbour.coordinator)
    assert post(third, f"/decisions/{refused}/refuse").status == 200
    assert actions(log(other)) == ["decision_proposed", "decision_proposed", "decision_refused"]
    theirs = log(harbour.coordinator)
    assert [set(entry) for entry in theirs] == [SEAL_ALONE] * 3
    assert post(third, f"/decisions/{agreed}/agree").status == 200
    Account.objects.filter(id=harbour.coordinator.account).update(suspended_at=None)
    assert actions(log(harbour.coordinator)) == [None, None, None, "decision_agreed"]


def test_what_is_withheld_cannot_be_tried_out_from_its_digest(harbour: Harbour, other: Person) -> None:
    """Whoever it is about knows all of a proposal but its time, and can guess that."""
    for _ in range(2):
        propose(other, harbour.coordinator)
    first, second = (entry["detail"].split("/") for entry in log(other))
    assert first[0] == second[0] == "ban"
    assert first[1] != second[1]
    assert min(len(first[1]), len(second[1])) >= 22  # 128 bits
    row = AuditEntry.objects.get(seq=1)
    guess = Entry(harbour.network.id.bytes, 1, row.at, row.actor, row.action, None, row.subject, "ban")
    assert guess.digest(bytes(32)) != row.digest


def test_whoever_asks_has_another_name_in_each_case_and_none_of_them_is_their_own(harbour: Harbour) -> None:
    """Nothing joins a question without a name to one with a name, nor to a decision about the same person."""
    person = factories.device_of(harbour.member)
    cases = [asked(harbour, harbour.member) for _ in range(2)]
    for case in cases:
        attest_messages(case, [stamped(harbour.infiltrator.account)])
        post(harbour.moderator, f"/cases/{case.id}/claim")
        warning = {
            "id": str(uuid4()),
            "subject": str(harbour.member.account),
            "kind": "warn",
            "ground": "law",
            "finding": "other",
            "law": "A law",
        }
        assert post(harbour.moderator, "/decisions", {**warning, "case": str(case.id)}).status == 200
        assert post(harbour.member, f"/decisions/{warning['id']}/appeal").status == 200
        # What comes after the server forgot who asked is told of the same one.
        Case.objects.filter(id=case.id).update(opened_by=None)
        assert post(harbour.moderator, f"/decisions/{warning['id']}/lift", {"reason": "heard"}).status == 200
        Case.objects.filter(id=case.id).update(opened_by=person.account)
        withdraw_case(Case.objects.get(id=case.id), person.account)
    own = {pseudonym(harbour.network.id, one.account) for one in (harbour.member, harbour.moderator)}
    entries = [opened(entry) for entry in log(harbour.coordinator)]
    names = [{e["actor"] for e in entries if e["case"] == str(case.id)} - own for case in cases]
    assert [len(found) for found in names] == [1, 1]
    assert names[0] != names[1]
    subjects = [{e["subject"] for e in entries if e["case"] == str(case.id) and e["subject"]} for case in cases]
    assert subjects == names
    assert {e["actor"] for e in entries if e["action"] == "case_claimed"} == own - {
        pseudonym(harbour.network.id, harbour.member.account)
    }


def test_custody_says_nothing_of_what_was_decided_in_the_case_and_its_seal_neither(harbour: Harbour) -> None:
    case = asked(harbour, harbour.member)
    path = f"/cases/{case.id}"
    post(harbour.moderator, f"{path}/claim")
    propose(harbour.coordinator, harbour.moderator, case)
    custody = get(harbour.moderator, f"{path}/custody").body["entries"]
    assert actions(custody) == ["case_opened", "case_claimed"]
    seal = post(harbour.moderator, f"{path}/exports", to_seal()).body["seal"]
    known = b64(custody_digest(unb64(entry["digest"]) for entry in custody))
    assert verified_claims(seal, SEAL, signer().public)["custody"] == {"entries": 2, "last": 2, "digest": known}
    whole = actions(get(harbour.coordinator, f"{path}/custody").body["entries"])
    assert whole == ["case_opened", "case_claimed", "evidence_exported"]


def test_a_withheld_entry_still_holds_its_place(harbour: Harbour) -> None:
    asked(harbour, harbour.member, harbour.coordinator)
    asked(harbour, harbour.member)
    body = get(harbour.coordinator, "/audit").body
    chain = [read(body["network"], entry) for entry in body["entries"]]
    assert list(verify(chain[1:], signer().public)) != []
    swapped = Withheld(1, bytes(32), chain[0].key_id, chain[0].signature)
    assert [problem.split(":")[0] for problem in verify([swapped, chain[1]], signer().public)] == ["entry 1", "entry 2"]
