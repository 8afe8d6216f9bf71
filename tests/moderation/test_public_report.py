"""The transparency report for everybody: only where coordinators publish it, and never more than members read."""

import csv
import io
import json
import re
from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

from django.utils import timezone

from chat.protocol.errors import Code
from moderation.actions.cases import claim_case, close_case
from moderation.models import AuditEntry, Case, StoredReport
from moderation.quarters import quarters_over
from moderation.suppression import Number, published
from moderation.transparency import AnswerFacts, CaseFacts, DecisionFacts, Followed, Report, report
from moderation.transparency_page import render
from moderation.transparency_template import as_template
from moderation.transparency_words import COUNTED
from tests import factories
from tests.http.api import Reply, ask, get
from tests.moderation.conftest import Harbour

QUARTERS = quarters_over(timezone.now().date())[:4]
MONTHS = QUARTERS[0]


def publish(here: Harbour, on: bool = True) -> Any:
    reply = ask(here.coordinator, "PUT", "/transparency/page", {"published": on})
    assert reply.status == 200
    return reply.body


def read(path: str, query: str = "") -> Reply:
    """As anybody does, without an account."""
    return ask(None, "GET", f"/{path}{query}")


def settled(here: Harbour, count: int, concern: str = "threats") -> None:
    """So many cases of the last quarter, each taken and closed."""
    moderator = here.account(here.moderator)
    made = []
    for _ in range(count):
        case = here.case(concern=concern)
        made.append(close_case(claim_case(case, moderator), moderator, "helped").id)
    at = timezone.now().replace(year=MONTHS[0].year, month=MONTHS[0].month, day=10)
    times = {"opened_at": at, "first_claimed_at": at + timedelta(minutes=7), "closed_at": at + timedelta(hours=2)}
    Case.objects.filter(id__in=made).update(**times)


def test_it_is_there_only_while_coordinators_publish_it_and_each_turn_stands_in_the_log_once(harbour: Harbour) -> None:
    path = get(harbour.member, "/transparency/page").body["path"]
    assert get(harbour.member, "/transparency/page").body == {"published": False, "path": path}
    before = read(path)
    for _ in range(2):
        assert publish(harbour) == {"published": True, "path": path}
    assert read(path).status == 200
    assert get(harbour.member, "/transparency/page").body["published"] is True
    for _ in range(2):
        publish(harbour, on=False)
    assert read(path).body == before.body
    told = AuditEntry.objects.filter(network=harbour.network, action__startswith="report_").order_by("seq")
    assert [(entry.action, entry.actor == "operator") for entry in told] == [
        ("report_published", False),
        ("report_withdrawn", False),
    ]


def test_nobody_learns_which_networks_there_are(harbour: Harbour) -> None:
    unpublished = read(f"/transparency/{harbour.network.id}")
    for path in (f"/transparency/{uuid4()}", "/transparency/harbour", "/transparency", "/nothing"):
        answer = read(path)
        assert (answer.status, answer.body) == (unpublished.status, unpublished.body) == (404, answer.body)
        assert answer.headers == unpublished.headers
    assert unpublished.code == Code.NOT_FOUND
    publish(harbour)
    for query in (
        "?start=2026-08-01",
        f"?start={MONTHS[0]}&form=pdf",
        "?form=json",
        "?start=٢",
        "?start=9999-10-01",
        "?start=",
    ):
        assert read(f"/transparency/{harbour.network.id}", query).body == unpublished.body
    elsewhere = factories.network("Elsewhere")
    assert read(f"/transparency/{elsewhere.id}").body == unpublished.body


def test_page_table_and_form_say_what_members_read_and_no_small_number(harbour: Harbour) -> None:
    settled(harbour, 12)
    settled(harbour, 2, concern="danger")
    publish(harbour)
    path = f"/transparency/{harbour.network.id}"
    members = get(harbour.member, f"/transparency?start={MONTHS[0]}").body
    assert members["tables"]["cases_by_concern"] == {"danger": "<5", "threats": 10}
    page = read(path, f"?start={MONTHS[0]}")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    text = said(page.body)
    for words in (
        "Harbour",
        "Threats 10",
        "Danger fewer than 5",
        "They were helped 15",
        "7 minutes",
        "2 hours",
        "handed over to someone outside 0",
    ):
        assert words in text, words
    rows = list(csv.reader(io.StringIO(read(path, f"?start={MONTHS[0]}&form=csv").body.decode())))
    assert ["cases_by_concern", "danger", "<5"] in rows
    form = read(path, f"?start={MONTHS[0]}&form=template")
    numbers = {row["concern"]: row["number"] for row in form.body["notices"]["by_category"]}
    assert numbers == {"danger": "<5", "threats": 10}
    assert re.fullmatch(r'attachment; filename="network-[\d-]+\.json"', form.headers["Content-Disposition"])
    # The quarter that is not over counts for nobody.
    harbour.case()
    assert "Threats 10" in said(read(path).body)


