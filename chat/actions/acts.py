"""What staff and the operator do here, told to whoever keeps a record of it. Chat itself keeps none."""

from uuid import UUID

from django.dispatch import Signal

from chat.models import Account

staff_acted = Signal()
"""Sent inside the transaction that does it, with the arguments of `tell`; what a receiver raises undoes it."""

account_shut_out = Signal()
"""Sent after an account was suspended or erased, or is staff no more, outside of transactions, with the ids `network` and
`account`."""


def tell(network: UUID, actor: Account | None, action: str, *, subject: UUID | None = None, detail: str = "") -> None:
    """`actor` is None for the operator, `action` a short word, `subject` an account, `detail` 128 characters at most."""
    staff_acted.send(None, network=network, actor=actor, action=action, subject=subject, detail=detail)
