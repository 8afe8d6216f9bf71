"""A device of core-crypto joins with the key packages that it really makes."""

import json
import subprocess
from base64 import b64decode
from typing import Any

import pytest
from pytest_django import Settings

from chat.api.fields import b64encode
from chat.certificate import certificate_message
from chat.models import Device, KeyPackage
from chat.protocol.errors import Code
from scripts import node
from scripts.tree import ROOT
from tests import factories
from tests.factories import Person
from tests.http.api import get, post

pytestmark = [pytest.mark.interop, pytest.mark.django_db]

# What core-crypto.mjs gives its devices.
DOMAIN = "kindred.example"


def real_device(person: Person, packages: int) -> dict[str, Any]:
    script = ROOT / "tests" / "http" / "real_device.mjs"
    command = ["node", str(script), str(person.account), person.device, str(packages)]
    made = subprocess.run(command, env=node.environment(), cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def in_base64url(text: str) -> str:
    return b64encode(b64decode(text))


@pytest.mark.parametrize("device", ["c0ffee0000000001", "00000000000000ab"], ids=["plain", "leading zeros"])
def test_core_cryptos_own_key_packages_are_taken(settings: Settings, device: str) -> None:
    settings.DOMAIN = DOMAIN
    person = Person(device=device)
    made = real_device(person, 3)
    key = b64decode(made["signatureKey"])
    secret, _ = factories.invite(factories.network())
    body = person.joining(secret) | {
        "signature_key": b64encode(key),
        "certificate": b64encode(person.identity.sign(certificate_message(person.account, device, key))),
        "key_packages": [in_base64url(text) for text in made["keyPackages"][:2]],
        "last_resort": in_base64url(made["keyPackages"][2]),
    }
    assert post(None, "/join", body).body["key_packages_left"] == 2
    assert get(person, "/me").status == 200
    kept = Device.objects.get(hex=device)
    assert kept.client_id(DOMAIN) == made["clientId"]
    assert KeyPackage.objects.filter(device=kept, last_resort=True).count() == 1
    settings.DOMAIN = "elsewhere.example"
    again = {"key_packages": body["key_packages"]}
    assert post(person, "/me/key-packages", again).code == Code.BAD_KEY_PACKAGE
