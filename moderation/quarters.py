"""The periods of which a network is told anything: calendar quarters (UTC) that have been over for four weeks.

No two overlap, none is a part of another, and of each the same is told for ever (StoredReport): nothing can be worked out
by taking one from another, or by asking again.
"""

from datetime import date, timedelta
from itertools import pairwise

Quarter = tuple[date, date]
"""First and last day."""

MOST = 20
"""Five years, as long as Implementing Regulation (EU) 2024/2835 wants reports to be there."""


SETTLING = timedelta(days=28)
"""What was asked in a quarter's last days is closed by then, and not told as open for ever."""


def quarters_over(today: date) -> list[Quarter]:
    """The newest first."""
    settled = today - SETTLING
    this = settled.year * 4 + (settled.month - 1) // 3
    starts = [date(number // 4, number % 4 * 3 + 1, 1) for number in range(this, this - MOST - 1, -1)]
    return [(start, after - timedelta(days=1)) for after, start in pairwise(starts)]


def quarter_from(start: date | None, today: date) -> Quarter | None:
    """The one that begins with that day (None: the newest); None when there is none such, or it is not over."""
    return next((one for one in quarters_over(today) if start in (None, one[0])), None)
