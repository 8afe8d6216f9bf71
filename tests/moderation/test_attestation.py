"""Attestations: the server says only what it stamped, and nobody else can say it."""

import base64
import json
import os
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from backend.keys import new_attestation
from moderation.attestation import KIND, Stamped, attest, is_genuine, mark, read, withhold
from moderation.disclosure import issue
from moderation.signing import NotVerified, Published, Signer, b64, key_id, key_set, public_keys
from tests.moderation.bundles import unmarked
from tests.moderation.conftest import stamped
from tests.moderation.signers import new_signer, signer_of

SENDER, CASE = uuid4(), uuid4()


def genuine(message: Stamped) -> bool:
    return is_genuine(message, settings.DOMAIN, settings.HUB_KEYS)


def test_what_was_stamped_is_attested_word_for_word() -> None:
    signer, message = new_signer(), stamped(SENDER, seq=12)
    assert genuine(message)
    said = read(attest(message, CASE, "kindred.example", 1_795_504_200, signer, settings.HUB_KEYS), signer.public)
    assert said.sender == f"mimi://kindred.example/u/{SENDER}"
    assert said.room == f"mimi://kindred.example/r/{message.room}"
    assert (said.case, said.seq, said.time, said.tag) == (str(CASE), 12, message.time, b64(message.tag))


