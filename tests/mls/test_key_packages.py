"""A key package is taken from just its device, in just the form that others can use."""

from base64 import b64decode
from collections.abc import Callable
from uuid import UUID

import pytest

from chat.mls.codec import opaque
from chat.mls.errors import MlsError
from chat.mls.identity import client_id, parse_client_id
from chat.mls.key_package import check_key_package, parse_key_package
from tests.mls.forge import NOW, Actor, encryption_key
from tests.mls.material import key_packages, made_at, member, vectors

DAY = 86_400


def refusal(raw: bytes, now: int = NOW) -> str:
    with pytest.raises(MlsError) as refused:
        parse_key_package(raw, now)
    return refused.value.code


def test_a_real_key_package_says_whose_it_is_and_until_when() -> None:
    raw = key_packages("carol")[0]
    carol = member("carol")
    facts = check_key_package(raw, carol.client_id, carol.signature_key, made_at())
    assert facts.member == carol
    assert (facts.account, facts.device, facts.suite) == (carol.account, "00ca501000000001", 3)
    assert facts.not_before <= made_at() < facts.not_after
    assert len(facts.ref) == 32
    assert not facts.last_resort


def test_a_key_package_of_another_device_is_refused() -> None:
    raw, bob, carol = key_packages("carol")[0], member("bob"), member("carol")
    for name, key in ((bob.client_id, carol.signature_key), (carol.client_id, bob.signature_key)):
        with pytest.raises(MlsError) as refused:
            check_key_package(raw, name, key, made_at())
        assert refused.value.code == "identity_mismatch"


def test_a_real_key_package_of_another_suite_is_refused() -> None:
    assert refusal(b64decode(vectors()["foreignKeyPackage"]), made_at()) == "wrong_suite"


def test_real_key_packages_with_too_short_or_too_long_a_life_are_refused() -> None:
    assert refusal(b64decode(vectors()["shortKeyPackage"]), made_at()) == "key_package_expired"
    assert refusal(b64decode(vectors()["longKeyPackage"]), made_at()) == "bad_lifetime"
    assert refusal(key_packages("bob")[0], made_at() + 84 * DAY) == "key_package_expired"
    assert refusal(key_packages("bob")[0], made_at() - DAY) == "bad_lifetime"


def capabilities(versions: str = "0001", suites: str = "0003", credentials: str = "0001") -> bytes:
    vectors = (bytes.fromhex(text) for text in (versions, suites, "", "", credentials))
    return b"".join(map(opaque, vectors))


def signed(actor: Actor, leaf: bytes) -> bytes:
    return actor.key_package(leaf)


def package_with_equal_keys(actor: Actor) -> bytes:
    key = encryption_key()
    return actor.key_package(actor.package_leaf(encrypts_to=key), init_key=key)


BENT: dict[str, tuple[str, Callable[[Actor], bytes]]] = {
    "another version in the device's abilities": (
        "wrong_suite",
        lambda a: signed(a, a.package_leaf(capabilities=capabilities(versions="0002"))),
    ),
    "no suite 3 in the device's abilities": (
        "wrong_suite",
        lambda a: signed(a, a.package_leaf(capabilities=capabilities(suites="0001"))),
    ),
    "no basic credentials in the device's abilities": (
        "not_allowed",
        lambda a: signed(a, a.package_leaf(capabilities=capabilities(credentials="0002"))),
    ),
    "an X.509 credential": ("not_allowed", lambda a: signed(a, a.package_leaf(credential=b"\x00\x02"))),
    "a suite that its leaf does not mean": ("wrong_suite", lambda a: a.key_package(suite=1)),
    "a leaf made for a commit": ("malformed", lambda a: signed(a, a.leaf(b"\x03\x00"))),
    "an init key that is also the leaf's": ("malformed", package_with_equal_keys),
    "an init key that nobody can seal to": ("malformed", lambda a: a.key_package(init_key=bytes(32))),
    "a leaf key that nobody can seal to": ("malformed", lambda a: signed(a, a.package_leaf(encrypts_to=bytes(32)))),
    "a leaf signed for another": ("bad_signature", lambda a: signed(a, a.package_leaf(tail=b"x"))),
    "a package signed by another": ("bad_signature", lambda a: a.key_package(signed_by=Actor().key)),
    "an unknown extension": ("not_allowed", lambda a: a.key_package(extensions=b"\xf0\x01\x00")),
    "an extension twice": ("malformed", lambda a: a.key_package(extensions=b"\x00\x0a\x00" * 2)),
    "too many bytes": ("too_large", lambda a: a.key_package() + bytes(4096)),
    "bytes left over": ("malformed", lambda a: a.key_package() + b"\0"),
    "a leaf with too many abilities": (
        "too_large",
        lambda a: signed(a, a.package_leaf(capabilities=capabilities(suites="0003" * 1000))),
    ),
}


@pytest.mark.parametrize("what", BENT)
def test_a_key_package_is_refused_for(what: str) -> None:
    code, make = BENT[what]
    assert refusal(make(Actor())) == code


def test_a_last_resort_is_recognised() -> None:
    assert parse_key_package(Actor().key_package(extensions=b"\x00\x0a\x00"), NOW).last_resort
    assert not parse_key_package(Actor().key_package(), NOW).last_resort


@pytest.mark.parametrize(
    "identity",
    [
        "",
        "d2719d86-6d0e-4b8e-9d3c-0f6a1f1e3c11",
        "D2719D86-6d0e-4b8e-9d3c-0f6a1f1e3c11:1@kindred.example",
        "d2719d86-6d0e-4b8e-9d3c-0f6a1f1e3c11:01@kindred.example",
        "d2719d86-6d0e-4b8e-9d3c-0f6a1f1e3c11:11112222333344445@kindred.example",
        "d2719d86-6d0e-4b8e-9d3c-0f6a1f1e3c11:1@",
        "d2719d86-6d0e-4b8e-9d3c-0f6a1f1e3c11:1@kindred.example\n",
        "d2719d86-6d0e-4b8e-9d3c-0f6a1f1e3c11:1@kindréd.example",
        "d2719d86-6d0e-4b8e-9d3c-0f6a1f1e3c11:1@" + "k" * 256,
    ],
)
def test_an_identity_that_is_no_client_id_is_refused(identity: str) -> None:
    actor = Actor()
    actor.identity = identity.encode()
    assert refusal(actor.key_package()) == "identity_mismatch"


def test_a_client_id_goes_to_its_parts_and_back_as_core_crypto_writes_it() -> None:
    account = UUID("d2719d86-6d0e-4b8e-9d3c-0f6a1f1e3c11")
    for device, text in (("00000000000000ff", "ff"), ("0000000000000000", "0"), ("a" * 16, "a" * 16)):
        written = client_id(account, device, "localhost:8000")
        assert written == f"{account}:{text}@localhost:8000"
        parts = parse_client_id(written.encode())
        assert (parts.account, parts.device, parts.domain) == (account, device, "localhost:8000")
        assert str(parts) == written
    for device, domain in (("ff", "a.example"), ("A" * 16, "a.example"), ("a" * 16, ""), ("a" * 16, "a b")):
        with pytest.raises(ValueError, match="sixteen hex digits"):
            client_id(account, device, domain)
