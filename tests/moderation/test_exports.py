"""Exports of a case: sealed, and in its custody."""

from hashlib import sha256
from typing import Any

from chat.api.fields import b64encode
from chat.protocol.errors import Code
from moderation.evidence.bundle import SEAL
from moderation.evidence.order import custody_digest
from moderation.keys import signer
from moderation.log_queries import audit_log
from moderation.models import AuditEntry
from moderation.pseudonyms import pseudonym
from moderation.signing import b64, unb64, verified_claims
from tests.http.api import get, post
from tests.moderation.conftest import Harbour
from tests.moderation.sealing import to_seal


def test_an_export_is_sealed_and_stands_in_the_custody_of_its_case(harbour: Harbour) -> None:
    case = harbour.case()
    harbour.case()
    path = f"/cases/{case.id}"
    post(harbour.moderator, f"{path}/claim")
    assert post(harbour.colleague, f"{path}/exports", to_seal()).code == Code.CASE_CLAIMED
    assert get(harbour.colleague, f"{path}/custody").code == Code.CASE_CLAIMED
    asked = to_seal()
    seal = post(harbour.moderator, f"{path}/exports", asked).body["seal"]
    claims = verified_claims(seal, SEAL, signer().public)
    custody = get(harbour.moderator, f"{path}/custody").body
    assert (claims["case"], claims["manifest"]) == (str(case.id), b64encode(b"m" * 32))
    assert (claims["network"], claims["made_at"]) == (str(harbour.network.id), asked["made_at"])
    assert claims["by"] == custody["by"] == pseudonym(harbour.network.id, harbour.moderator.account)
    taken = [(entry["seq"], entry["action"]) for entry in custody["entries"]]
    assert taken == [(1, "case_opened"), (3, "case_claimed"), (4, "evidence_exported")]
    assert custody["entries"][2]["detail"] == sha256(seal.encode()).hexdigest()
    log = audit_log(harbour.network.id)
    assert [entry["previous"] for entry in custody["entries"]] == [
        b64encode(bytes(32)),
        b64encode(log[1].digest),
        b64encode(log[2].digest),
    ]
    # As it was before the export itself: of a later one, this one is a part.
    assert claims["custody"] == {"entries": 2, "last": 3, "digest": known(custody["entries"][:2])}
    post(harbour.moderator, f"{path}/close", {"outcome": "acted"})
    all_of_it = known(get(harbour.moderator, f"{path}/custody").body["entries"])
    later = post(harbour.moderator, f"{path}/exports", to_seal(b"n" * 32))
    assert later.status == 200
    sealed = verified_claims(later.body["seal"], SEAL, signer().public)["custody"]
    assert sealed == {"entries": 4, "last": 5, "digest": all_of_it}


def test_a_bundle_that_says_another_time_than_now_is_not_sealed(harbour: Harbour) -> None:
    path = f"/cases/{harbour.case().id}"
    post(harbour.moderator, f"{path}/claim")
    hour = 3_600_000
    for ago in (hour * 24 * 365 * 7, hour, -hour):
        assert post(harbour.moderator, f"{path}/exports", to_seal(ago_ms=ago)).code == Code.MALFORMED
    without = {name: value for name, value in to_seal().items() if name != "made_at"}
    assert post(harbour.moderator, f"{path}/exports", without).code == Code.MALFORMED
    assert not AuditEntry.objects.filter(action="evidence_exported").exists()
    # A device goes by the server's clock, and takes a while to make a large one.
    at = get(harbour.moderator, f"{path}/custody").body["at"]
    assert post(harbour.moderator, f"{path}/exports", to_seal() | {"made_at": at}).status == 200
    assert post(harbour.moderator, f"{path}/exports", to_seal(ago_ms=hour // 6)).status == 200


def known(entries: list[dict[str, Any]]) -> str:
    return b64(custody_digest(unb64(entry["digest"]) for entry in entries))
