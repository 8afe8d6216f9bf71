"""Accounts and their devices: random ids and public keys, nothing about a person."""

import uuid

from django.db import models

from chat.models.fields import BytesField
from chat.models.network import Network


class Role(models.TextChoices):
    MEMBER = "member"
    MODERATOR = "moderator"
    COORDINATOR = "coordinator"


class Account(models.Model):
    """A random UUID and an Ed25519 identity key (32 bytes). Only the day of joining is kept.

    `staff_proof` (32 bytes) shows whoever made a staff invite that it was this account that came by it; null once a
    coordinator has certified the account.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="accounts")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.MEMBER)
    identity_key = BytesField(max_length=32)
    staff_proof = BytesField(max_length=32, null=True, blank=True)
    conduct_version = models.PositiveIntegerField()
    invite = models.ForeignKey("chat.Invite", null=True, blank=True, on_delete=models.SET_NULL, related_name="joined")
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_until = models.DateTimeField(null=True, blank=True)
    created_on = models.DateField(auto_now_add=True)

    @property
    def is_staff(self) -> bool:
        return self.role in (Role.MODERATOR, Role.COORDINATOR)

    @property
    def suspended(self) -> bool:
        return self.suspended_at is not None


class Device(models.Model):
    """One MLS client of an account. `hex` is 16 lower-case hex digits; `token_hash` is SHA-256 of its token.

    `inbox_head` is the seq that its inbox last gave out, so that none is ever used twice. A revoked device's row stays,
    so that it can be told so. `last_seen` is a day and never a time, and sealed (chat/last_seen.py).
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="devices")
    hex = models.CharField(max_length=16)
    signature_key = BytesField(max_length=32)
    certificate = BytesField(max_length=64)
    token_hash = BytesField(max_length=32, unique=True)
    inbox_head = models.BigIntegerField(default=0)
    created_on = models.DateField(auto_now_add=True)
    last_seen = BytesField(default=b"")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "hex"], name="device_once_an_account")]

    def client_id(self, domain: str) -> str:
        """The identity in this device's MLS basic credential: `account-uuid:device-hex@domain`.

        core-crypto writes the device without leading zeros, so the text does too (chat/mls/identity.py).
        """
        return f"{self.account_id}:{self.hex.lstrip('0') or '0'}@{domain}"
