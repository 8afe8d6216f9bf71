"""What a decision's row keeps of its moments when its case is forgotten."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from moderation.forgotten import quarter_after, quarter_of

# Hypothesis wants bounds without a zone.
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_a_moment_lies_in_its_quarter_and_before_the_next_one(moment: datetime) -> None:
    start, end = quarter_of(moment), quarter_after(moment)
    assert start <= moment < end
    assert (start.day, start.month % 3, start.timetz().isoformat()) == (1, 1, "00:00:00+00:00")
    assert timedelta(days=90) <= end - start <= timedelta(days=92)
    assert quarter_of(end) == end
    assert quarter_of(end - timedelta(microseconds=1)) == start


def test_the_last_quarter_of_a_year_ends_with_the_year_and_quarters_are_those_of_utc() -> None:
    assert quarter_after(datetime(2026, 11, 28, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert quarter_of(datetime(2027, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))) == datetime(
        2026, 10, 1, tzinfo=UTC
    )
