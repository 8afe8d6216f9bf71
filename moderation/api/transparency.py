"""The transparency report, for every member of the network: as JSON, as CSV, and after the EU's templates; and whether
everybody else may read it too (public.py)."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from chat.api.auth import Asked
from chat.api.steps import logged
from chat.protocol.errors import Code, ProtocolError
from moderation.access import access_as_coordinator
from moderation.actions.openness import publish_report
from moderation.api import bodies
from moderation.quarters import quarter_from
from moderation.queries import report_is_public
from moderation.transparency import as_csv
from moderation.transparency_queries import transparency
from moderation.transparency_template import as_template

router = Router()


@router.get("/transparency")
def show(
    request: Asked, start: date, form: Literal["json", "csv", "template"] = "json"
) -> HttpResponse | dict[str, Any]:
    quarter = quarter_from(start, timezone.now().date())
    if quarter is None:
        raise ProtocolError(Code.MALFORMED, detail="the first day of a quarter that is over")
    found = transparency(request.auth.account.network, quarter)
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
@logged
def publish(request: Asked, body: bodies.PublishReport) -> dict[str, Any]:
    actor = access_as_coordinator(request.auth)
    publish_report(actor, body.published)
    return _page(actor.network_id)


def _page(network: UUID) -> dict[str, Any]:
    """Where the public page is, or would be."""
    return {"published": report_is_public(network), "path": f"/transparency/{network}"}
