"""Coordinators sign who is staff: the server keeps and serves it, and takes it from nobody whom devices would not believe."""

from time import time
from typing import Any

import pytest

from chat.actions.deletion import delete_account
from chat.api.fields import b64decode, b64encode
from chat.models import Account, StaffCertificate
from chat.protocol.errors import Code
from moderation.models import AuditEntry
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, get, post


def sign(here: World, by: Person, other: Person, role: str, at: int | None = None) -> Reply:
    return post(by, "/staff/certificates", by.certifying(here.network, other, role, at))


@pytest.fixture
def cora(here: World) -> Person:
    """The first coordinator, who has certified themself."""
    cora = here[Name.COORDINATOR]
    assert sign(here, cora, cora, "coordinator").status == 200
    return cora


def seen(here: World, by: Name = Name.MEMBER) -> list[tuple[str, str, str]]:
    body = get(here[by], "/staff").body
    return [(one["account"], one["role"], one["issuer"]) for one in body["certificates"]]


def test_everybody_of_the_network_is_given_who_is_staff_with_their_keys_and_what_was_signed(
    here: World, cora: Person
) -> None:
    mo = here[Name.MODERATOR]
    body = cora.certifying(here.network, mo, "moderator")
    assert post(cora, "/staff/certificates", body).status == 200
    for name in (Name.MEMBER, Name.SUSPENDED, Name.MODERATOR):
        told = get(here[name], "/staff").body
        assert told["network"] == str(here.network.id)
        staff = {(one["account"], one["role"], one["identity_key"]) for one in told["staff"]}
        assert staff == {
            (str(mo.account), "moderator", b64encode(mo.identity_key)),
            (str(cora.account), "coordinator", b64encode(cora.identity_key)),
        }
        assert told["certificates"][-1] == body | {"issuer": str(cora.account)}
    assert get(here[Name.OUTSIDER], "/staff").body["certificates"] == []


def test_one_first_coordinator_certifies_themself_and_a_second_cannot(here: World, cora: Person) -> None:
    dora = Person()
    factories.enrolled(dora, here.network, "coordinator")
    assert sign(here, dora, dora, "coordinator").code == Code.FORBIDDEN
    assert sign(here, dora, here[Name.MODERATOR], "moderator").code == Code.FORBIDDEN
    assert sign(here, cora, dora, "coordinator").status == 200
    assert sign(here, dora, here[Name.MODERATOR], "moderator").status == 200
    assert sign(here, dora, cora, "member").code == Code.FORBIDDEN


def test_when_no_certified_coordinator_is_left_another_begins_anew(here: World, cora: Person) -> None:
    dora = Person()
    factories.enrolled(dora, here.network, "coordinator")
    assert sign(here, cora, here[Name.MODERATOR], "moderator").status == 200
    delete_account(Account.objects.get(id=cora.account))
    assert sign(here, dora, dora, "coordinator").status == 200
    # What leads back to the one who has gone still can.
    assert {issuer for _, _, issuer in seen(here)} == {str(cora.account), str(dora.account)}


@pytest.mark.parametrize("role", ["member", "moderator"])
def test_repeating_it_changes_nothing(here: World, cora: Person, role: str) -> None:
    body = cora.certifying(here.network, here[Name.MODERATOR], role)
    assert post(cora, "/staff/certificates", body).status == post(cora, "/staff/certificates", body).status == 200
    assert StaffCertificate.objects.filter(account=here[Name.MODERATOR].account).count() == 1
    assert AuditEntry.objects.filter(action="staff_certified", detail=role).count() == 1


def test_what_does_not_hold_is_not_kept(here: World, cora: Person) -> None:
    mo, now = here[Name.MODERATOR], int(time() * 1000)
    wrong: list[dict[str, Any]] = [
        {"role": "coordinator"},
        {"issued_at": now - 1},
        {"identity_key": b64encode(cora.identity_key)},
        {"account": str(here[Name.MEMBER].account)},
        {"account": str(here[Name.OUTSIDER].account)},
        {"signature": b64encode(bytes(64))},
    ]
    for changed in wrong:
        body = cora.certifying(here.network, mo, "moderator", now) | changed
        assert post(cora, "/staff/certificates", body).code == Code.BAD_CERTIFICATE
    # A role that the account does not have, and one that is signed at another time than now.
    assert sign(here, cora, mo, "coordinator").code == Code.BAD_CERTIFICATE
    assert sign(here, cora, here[Name.MEMBER], "moderator").code == Code.BAD_CERTIFICATE
    assert sign(here, cora, mo, "moderator", now + 11 * 60_000).code == Code.BAD_CERTIFICATE
    assert sign(here, cora, here[Name.OUTSIDER], "member").code == Code.BAD_CERTIFICATE
    assert len(seen(here)) == 1


def test_a_withdrawal_makes_a_member_again_of_whoever_the_operator_made_staff(here: World, cora: Person) -> None:
    mo = here[Name.MODERATOR]
    assert sign(here, cora, mo, "member").status == 200
    assert Account.objects.get(id=mo.account).role == "member"
    assert seen(here)[-1] == (str(mo.account), "member", str(cora.account))
    entry = AuditEntry.objects.get(action="role_set")
    assert entry.actor == AuditEntry.objects.get(action="staff_certified", detail="member").actor != "operator"


def test_coordinators_alone_are_given_the_proof_of_a_staff_invite_until_they_certify(here: World, cora: Person) -> None:
    secret, _ = factories.invite(here.network, role="moderator")
    mira = Person()
    proof = b64encode(bytes(range(32)))
    assert post(None, "/join", mira.joining(secret) | {"staff_proof": proof}).status == 200

    def proofs(by: Person) -> list[str | None]:
        return [one.get("proof") for one in get(by, "/staff").body["staff"] if one["account"] == str(mira.account)]

    assert proofs(cora) == [proof]
    assert proofs(here[Name.MODERATOR]) == proofs(here[Name.MEMBER]) == [None]
    assert sign(here, cora, mira, "moderator").status == 200
    assert proofs(cora) == [None]


def test_a_member_keeps_no_proof(here: World) -> None:
    secret, _ = factories.invite(here.network)
    ann = Person()
    assert post(None, "/join", ann.joining(secret) | {"staff_proof": b64encode(b64decode("AA") * 32)}).status == 200
    assert Account.objects.get(id=ann.account).staff_proof is None
