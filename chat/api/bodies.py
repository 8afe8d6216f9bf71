"""What the API is sent. An undeclared field, a wrong type or a value out of bounds is `malformed`."""

from time import time
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from chat.api.fields import (
    Bytes16,
    Bytes32,
    Bytes64,
    DeviceHex,
    Endpoint,
    KeyPackageBytes,
    Line,
    PublicPoint,
    Title,
    Uuid,
    Version,
    b64decode,
)
from chat.contacts import Way, fits
from chat.protocol.limits import (
    MAX_CONTACTS,
    MAX_DEVICE_KEY_PACKAGES,
    MAX_DEVICE_ROOMS,
    MAX_LINK_OFFER,
    MAX_LINK_PART,
    MAX_LINK_PARTS,
)

_DAY_MS = 24 * 3600 * 1000
_CLOCK_MS = 10 * 60 * 1000
MAX_MILLIS = 2**53


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Secret(Body):
    secret: Bytes16


class Join(Body):
    secret: Bytes16
    account: Uuid
    identity_key: Bytes32
    device: DeviceHex
    signature_key: Bytes32
    certificate: Bytes64
    token_hash: Bytes32
    conduct_version: Version
    key_packages: Annotated[list[KeyPackageBytes], Field(max_length=MAX_DEVICE_KEY_PACKAGES)]
    last_resort: KeyPackageBytes
    staff_proof: Bytes32 | None = None


class Certify(Body):
    account: Uuid
    identity_key: Bytes32
    role: Literal["member", "moderator", "coordinator"]
    issued_at: Annotated[int, Field(ge=0, le=2**63 - 1)]
    signature: Bytes64


class Locator(Body):
    locator: Bytes32


class RegisterDevice(Body):
    account: Uuid
    device: DeviceHex
    signature_key: Bytes32
    certificate: Bytes64
    token_hash: Bytes32
    proof_time: Annotated[int, Field(ge=0, le=2**63 - 1)]
    proof: Bytes64
    key_packages: Annotated[list[KeyPackageBytes], Field(max_length=MAX_DEVICE_KEY_PACKAGES)]
    last_resort: KeyPackageBytes


class OfferLink(Body):
    offer: Annotated[bytes, BeforeValidator(b64decode), Field(min_length=1, max_length=MAX_LINK_OFFER)]
    take_hash: Bytes32


class AnswerLink(Body):
    part: Annotated[int, Field(ge=0, lt=MAX_LINK_PARTS)]
    parts: Annotated[int, Field(ge=1, le=MAX_LINK_PARTS)]
    sealed: Annotated[bytes, BeforeValidator(b64decode), Field(min_length=1, max_length=MAX_LINK_PART)]

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.part >= self.parts:
            raise ValueError("there are not so many parts")
        return self


class TakeLink(Body):
    key: Bytes32
    part: Annotated[int, Field(ge=0, le=MAX_LINK_PARTS)]


class AgreeToConduct(Body):
    version: Version


class Contact(Body):
    """Somebody to call, to write to, or a page to open, and a short line about it that may be empty."""

    name: Title
    way: Way
    to: str
    line: Line

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if not fits(self.way, self.to):
            raise ValueError("neither a number nor an address")
        return self


class SetContacts(Body):
    contacts: Annotated[list[Contact], Field(max_length=MAX_CONTACTS)]


class UploadKeyPackages(Body):
    key_packages: Annotated[list[KeyPackageBytes], Field(max_length=MAX_DEVICE_KEY_PACKAGES)]
    last_resort: KeyPackageBytes | None = None


class CreateRoom(Body):
    id: Uuid
    kind: Literal["open", "group", "direct", "self", "staff"]
    title: Title | None = None
    peer: Uuid | None = None

    @model_validator(mode="after")
    def _fields_of_the_kind(self) -> Self:
        if (self.title is not None) != (self.kind == "open"):
            raise ValueError("title belongs to open rooms")
        if (self.peer is not None) != (self.kind == "direct"):
            raise ValueError("peer belongs to direct rooms")
        return self


class Rename(Body):
    title: Title


class GroupInfoRequest(Body):
    invite: Bytes16 | None = None


class ClaimRequest(Body):
    accounts: Annotated[list[Uuid], Field(min_length=1, max_length=100)]


class SetSteward(Body):
    account: Uuid
    steward: bool


class SetRules(Body):
    members_may_add: bool


class RemoveMember(Body):
    account: Uuid


class MuteMember(Body):
    """`until` in milliseconds since 1970 UTC: at most 30 days from now; null ends the mute."""

    account: Uuid
    until: Annotated[int, Field(ge=0, le=MAX_MILLIS)] | None

    @field_validator("until")
    @classmethod
    def _not_for_ever(cls, value: int | None) -> int | None:
        if value is not None and value > time() * 1000 + 30 * _DAY_MS + _CLOCK_MS:
            raise ValueError("more than 30 days")
        return value


class Nothing(Body):
    pass


class MakeRoomInvite(Body):
    secret_hash: Bytes32
    uses: Annotated[int, Field(ge=1, le=50)]
    expires_in_ms: Annotated[int, Field(ge=1, le=30 * _DAY_MS)]


class MakeInvite(Body):
    secret_hash: Bytes32
    role: Literal["member", "moderator", "coordinator"]
    uses: Annotated[int, Field(ge=1, le=1000)]
    expires_in_ms: Annotated[int, Field(ge=1, le=90 * _DAY_MS)]


class AccountsRequest(Body):
    accounts: Annotated[list[Uuid], Field(min_length=1, max_length=300)]


class WebPushTarget(Body):
    channel: Literal["webpush"]
    endpoint: Endpoint
    p256dh: PublicPoint
    auth: Bytes16


class FcmTarget(Body):
    channel: Literal["fcm"]
    token: Annotated[str, StringConstraints(min_length=16, max_length=1024, pattern=r"^[A-Za-z0-9_:.-]+$")]


Minute = Annotated[int, Field(ge=0, lt=1440)]
"""Of a day."""


class QuietHours(Body):
    start: Minute
    end: Minute
    offset: Annotated[int, Field(ge=-840, le=840)]

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.start == self.end:
            raise ValueError("starts when it ends")
        return self


class WakeMe(Body):
    target: Annotated[WebPushTarget | FcmTarget, Field(discriminator="channel")]
    quiet: QuietHours | None = None
    delay_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 20_000
    muted: Annotated[list[Uuid], Field(max_length=MAX_DEVICE_ROOMS)] = []
