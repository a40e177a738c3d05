"""What people are told of a spike, and that nothing foreign in it does anything."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain import Level
from monitor.notify.render import Setting
from monitor.notify.render_spike import render_spike
from monitor.rules.spikes import Series
from monitor.store.spikes import Spike, SpikePost, SpikeState, SpikeWord
from tests.builders import NOW, minutes

NASTY = "<!channel> @everyone [pay](https://evil.example) <script>alert(1)</script> \u202egnp.exe *b* \x1b[31m"
SPIKE = Spike(
    id=7, brand="lumo", state=SpikeState.OPEN, level=Level.HIGH, series=Series.COUNT, minutes=10,
    since=NOW - minutes(12), opened_at=NOW - minutes(3), updated_at=NOW, ended_at=None, seen=42, expected=3.1,
    per_hour=210, peak=240, event="sale", told_per_hour=210, told_at=NOW,
    words=(SpikeWord("cannot pay", 30, 0), SpikeWord("checkout", 28, 4)),
    platforms={"x": 0.75, NASTY: 0.25}, causes={"outage": 0.9, "unknown": 0.1},
)  # fmt: skip
POST = SpikePost(1, 5, "x", NASTY, 1200, NASTY, "https://x.example/1", NOW - minutes(4), "outage", Level.NORMAL)


def setting(kind: str = "stdout", **changes: object) -> Setting:
    return Setting("desk", kind, NOW, **changes)  # type: ignore[arg-type]


def text(kind: str = "stdout", spike: Spike = SPIKE, event: str = "spike.opened", **changes: object) -> str:
    return render_spike(event, spike, [POST], setting(kind, **changes), key="k").text


def test_it_says_what_rose_against_what_since_when_and_why() -> None:
    told = text()
    for part in (
        "HIGH lumo: spike: 42 complaints since 11:48 (12 min), 3.1 are usual: 13.5 times as many",
        "210 an hour in the last minutes, 240 at most",
        "words: cannot pay ×30 (new), checkout ×28 (4 before)",
        "75%", "causes: ", "outage", "90%", "event: sale", "case 5", "https://x.example/1", "queue list",
    ):  # fmt: skip
        assert part in told


def test_the_end_and_a_rise_of_the_share_say_so() -> None:
    over = replace(SPIKE, state=SpikeState.OVER, ended_at=NOW + timedelta(hours=1), series=Series.SHARE)
    told = text(spike=over, event="spike.over")
    assert "spike is over: 42 complaints from 11:48 for 1 h 12 min" in told
    assert "the share of complaints among all posts" in told


def test_links_lead_to_the_pages_where_there_are_some() -> None:
    told = text(public_url="https://care.example")
    assert "card: https://care.example/cases/5" in told
    assert "https://care.example/queue" in told


@pytest.mark.parametrize("kind", ["slack", "discord", "telegram", "apprise", "stdout", "webhook"])
def test_foreign_words_are_inert_in_text(kind: str) -> None:
    told = text(kind)
    for sign in ("\x1b", "\u202e"):
        assert sign not in told
    if kind not in {"stdout", "webhook"}:
        for part in ("<!channel>", "@everyone", "https://evil.example", "<script>"):
            assert part not in told


def test_foreign_words_are_inert_in_mail() -> None:
    page = render_spike("spike.opened", SPIKE, [POST], setting("mail"), key="k").html or ""
    assert "<script>alert" not in page
    assert "evil.example" in page
    assert 'href="https://evil.example' not in page
    assert 'href="https://x.example/1"' in page


def test_the_subject_is_one_line_without_foreign_words() -> None:
    message = render_spike("spike.opened", SPIKE, [POST], setting("mail", demo=True), key="k")
    assert message.subject.startswith("[demo] HIGH lumo")
    assert "\n" not in message.subject
    assert "evil" not in message.subject


def test_the_webhook_gets_everything_as_it_was_written() -> None:
    payload = render_spike("spike.opened", SPIKE, [POST], setting("webhook"), key="k").payload
    spike = payload["spike"]
    assert (payload["event"], payload["count"], payload["case"]) == ("spike.opened", 42, None)
    assert (spike["id"], spike["factor"], spike["posts"][0]["text"]) == (7, 13.5, NASTY)
    assert (spike["since"], spike["words"][0]) == (
        "2026-03-04T11:48:00.000Z", {"word": "cannot pay", "count": 30, "before": 0},
    )  # fmt: skip