def test_the_page_runs_nothing_loads_nothing_and_believes_no_title(harbour: Harbour) -> None:
    harbour.network.title = "<script>alert(1)</script> & “Harbour”"
    harbour.network.save()
    publish(harbour)
    reply = read(f"/transparency/{harbour.network.id}")
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in reply.headers
    found = Tags()
    found.feed(reply.body.decode())
    assert not {"script", "style", "img", "iframe", "form", "object"} & {tag for tag, _ in found.all}
    assert [name for _, names in found.all for name in names if name.startswith("on") or name == "style"] == []
    addresses = {value for _, names in found.all for name, value in names.items() if name in ("href", "src")}
    assert {address for address in addresses if not address.startswith("?")} == {"data:,", "/transparency.css"}
    assert "<script>alert(1)</script> & “Harbour”" in said(reply.body)


def test_one_address_reads_it_often_but_not_without_end(harbour: Harbour) -> None:
    publish(harbour)
    # On a slow machine some more: one for each second that reading takes.
    served = 0
    while (answer := read(f"/transparency/{harbour.network.id}")).status == 200 and served < 600:
        served += 1
    assert (answer.code, served >= 60) == (Code.RATE_LIMITED, True)


def test_every_kind_of_number_has_its_words_and_bars_fit_the_longest() -> None:
    facts = [CaseFacts("recruitment", "now", "helped", 1, 90)] * 10
    decisions = [DecisionFacts("ban", "law", True)] * 5 + [DecisionFacts("warn", "conduct", False)] * 20
    followed = Followed(5, [AnswerFacts("upheld", "fits", 9)] * 5)
    page = render(report("Harbour", date(2025, 12, 1), date(2026, 2, 28), facts, decisions, followed), QUARTERS)
    text = said(page)
    assert "December 2025 – February 2026" in text
    for words in ("Recruiting 10", "Out of the network 5", "A warning 20", "It stayed 5", "1 minute", "2 hours"):
        assert words in text, words
    assert '<rect class="bar" width="100.0" height="5"/>' in page.decode()
    assert '<rect class="bar" width="25.0" height="5"/>' in page.decode()
    hidden = [CaseFacts("recruitment", "now", "helped", 1, 90)] * 4 + [CaseFacts("danger", "now", "helped", 1, 90)] * 4
    assert "“What people asked about” is left out." in said(render(report("x", *MONTHS, hidden, []), QUARTERS))
    assert "Nothing happened in this time" in said(render(report("x", *MONTHS, [], []), QUARTERS))


def test_a_report_that_was_kept_before_answers_were_counted_reads_as_it_did(harbour: Harbour) -> None:
    tables: dict[str, dict[str, Number]] = {
        "totals": {"appeals": 5, "cases": 0, "decisions": 10, "exports": 0, "handed_over": 0, "lifted": 0},
        "decisions_by_kind": {"warn": 10},
        "decisions_by_ground": {"law": 10},
        "decisions_by_source": {"report": 10},
        "appeals_by_outcome": {"open": 5},
        "steps": {},
    }
    medians = dict.fromkeys(("minutes_to_claim", "minutes_to_close", "minutes_to_answer_appeal"))
    kept = Report("Harbour", *MONTHS, tables, medians, ["appeals_by_reason"])
    text = said(render(kept, QUARTERS))
    assert "Objections to decisions When people objected" in text
    assert "Not looked at yet 5" in text
    assert "Objections that were answered" not in text
    assert COUNTED not in text
    numbers = json.dumps({"tables": tables, "medians": medians, "withheld": kept.withheld})
    StoredReport.objects.create(network=harbour.network, start=MONTHS[0], numbers=numbers)
    query = f"/transparency?start={MONTHS[0]}"
    assert get(harbour.member, query).body["tables"] == tables
    complaints = get(harbour.member, f"{query}&form=template").body["internal_complaints"]
    assert (complaints["number_of_complaints"], complaints["number_of_decisions"]) == (5, None)


def test_a_number_that_is_left_out_is_said_to_be(harbour: Harbour) -> None:
    earlier = [told(decisions=4, appeals=4), told(appeals=4), told(appeals=4)]
    found = report("Harbour", *MONTHS, [], [], Followed(1), earlier=earlier)
    assert found.withheld == ["appeals"]
    text = said(render(found, QUARTERS))
    assert "“Objections to decisions” is left out." in text
    assert "Nothing happened" not in text
    assert as_template(found, "kindred.example")["internal_complaints"]["number_of_complaints"] is None


def told(**counts: int) -> dict[str, Any]:
    """A quarter's report as it is kept, with so many of each."""
    every = dict.fromkeys(("decisions", "appeals", "appeals_answered", "lifted"), 0) | counts
    return {"tables": {"totals": {name: published(count) for name, count in every.items()}}, "withheld": []}


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, {name: value or "" for name, value in attrs}))


def said(page: bytes) -> str:
    """What a reader of the page reads, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.decode())).split())
