"""People, networks and rooms as the database holds them, for tests that ask about what comes after."""

import hashlib
import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import time
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat import progress
from chat.actions.invites import make_invite, make_room_invite
from chat.actions.networks import create_network
from chat.api.fields import b64encode
from chat.certificate import certificate_message, registration_message, staff_message
from chat.last_seen import seal_last_seen
from chat.links import InviteSecret
from chat.mls.identity import client_id
from chat.mls.key_package import parse_key_package
from chat.models import (
    Account,
    Backup,
    Device,
    Invite,
    KeyPackage,
    Network,
    Room,
    RoomDevice,
    RoomInvite,
    RoomSteward,
    direct_pair,
)
from chat.protocol.limits import BACKUP_STEP
from tests.mls.forge import Actor

#: What the operator's commands are told beside a card or a law, and what cutting off a branch takes.
REASONS = ("--facts", "On 3 May you offered a stranger work.", "--why", "This is what recruiting looks like.")
CUT = {"finding": "lured", "fact": "one"}


@dataclass
class Person:
    """Somebody with a phone: everything that the phone holds and makes."""

    account: UUID = field(default_factory=uuid4)
    identity: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    device: str = field(default_factory=lambda: os.urandom(8).hex())
    token: bytes = field(default_factory=lambda: os.urandom(32))

    def __post_init__(self) -> None:
        self.mls = Actor(self.account, self.device)
        self.mls.identity = client_id(self.account, self.device, settings.DOMAIN).encode()

    @property
    def identity_key(self) -> bytes:
        return self.identity.public_key().public_bytes_raw()

    @property
    def certificate(self) -> bytes:
        return self.identity.sign(certificate_message(self.account, self.device, self.mls.public))

    @property
    def token_hash(self) -> bytes:
        return hashlib.sha256(self.token).digest()

    @property
    def authorization(self) -> str:
        return f"Bearer {b64encode(self.token)}"

    def key_package(self, days: float = 30) -> bytes:
        now = int(time())
        return self.mls.key_package(self.mls.package_leaf(now - 3600, now + int(days * 86_400)))

    def joining(self, secret: InviteSecret, packages: int = 2, **changed: Any) -> dict[str, Any]:
        """The body of `POST /join`."""
        return {
            "secret": b64encode(secret.value),
            "account": str(self.account),
            "identity_key": b64encode(self.identity_key),
            "device": self.device,
            "signature_key": b64encode(self.mls.public),
            "certificate": b64encode(self.certificate),
            "token_hash": b64encode(self.token_hash),
            "conduct_version": 1,
            "key_packages": [b64encode(self.key_package()) for _ in range(packages)],
            "last_resort": b64encode(self.key_package()),
        } | changed

    def registering(self, at: int | None = None, **changed: Any) -> dict[str, Any]:
        """The body of `POST /devices`, for a phone of an account that exists. `at` is the proof's time in ms."""
        at = int(time() * 1000) if at is None else at
        proof = self.identity.sign(registration_message(self.account, self.device, self.token_hash, at))
        return {
            "account": str(self.account),
            "device": self.device,
            "signature_key": b64encode(self.mls.public),
            "certificate": b64encode(self.certificate),
            "token_hash": b64encode(self.token_hash),
            "proof_time": at,
            "proof": b64encode(proof),
            "key_packages": [b64encode(self.key_package())],
            "last_resort": b64encode(self.key_package()),
        } | changed

    def certifying(self, network: Network, other: "Person", role: str, at: int | None = None) -> dict[str, Any]:
        """The body of `POST /staff/certificates`, by which this coordinator makes `other` staff. `at` is in ms."""
        at = int(time() * 1000) if at is None else at
        signature = self.identity.sign(staff_message(network.id, other.account, other.identity_key, role, at))
        return {
            "account": str(other.account),
            "identity_key": b64encode(other.identity_key),
            "role": role,
            "issued_at": at,
            "signature": b64encode(signature),
        }

    def second_phone(self) -> "Person":
        """The same account on another device."""
        return Person(self.account, self.identity)


