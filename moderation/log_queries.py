"""The audit log as it is read: whole by the operator, and by staff without what is kept from them."""

from collections.abc import Callable, Collection
from typing import NamedTuple
from uuid import UUID

from chat.models import Account
from moderation.audit import START, Entry, Signed, Withheld
from moderation.forgotten import open_kept
from moderation.models import AuditEntry, Case
from moderation.models.audit import EXPORTS, PROPOSALS
from moderation.pseudonyms import pseudonym
from moderation.sealed_steps import Opening, open_sealed


def audit_log(network: UUID, after: int = 0, limit: int | None = None) -> list[Signed]:
    """The network's entries with seq > `after`, in order."""
    rows = AuditEntry.objects.filter(network=network, seq__gt=after).order_by("seq")
    return [_signed(row) for row in (rows if limit is None else rows[:limit])]


def log_for(reader: Account, after: int, limit: int) -> list[tuple[Signed | Withheld, Opening | None]]:
    """The entries of the reader's network as `audit_log` has them, each with what opens it where it needs that; of those that
    are kept from the reader only what holds the chain together.
    """
    rows = AuditEntry.objects.filter(network=reader.network_id, seq__gt=after).order_by("seq")[:limit]
    found = [(_signed(row), bytes(row.opening)) for row in rows]
    hidden = _hidden_from(reader, {item.entry.case for item, _ in found})
    read: list[tuple[Signed | Withheld, Opening | None]] = []
    for item, sealed in found:
        opening = open_sealed(item.digest, sealed) if sealed else None
        # What nobody can open may be kept from the reader.
        if (sealed and opening is None) or hidden(item.entry, opening):
            read.append((Withheld(item.entry.seq, item.digest, item.key_id, item.signature), None))
        else:
            read.append((item, opening))
    return read


def unfit(network: UUID) -> list[int]:
    """The seq of each entry that opens to something else than it binds."""
    rows = AuditEntry.objects.filter(network=network).exclude(opening=b"").order_by("seq")
    opened = ((row, open_sealed(row.digest, row.opening)) for row in rows.iterator())
    return [row.seq for row, opening in opened if opening is not None and not opening.fits(row.detail)]


def _hidden_from(reader: Account, cases: Collection[bytes | None]) -> Callable[[Entry, Opening | None], bool]:
    """Whether an entry is of a case that is kept from the reader, or of a decision about them that is not in force; of
    forgotten cases those among `cases`.
    """
    network, account = reader.network_id, reader.id
    kept = set(Case.objects.filter(kept_from=reader).values_list("id", flat=True))
    ids = [UUID(bytes=case) for case in cases if case is not None]
    for case, sealed in Case.objects.filter(forgotten=True, id__in=ids).values_list("id", "kept"):
        from_whom = open_kept(case, sealed)
        # Nobody can tell any more: then it is nobody's to read.
        if from_whom is None or account in from_whom:
            kept.add(case)

    def hidden(entry: Entry, opening: Opening | None) -> bool:
        case = None if entry.case is None else UUID(bytes=entry.case)
        subject = entry.subject
        if opening is not None:
            case = opening.case_id
            subject = "" if opening.step is None else opening.step.subject
            if account in opening.kept:
                return True
        names = (pseudonym(network, account), pseudonym(network, account, case))
        return case in kept or (entry.action in PROPOSALS and subject in names)

    return hidden


def _signed(row: AuditEntry) -> Signed:
    case_bytes = None if row.case is None else row.case.bytes
    network: UUID = row.network_id
    entry = Entry(network.bytes, row.seq, row.at, row.actor, row.action, case_bytes, row.subject, row.detail)
    return Signed(entry, row.digest, row.key_id, row.signature)


class InCustody(NamedTuple):
    """An entry about a case, the digest before it, and those that it binds beside its words."""

    signed: Signed
    previous: bytes
    attested: list[bytes]


def custody(case: Case, reader: Account) -> list[InCustody]:
    """The log's entries about one case that the reader may know of. What was decided in it is
    not among them: evidence outlives the case, and is not to tell in which one that was.
    """
    hidden = _hidden_from(reader, {case.id.bytes})
    rows = AuditEntry.objects.filter(network=case.network_id, case=case.id).order_by("seq")
    shown = [(item, bytes(row.attested)) for row in rows if not hidden((item := _signed(row)).entry, None)]
    before = AuditEntry.objects.filter(network=case.network_id, seq__in=[item.entry.seq - 1 for item, _ in shown])
    digests = {seq + 1: digest for seq, digest in before.values_list("seq", "digest")}
    return [InCustody(item, digests.get(item.entry.seq, START), _split(attested)) for item, attested in shown]


def _split(digests: bytes) -> list[bytes]:
    return [digests[at : at + 32] for at in range(0, len(digests), 32)]


def sealed_by(kid: str) -> list[str]:
    """The SHA-256 (hex) of each evidence seal that the logs of all networks have of a signing key."""
    return list(AuditEntry.objects.filter(key_id=kid, action__in=EXPORTS).values_list("detail", flat=True))


def audit_head(network: UUID) -> tuple[int, bytes] | None:
    """Seq and digest of the last entry."""
    return AuditEntry.objects.filter(network=network).order_by("-seq").values_list("seq", "digest").first()
