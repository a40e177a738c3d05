"""Golden files beside this test: `text.golden`, `page.golden.html`. Set UPDATE_GOLDEN=1 to write them anew."""

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.digest.build import build_digest, to_json
from monitor.digest.figures import BlindWindow, DigestFigures, Spend
from monitor.digest.render import digest_message, render_html, render_text
from monitor.digest.words import WordCount, rising_words
from monitor.domain import DropRule, Kind, Level
from monitor.notify.render import Setting
from monitor.rules.recall_estimate import Estimate, RecallFigures
from monitor.store.records import CaseView
from tests.unit.notify.views import HOSTILE, NOW, make_view

BERLIN = ZoneInfo("Europe/Berlin")
TERMINAL = Setting("desk", "stdout", NOW, BERLIN)
MAIL = Setting("desk", "mail", NOW, BERLIN, public_url="https://monitor.example")


def figures(top: Sequence[CaseView] = (), **changes: Any) -> DigestFigures:
    values: dict[str, Any] = {
        "since": NOW - timedelta(days=1),
        "until": NOW,
        "open_by_level": {Level.CRITICAL: 2, Level.HIGH: 5, Level.LOW: 30},
        "late_by_level": {Level.CRITICAL: 1},
        "at_risk": 4,
        "opened": {Kind.COMPLAINT: 34, Kind.PRAISE: 5},
        "opened_before": {Kind.COMPLAINT: 26, Kind.QUESTION: 3},
        "mentions": 1502,
        "mentions_before": 300,
        "first_replies": [(700.0, True), (100.0, True), (5000.0, False)],
        "first_replies_before": [(1500.0, True)],
        "drops": {DropRule.NOT_A_COMPLAINT: 99, DropRule.OWN_HANDLE: 27},
        "blind": [BlindWindow("x", "gap", NOW - timedelta(hours=5), NOW - timedelta(hours=4), "rate limited")],
        "spend": [Spend("x", 420, 2.1)],
        "words": [WordCount("login", 8, 1)],
        "top": top or [make_view(1), make_view(2, Level.HIGH, followers=None, permalink=None)],
    }
    return DigestFigures(**{**values, **changes})


def test_what_was_missed_is_told_with_its_interval_or_that_answers_are_too_few() -> None:
    known = RecallFigures(4_100, 520, 9, Estimate(12.2, 5.4, 23.6))
    told = build_digest(figures(missed=known), NOW, BERLIN)
    assert ("missed", "estimated missed complaints: 12 of 4,100 (95 % 5–24)") in told.facts
    assert to_json(told)["missed"]["estimate"] == {"missed": 12.2, "low": 5.4, "high": 23.6}
    few = build_digest(figures(missed=RecallFigures(4_100, 7, 1, None)), NOW, BERLIN)
    assert ("missed", "estimated missed complaints: too few answers (7 of 60)") in few.facts
    assert to_json(few)["missed"]["estimate"] is None


def test_a_digest_without_a_sample_is_silent_about_what_was_missed() -> None:
    body = build_digest(figures(missed=RecallFigures(0, 0, 0, None)), NOW, BERLIN)
    assert "missed" not in dict(body.facts)


def check_golden(name: str, found: str) -> None:
    file = Path(__file__).with_name(name)
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text("utf-8")


def test_the_text_is_as_agreed() -> None:
    check_golden("text.golden", render_text(build_digest(figures(), NOW, BERLIN, name="morning"), TERMINAL))


def test_the_page_is_as_agreed() -> None:
    check_golden("page.golden.html", render_html(build_digest(figures(), NOW, BERLIN, name="morning"), MAIL))


def test_an_empty_digest_is_one_line_that_says_so() -> None:
    nothing = DigestFigures(NOW - timedelta(days=1), NOW, mentions=12)
    text = render_text(build_digest(nothing, NOW, BERLIN, name="morning"), TERMINAL)
    assert text == ("morning digest: nothing open, nothing new in 12 posts (Tue 17 Nov 09:30 to Wed 18 Nov 09:30)")


