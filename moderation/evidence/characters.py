"""Which characters a reader may be shown as they are; the same rule as client/src/content/characters.ts.

The ranges stand here by number: tables of Unicode differ from one version of Python to the next.
"""

from __future__ import annotations

import re

LONGEST_NAME, LONGEST_ROOM_NAME = 40, 80

# Controls but for the tab and the end of a line, what turns text around, and what ends a line or a paragraph by other means.
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb]")
# The same, all that is invisible, blank or for private use, and every space but one.
_UNNAMED = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180e"
    "\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\uf8ff\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\U000f0000-\U0010ffff]"
)
# Of names that have them: by themselves nobody sees them.
_JOINING = re.compile("[ \u200c\u200d\ufe00-\ufe0f]")
_SPACES, _ENDS = re.compile(" +"), re.compile(r"\A | \Z")


def visible(text: str) -> str:
    """The text with each character that could mislead a reader about who said what written out: `⟨U+202E⟩`."""
    return _ESCAPED.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def is_name(name: str, longest: int) -> bool:
    """Whether a name that somebody sent is shown: one visible line of at most `longest` characters, with single spaces."""
    bare = _ENDS.sub("", _SPACES.sub(" ", _UNNAMED.sub(" ", name)))
    return _JOINING.sub("", name) != "" and name == bare and len(name) <= longest
