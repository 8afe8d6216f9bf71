"""Exports of a case: sealed, and in its custody."""

from chat.api.fields import b64encode
from chat.protocol.errors import Code
from moderation.evidence.bundle import SEAL
from moderation.keys import signer
from moderation.log_queries import audit_log
from moderation.pseudonyms import pseudonym
from moderation.signing import verified_claims
from tests.http.api import get, post
from tests.moderation.conftest import Harbour


def test_an_export_is_sealed_and_stands_in_the_custody_of_its_case(harbour: Harbour) -> None:
    case = harbour.case()
    harbour.case()
    path = f"/cases/{case.id}"
    post(harbour.moderator, f"{path}/claim")
    assert post(harbour.colleague, f"{path}/exports", {"manifest": b64encode(b"m" * 32)}).code == Code.CASE_CLAIMED
    assert get(harbour.colleague, f"{path}/custody").code == Code.CASE_CLAIMED
    seal = post(harbour.moderator, f"{path}/exports", {"manifest": b64encode(b"m" * 32)}).body["seal"]
    claims = verified_claims(seal, SEAL, signer().public)
    custody = get(harbour.moderator, f"{path}/custody").body
    assert (claims["case"], claims["manifest"]) == (str(case.id), b64encode(b"m" * 32))
    assert claims["by"] == custody["by"] == pseudonym(harbour.network.id, harbour.moderator.account)
    taken = [(entry["seq"], entry["action"]) for entry in custody["entries"]]
    assert taken == [(1, "case_opened"), (3, "case_claimed"), (4, "evidence_exported")]
    assert custody["entries"][2]["detail"] == (b"m" * 32).hex()
    log = audit_log(harbour.network.id)
    assert [entry["previous"] for entry in custody["entries"]] == [
        b64encode(bytes(32)),
        b64encode(log[1].digest),
        b64encode(log[2].digest),
    ]
    # As it was before the export itself: of a later one, this one is a part.
    assert claims["custody"] == {"entries": 2, "last": 3}
    post(harbour.moderator, f"{path}/close", {"outcome": "acted"})
    later = post(harbour.moderator, f"{path}/exports", {"manifest": b64encode(b"n" * 32)})
    assert later.status == 200
    assert verified_claims(later.body["seal"], SEAL, signer().public)["custody"] == {"entries": 4, "last": 5}
