"""The transparency report as a page for everybody: no script, nothing from elsewhere, its bars drawn in SVG.

It is a table: whoever listens hears each name with its number, and the bars are only for the eye.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from moderation import transparency_words as words
from moderation.quarters import Quarter
from moderation.suppression import FEW, Number
from moderation.transparency import Report

STYLE = "/transparency.css"
"""Of the client's files (client/public)."""
_FEW_LONG = 2.5


def render(report: Report, quarters: Sequence[Quarter]) -> bytes:
    """UTF-8. `quarters` are those to choose from."""
    totals = report.tables["totals"]
    quiet = not any(totals.values()) and not report.withheld
    shown = _card(words.QUIET, f"<p>{_text(words.QUIET_TEXT)}</p>") if quiet else _numbers(report)
    return (
        f'<!doctype html><html lang="{words.LANGUAGE}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex, nofollow"><meta name="referrer" content="no-referrer">'
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="{STYLE}">'
        f"<title>{_text(words.TITLE)}</title></head><body><main>"
        f'<header><p class="network" dir="auto">{_text(report.network)}</p><h1>{_text(words.TITLE)}</h1>'
        f"<p>{_text(words.INTRO)}</p></header>"
        f'<nav aria-label="{_text(words.PERIOD)}">{"".join(_period(each, report) for each in quarters)}</nav>'
        f"<h2>{_text(words.months(report.start, report.end))}</h2>"
        f"{shown}{_card(words.KEEP, _files(report))}"
        f"<footer><p>{_text(words.HOW)}</p></footer></main></body></html>"
    ).encode()


def _numbers(report: Report) -> str:
    totals = report.tables["totals"]
    labels = words.TOTALS
    rows = [(labels[code], totals[code]) for code in labels if code in totals]
    missing = "".join(_withheld(labels[code]) for code in labels if code in report.withheld)
    counted = f'<p class="small">{_text(words.COUNTED)}</p>' if _by_day(report) else ""
    parts = [f'<section class="card">{_table(words.TABLES["totals"], rows, 3)}{missing}{counted}</section>']
    for group, names in words.GROUPS.items():
        total = group if _by_day(report) else words.COUNTED_WITH.get(group, group)
        if totals.get(total):
            parts.append(_card(labels[total], "".join(_told(report, name) for name in names)))
    times = "".join(
        f"<div><dt>{_text(label)}</dt><dd>{_text(_median(report.medians[code]))}</dd></div>"
        for code, label in words.TIMES.items()
    )
    parts.append(_card(words.MEDIANS, f'<dl>{times}</dl><p class="small">{_text(words.MEDIANS_TEXT)}</p>'))
    return "".join(parts)


def _told(report: Report, name: str) -> str:
    title = words.TABLES[name]
    if name in report.withheld:
        return _withheld(title)
    known = words.CODES[name]
    return _table(title, [(known.get(code, code), number) for code, number in report.tables[name].items()], 4)


def _withheld(title: str) -> str:
    return f'<p class="small">{_text(words.WITHHELD.format(title=title))}</p>'


def _by_day(report: Report) -> bool:
    """Not in reports that were kept before what follows a decision was counted by itself."""
    return "appeals_answered" in (*report.tables["totals"], *report.withheld)


def _table(title: str, rows: Iterable[tuple[str, Number]], level: int) -> str:
    rows = list(rows) or [(words.NONE_IN, 0)]
    longest = max(5.0, *(_long(number) for _, number in rows))
    return (
        f'<table><caption><span role="heading" aria-level="{level}">{_text(title)}</span></caption>'
        f'<thead><tr><th scope="col">{_text(words.WHAT)}</th><th scope="col">{_text(words.NUMBER)}</th></tr></thead><tbody>'
        + "".join(_row(label, number, longest) for label, number in rows)
        + "</tbody></table>"
    )


def _row(label: str, number: Number, longest: float) -> str:
    few = number == FEW
    bar = (
        '<svg viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="{"few" if few else "bar"}" width="{100 * _long(number) / longest:.1f}" height="5"/></svg>'
    )
    told = words.FEW if few else f"{number:,}"
    return f'<tr><th scope="row">{_text(label)}{bar}</th><td>{_text(told)}</td></tr>'


def _long(number: Number) -> float:
    return _FEW_LONG if isinstance(number, str) else float(number)


def _median(minutes: int | None) -> str:
    return words.TOO_FEW if minutes is None else words.span(minutes)


def _period(each: Quarter, chosen: Report) -> str:
    start, end = each
    current = ' aria-current="page"' if start == chosen.start else ""
    return f'<a href="?start={start}"{current}>{_text(words.months(start, end))}</a>'


def _files(report: Report) -> str:
    links = (("csv", words.CSV), ("template", words.TEMPLATE))
    items = "".join(
        f'<li><a href="?start={report.start}&amp;form={form}">{_text(label)}</a></li>' for form, label in links
    )
    return f"<ul>{items}</ul>"


def _card(title: str, content: str) -> str:
    return f'<section class="card"><h3>{_text(title)}</h3>{content}</section>'


def _text(words_of_it: str) -> str:
    return escape(words_of_it)
