"""What coordinators have signed about who looks after their network."""

from django.db import models

from chat.models.account import Role
from chat.models.fields import BytesField
from chat.models.network import Network


class StaffCertificate(models.Model):
    """One coordinator's signature, with their account's identity key, over who somebody of the staff is (chat/certificate.py).

    The server cannot make one. It keeps and serves them; devices judge for themselves. `account` and `issuer` are account
    ids that may have gone: what a coordinator signed still has to be followed back to the first one. `role` is `member` in
    a withdrawal. `issued_at` is milliseconds since 1970 UTC by the issuer's word. The first coordinator's own, which others
    lead back to, has the same `account` and `issuer`.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="staff_certificates")
    account = models.UUIDField()
    identity_key = BytesField(max_length=32)
    role = models.CharField(max_length=12, choices=Role.choices)
    issued_at = models.BigIntegerField()
    issuer = models.UUIDField()
    signature = BytesField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "account", "issuer", "issued_at"], name="staff_certificate_once")
        ]
