"""A signing key that somebody copied forges no past once it was replaced, and genuine evidence of before stays whole."""

from uuid import uuid4

import msgspec

from moderation import attestation
from moderation.evidence import bundle as form
from moderation.evidence.container import pack, unpack
from moderation.evidence.verify import verify
from moderation.signing import Published, b64, fingerprint
from tests.moderation.bundles import AT, DAYS, Maker
from tests.moderation.golden import forgery
from tests.moderation.whole_bundle import INFILTRATOR, made, sealed_anew

ROTATED = AT // 1000 + 10 * DAYS
BY_LOG = f"{form.SEALED}: its key was replaced, and the server's log of that time does not have it"
NOT_THEN = f"{form.SEALED}: signed at a time when its key was not in use"


def after(*seals: bytes) -> dict[str, Published]:
    """The keys once this one was replaced, when the log had these bundles."""
    known = frozenset(fingerprint(unpack(data)[form.SEALED].decode()) for data in seals)
    ((kid, key),) = made().maker.published.items()
    return {kid: Published(key.public, key.since, ROTATED, known)} | Maker(at=ROTATED * 1000).published


def test_a_confession_dated_back_is_not_proven_once_the_key_was_replaced() -> None:
    forged = forgery(made().maker.signer, made().maker.case, AT - 90 * DAYS * 1000)
    assert verify(forged, made().maker.published).problems == []
    assert verify(forged, after(made().data)).problems == [BY_LOG]
    assert verify(made().data, after(made().data)).problems == []
    assert verify(made().data, after()).problems == [BY_LOG]


def test_nothing_is_sealed_before_a_key_was_taken_into_use_or_after_it_was_replaced() -> None:
    for at in (AT - 400 * DAYS * 1000, (ROTATED + 2 * DAYS) * 1000):
        forged = forgery(made().maker.signer, made().maker.case, at)
        assert verify(forged, after(forged)).problems == [NOT_THEN]


def test_another_seal_by_the_copied_key_over_a_genuine_bundle_is_not_proven() -> None:
    again = made().maker.sealed(made().maker.files(made().bundle, made().pictures), iat=AT // 1000 + 1)
    assert verify(pack(again), after(made().data)).problems == [BY_LOG]


def test_what_the_log_does_not_have_as_attested_is_named_also_when_the_server_seals_it() -> None:
    """A moderator with a copied key attests by themselves, and has the server seal it beside what is genuine."""
    forged = made().maker.message(INFILTRATOR, "Person A", "I did it", 12)
    bundle = made().bundle
    with_it = msgspec.structs.replace(bundle, messages=[*bundle.messages[:4], forged, bundle.messages[4]])
    assert sealed_anew(with_it) == ["message 5: the attestation: the server's log does not have it"]
    # Nor does it help to make up an entry of custody for it.
    made_up = made().maker.bundle(with_it.messages)
    assert sealed_anew(made_up) == ["custody: the server's log had other entries"]
    digest = attestation.digest(forged.attestation)
    first, second, third = bundle.custody
    told = msgspec.structs.replace(second, attested=[*second.attested, b64(digest)])
    lie = msgspec.structs.replace(with_it, custody=[first, told, third])
    assert sealed_anew(lie) == ["custody 2: it tells of other attestations"]


def test_a_case_in_which_the_key_was_replaced_is_whole() -> None:
    """Attested and logged under the old key, sealed under the new one."""
    old = made().maker
    new = Maker(case=old.case, network=old.network, room=old.room, at=(ROTATED + DAYS) * 1000)
    bundle = msgspec.structs.replace(made().bundle, made_at=new.at)
    files = old.files(bundle, made().pictures)
    sealed = pack(new.sealed(files, bundle.custody))
    keys = after() | new.published
    assert verify(sealed, keys).problems == []
    stranger = new.sealed(files, Maker(case=uuid4()).custody())
    assert verify(pack(stranger), keys).problems == ["custody: the server's log had other entries"]
