"""What everybody may read of a network that publishes its transparency report: a page, a table, the EU's form."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chat.api.rates import Rate, limit_by_address
from chat.protocol.errors import Code, ProtocolError
from moderation.access import access_published_network
from moderation.transparency import as_csv, last_months
from moderation.transparency_page import render
from moderation.transparency_queries import transparency
from moderation.transparency_template import as_template
from moderation.transparency_words import PERIODS

READ = Rate("public_report", 1, 60)


@require_safe
def public_report(request: HttpRequest, network: UUID) -> HttpResponse:
    """`/transparency/{network}?months=&form=`: of the last whole months that are over, as `page`, `csv` or `template`."""
    try:
        limit_by_address(request, READ)
        return _report(network, request.GET.get("months", "3"), request.GET.get("form", "page"))
    except ProtocolError as refusal:
        return JsonResponse({"error": refusal.as_dict()}, status=refusal.http_status)


def _report(network: UUID, asked: str, form: str) -> HttpResponse:
    found = access_published_network(network)
    months = next((each for each in PERIODS if asked == str(each)), None)
    if months is None or form not in ("page", "csv", "template"):
        raise ProtocolError(Code.NOT_FOUND)
    report = transparency(found, *last_months(timezone.now().date(), months))
    if form == "page":
        return HttpResponse(render(report, months), content_type="text/html; charset=utf-8")
    if form == "csv":
        response = HttpResponse(as_csv(report), content_type="text/csv; charset=utf-8")
    else:
        response = JsonResponse(as_template(report, settings.DOMAIN))
    name = f"network-{report.start}-{report.end}.{'csv' if form == 'csv' else 'json'}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
