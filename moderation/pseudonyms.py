"""How the audit log names accounts: the same account always alike, and nobody can go back without the key."""

import base64
import hmac
from uuid import UUID

from django.conf import settings

OPERATOR = "operator"
"""Whoever runs commands on the server itself."""


def pseudonym(network: UUID, account: UUID) -> str:
    """`A-` and 10 letters and digits: 50 bits of an HMAC-SHA256 over both ids under a key outside the database."""
    digest = hmac.digest(settings.AUDIT_KEY, network.bytes + account.bytes, "sha256")
    return f"A-{base64.b32encode(digest)[:10].decode()}"
