from datetime import timedelta

import pytest

from connectors.connector import Page
from connectors.errors import Unreachable
from monitor.cli import starting
from monitor.first_look import MOST_PAGES, Look, look_around
from monitor.rules.match import Matcher, parse_watches
from monitor.steps.services import Source
from tests.builders import NOW, make_mention
from tests.services import FakeConnector, make_settings, page_of

SINCE = NOW - timedelta(days=7)
SETTINGS = make_settings()
MATCHER = Matcher(parse_watches(SETTINGS.brands))


def look(*pages: Page | Unreachable) -> Look:
    source = Source("x", SETTINGS.sources["x"], FakeConnector(*pages), ("lumo",))
    (found,) = look_around({"x": source}, MATCHER, SINCE)
    return found


def test_what_a_watch_matches_is_counted_and_shown_newest_first() -> None:
    old = make_mention("lumo", posted_at=SINCE - timedelta(days=1))
    first = make_mention("lumo", posted_at=NOW - timedelta(days=2))
    last = make_mention("lumo again")
    found = look(page_of(old, first, last, make_mention("other")))
    assert (found.returned, found.matched, found.problem) == (3, (last, first), None)


def test_a_post_that_comes_twice_counts_once() -> None:
    mention = make_mention("lumo")
    assert look(page_of(mention, next_token="2"), page_of(mention)).returned == 1


def test_endless_pages_are_left_after_a_few() -> None:
    pages = [page_of(make_mention("lumo"), next_token=str(number)) for number in range(50)]
    found = look(*pages)
    assert (found.returned, found.more) == (MOST_PAGES, True)


def test_a_source_that_does_not_answer_hides_no_other() -> None:
    sources = {
        name: Source(name, SETTINGS.sources["x"], FakeConnector(page), ("",))
        for name, page in (("down", Unreachable("down", "no route to host")), ("up", page_of(make_mention("lumo"))))
    }
    down, up = look_around(sources, MATCHER, SINCE)
    assert down.problem == "no route to host"
    assert (up.returned, up.problem) == (1, None)


def test_what_was_found_is_printed_inert(capsys: pytest.CaptureFixture[str]) -> None:
    starting._print_look(Look("x", 3, (make_mention("lumo \x1b[2J", author="k\x07im"),)))
    starting._print_look(Look("y", problem="no \x1b route"))
    shown = capsys.readouterr().out
    assert "x: 1 post matched, of 3 read" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
