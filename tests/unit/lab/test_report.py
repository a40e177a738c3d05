import hashlib
from datetime import timedelta
from typing import Any

import pytest

from connectors.options import HackerNewsOptions
from monitor.config.schema import Brand, Watch
from monitor.domain import DropRule, Level, Status
from monitor.lab.compare import compare
from monitor.lab.interval import wilson
from monitor.lab.page import render_page
from monitor.lab.recall import DropAnswer, Judged, recall_of
from monitor.lab.report import Question, Report, make_report
from monitor.lab.side import Side
from monitor.lab.unheard import Version, find_unheard
from monitor.lab.words import figure_rows, source_lines, unknown_lines, watch_rows
from monitor.rules.recall import Stratum
from monitor.rules.recall_estimate import Answered
from monitor.store.lab import Readable
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes
from tests.services import make_settings
from tests.unit.lab.replayed import SINCE, UNTIL, live, run_lab, side, stricter, watching

FIRE = "@lumo my lumo lamp caught fire and burned my hand"


def report_of(store: SqliteStore, new: Side, base: Side | None = None, **changes: Any) -> Report:
    values: dict[str, Any] = {"versions": (), "prices": {}, "pins": ()}
    return make_report(store, Question(base or side(), new, SINCE, UNTIL, **{**values, **changes}), lambda _: None)


def test_cases_are_lost_and_gained_worst_first_with_what_the_other_config_makes_of_them() -> None:
    store = SqliteStore(None)
    live(store, [make_mention("lumo lamp broken", native_id="mild"), make_mention(FIRE, native_id="fire")])
    live(store, [make_mention("my glowbe is broken, what now", native_id="other")], NOW + minutes(5))
    change = compare(run_lab(store, side(), side(brands=watching("glowbe OR broken -lamp"))))
    assert [(line.native_id, line.stored, line.other) for line in change.lost] == [
        ("fire", 2, "no watch matches"),
        ("mild", 1, "no watch matches"),
    ]
    assert [(line.native_id, line.stored, line.status) for line in change.gained] == [("other", None, None)]


def test_a_case_that_one_of_its_other_posts_keeps_is_not_lost() -> None:
    store = SqliteStore(None)
    live(store, [make_mention("lumo lamp broken", author="ana"), make_mention("lumo still broken", author="ana")])
    change = compare(run_lab(store, side(), side(brands=watching("lumo -lamp"))))
    assert (change.lost, change.gained) == ((), ())


def test_a_dropped_case_names_the_rule_and_changed_lines_show_who_becomes_urgent() -> None:
    store = SqliteStore(None)
    live(store, [make_mention("lumo lamp broken")])
    strict = compare(run_lab(store, side(), side(**stricter(complaint=0.95))))
    assert [line.other for line in strict.lost] == [f"{DropRule.NOT_A_COMPLAINT}: complaint 0.90 < 0.95"]
    eager = side(**stricter(levels={"critical": 80, "high": 20, "normal": 10}))
    change = compare(run_lab(store, side(), eager))
    assert [(line.level, line.other) for line in change.raised] == [(Level.HIGH, "was low")]
    assert compare(run_lab(store, eager, side())).lowered != ()


def test_precision_counts_what_the_team_made_of_the_cases_that_each_config_keeps() -> None:
    store = SqliteStore(None)
    for at, (text, status) in enumerate(
        [("lumo lamp broken", "dismissed"), ("lumo app broken", "resolved"), ("lumo is broken", "replied")]
    ):
        live(store, [make_mention(text)], NOW + minutes(5 * at))
        store.update_case(at + 1, status=Status(status))
    live(store, [make_mention("lumo lid broken")], NOW + minutes(60))
    report = report_of(store, side(brands=watching("lumo -lamp")))
    assert report.judged == 3
    assert (report.base.precision, report.new.precision) == (wilson(2, 3), wilson(2, 2))


