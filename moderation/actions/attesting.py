"""The server's word for what a member shows in a case, and whom that makes the case about."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat.models import Account
from chat.protocol.errors import Code, ProtocolError
from moderation.access import STAFF
from moderation.actions.keeping import keep_from
from moderation.actions.log import log_signer, record
from moderation.attestation import Stamped, attest, digest, is_genuine
from moderation.audit import ATTESTED, attested_detail
from moderation.models import Case, CaseState, CaseSubject


def attest_messages(case: Case, messages: Sequence[Stamped]) -> list[str]:
    """An attestation (JWS) for each message. Raises bad_frank (with `index`) or case_closed; then none is given.

    The audit log binds each by its digest, so that in evidence nothing counts that a copied signing key attests elsewhere.

    That the frank fits is proof enough that the caller received the message: the server gives franks to members alone.
    """
    if case.state == CaseState.CLOSED:
        raise ProtocolError(Code.CASE_CLOSED)
    for index, message in enumerate(messages):
        if not is_genuine(message, settings.DOMAIN, settings.HUB_KEYS):
            raise ProtocolError(Code.BAD_FRANK, index=index)
    now = int(timezone.now().timestamp())
    with transaction.atomic():
        _remember_subjects(case, {message.sender for message in messages})
        by = log_signer(case.network_id)
        tokens = [attest(message, case.id, settings.DOMAIN, now, by, settings.HUB_KEYS) for message in messages]
        digests = [digest(token) for token in tokens]
        detail = attested_detail(digests)
        record(case.network_id, case.opened_by, ATTESTED, case=case.id, detail=detail, attested=digests)
    return tokens


def _remember_subjects(case: Case, senders: Collection[UUID]) -> None:
    others = Account.objects.filter(network=case.network_id, id__in=senders).exclude(cases_opened=case)
    CaseSubject.objects.bulk_create(
        [CaseSubject(case=case, account=account) for account in others.order_by("id")], ignore_conflicts=True
    )
    # The asker's app knows the staff in good standing, and keeps out whom it has to. Whoever of the others comes back
    # comes back to everything but this.
    for away in others.filter(role__in=STAFF, suspended_at__isnull=False).order_by("id"):
        keep_from(away, Case.objects.filter(id=case.id))
