"""How the audit log names accounts: the same account always alike, but whoever asks anew in each case, so that nothing they
asked without a name stands beside anything else of theirs. Nobody can go back without the key."""

import base64
import hmac
from uuid import UUID

from django.conf import settings

OPERATOR = "operator"
"""Whoever runs commands on the server itself."""


def pseudonym(network: UUID, account: UUID, asked_in: UUID | None = None) -> str:
    """`A-` and 10 letters and digits: 50 bits of an HMAC-SHA256 over the ids under a key outside the database.

    `asked_in` is the case that the account opened, when it is named in that case.
    """
    ids = network.bytes + account.bytes + (b"" if asked_in is None else asked_in.bytes)
    digest = hmac.digest(settings.AUDIT_KEY, ids, "sha256")
    return f"A-{base64.b32encode(digest)[:10].decode()}"