def test_no_judged_case_and_few_answers_give_no_figure() -> None:
    store = SqliteStore(None)
    live(store, [make_mention()])
    report = report_of(store, side())
    assert (report.base.precision, report.new.recall) == (None, None)
    rows = {what: (before, after) for what, before, after in figure_rows(report)}
    assert rows["precision"] == ("no case was judged", "no case was judged")
    assert rows["recall"][1].startswith("too few answers")


@pytest.mark.parametrize(
    ("count", "of", "low", "high"), [(0, 10, 0.0, 0.278), (8, 10, 0.490, 0.943), (10, 10, 0.722, 1)]
)
def test_intervals_are_those_of_wilson(count: int, of: int, low: float, high: float) -> None:
    share = wilson(count, of)
    assert share is not None
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


def answers(found: int, caught: int, of: int = 100) -> list[DropAnswer]:
    said = Answered(Stratum.FAR, 0.1, missed=True), Answered(Stratum.FAR, 0.1, missed=False)
    return [DropAnswer(said[0] if at < found else said[1], caught=at < caught) for at in range(of)]


def test_recall_is_what_is_caught_of_the_team_s_true_cases_and_the_weighted_misses() -> None:
    judged, frame = Judged(frozenset(range(90)), frozenset(range(90, 100))), {Stratum.FAR: 1_000}
    present = recall_of(200, judged, range(100), answers(6, 0), frame)
    assert present is not None
    assert present.value == pytest.approx(180 / 240)
    assert present.low < present.value < present.high < 1
    better = recall_of(200, judged, range(100), answers(6, 3), frame)
    assert better is not None
    assert better.value == pytest.approx(210 / 240)
    worse = recall_of(200, judged, range(45, 100), answers(6, 0), frame)
    assert worse is not None
    assert worse.value == pytest.approx(90 / 240)


@pytest.mark.parametrize(("judged", "answered"), [(19, 100), (100, 59)])
def test_recall_is_not_told_from_too_little(judged: int, answered: int) -> None:
    known = Judged(frozenset(range(judged)), frozenset())
    assert recall_of(200, known, range(200), answers(1, 0, answered), {Stratum.FAR: 1_000}) is None


def searched(query: str) -> Any:
    source = HackerNewsOptions(kind="hackernews")
    return make_settings(sources={"hn": source}, brands={"lumo": Brand(watches=(Watch(name="n", query=query),))})


def test_a_term_that_no_version_asked_a_platform_for_is_unknown() -> None:
    old = Version(NOW - timedelta(days=90), searched("lumo"))
    assert find_unheard(searched("lumo -refund"), [old], (), SINCE) == ()
    (gap,) = find_unheard(searched("lumo OR glowbe"), [old], (), SINCE)
    assert (gap.source, gap.watch, gap.term, gap.since) == ("hn", "n", "glowbe", None)
    assert gap.to_json()["would_have_found"] is None


@pytest.mark.parametrize(
    ("before", "after", "unknown"),
    [
        ("lumo", "lumo", []),
        ("lumo", "lumo lamp -refund", []),
        ("lumo", '"lumo lamp" OR #lumo OR =LUMO OR lumo NEAR/3 broken', []),
        ("lumo OR lumohelp", "(lumo OR lumohelp) -outlet", []),
        ("lumo lamp", "lumo", ["lumo"]),
        ("lumo -refund", "lumo", ["lumo"]),
        ("lumo", "lumo* OR lumo", ["lumo*"]),
        ("lum", "re2:/lum.*/ lamp", ["re2:/lum.*/ lamp"]),
        ("#lumo", "lumo", ["lumo"]),
        ("lumo lang:en", "lumo (lang:en OR lang:de)", ["lumo lang:de"]),
    ],
)
def test_a_wider_search_is_unknown_and_a_narrower_one_is_known(before: str, after: str, unknown: list[str]) -> None:
    old = Version(NOW - timedelta(days=90), searched(before))
    assert [gap.term for gap in find_unheard(searched(after), [old], (), SINCE)] == unknown


