"""docs/howto/what-happens-next.md names figures of the program: they are those."""

from datetime import timedelta
from pathlib import Path

from connectors.options import RedditOptions, XOptions
from connectors.reddit import RedditConnector
from connectors.x import XConnector
from monitor.rules.mood import MARGIN
from monitor.rules.watching import FIRST, GUARDED, OWN_EVERY
from monitor.steps.follow import AFTER

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "what-happens-next.md").read_text("utf-8")


def test_the_times_of_watching_are_those_of_the_program() -> None:
    assert (timedelta(minutes=5), timedelta(minutes=15), timedelta(days=7)) == (OWN_EVERY, FIRST, GUARDED)
    assert "every 5 minutes while a case of the platform is open" in PAGE
    assert "every 15 minutes; hourly after 4 hours, every 4 hours after a day" in PAGE
    assert [step // timedelta(minutes=1) for step in AFTER] == [15, 60, 240, 1440]
    assert "after 15 minutes, 1, 4 and 24 hours" in PAGE
    assert f"a margin of {MARGIN}" in PAGE


def test_the_times_of_looking_for_deletions_are_those_of_the_platforms() -> None:
    secret = {"client_id": "a", "client_secret": "b", "user_agent": "linux:test:1 (by /u/t)", "subreddits": ["lumo"]}
    x = XConnector("x", XOptions.model_validate({"kind": "x", "token": "t"}))
    reddit = RedditConnector("reddit", RedditOptions.model_validate({"kind": "reddit", **secret}))
    try:
        assert x.traits.recheck == timedelta(hours=20)
        assert reddit.traits.recheck == timedelta(hours=6)
        assert (x.traits.threads_per_call, x.traits.price_per_post, reddit.traits.text_hours) == (12, 0.005, 48)
    finally:
        x.close()
        reddit.close()
    assert "| X | at most 20 hours apart |" in PAGE
    assert "| Reddit | at most 6 hours apart | 48 hours;" in PAGE
    assert "twelve threads share a call" in PAGE