def test_quiet_is_not_deaf() -> None:
    blind = [BlindWindow("x", "stopped", NOW - timedelta(hours=2), None, "the credentials are not accepted (401)")]
    body = build_digest(DigestFigures(NOW - timedelta(days=1), NOW, blind=blind), NOW, BERLIN)
    assert not body.empty
    assert "x: \u2068stopped since 07:30: the credentials are not accepted (401)\u2069" in render_text(body, TERMINAL)


def test_a_digest_says_what_was_heard_where_nothing_was_missed() -> None:
    start = NOW - timedelta(days=1)
    for first, sentence in (
        ({"x": start - timedelta(days=9)}, "every source, no gap"),
        ({"x": start - timedelta(days=9), "feed": NOW - timedelta(hours=2)}, "every source, no gap; feed since 07:30"),
        ({"x": start, "feed": None}, "no gap; feed not yet"),
        ({"x": None}, "no source was read yet"),
    ):
        body = build_digest(figures(blind=[], heard_since=first), NOW, BERLIN)
        assert dict(body.facts)["heard"] == sentence


@pytest.mark.parametrize("many", [0, 1, 5, 300])
def test_the_text_never_exceeds_forty_lines(many: int) -> None:
    window = BlindWindow("x", "gap", NOW - timedelta(hours=5), NOW, "late\n" * 50)
    body = build_digest(
        figures(
            top=[make_view(number, text="line\n" * 400, author="a\nb") for number in range(many)],
            blind=[window] * many,
            spend=[Spend(f"source{number}", 10, 1.0) for number in range(many)],
            words=[WordCount("word", 3, 0)] * many,
            drops=dict.fromkeys(DropRule, 3),
        ),
        NOW,
        BERLIN,
    )
    assert len(render_text(body, TERMINAL).splitlines()) <= 40


def test_hostile_text_is_inert_in_every_form() -> None:
    blind = [BlindWindow("x", "gap", NOW - timedelta(hours=5), None, HOSTILE)]
    body = build_digest(
        figures(top=[make_view(text=HOSTILE, author=HOSTILE)], blind=blind, words=[WordCount("<script>", 3, 0)]),
        NOW,
        BERLIN,
    )
    text, html = render_text(body, TERMINAL), render_html(body, MAIL)
    assert all(letter == "\n" or letter >= " " for letter in text)
    assert "\u202e" not in text + html
    assert "<script" not in html
    assert 'href="http://' not in html
    assert not set("@<>*`") & set(render_text(body, Setting("desk", "apprise", NOW, BERLIN)).replace("×", ""))


def test_the_json_keeps_unknown_as_null_and_times_in_utc() -> None:
    record = json.loads(json.dumps(to_json(build_digest(figures(first_replies=[]), NOW, BERLIN))))
    assert record["first_reply"] == {"replies": 0, "in_time": 0, "median_s": None}
    assert record["until"] == "2026-11-18T08:30:00.000Z"
    assert record["open"] == {"critical": 2, "high": 5, "low": 30}
    assert record["top"][0]["id"] == 1


def test_a_message_carries_the_digest_and_its_worst_case() -> None:
    message = digest_message(build_digest(figures(), NOW, BERLIN), MAIL, key="k")
    assert message.event == message.payload["event"] == "digest"
    assert message.payload["count"] == 37
    assert message.payload["case"]["id"] == 1
    assert message.payload["digest"]["at_risk"] == 4
    assert message.html is not None
    assert not message.urgent


def test_words_rise_against_the_window_before() -> None:
    now = ["The login is down again, I cannot login @lumo"] * 5 + ["my lamp is broken"] * 4
    before = ["my lamp is broken"] * 9
    assert rising_words(now, before, skip=["Lumo"]) == (WordCount("login", 5, 0),)


def test_common_words_links_and_the_brand_are_no_news() -> None:
    assert rising_words(["warum nicht lumo https://lumo.example/pourquoi #ahora"] * 9, [], skip=["lumo"]) == ()
