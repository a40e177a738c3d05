"""Months in a zone, running ones, and what they are compared with."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import MonitorError
from monitor.report.span import last_month, month_span, since_span, span_before

NOW = datetime(2026, 12, 3, 9, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_a_month_begins_and_ends_at_midnight_of_its_zone() -> None:
    span = month_span("2026-10", BERLIN, NOW)
    assert (span.since, span.until, span.label) == (at(2026, 9, 30, 22), at(2026, 10, 31, 23), "October 2026")
    assert month_span("2026-10", "Asia/Kathmandu", NOW).since == at(2026, 9, 30, 18, 15)


def test_the_month_before_is_a_whole_one_whatever_their_lengths() -> None:
    before = span_before(month_span("2026-03", BERLIN, NOW))
    assert (before.since, before.until, before.label) == (at(2026, 1, 31, 23), at(2026, 2, 28, 23), "February 2026")
    assert span_before(month_span("2026-01", "UTC", NOW)).label == "December 2025"


def test_a_running_month_ends_now_and_is_compared_with_as_much() -> None:
    span = month_span("2026-12", "UTC", NOW)
    assert (span.until, span.label) == (NOW, "December 2026 (until 3 December 09:00)")
    before = span_before(span)
    assert (before.since, before.until) == (at(2026, 11, 1), at(2026, 11, 3, 9))


def test_the_end_of_a_long_month_is_compared_with_no_more_than_the_short_one() -> None:
    before = span_before(month_span("2026-03", "UTC", at(2026, 3, 31, 12)))
    assert (before.since, before.until) == (at(2026, 2, 1), at(2026, 3, 1))


def test_the_last_month_is_the_one_that_is_over_where_people_are() -> None:
    evening = at(2026, 11, 30, 23, 30)
    assert last_month(BERLIN, evening).label == "November 2026"
    assert last_month("UTC", evening).label == "October 2026"


def test_a_span_begins_with_a_quarter_of_an_hour_and_is_compared_with_one_as_long() -> None:
    span = since_span(at(2026, 11, 3, 9, 7, 31), NOW, BERLIN)
    assert (span.since, span.until) == (at(2026, 11, 3, 9), NOW)
    before = span_before(span)
    assert (before.until, before.until - before.since) == (span.since, timedelta(days=30))


def test_a_span_that_begins_with_a_month_is_no_month() -> None:
    before = span_before(since_span(at(2026, 12, 1), at(2026, 12, 3, 9), "UTC"))
    assert before.since == at(2026, 11, 28, 15)


@pytest.mark.parametrize("month", ["2026-13", "2026", "november", "26-11", "2026-1", "0000-01", "2027-01"])
def test_what_is_no_month_or_has_not_begun_is_refused(month: str) -> None:
    with pytest.raises(MonitorError, match=r"is no month|has not begun"):
        month_span(month, "UTC", NOW)
