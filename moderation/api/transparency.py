"""The transparency report, for every member of the network: as JSON, as CSV, and after the EU's templates; and whether
everybody else may read it too (public.py)."""

from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from chat.api.auth import Asked
from chat.protocol.errors import Code, ProtocolError
from moderation.access import access_as_coordinator
from moderation.actions.openness import publish_report
from moderation.api import bodies
from moderation.queries import report_is_public
from moderation.transparency import as_csv
from moderation.transparency_queries import transparency
from moderation.transparency_template import as_template

router = Router()
SHORTEST, LONGEST = timedelta(days=28), timedelta(days=366)


@router.get("/transparency")
def show(
    request: Asked, start: date, end: date, form: Literal["json", "csv", "template"] = "json"
) -> HttpResponse | dict[str, Any]:
    if end >= timezone.now().date():
        raise ProtocolError(Code.MALFORMED, detail="months that are over")
    # Short or sliding periods, one taken from the other, would tell of single days.
    whole = start.day == 1 and (end + timedelta(days=1)).day == 1
    if not whole or not SHORTEST <= end - start + timedelta(days=1) <= LONGEST:
        raise ProtocolError(Code.MALFORMED, detail="whole months, a year at most")
    found = transparency(request.auth.account.network, start, end)
    if form == "csv":
        return HttpResponse(as_csv(found), content_type="text/csv; charset=utf-8")
    if form == "template":
        return as_template(found, settings.DOMAIN)
    return {
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        "tables": found.tables,
        "medians": found.medians,
        "withheld": found.withheld,
    }


@router.get("/transparency/page")
def page(request: Asked) -> dict[str, Any]:
    return _page(request.auth.account.network_id)


@router.put("/transparency/page")
def publish(request: Asked, body: bodies.PublishReport) -> dict[str, Any]:
    actor = access_as_coordinator(request.auth)
    publish_report(actor, body.published)
    return _page(actor.network_id)


def _page(network: UUID) -> dict[str, Any]:
    """Where the public page is, or would be."""
    return {"published": report_is_public(network), "path": f"/transparency/{network}"}
