from dataclasses import replace

import pytest

from monitor.config.pins import Expect, Pin
from monitor.config.schema import Brand, Watch
from monitor.domain import Level
from monitor.lab.pins import broken, run_pins
from monitor.lab.verbatim import is_verbatim
from tests.builders import NOW
from tests.unit.lab.replayed import side, stricter, watching

FLICKER = Pin("flicker", "lumo", Expect.ALERT, "my lumo charger is broken, it flickers", "x:1", "that is a fire")
QUIZ = Pin("quiz", "lumo", Expect.IGNORE, "we won the quiz as team lumo")


def test_pins_hold_where_the_config_makes_of_them_what_they_want() -> None:
    results = run_pins([FLICKER, QUIZ], side(), NOW)
    assert [(result.pin.id, result.holds) for result in results] == [("flicker", True), ("quiz", True)]
    assert broken(results) == ()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (side(brands=watching("lumo -flickers")), "no watch of lumo matches it"),
        (side(**stricter(complaint=0.95)), "it would be dropped by the rule not-a-complaint: complaint 0.90 < 0.95"),
        (side(brands={"other": Brand(watches=(Watch(name="n", query="lumo"),))}), "the config has no brand 'lumo'"),
    ],
)
def test_a_pinned_complaint_that_would_be_lost_is_named_with_the_reason(changed: object, why: str) -> None:
    (result,) = run_pins([FLICKER], changed, NOW)  # type: ignore[arg-type]
    assert (result.holds, result.found) == (False, why)
    assert f"pin flicker: must alert (a case), but {why}" in str(result.problem)
    assert "that is a fire" in str(result.problem)


def test_a_text_that_must_not_alert_breaks_when_it_becomes_a_case() -> None:
    noisy = Pin("noise", "lumo", Expect.IGNORE, "broken hearts, says the band lumo")
    (result,) = run_pins([noisy], side(), NOW)
    assert not result.holds
    assert "must not alert, but it would become a" in str(result.problem)


def test_a_pin_may_ask_for_a_level() -> None:
    low, high = (run_pins([replace(FLICKER, level=level)], side(), NOW)[0] for level in (Level.LOW, Level.CRITICAL))
    assert (low.holds, high.holds) == (True, False)
    assert "must alert (at least critical)" in str(high.problem)


POST = "Third day without power since the storm and @lumo support just hangs up on me, what a joke"


@pytest.mark.parametrize(
    "text",
    [
        POST,
        POST.upper() + " !!!",
        POST.replace("storm", "gale"),
        "they say: since the storm and lumo support just hangs up on me",
        POST.replace("e", "е"),  # a Cyrillic letter
    ],
)
def test_a_copy_of_the_post_is_no_rewording(text: str) -> None:
    assert is_verbatim(text, POST)


@pytest.mark.parametrize(
    "text",
    ["no power for days, and lumo hangs up when I call", "power is out since the storm and nobody at lumo talks to me"],
)
def test_own_words_are_a_rewording(text: str) -> None:
    assert not is_verbatim(text, POST)


def test_a_post_of_one_word_is_not_a_copy_of_every_text_that_holds_it() -> None:
    assert not is_verbatim("lumo lamp broken, nobody helps", "lumo")
    assert not is_verbatim("a text", "")
