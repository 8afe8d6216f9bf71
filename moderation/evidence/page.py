"""The readable page of a bundle. It follows from the bundle to the byte, so that it cannot say anything else."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple

from moderation.evidence.bundle import REASONS, Bundle, Custody, Message
from moderation.evidence.content import Said, said
from moderation.evidence.pictures import FILE, Picture
from moderation.signing import unb64

PROVES = (
    "Each message marked “stamped” reached this server as it stands here, from the account behind its label.",
    "The place and the time of each are the server's own.",
    "Each chat stands by itself, its messages in the order in which the server got them, each of them once.",
    "A gap in the numbers of a chat means that messages in between were not chosen, or are withheld.",
    "The same label always means the same account. Different labels are different accounts.",
    "Words stand here as the app showed them. What it could not show is named as that, with the sum of what was sent.",
    "Each picture that is here is the one that was sent with its message, to the byte.",
    "Custody has all that the server's audit log had about the case when it sealed this bundle.",
    "The audit log had each message here as attested for this case: a stolen key alone cannot add one later.",
    "Nothing in this bundle was changed after the server sealed it.",
)
DOES_NOT_PROVE = (
    "Who the person behind an account is, or who held the phone.",
    "That what a message says is true.",
    "What was said in messages that are not here.",
    "In which chat a message was that is withheld.",
    "What is to be seen in a picture that is not here, or why it is not.",
    "Anything, if somebody has a signing key of the server that was not replaced when the keys to check with were published.",
)
EMPTY = "This file holds no messages. It proves nothing that anybody wrote."
NO_CHAT = "Withheld, each from one of these chats or another"
UNKNOWN = "For a reason that this network does not know."
ABSENT = (
    "This picture is not here. When this file was made, it was left out, could not be checked, or was no longer to be had: "
    "servers keep pictures for a limited time."
)
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}h3{font-size:1rem}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #999;padding:.4rem;text-align:start;vertical-align:top}"
    ".m{border-inline-start:4px solid #36648b;padding:.2rem .8rem;margin:1rem 0;overflow-wrap:anywhere}"
    ".w{border-color:#999;color:#555}.k{font-size:.85rem;color:#555}"
    ".t{white-space:pre-wrap;border:1px solid #999;border-radius:.4rem;padding:.3rem .6rem}"
    ".p{overflow:hidden;margin:.6rem 0}.p img{display:block;max-width:100%;margin-top:.4rem}"
    ".p input:not(:checked)~img{filter:blur(1.5rem) grayscale(1)}"
)
# Pictures from beside the page, also unpacked on a disk, the style above, and nothing else.
_POLICY = (
    "default-src 'none'; img-src 'self' file:; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; base-uri 'none'; form-action 'none'"
)


class Place(NamedTuple):
    """Where a message stood, as attested: seq and time (ms since 1970 UTC) in the log of `room` (a URI; None if withheld)."""

    seq: int
    time: int
    room: str | None


def render(bundle: Bundle, places: list[Place]) -> bytes:
    """The page as UTF-8. `places` are those of the bundle's messages."""
    chats = list(dict.fromkeys(place.room for place in places if place.room is not None))
    messages, before = "", ""
    for number, (message, place) in enumerate(zip(bundle.messages, places, strict=True), 1):
        chat = "" if place.room is None else f"Chat {chats.index(place.room) + 1}"
        if number == 1 or chat != before:
            messages += f"<h3>{chat or NO_CHAT}</h3>"
        before = chat
        messages += _message(number, message, place, chat)
    custody = "".join(_custody(entry) for entry in bundle.custody)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><meta name="referrer" content="no-referrer">'
        f"<title>Evidence, case {escape(bundle.case)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>Evidence from a Kindred network</h1><p>Case {escape(bundle.case)} · server {escape(bundle.domain)} · made "
        f"{when(bundle.made_at)} by {escape(bundle.made_by)}</p><p>{escape(consent(bundle.handed_over))}</p>"
        f"<h2>What this proves</h2><ul>{_list(PROVES)}</ul><h2>What it does not prove</h2><ul>{_list(DOES_NOT_PROVE)}</ul>"
        f"<h2>Messages</h2>{messages or f'<p>{EMPTY}</p>'}"
        "<h2>Custody</h2><table><tr><th>When</th><th>Who</th><th>What</th></tr>"
        f"{custody}</table>"
        f"<h2>How to check it</h2><p>Keep the zip as it is. Choose it on https://{escape(bundle.domain)}/verify.html, or run "
        "<code>python manage.py verify_evidence FILE --keys KEYS</code>, "
        "with a copy of the server's published keys that you got from elsewhere. Any changed byte is named.</p>"
        "</main></body></html>"
    ).encode()


def when(at: int) -> str:
    """`2026-11-24 09:05:07.123 UTC`."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S") + f".{at % 1000:03d} UTC"


def consent(handed_over: str | None) -> str:
    """Whether anybody agreed that the evidence leaves the network, in words."""
    if handed_over is None:
        return "An export by a moderator; nobody's consent is recorded in it."
    return f"Made for an agency with the member's consent, hand-over {handed_over}."


def _message(number: int, message: Message, place: Place, chat: str) -> str:
    where = f"{chat} · No. {place.seq}" if chat else f"No. {place.seq}"
    head = f'<p class="k">{where} · {when(place.time)} · {escape(message.who or "withheld")} · stamped</p>'
    if message.withheld is not None:
        return f'<div class="m w">{head}Withheld: {REASONS.get(message.withheld, UNKNOWN)}</div>'
    # Every word that a sender chose stands in a box of its own, so that none passes for a line of this page.
    opened = _opened(message)
    called = f'<p class="k">Their name then: <b><bdi>{escape(opened.name)}</bdi></b></p>' if opened.name else ""
    mark = f'<p class="k">{escape(opened.mark)}</p>' if opened.mark else ""
    words = f'<div class="t" dir="auto">{escape(opened.words)}</div>' if opened.words else ""
    pictures = "".join(
        _picture(f"p{number}-{place}", picture, name)
        for place, (picture, name) in enumerate(zip(opened.pictures, message.pictures, strict=False), 1)
    )
    return f'<div class="m">{head}{called}{mark}{words}{pictures}</div>'


def _opened(message: Message) -> Said:
    try:
        return said(unb64(message.content or ""))
    except ValueError:
        return said(b"")


def _picture(mark: str, picture: Picture, name: str | None) -> str:
    if name is None or FILE.fullmatch(name) is None:
        return f'<p class="k">{ABSENT}</p>'
    # Nobody has to see it who only wants to read.
    return (
        f'<div class="p"><input type="checkbox" id="{mark}"><label for="{mark}"> Show this picture clearly</label>'
        f'<img src="{name}" alt="{escape(picture.description or "A picture without a description")}"></div>'
    )


def _custody(entry: Custody) -> str:
    what = " · ".join(part for part in (entry.action, entry.subject, entry.detail) if part)
    return f"<tr><td>{when(entry.at)}</td><td>{escape(entry.actor)}</td><td>{escape(what)}</td></tr>"


def _list(sentences: tuple[str, ...]) -> str:
    return "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
