"""Every figure of a report against the same worked out by hand, over a history of 30 days with 50,000 mentions."""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from monitor.config.schema import Settings
from monitor.report.build import build_report
from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import Report
from monitor.report.span import month_span
from monitor.store.connection import at, ms
from monitor.store.report import CauseFix
from monitor.store.sqlite import SqliteStore
from monitor.store.statements import script
from tests.report_by_hand import ByHand, Figure, Key
from tests.report_history import DECEMBER, MENTIONS, NOVEMBER, NOW, OCTOBER, ZONE, Written, fill

PRICES = {"x": 0.005, "reddit": None}
COST = 42.0
FIXES = (
    CauseFix("lumo", "billing", date(2026, 11, 11), "new invoices", "ana", NOW),
    CauseFix("nova", "outage", date(2026, 11, 5), "", "ana", NOW),
    CauseFix("lumo", "staff", date(2026, 11, 28), "too late to tell", "ben", NOW),
)
AUDIENCES = [(None, True), ("lumo", True), (None, False), ("nova", False)]


@pytest.fixture(scope="module")
def history() -> Iterator[tuple[SqliteStore, Written]]:
    store = SqliteStore(None)
    written = fill(store)
    for fix in FIXES:
        assert store.add_cause_fix(fix)
    yield store, written
    store.close()


@pytest.fixture(scope="module")
def by_hand(history: tuple[SqliteStore, Written]) -> ByHand:
    return ByHand(history[0], ms(NOW), ZONE, history[1].returned, {"x": 0.005})


def report(store: SqliteStore, brand: str | None, *, incidents: bool, now: datetime = NOW) -> Report:
    settings, span = Settings(cost_per_hour=COST), month_span("2026-11", ZONE, now)
    return build_report(store, settings, span, brand, incidents=incidents, now=now, prices=PRICES)


def told(made: Report) -> dict[Key, Figure]:
    return {
        (one.key, frozenset(one.group.items())): (one.value, one.n, one.unknown)
        for one in made.figures
        if one.key not in {"recurrence", "forward_resolution"}
    }


def differing(found: dict[Key, Figure], wanted: dict[Key, Figure]) -> dict[Key, Any]:
    return {
        key: (found.get(key), wanted.get(key))
        for key in {*found, *wanted}
        if key not in found or key not in wanted or not alike(found[key], wanted[key])
    }


def alike(one: Figure, other: Figure) -> bool:
    return one[1:] == other[1:] and near(one[0], other[0])