def test_a_list_of_many_words_is_compared_quickly() -> None:
    words = " OR ".join(f"word{number}" for number in range(900))
    old = Version(NOW - timedelta(days=90), searched(words))
    (gap,) = find_unheard(searched(f"({words} OR new) -refund"), [old], (), SINCE)
    assert gap.term == "new -refund"


def test_a_term_asked_for_lately_is_unknown_before_that() -> None:
    versions = [Version(NOW, searched("lumo OR glowbe")), Version(NOW - timedelta(days=90), searched("lumo"))]
    (gap,) = find_unheard(searched("lumo OR glowbe"), versions, (), SINCE)
    assert (gap.term, gap.since) == ("glowbe", NOW)


def test_a_source_that_is_not_searched_knows_what_nobody_wanted_for_two_days() -> None:
    old, new = make_settings(), make_settings(brands=watching("lumo OR glowbe"))
    kept = Readable("x", 10, 0, NOW - timedelta(days=30), NOW - timedelta(days=2))
    versions = [Version(NOW - timedelta(days=90), old)]
    assert find_unheard(new, versions, [kept], NOW - timedelta(days=1)) == ()
    (gap,) = find_unheard(new, versions, [kept], NOW - timedelta(days=30))
    assert (gap.term, gap.since) == ("glowbe", NOW - timedelta(days=2))


def test_what_is_unknown_is_never_printed_as_0() -> None:
    store = SqliteStore(None)
    live(store, [make_mention(native_id="1"), make_mention(native_id="2")])
    store.forget_mention("x", "1", "ana", NOW)
    version = Version(NOW - timedelta(days=90), make_settings())
    report = report_of(store, side(brands=watching("lumo OR glowbe")), versions=[version])
    assert unknown_lines(report) == ["glowbe (lumo/name) on x: never fetched: unknown, not 0"]
    assert source_lines(report) == ["x: 10 days of text, 1 of 2 posts have lost their words"]


def test_watches_show_posts_cases_and_cost_where_it_is_known() -> None:
    store = SqliteStore(None)
    live(store, [make_mention("lumo lamp broken"), make_mention("lumo opened a shop")])
    watches = (Watch(name="name", query="lumo -lamp"), Watch(name="lamps", query="lamp"))
    report = report_of(store, side(brands={"lumo": Brand(watches=watches)}), prices={"x": 0.5})
    first, second = watch_rows(report)
    assert (first.name, first.posts, first.cases, first.usd_month) == ("lumo/name", "2 → 1", "1 → 0", "3.00 → 1.50")
    assert (second.name, second.posts, second.cases) == ("lumo/lamps", "– → 1", "– → 1")


def test_alerts_at_night_are_those_of_the_brands_zone() -> None:
    store = SqliteStore(None)
    live(store, [make_mention(FIRE)])
    zones = {zone: report_of(store, side(brands=watching("lumo", zone=zone))) for zone in ("UTC", "Pacific/Auckland")}
    assert [zones[zone].new.figures.night_alerts for zone in zones] == [0, 1]


def test_a_replay_changes_no_row() -> None:
    store = SqliteStore(None)
    live(store, [make_mention(FIRE), make_mention("lumo lamp broken"), make_mention("no brand named")])

    def digest() -> str:
        return hashlib.sha256("\n".join(store.connection._raw.iterdump()).encode()).hexdigest()

    before = digest()
    report = report_of(store, side(brands=watching("lamp OR named"), **stricter(complaint=0.04)))
    assert report.comparison.gained != ()
    assert digest() == before


def test_the_page_escapes_what_people_wrote_and_loads_nothing() -> None:
    store = SqliteStore(None)
    evil = '<script>alert(1)</script> "lumo" lamp broken <img src=x onerror=alert(1)>'
    live(store, [make_mention(evil, author='a"><b>', permalink="javascript:alert(1)")])
    page = render_page(report_of(store, side(brands=watching("glowbe"))))
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
    assert "javascript:" not in page
    assert "src=" not in page.replace("src=x", "")
    assert "<svg" in page
