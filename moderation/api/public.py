"""What everybody may read of a network that publishes its transparency report: a page, a table, the EU's form."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chat.api.rates import Rate, limit_by_address
from chat.protocol.errors import Code, ProtocolError
from moderation.access import access_published_network
from moderation.quarters import quarter_from, quarters_over
from moderation.transparency import as_csv
from moderation.transparency_page import render
from moderation.transparency_queries import transparency
from moderation.transparency_template import as_template

READ = Rate("public_report", 1, 60)
OFFERED = 4
"""Quarters that the page names; others are there for who asks for them."""


@require_safe
def public_report(request: HttpRequest, network: UUID) -> HttpResponse:
    """`/transparency/{network}?start=&form=`: a quarter that is over (when left out the newest) as `page`, `csv`, `template`."""
    try:
        limit_by_address(request, READ)
        return _report(network, request.GET.get("start"), request.GET.get("form", "page"))
    except ProtocolError as refusal:
        return JsonResponse({"error": refusal.as_dict()}, status=refusal.http_status)


def _report(network: UUID, asked: str | None, form: str) -> HttpResponse:
    found = access_published_network(network)
    today = timezone.now().date()
    quarter = quarter_from(_day(asked), today)
    if quarter is None or form not in ("page", "csv", "template"):
        raise ProtocolError(Code.NOT_FOUND)
    report = transparency(found, quarter)
    if form == "page":
        return HttpResponse(render(report, quarters_over(today)[:OFFERED]), content_type="text/html; charset=utf-8")
    if form == "csv":
        response = HttpResponse(as_csv(report), content_type="text/csv; charset=utf-8")
    else:
        response = JsonResponse(as_template(report, settings.DOMAIN))
    name = f"network-{report.start}-{report.end}.{'csv' if form == 'csv' else 'json'}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _day(asked: str | None) -> date | None:
    """Raises not_found for what is no day."""
    try:
        return None if asked is None else date.fromisoformat(asked)
    except ValueError:
        raise ProtocolError(Code.NOT_FOUND) from None
