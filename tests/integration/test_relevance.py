"""The shipped model tells posts about a brand from those about something else of its name."""

from bench.relevance import MOST_LOST, measure_names
from models.registry import load_or_fall_back
from monitor.rules.relevance import NOT_US_MARGIN


def test_the_rule_drops_many_posts_about_others_and_hardly_any_about_the_brand() -> None:
    names = measure_names(load_or_fall_back().classifier)
    assert len(names.us) == len(names.others) == 98
    assert names.auc > 0.93
    assert names.lost(NOT_US_MARGIN) <= MOST_LOST
    assert names.dropped(NOT_US_MARGIN) > 0.35
