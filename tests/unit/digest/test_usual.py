from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.digest.usual import Counts, usual_of

BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def quarter(local: datetime) -> int:
    return int(local.timestamp()) // 900


def test_the_usual_is_the_median_of_the_same_weekday_in_the_four_weeks_before() -> None:
    quarters = {quarter(datetime(2026, 11, day, 9, 30, tzinfo=BERLIN)): day for day in (3, 10, 17)}
    quarters[quarter(datetime(2026, 10, 27, 9, 30, tzinfo=BERLIN))] = 99
    quarters[quarter(datetime(2026, 11, 16, 9, 30, tzinfo=BERLIN))] = 1_000
    day = Counts(quarters, BERLIN, LONG_AGO).day(date(2026, 11, 24))
    assert (day.before, day.usual) == ((17, 10, 3, 99), 13.5)


@pytest.mark.parametrize(
    ("before", "usual"), [((), None), ((4, 5, None, None), None), ((4, 5, None, 9), 5.0), ((1, 2, 3, 4), 2.5)]
)
def test_fewer_than_three_weeks_tell_nothing(before: tuple[int | None, ...], usual: float | None) -> None:
    assert usual_of(before) == usual


def test_a_day_that_was_not_heard_in_whole_is_unknown() -> None:
    counts = Counts({}, BERLIN, datetime(2026, 11, 10, 0, 1, tzinfo=BERLIN))
    assert counts.of_day(date(2026, 11, 10)) is None
    assert counts.of_day(date(2026, 11, 11)) == 0
    assert Counts({}, BERLIN, None).of_day(date(2026, 11, 11)) is None


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "Pacific/Chatham", "America/New_York"])
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1), date(2026, 11, 18)])
def test_local_days_hold_each_quarter_once_also_where_clocks_change(zone: str, day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    around = {quarter(noon) + offset: 1 for offset in range(-400, 400)}
    counts = Counts(around, ZoneInfo(zone), LONG_AGO)
    days = [day + timedelta(days=ahead) for ahead in range(-1, 2)]
    midnights = [
        datetime(one.year, one.month, one.day, tzinfo=ZoneInfo(zone)) for one in [*days, day + timedelta(days=2)]
    ]
    assert sum(counts.of_day(one) or 0 for one in days) == quarter(midnights[-1]) - quarter(midnights[0])


def test_a_window_of_a_day_is_told_by_the_hour_and_a_week_by_the_day() -> None:
    until = datetime(2026, 11, 18, 8, 30, tzinfo=UTC)
    counts = Counts({quarter(until) - 1: 5}, BERLIN, LONG_AGO)
    hours = counts.curve(until - timedelta(days=1), until)
    assert (hours.hourly, len(hours.points)) == (True, 25)
    assert [(point.start.hour, point.count) for point in hours.points if point.count] == [(9, 5)]
    days = counts.curve(until - timedelta(days=7), until)
    assert (days.hourly, len(days.points)) == (False, 8)
    assert [(point.start.date(), point.count) for point in days.points if point.count] == [(date(2026, 11, 18), 5)]
