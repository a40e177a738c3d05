"""What is usual: rhythms, spread, outliers, deaf hours, cold starts."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from monitor.rules.usual import Hour, Usual, learn_usual, taking_part

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
FIRST = int(MONDAY.timestamp()) // 3600
BERLIN = ZoneInfo("Europe/Berlin")


def hours(days: int, rate: float = 12.0, *, seed: str = "a", night: float = 1.0, weekend: float = 1.0) -> list[Hour]:
    chance = Random(seed)
    found = []
    for at in range(days * 24):
        mean = rate * (night if at % 24 < 8 else 1.0) * (weekend if at // 24 % 7 >= 5 else 1.0)
        tens = tuple(_count(chance, mean / 6) for _ in range(6))
        found.append(Hour(FIRST + at, sum(tens) * 4 + 1, tens))
    return found


def _count(chance: Random, mean: float) -> int:
    return sum(chance.random() < mean / 40 for _ in range(40))


def expected(usual: Usual, day: int, hour: int, zone: ZoneInfo | None = None) -> float:
    start = MONDAY + timedelta(days=day, hours=hour)
    return usual.expected(start, start + timedelta(hours=1), zone or UTC)


def test_the_rhythm_of_the_day_is_learnt_before_that_of_the_week() -> None:
    usual = learn_usual(hours(7, night=0.2, weekend=0.3), UTC)
    assert not usual.weekly
    assert expected(usual, 30, 3) < 0.4 * expected(usual, 30, 15)
    assert expected(usual, 30, 15) == pytest.approx(expected(usual, 34, 15))


def test_the_rhythm_of_the_week_counts_from_the_third_week_on() -> None:
    usual = learn_usual(hours(21, night=0.2, weekend=0.3), UTC)
    assert usual.weekly
    saturday, wednesday = expected(usual, 33, 15), expected(usual, 30, 15)
    assert saturday == pytest.approx(12 * 0.3, rel=0.25)
    assert wednesday == pytest.approx(12, rel=0.15)


def test_spikes_of_the_past_do_not_raise_what_is_usual() -> None:
    heard = hours(21)
    calm = learn_usual(heard, UTC)
    spiked = [*heard]
    for at in (200, 201, 202, 390):
        spiked[at] = Hour(heard[at].at, 400, (60, 60, 60, 60, 60, 60))
    assert sum(learn_usual(spiked, UTC).rates) == pytest.approx(sum(calm.rates), rel=0.02)


def test_hours_that_nobody_heard_do_not_lower_it() -> None:
    heard = hours(21)
    deaf = [Hour(hour.at, 0, (0,) * 6) if 100 <= number < 150 else hour for number, hour in enumerate(heard)]
    assert sum(learn_usual(deaf, UTC).rates) == pytest.approx(sum(learn_usual(heard, UTC).rates), rel=0.03)
    assert learn_usual(deaf, UTC).heard_h == len(heard) - 50


def test_what_an_event_let_expect_is_taken_out() -> None:
    heard = hours(21)
    event = [
        Hour(hour.at, hour.posts * 5, tuple(5 * ten for ten in hour.tens), 5.0) if 240 <= number < 288 else hour
        for number, hour in enumerate(heard)
    ]
    assert sum(learn_usual(event, UTC).rates) == pytest.approx(sum(learn_usual(heard, UTC).rates), rel=0.05)


def test_it_is_cold_until_a_day_was_heard() -> None:
    assert learn_usual((), UTC).cold
    assert learn_usual(hours(1)[:-1], UTC).cold
    assert not learn_usual(hours(1), UTC).cold


def test_little_heard_leaves_doubt() -> None:
    assert learn_usual(hours(2), UTC).doubt > 3 * learn_usual(hours(21), UTC).doubt


def test_clumps_and_unruly_levels_are_seen() -> None:
    plain = learn_usual(hours(21), UTC)
    clumped = [Hour(hour.at, hour.posts * 3, tuple(3 * ten for ten in hour.tens)) for hour in hours(21, rate=4)]
    assert learn_usual(clumped, UTC).clumps > plain.clumps + 1
    chance = Random("levels")
    level = 1.0
    wild = []
    for hour in hours(21, rate=40):
        level = 0.8 * level + 0.2 * chance.choice((0.3, 1.0, 2.2))
        wild.append(Hour(hour.at, hour.posts, tuple(round(level * ten) for ten in hour.tens)))
    found = learn_usual(wild, UTC)
    assert found.lasting > plain.lasting + 0.01


def test_hours_are_those_of_the_brand_also_when_its_clock_changes() -> None:
    usual = Usual(tuple(float(slot % 24 == 9) * 60 for slot in range(168)), 1, 0, 0, 0, 0.5, 0.1, 999, weekly=True)
    for day in (datetime(2026, 3, 28, tzinfo=BERLIN), datetime(2026, 3, 30, tzinfo=BERLIN)):
        nine = day.replace(hour=9)
        assert usual.expected(nine, nine + timedelta(hours=1), BERLIN) > 40
        assert usual.expected(nine - timedelta(hours=3), nine - timedelta(hours=2), BERLIN) == 0


def test_expectations_add_up_over_any_cut_of_a_week_and_beyond() -> None:
    usual = learn_usual(hours(21, night=0.2), UTC)
    start, cut, end = MONDAY + timedelta(days=5), MONDAY + timedelta(days=9, minutes=77), MONDAY + timedelta(days=21)
    whole = usual.expected(start, end, UTC)
    assert usual.expected(start, cut, UTC) + usual.expected(cut, end, UTC) == pytest.approx(whole)
    assert whole == pytest.approx(sum(usual.rates) * 16 / 7, rel=0.05)


def test_it_survives_the_store() -> None:
    usual = learn_usual(hours(3), UTC)
    assert Usual.from_json(usual.to_json()) == usual


def test_a_source_takes_part_once_it_was_heard_half_as_long_as_the_oldest() -> None:
    now = MONDAY + timedelta(days=100)

    def polls(**days: float | None) -> dict[str, datetime | None]:
        return {name: None if age is None else now - timedelta(days=age) for name, age in days.items()}

    assert taking_part(polls(x=0.9), now) == ((), None)
    assert taking_part(polls(x=1), now) == (("x",), now - timedelta(days=1))
    assert taking_part(polls(x=20, rss=9, reddit=None), now) == (("x",), now - timedelta(days=20))
    assert taking_part(polls(x=20, rss=10), now) == (("rss", "x"), now - timedelta(days=10))
    assert taking_part(polls(x=400, rss=14), now) == (("rss", "x"), now - timedelta(days=14))
    assert taking_part({}, now) == ((), None)
