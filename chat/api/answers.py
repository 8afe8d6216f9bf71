"""What the API answers. A field without a value is left out."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chat.api.fields import Base64, Millis


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, extra="forbid")


class Empty(Answer):
    pass


class Server(Answer):
    domain: str
    version: int
    suite: int
    external_sender: Base64
    time: int
    limits: dict[str, int]


class Card(Answer):
    title: str
    text: str
    finding: str | None = None


class Conduct(Answer):
    version: int
    cards: list[Card]


class Network(Answer):
    id: UUID
    title: str


class Contact(Answer):
    name: str
    way: str
    to: str
    line: str


class Contacts(Answer):
    contacts: list[Contact]


class OwnNetwork(Network):
    languages: list[str]
    contacts: list[Contact]


class InviteCheck(Answer):
    network: Network
    role: str
    conduct: Conduct
    expires_at: Millis


class Me(Answer):
    account: UUID
    device: str
    role: str
    suspended: bool
    network: OwnNetwork
    conduct_version: int
    conduct: Conduct
    domain: str
    key_packages_left: int
    devices: int


class KeyPackagesLeft(Answer):
    key_packages_left: int


class Backup(Answer):
    locator_hash: Base64
    size: int
    saved_on: date


class BackupState(Answer):
    backup: Backup | None


class Place(Answer):
    account: UUID
    device: str
    leaf: int | None = None


class Mute(Answer):
    account: UUID
    until: int


class Room(Answer):
    id: UUID
    kind: str
    title: str | None
    epoch: int
    head: int
    cursor: int
    roster: list[Place]
    pending_removals: list[Place]
    created_by_me: bool
    members_may_add: bool
    stewards: list[UUID]
    muted: list[Mute]


class Elsewhere(Answer):
    id: UUID
    kind: str
    title: str | None


class OpenRoom(Answer):
    id: UUID
    title: str
    members: int


class Rooms(Answer):
    rooms: list[Room]
    open: list[OpenRoom]
    elsewhere: list[Elsewhere]


class GroupInfo(Answer):
    epoch: int
    group_info: Base64
    external_sender: Base64
    kind: str
    roster: list[Place]


class Package(Answer):
    account: UUID
    device: str
    key_package: Base64
    identity_key: Base64
    certificate: Base64


class Claim(Answer):
    packages: list[Package]
    missing: list[Place]


class RoomInvite(Answer):
    id: UUID
    expires_at: Millis


class RoomInviteCheck(Answer):
    room: UUID
    members: int
    expires_at: Millis


class Device(Answer):
    device: str
    signature_key: Base64
    certificate: Base64


class Account(Answer):
    account: UUID
    role: str
    identity_key: Base64
    devices: list[Device]
    shared_rooms: list[UUID]


class LinkOffer(Answer):
    offer: Base64


class LinkTaken(Answer):
    parts: int | None
    sealed: Base64 | None


class OwnDevice(Answer):
    device: str
    current: bool
    created_on: date
    last_seen_on: date | None


class OwnDevices(Answer):
    devices: list[OwnDevice]


class Accounts(Answer):
    accounts: list[Account]


class Invite(Answer):
    id: UUID
    role: str
    uses: int
    used: int
    expires_at: Millis
    revoked: bool
    created_at: Millis


class Invites(Answer):
    invites: list[Invite]


class Joined(Answer):
    account: UUID
    invited_by: UUID | None
    invite: UUID | None
    joined_on: date
    suspended: bool
    role: str


class InviteTree(Answer):
    people: list[Joined]


class PushChannels(Answer):
    webpush: bool
    fcm: bool
    vapid_public_key: Base64 | None


class QuietHours(Answer):
    start: int
    end: int
    offset: int


class Push(Answer):
    channel: str | None
    quiet: QuietHours | None
    delay_ms: int | None
    muted: list[UUID]


class StaffMember(Answer):
    account: UUID
    role: str
    identity_key: Base64
    proof: Base64 | None


class StaffCertificate(Answer):
    account: UUID
    identity_key: Base64
    role: str
    issued_at: int
    issuer: UUID
    signature: Base64


class Staff(Answer):
    network: UUID
    staff: list[StaffMember]
    certificates: list[StaffCertificate]
