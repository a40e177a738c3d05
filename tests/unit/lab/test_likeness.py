"""What a changed threshold leaves alone is not decided again: it must come out as if it had been."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain import Decision, DropRule
from monitor.lab.side import Likeness
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes
from tests.unit.lab.replayed import live, run_lab, side, stricter
from tests.unit.lab.test_replay import POSTS, mentions_of

THRESHOLDS = st.sampled_from([0.01, 0.05, 0.1, 0.3, 0.49, 0.51, 0.7, 0.9, 0.96, 0.99])


SCORES = st.sampled_from([{}, {"weights": {"anger": 40}}, {"levels": {"critical": 60, "high": 50, "normal": 30}}])


@given(POSTS, THRESHOLDS, SCORES)
@settings(max_examples=12, deadline=None)
def test_a_changed_threshold_or_score_makes_of_each_post_what_deciding_it_anew_makes(
    posts: list[tuple[str, int, int, int]], threshold: float, scores: dict[str, dict[str, int]]
) -> None:
    store = SqliteStore(None)
    mentions = mentions_of(posts)
    for at in range(0, len(mentions), 5):
        live(store, mentions[at : at + 5], NOW + minutes(at))
    changed = side(**stricter(complaint=threshold, **scores))
    beside = run_lab(store, side(), changed).runs[1]
    (alone,) = run_lab(store, changed).runs
    assert beside.outcomes == alone.outcomes
    assert [case.level for case in beside.book.cases] == [case.level for case in alone.book.cases]


@pytest.mark.parametrize(
    ("complaint", "apart"), [(0.49, False), (0.5, True), (0.59, True), (0.6, False), (None, False)]
)
def test_only_what_lies_between_the_thresholds_is_read_apart(complaint: float | None, apart: bool) -> None:
    assert Likeness(0.5, 0.6).reads_apart(complaint) is apart
    assert Likeness(0.6, 0.5).reads_apart(complaint) is apart


def test_a_drop_names_the_threshold_that_it_is_under_now() -> None:
    drop = Decision(None, None, 0.0, drop=DropRule.NOT_A_COMPLAINT, evidence="complaint 0.31 < 0.50; doubtful")
    assert Likeness(0.5, 0.6).restate(drop).evidence == "complaint 0.31 < 0.60; doubtful"
