"""How somebody is reached who may help: a number to call or to write to, or a page. Plain values, no database."""

from __future__ import annotations

import re
from typing import Final, Literal

from chat.protocol.limits import MAX_CONTACT_PAGE

Way = Literal["tel", "sms", "web"]

#: 2 to 15 digits (E.164), as people write them. No `*` and `#`: dialled, those change how a phone works.
_NUMBER: Final = re.compile(r"\+?[0-9](?:[ -]?[0-9]){1,14}")
#: In one spelling: a name with a dot in lower-case ASCII, no user before it, no backslash, which browsers take for a slash.
_PAGE: Final = re.compile(r"https://(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*(?::[0-9]{1,5})?(?:[/?#][!-\[\]-~]*)?")


def fits(way: Way, to: str) -> bool:
    """Whether a person can be sent there by one press: `to` is a number, or an https address."""
    if way == "web":
        return len(to) <= MAX_CONTACT_PAGE and _PAGE.fullmatch(to) is not None
    return _NUMBER.fullmatch(to) is not None
