"""What digests say, and that nothing that people wrote does any harm in them."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitor.config.digests import Part
from monitor.digest.build import DigestBody, build_digest
from monitor.digest.figures import BlindWindow, DigestFigures
from monitor.digest.record import to_json
from monitor.digest.render import LINES, digest_message, render_html, render_text
from monitor.digest.sections import MOST_LINES
from monitor.digest.usual import Day
from monitor.digest.words import WordCount, rising_words
from monitor.domain import Level
from monitor.notify.receiver import Message
from monitor.notify.render import Setting
from monitor.rules.recall_estimate import RecallFigures
from tests.unit.digest.examples import (
    BERLIN,
    MAIL,
    TERMINAL,
    figures,
    make_incident,
    make_praise,
    make_spike,
    stuffed,
)
from tests.unit.notify.views import HOSTILE, NOW, make_view

DAY = timedelta(days=1)


def lines_of(body: DigestBody, part: Part) -> list[str]:
    """Return the lines of one section as a terminal shows them, without their title."""
    alone = replace(body, blocks=[block for block in body.blocks if block.part is part])
    return [line.removeprefix(block.title).strip() for block in alone.blocks
            for line in render_text(alone, TERMINAL).splitlines()[3:-1]]  # fmt: skip


def digest(**changes: object) -> DigestBody:
    return build_digest(figures(**changes), NOW, BERLIN, name="morning")


def test_what_was_missed_is_told_with_its_interval_or_that_answers_are_too_few() -> None:
    assert lines_of(digest(), Part.MISSED) == ["estimated missed complaints: 12 of 4,100 (95 % 5–24)"]
    few = digest(missed=RecallFigures(4_100, 7, 1, None))
    assert lines_of(few, Part.MISSED) == ["estimated missed complaints: too few answers (7 of 60)"]
    assert to_json(few)["missed"]["estimate"] is None


def test_a_digest_without_a_sample_is_silent_about_what_was_missed() -> None:
    assert lines_of(digest(missed=RecallFigures(0, 0, 0, None)), Part.MISSED) == []


def test_an_empty_digest_is_one_line_that_says_so() -> None:
    nothing = build_digest(DigestFigures(NOW - DAY, NOW, mentions=12), NOW, BERLIN, name="morning")
    text = render_text(nothing, TERMINAL)
    assert text == ("morning digest: nothing open, nothing new in 12 posts (Tue 17 Nov 09:30 to Wed 18 Nov 09:30)")
    assert digest_message(nothing, MAIL, key="k").pictures == ()


@pytest.mark.parametrize("part", Part)
def test_a_digest_has_its_sections_alone(part: Part) -> None:
    body = build_digest(figures(), NOW, BERLIN, sections=[part])
    assert {block.part for block in body.blocks} == ({part} - {Part.CHARTS})
    others = set().union(*(set(to_json(build_digest(figures(), NOW, BERLIN, sections=[other]))) for other in Part))
    alone = set(to_json(body))
    assert alone < others
    message = digest_message(body, MAIL, key="k")
    assert bool(message.pictures) == (part is Part.CHARTS)
    assert bool(message.payload["cases"]) == (part is Part.ACT_NOW)
    assert ("last night" in json.dumps(message.to_json())) == (part is Part.ACT_NOW)


def test_what_cannot_wait_comes_first_with_its_case_and_its_link() -> None:
    body = digest(act_now=[make_view(1), make_view(2, Level.HIGH, due_at=NOW - timedelta(minutes=12))], to_act_on=9)
    first, _, second, *_, left = lines_of(body, Part.ACT_NOW)
    assert first.startswith("CRITICAL 92 · lumo")
    assert first.endswith("due in 2 min, case 1")
    assert "12 min late, case 2" in second
    assert left == "and 7 more: complaint-monitor queue list"
    assert "https://monitor.example/cases/1" in render_text(body, MAIL)


def test_nothing_to_act_on_is_said() -> None:
    assert lines_of(digest(act_now=(), to_act_on=0), Part.ACT_NOW) == ["nothing critical, nothing late"]


def test_yesterday_stands_beside_the_same_weekdays_and_their_causes() -> None:
    day, causes, words, _ = lines_of(digest(), Part.YESTERDAY)
    assert day == "42 complaints on Tue 17 Nov, 21 usual (the Tuesdays before: 18, 21, 25)"
    assert causes == "by cause: outage 20 (usual 1), delivery 9 (usual 8.5), cause unknown 3"
    assert "login ×8 (before 1)" in words


def test_the_usual_is_unknown_until_enough_weeks_were_heard() -> None:
    young = digest(yesterday=Day(date(2026, 11, 17), 42, (18, 21, None, None)), causes=(), words=())
    assert lines_of(young, Part.YESTERDAY)[0] == (
        "42 complaints on Tue 17 Nov; usual unknown (2 of 4 weeks heard, 3 needed)"
    )
    assert to_json(young)["yesterday"] == {
        "date": "2026-11-17", "complaints": 42, "usual": None, "before": [18, 21, None, None]
    }  # fmt: skip
    unheard = digest(yesterday=Day(date(2026, 11, 17), None, (None,) * 4), causes=(), words=())
    assert lines_of(unheard, Part.YESTERDAY)[0] == "complaints on Tue 17 Nov: unknown, it was not heard in whole"


def test_first_replies_stand_against_what_is_promised() -> None:
    assert lines_of(digest(), Part.REPLIES) == [
        "critical: 2 of 2 in time (within 5 min), median 2 min (4 min before)",
        "high: 0 of 1 in time (within 30 min), median 1 h 23 min",
    ]


def test_incidents_have_an_example_each() -> None:
    said, example = lines_of(digest(), Part.INCIDENTS)
    assert said.startswith("#3 lumo outage: 12 cases since 06:30, 5 without a reply, open, owner")
    assert "Nothing switches on since the update" in example
    assert example.endswith("case 9")


def test_planned_events_stand_before_spikes() -> None:
    event, spike = lines_of(digest(), Part.SPIKES)
    assert event == "event launch (lumo), 08:30 to 17:30: ×2 expected"
    assert spike.startswith("lumo ×3.2: 64 complaints since 07:30, 20 usual, goes on; words:")


def test_quiet_is_not_deaf() -> None:
    blind = [BlindWindow("x", "stopped", NOW - timedelta(hours=2), None, "the credentials are not accepted (401)")]
    body = build_digest(DigestFigures(NOW - DAY, NOW, blind=blind), NOW, BERLIN)
    assert not body.empty
    assert "x stopped since 07:30: \u2068the credentials are not accepted (401)\u2069" in render_text(body, TERMINAL)


def test_a_digest_says_what_was_heard_where_nothing_was_missed() -> None:
    start = NOW - DAY
    for first, sentence in (
        ({"x": start - timedelta(days=9)}, "every source, no gap"),
        ({"x": start - timedelta(days=9), "feed": NOW - timedelta(hours=2)}, "every source, no gap; feed since 07:30"),
        ({"x": start, "feed": None}, "no gap; feed not yet"),
        ({"x": None}, "no source was read yet"),
    ):
        body = build_digest(figures(blind=[], heard_since=first), NOW, BERLIN)
        assert lines_of(body, Part.BLIND) == [sentence]


def test_a_stuffed_month_fills_one_screen() -> None:
    body = build_digest(stuffed(), NOW, BERLIN)
    for setting in (TERMINAL, MAIL):
        lines = render_text(body, setting).splitlines()
        assert LINES - 3 <= len(lines) <= LINES
        assert max(map(len, lines)) < 240


def test_no_section_fills_more_than_its_share_of_the_screen() -> None:
    assert set(MOST_LINES) == set(Part) - {Part.CHARTS}
    assert sum(MOST_LINES.values()) + 4 <= LINES
    body = build_digest(stuffed(), NOW, BERLIN)
    for block in body.blocks:
        assert sum(1 + bool(line.detail) for line in block.lines) <= MOST_LINES[block.part]


def hostile() -> DigestBody:
    """A digest all of whose foreign parts are hostile."""
    script = "javascript:alert(1)"
    case = make_view(text=HOSTILE, author=HOSTILE, platform=HOSTILE, claimed_by=HOSTILE, permalink=script)
    return digest(
        act_now=[case],
        next_at_risk=[case],
        blind=[BlindWindow("x", "gap", NOW - timedelta(hours=5), None, HOSTILE)],
        words=[WordCount("<script>", 3, 0)],
        incidents=[make_incident(words=(HOSTILE,), owner=HOSTILE, example=case)],
        spikes=[make_spike(words=(WordCount(HOSTILE, 3, 0),))],
        praise=[
            make_praise(text=HOSTILE, author=HOSTILE, platform=HOSTILE, permalink=link)
            for link in ('https://evil.example/"><script>', script)
        ],
    )


def test_hostile_text_is_inert_in_every_form() -> None:
    text, html = render_text(hostile(), TERMINAL), render_html(hostile(), MAIL)
    assert all(letter == "\n" or letter >= " " for letter in text)
    assert "\u202e" not in text + html
    assert "\U000e0041" not in text + html
    assert "<script" not in html
    assert "javascript:" not in html
    assert 'href="http://' not in html
    chatty = render_text(hostile(), Setting("desk", "apprise", NOW, BERLIN)).replace("×", "").replace("#3 lumo", "")
    links = chatty.replace("https://evil.example/%22%3E%3Cscript%3E", "")
    assert not set("@<>*`") & set(links)


def test_hostile_words_reach_no_header_of_the_mail() -> None:
    message = digest_message(hostile(), MAIL, key="k")
    assert message.subject == "morning digest: 37 open (7 urgent), 1 late, 39 new"
    assert Message.from_json(json.loads(json.dumps(message.to_json()))) == replace(message, payload=message.payload)


def test_the_json_keeps_unknown_as_null_and_times_in_utc() -> None:
    record = json.loads(json.dumps(to_json(digest(replies={}))))
    assert record["first_reply"] == {"replies": 0, "in_time": 0, "median_s": None}
    assert record["until"] == "2026-11-18T08:30:00.000Z"
    assert record["open"] == {"critical": 2, "high": 5, "low": 30}
    assert record["top"][0]["id"] == 1
    assert record["complaints"]["points"][0] == {"at": "2026-11-17T10:00:00+01:00", "complaints": 1, "usual": 1.0}
    assert record["first_reply_by_level"] == {}


def test_a_message_carries_the_digest_and_its_worst_case() -> None:
    message = digest_message(digest(), MAIL, key="k")
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
