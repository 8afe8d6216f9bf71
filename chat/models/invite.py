"""Invites into a network and into a private group. Only the SHA-256 of a secret is ever kept."""

import uuid

from django.db import models

from chat.models.account import Account, Role
from chat.models.fields import BytesField
from chat.models.network import Network
from chat.models.room import Room


class Invite(models.Model):
    """Opens a network to `uses` people. Made by staff, or by a management command (then `created_by` is null)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="invites")
    secret_hash = BytesField(max_length=32, unique=True)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.MEMBER)
    uses = models.PositiveIntegerField(default=1)
    used = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="invites_made"
    )
    created_at = models.DateTimeField(auto_now_add=True)


class RoomInvite(models.Model):
    """Opens a private group to `uses` accounts of the same network."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="invites")
    secret_hash = BytesField(max_length=32, unique=True)
    uses = models.PositiveIntegerField(default=1)
    used = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="room_invites_made"
    )