def network(title: str = "Harbour") -> Network:
    return create_network(title)


def enrolled(person: Person, network: Network, role: str = "member", packages: int = 1) -> Person:
    """The person after joining; only the first phone makes the account."""
    account, _ = Account.objects.get_or_create(
        id=person.account,
        defaults={"network": network, "role": role, "identity_key": person.identity_key, "conduct_version": 1},
    )
    device = Device.objects.create(
        account=account,
        hex=person.device,
        signature_key=person.mls.public,
        certificate=person.certificate,
        token_hash=person.token_hash,
        last_seen=seal_last_seen(person.account, person.device),
    )
    keep_packages(person, device, packages)
    return person


def keep_packages(person: Person, device: Device, single_use: int, last_resort: bool = True) -> None:
    payloads = [person.key_package() for _ in range(single_use + last_resort)]
    KeyPackage.objects.bulk_create(
        KeyPackage(
            device=device,
            ref=parse_key_package(payload, int(time())).ref,
            payload=payload,
            last_resort=last_resort and number == single_use,
            not_after=timezone.now() + timedelta(days=30),
        )
        for number, payload in enumerate(payloads)
    )


def device_of(person: Person) -> Device:
    return Device.objects.select_related("account__network").get(token_hash=person.token_hash)


def invite(network: Network, **how: Any) -> tuple[InviteSecret, Invite]:
    secret = InviteSecret()
    how.setdefault("expires_in", timedelta(days=1))
    return secret, make_invite(network, secret_hash=secret.digest, **how)


def room_invite(room: Room, maker: Person, **how: Any) -> tuple[InviteSecret, RoomInvite]:
    secret = InviteSecret()
    how.setdefault("expires_in", timedelta(days=1))
    how.setdefault("uses", 1)
    account = device_of(maker).account
    return secret, make_room_invite(room, secret_hash=secret.digest, created_by=account, **how)


def backup(person: Person, locator: bytes | None = None, sealed: bytes = bytes(BACKUP_STEP)) -> Backup:
    """The person's backup, in place of any they had."""
    values = {"locator_hash": hashlib.sha256(locator or os.urandom(32)).digest(), "sealed": sealed}
    return Backup.objects.update_or_create(account_id=person.account, defaults=values)[0]


def settled_room(kind: str, people: list[Person], **how: Any) -> Room:
    """A room whose group exists, as after the first commit, with the people's phones as its leaves.

    The first of them looks after it, if it is a group.
    """
    devices = [device_of(person) for person in people]
    how.setdefault("epoch", 1)
    how.setdefault("head", 1)
    how.setdefault("group_info", b"a group info")
    if kind == "open":
        how.setdefault("title", "Welcome")
    if kind == "direct":
        how.setdefault("direct_pair", direct_pair(people[0].account, people[1].account))
    if devices:
        how.setdefault("network", devices[0].account.network)
        how.setdefault("created_by", devices[0].account)
    room = Room.objects.create(kind=kind, **how)
    RoomDevice.objects.bulk_create(
        RoomDevice(room=room, device=device, leaf=leaf, joined_seq=1) for leaf, device in enumerate(devices)
    )
    if kind == "group" and devices:
        RoomSteward.objects.create(room=room, account=devices[0].account)
    return room


def acknowledged(room: UUID, seqs: dict[int, int]) -> None:
    """The devices (primary keys) have everything of the room up to their seq."""
    with transaction.atomic():
        progress.advance((room, device, seq) for device, seq in seqs.items())


def cursors_of(room: UUID) -> dict[int, int]:
    """How far each device in the room has come, opened with the server's key."""
    known = progress.cursors([room]).get(room, {})
    places = RoomDevice.objects.filter(room=room, removed_at=None).order_by("id")
    return {place.device_id or 0: max(place.joined_seq, known.get(place.device_id or 0, 0)) for place in places}


def seen_on(person: Person, day: date) -> None:
    """The person's phone was last here on that day."""
    sealed = seal_last_seen(person.account, person.device, day)
    Device.objects.filter(pk=device_of(person).pk).update(last_seen=sealed)
