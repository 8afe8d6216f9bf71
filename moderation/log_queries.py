"""The audit log as it is read: whole by the operator, and by staff without what is kept from them."""

from collections.abc import Callable
from uuid import UUID

from chat.models import Account
from moderation.audit import START, Entry, Signed, Withheld
from moderation.models import AuditEntry, Case
from moderation.models.audit import PROPOSALS
from moderation.pseudonyms import pseudonym


def audit_log(network: UUID, after: int = 0, limit: int | None = None) -> list[Signed]:
    """The network's entries with seq > `after`, in order."""
    rows = AuditEntry.objects.filter(network=network, seq__gt=after).order_by("seq")
    return [_signed(row) for row in (rows if limit is None else rows[:limit])]


def log_for(reader: Account, after: int, limit: int) -> list[Signed | Withheld]:
    """The entries of the reader's network as `audit_log` has them; of those that are kept from the reader only what holds
    the chain together.
    """
    hidden = _hidden_from(reader)
    return [
        Withheld(item.entry.seq, item.digest, item.key_id, item.signature) if hidden(item.entry) else item
        for item in audit_log(reader.network_id, after, limit)
    ]


def _hidden_from(reader: Account) -> Callable[[Entry], bool]:
    """Whether an entry is of a case that is kept from the reader, or of a decision about them that is not in force."""
    network, account = reader.network_id, reader.id
    kept = {case.bytes for case in Case.objects.filter(kept_from=reader).values_list("id", flat=True)}

    def hidden(entry: Entry) -> bool:
        if entry.case in kept:
            return True
        asked_in = None if entry.case is None else UUID(bytes=entry.case)
        names = (pseudonym(network, account), pseudonym(network, account, asked_in))
        return entry.action in PROPOSALS and entry.subject in names

    return hidden


def _signed(row: AuditEntry) -> Signed:
    case_bytes = None if row.case is None else row.case.bytes
    network: UUID = row.network_id
    entry = Entry(network.bytes, row.seq, row.at, row.actor, row.action, case_bytes, row.subject, row.detail)
    return Signed(entry, row.digest, row.key_id, row.signature)


def custody(case: Case, reader: Account) -> list[tuple[Signed, bytes]]:
    """The log's entries about one case that the reader may know of, each with the digest before it."""
    hidden = _hidden_from(reader)
    found = [_signed(row) for row in AuditEntry.objects.filter(network=case.network_id, case=case.id).order_by("seq")]
    shown = [item for item in found if not hidden(item.entry)]
    before = AuditEntry.objects.filter(network=case.network_id, seq__in=[item.entry.seq - 1 for item in shown])
    digests = {seq + 1: digest for seq, digest in before.values_list("seq", "digest")}
    return [(item, digests.get(item.entry.seq, START)) for item in shown]


def audit_head(network: UUID) -> tuple[int, bytes] | None:
    """Seq and digest of the last entry."""
    return AuditEntry.objects.filter(network=network).order_by("-seq").values_list("seq", "digest").first()
