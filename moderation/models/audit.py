"""The audit log: who did what to which case, by pseudonyms alone, each entry bound to the one before."""

from django.db import models

from chat.models import Network
from chat.models.fields import BytesField

PROPOSALS = ("decision_proposed", "decision_refused")
"""Actions that may be about a member of the staff who does not know of it: they learn of a decision once it is in force."""

EXPORTS = ("evidence_exported", "evidence_handed_over")
"""Actions that seal evidence; `detail` is the SHA-256 (hex) of the seal."""


class AuditEntry(models.Model):
    """One entry of a network's log, `seq` from 1 without gaps; never changed but for `opening`, never deleted.

    `actor` and `subject` are pseudonyms (moderation/pseudonyms.py), so that the log outlives accounts and a stolen
    database does not say whose they were. `detail` of one of PROPOSALS ends in random letters, so that nobody whom it is
    kept from can try out what its digest is of. Of what is decided in a case they are empty, and `detail` binds what they
    would be: `opening`, of which a part may be forgotten, says it (moderation/sealed_steps.py).
    `attested`: the digests (32 bytes each) that the `detail` of an entry about attestations binds.
    `digest` is SHA-256 over the entry and the `digest` before it (32 bytes);
    `signature` is Ed25519 over `digest` (64 bytes) by the key `key_id` of the published set.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="audit_entries")
    seq = models.BigIntegerField()
    at = models.BigIntegerField()
    actor = models.CharField(max_length=16, blank=True)
    action = models.CharField(max_length=32)
    case = models.UUIDField(null=True, blank=True, default=None)
    subject = models.CharField(max_length=16, blank=True)
    detail = models.CharField(max_length=128, blank=True)
    attested = BytesField(default=b"", blank=True)
    digest = BytesField(max_length=32)
    key_id = models.CharField(max_length=43)
    signature = BytesField(max_length=64)
    opening = BytesField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "seq"], name="audit_seq_once_a_network")]
        indexes = [
            models.Index(fields=["key_id"], condition=models.Q(action__in=EXPORTS), name="audit_exports_by_key"),
        ]