def near(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


@contextmanager
def undone(store: SqliteStore) -> Iterator[None]:
    """Take back what the block writes."""
    with suppress(_Undo), store.write():
        yield
        raise _Undo


class _Undo(Exception):
    """Rolls a transaction back."""


def test_the_history_is_as_large_as_promised_and_the_same_each_time(history: tuple[SqliteStore, Written]) -> None:
    counted = history[0].connection.query("SELECT count(*) AS n, sum(posted_at) AS s FROM mentions", {})
    assert counted[0]["n"] == MENTIONS + MENTIONS // 5
    other = SqliteStore(None)
    fill(other, mentions=500, before=0)
    again = SqliteStore(None)
    fill(again, mentions=500, before=0)
    everything = "SELECT * FROM case_times ORDER BY case_id"
    assert other.connection.query(everything, {}) == again.connection.query(everything, {})


@pytest.mark.parametrize(("brand", "incidents"), AUDIENCES)
def test_every_figure_is_what_the_trail_says(
    brand: str | None, incidents: bool, history: tuple[SqliteStore, Written], by_hand: ByHand
) -> None:
    found = told(report(history[0], brand, incidents=incidents))
    wanted = by_hand.figures(ms(NOVEMBER), ms(DECEMBER), brand, incidents=incidents, cost=COST)
    assert differing(found, wanted) == {}
    assert {key for key, _ in found} == {*DEFINITIONS} - {"recurrence", "forward_resolution"}


@pytest.mark.parametrize(("brand", "incidents"), AUDIENCES)
def test_the_month_before_is_what_its_own_trail_says(
    brand: str | None, incidents: bool, history: tuple[SqliteStore, Written], by_hand: ByHand
) -> None:
    made = report(history[0], brand, incidents=incidents)
    wanted = by_hand.figures(ms(OCTOBER), ms(NOVEMBER), brand, incidents=incidents, cost=COST)
    counted = {"cases", "volume", "causes", "churn_threats", "unanswered"}
    compared = 0
    for figure in made.figures:
        if "week" in figure.group or figure.key in {"recurrence", "forward_resolution"}:
            continue
        known = wanted.get((figure.key, frozenset(figure.group.items())))
        expected = known[0] if known else 0 if figure.key in counted else None
        assert near(figure.before, expected), figure
        compared += figure.before is not None
    assert compared > 100


@pytest.mark.parametrize("incidents", [True, False])
def test_fixes_are_measured_by_what_came_before_and_after(
    incidents: bool, history: tuple[SqliteStore, Written], by_hand: ByHand
) -> None:
    made = report(history[0], None, incidents=incidents)
    outcomes = {(fix.brand, fix.cause): fix for fix in made.fixes}
    assert len(outcomes) == len(FIXES)
    for fix in FIXES:
        moment = NOVEMBER + timedelta(days=fix.fixed_on.day - 1)
        left, after = by_hand.fix(fix.brand, fix.cause, ms(moment), ms(DECEMBER), incidents=incidents)
        group = {"brand": fix.brand, "cause": fix.cause, "fixed_on": fix.fixed_on.isoformat()}
        figure = made.figure("recurrence", **group)
        assert figure is not None
        assert alike((figure.value, figure.n, 0), (left, after, 0))
        assert outcomes[fix.brand, fix.cause].recurrence == figure.value
    whole = made.figure("forward_resolution")
    assert whole is not None
    assert (whole.value, whole.n, whole.unknown) == (0.5, 2, 1)
    assert outcomes["lumo", "billing"].holds is True
    assert outcomes["nova", "outage"].holds is False


def test_the_chain_and_the_causes_tell_the_same_as_the_figures(history: tuple[SqliteStore, Written]) -> None:
    made = report(history[0], "lumo", incidents=True)
    for link in made.chain:
        median, long = (made.figure(f"chain_{name}", link=link.name) for name in ("p50", "p90"))
        assert median is not None
        assert long is not None
        assert (link.p50, link.p90, link.n, link.unknown) == (median.value, long.value, median.n, median.unknown)
    whole = made.figure("causes")
    assert whole is not None
    assert sum(trend.cases for trend in made.causes) == whole.value
    assert all(sum(week.cases for week in trend.weeks) == trend.cases for trend in made.causes)
    assert {len(trend.weeks) for trend in made.causes} == {6}
    assert made.causes[-1].cause is None


def test_a_migration_fills_in_what_the_triggers_would_have_kept(history: tuple[SqliteStore, Written]) -> None:
    store = history[0]
    statements = [part.strip() for part in script("schema_15").split(";\n")]
    fillers = [part for part in statements if "INSERT INTO" in part and "CREATE TRIGGER" not in part]
    for table in ("case_times", "post_counts"):
        everything = f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4"
        kept = [row for row in store.connection.query(everything, {}) if row.get("posts") != 0]
        (filler,) = [part for part in fillers if f"INSERT INTO {table} " in part]
        with undone(store):
            store.connection.query(f"DELETE FROM {table}", {})
            store.connection.query(filler, {})
            filled = store.connection.query(everything, {})
        assert [pair for pair in zip(kept, filled, strict=True) if pair[0] != pair[1]] == []


def test_a_report_writes_nothing(history: tuple[SqliteStore, Written]) -> None:
    changes = "SELECT total_changes() AS changes"
    before = history[0].connection.query(changes, {})
    report(history[0], None, incidents=True)
    assert history[0].connection.query(changes, {}) == before


def test_a_month_that_nobody_listened_to_is_unknown_and_not_zero(history: tuple[SqliteStore, Written]) -> None:
    store = history[0]
    with undone(store):
        store.connection.query("UPDATE sources SET first_poll_at = :at", {"at": ms(NOVEMBER + timedelta(days=1))})
        made = report(store, None, incidents=True)
        assert {figure.before for figure in made.figures} == {None}
        assert {trend.before for trend in made.causes} == {None}


def test_a_month_that_goes_on_is_compared_with_as_much_of_the_one_before(
    history: tuple[SqliteStore, Written], by_hand: ByHand
) -> None:
    now = NOVEMBER + timedelta(days=10)
    made = report(history[0], None, incidents=True, now=now)
    assert made.span.until == now
    assert made.before is not None
    assert (made.before.since, made.before.until) == (OCTOBER, OCTOBER + timedelta(days=10))
    volume = made.figure("volume")
    assert volume is not None
    wanted = by_hand.figures(ms(OCTOBER), ms(OCTOBER + timedelta(days=10)), None, incidents=True, cost=None)
    assert volume.before == wanted["volume", frozenset()][0]
    assert at(ms(now)) == now