@pytest.mark.parametrize(
    "forged",
    [
        {"sender": uuid4()},
        {"room": uuid4()},
        {"seq": 8},
        {"time": 1_795_504_155_293},
        {"tag": bytes(32)},
        {"frank": bytes(32)},
        {"key": 999},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_message_with_one_thing_changed_is_not_genuine(forged: dict[str, Any]) -> None:
    message = stamped(SENDER)
    assert genuine(message)
    assert not genuine(replace(message, **forged))


def test_a_frank_of_one_message_fits_no_other() -> None:
    one, other = stamped(SENDER), stamped(SENDER)
    assert not genuine(replace(one, frank=other.frank))
    assert not genuine(replace(one, tag=other.tag))


def test_a_statement_is_worth_nothing_once_a_byte_of_it_changed() -> None:
    signer = new_signer()
    token = attest(stamped(SENDER), CASE, "kindred.example", 0, signer, settings.HUB_KEYS)
    signed, *disclosures = token.split("~")
    head, body, signature = signed.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    swapped = b64(json.dumps(claims | {"case": str(uuid4())}).encode())
    flipped = bytearray(base64.urlsafe_b64decode(signature + "=="))
    flipped[5] ^= 1
    rest = "~".join(disclosures)
    foreign = b64(json.dumps(["salt", "sender", f"mimi://kindred.example/u/{uuid4()}"]).encode())
    changed = [
        f"{head}.{swapped}.{signature}~{rest}",
        f"{head}.{body}.{b64(bytes(flipped))}~{rest}",
        f"{signed}~{foreign}~{rest}",
        f"{signed}~{foreign}~{disclosures[1]}~",
        f"{token}{disclosures[0]}~",
        token[:-3],
        signed,
        "x",
        "~",
    ]
    assert read(token, signer.public).case == str(CASE)
    for text in changed:
        with pytest.raises(NotVerified):
            read(text, signer.public)


def test_what_is_withheld_cannot_be_guessed_back_and_the_rest_is_still_signed() -> None:
    signer, message = new_signer(), stamped(SENDER, seq=12)
    token = attest(message, CASE, "kindred.example", 0, signer, settings.HUB_KEYS)
    short = withhold(token)
    said = read(short, signer.public)
    assert (said.case, said.seq, said.time) == (str(CASE), 12, message.time)
    assert (said.sender, said.room, said.tag) == (None, None, None)
    body = base64.urlsafe_b64decode(short.split(".")[1] + "==").decode()
    assert str(SENDER) not in body
    assert b64(message.tag) not in body
    # The digests are salted: the same message attested again shares none of them.
    again = withhold(attest(message, CASE, "kindred.example", 0, signer, settings.HUB_KEYS))
    digests = [set(json.loads(base64.urlsafe_b64decode(text.split(".")[1] + "=="))["_sd"]) for text in (short, again)]
    assert not digests[0] & digests[1]


def test_the_mark_of_a_message_is_the_same_in_one_case_whatever_key_signs_and_different_in_any_other() -> None:
    one, other, hub_keys = stamped(SENDER), stamped(SENDER), settings.HUB_KEYS
    signer, rotated = new_signer(), new_signer()

    def said(message: Stamped, case: UUID = CASE, by: Signer = signer) -> str | None:
        return read(withhold(attest(message, case, "kindred.example", 0, by, hub_keys)), by.public).mark

    assert said(one) == said(one) == said(one, by=rotated)
    assert len({said(one), said(other), said(one, uuid4())}) == 3


def test_a_mark_is_of_the_key_that_stamped_and_so_outlives_its_rotation() -> None:
    before = dict(settings.HUB_KEYS)
    message = stamped(SENDER, key=min(before))
    after = before | {max(before) + 1: os.urandom(32)}
    assert mark(message, CASE, after) == mark(message, CASE, before)
    # Whoever received the message has its frank, but not the key: they cannot make its mark.
    assert mark(message, CASE, {message.key: os.urandom(32)}) != mark(message, CASE, before)
    assert mark(replace(message, frank=os.urandom(32)), CASE, before) != mark(message, CASE, before)


def test_an_attestation_from_before_there_were_marks_is_read_and_a_mark_that_is_no_text_is_not() -> None:
    signer = new_signer()
    assert read(unmarked(stamped(SENDER), CASE, signer), signer.public).mark is None
    for form in (1, ["x"], True):
        with pytest.raises(NotVerified, match="the form"):
            read(issue(signer, KIND, {"case": str(CASE), "seq": 1, "time": 2, "mark": form}, {}), signer.public)


def test_a_statement_by_another_key_or_of_another_kind_or_without_a_signature_is_refused() -> None:
    signer, stranger = new_signer(), new_signer()
    message = stamped(SENDER)
    with pytest.raises(NotVerified, match="not published"):
        read(attest(message, CASE, "kindred.example", 0, stranger, settings.HUB_KEYS), signer.public)
    with pytest.raises(NotVerified, match="something else"):
        read(issue(signer, "kindred-audit-checkpoint+jwt", {"case": str(CASE)}, {}), signer.public)
    unsigned = jwt.encode({"case": str(CASE)}, "", algorithm="none", headers={"kid": signer.current, "typ": KIND})
    with pytest.raises(NotVerified):
        read(f"{unsigned}~", signer.public)
    with pytest.raises(NotVerified, match="it says no"):
        read(issue(signer, KIND, {"case": str(CASE)}, {}), signer.public)
    with pytest.raises(NotVerified, match="the form"):
        read(issue(signer, KIND, {"case": str(CASE), "seq": "1", "time": 2}, {}), signer.public)


def test_after_a_rotation_old_statements_are_still_verified_and_the_old_key_cannot_sign() -> None:
    before = json.loads(new_attestation())
    after = json.loads(new_attestation(json.dumps(before)))
    old_seed = base64.urlsafe_b64decode(next(iter(before["keys"].values())) + "=")
    old = signer_of(old_seed, {})
    assert after["current"] != before["current"]
    assert list(after["retired"]) == [before["current"]]
    assert before["current"] not in after["keys"]
    retired = {kid: base64.urlsafe_b64decode(key + "=") for kid, key in after["retired"].items()}
    new = signer_of(base64.urlsafe_b64decode(next(iter(after["keys"].values())) + "="), retired)
    token = attest(stamped(SENDER), CASE, "kindred.example", 0, old, settings.HUB_KEYS)
    assert UUID(read(token, new.public).case) == CASE


def test_a_key_that_was_replaced_has_an_end_or_the_server_does_not_start() -> None:
    kept = json.loads(new_attestation(new_attestation()))
    (old,) = kept["retired"]
    since, until = kept["in_use"][old]
    assert since <= until
    assert kept["in_use"][kept["current"]][1] is None
    for wrong in ({}, {old: [since, None]}, {old: [since]}):
        with pytest.raises(ImproperlyConfigured, match="ATTESTATION_KEYS"):
            new_attestation(json.dumps(kept | {"in_use": wrong}))


def test_the_published_set_reads_back_and_refuses_a_key_under_a_foreign_name() -> None:
    signer = new_signer()
    published = key_set({kid: Published(public, 1) for kid, public in signer.public.items()})
    assert public_keys(json.loads(json.dumps(published))) == signer.public
    published["keys"][0]["kid"] = key_id(os.urandom(32))
    with pytest.raises(NotVerified, match="thumbprint"):
        public_keys(published)


def test_the_thumbprint_is_that_of_rfc_8037() -> None:
    """RFC 8037, appendix A.3."""
    x = base64.urlsafe_b64decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    assert key_id(x) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
