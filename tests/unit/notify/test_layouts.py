"""Messages as each service is sent them: within its bounds, and sound, whatever people wrote."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain import Level
from monitor.notify.discord import discord_body
from monitor.notify.jira import document
from monitor.notify.ntfy import ntfy_body
from monitor.notify.opsgenie import opsgenie_body
from monitor.notify.pagerduty import pagerduty_body
from monitor.notify.receiver import Message
from monitor.notify.render import Setting, render_cases
from monitor.notify.service import to_bytes
from monitor.notify.slack import slack_body
from monitor.notify.teams import teams_body
from monitor.notify.telegram import telegram_body
from monitor.notify.zendesk import zendesk_ticket
from tests.unit.notify.views import HOSTILE, NOW, make_view

LONGEST = ("*_[(<@https://evil.example>" * 200, "\U0001f525" * 4_000, "\u202e\U000e0041" * 2_000, HOSTILE * 20)


def alert(text: str, kind: str, count: int = 40, **changes: Any) -> Message:
    setting = Setting("desk", kind, NOW, public_url="https://monitor.example")
    level = changes.pop("level", Level.CRITICAL)
    views = [make_view(number, level, text=text, author=text[:300] or "a", **changes) for number in range(1, count + 1)]
    return render_cases("case.opened", views, setting, key="k" * 64, total=10_000)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def check_slack(body: Mapping[str, Any]) -> None:
    assert len(body["blocks"]) <= 50
    for block in body["blocks"]:
        parts = [block["text"]] if "text" in block else block.get("elements", [])
        assert all(0 < len(part["text"]) <= 3_000 for part in parts)
    assert len(body["blocks"][0]["text"]["text"]) <= 150


def check_teams(body: Mapping[str, Any]) -> None:
    assert len(to_bytes(body)) <= 28_000
    assert body["attachments"][0]["content"]["body"]


def check_discord(body: Mapping[str, Any]) -> None:
    assert len(body["content"]) <= 2_000
    assert len(body["embeds"]) <= 10
    assert sum(len(embed.get("title", "")) + len(embed["description"]) for embed in body["embeds"]) <= 6_000
    assert all(len(embed.get("title", "")) <= 256 for embed in body["embeds"])
    assert body["allowed_mentions"] == {"parse": []}


def check_telegram(body: Mapping[str, Any]) -> None:
    assert 0 < units(body["text"]) <= 4_096
    for entity in body["entities"]:
        assert entity["length"] > 0
        assert entity["offset"] + entity["length"] <= units(body["text"])
    assert "parse_mode" not in body


def check_ntfy(body: Mapping[str, Any]) -> None:
    assert len(body["message"].encode()) <= 4_096
    assert len(body["title"]) <= 250


def check_pagerduty(body: Mapping[str, Any]) -> None:
    assert len(body["payload"]["summary"]) <= 1_024
    assert len(body["dedup_key"]) <= 255
    assert len(to_bytes(body)) <= 512_000


def check_opsgenie(body: Mapping[str, Any]) -> None:
    assert len(body["message"]) <= 130
    assert len(body["description"]) <= 15_000


def check_zendesk(body: Mapping[str, Any]) -> None:
    assert len(body["subject"]) <= 150
    assert len(body["comment"]["body"]) <= 65_536


def check_jira(body: Mapping[str, Any]) -> None:
    assert len(json.dumps(body)) <= 100_000


LAYOUTS: dict[str, tuple[Any, Any]] = {
    "slack": (slack_body, check_slack),
    "teams": (teams_body, check_teams),
    "discord": (discord_body, check_discord),
    "telegram": (lambda message: telegram_body(message, "1"), check_telegram),
    "ntfy": (lambda message: ntfy_body(message, "care"), check_ntfy),
    "pagerduty": (pagerduty_body, check_pagerduty),
    "opsgenie": (lambda message: opsgenie_body(message, "a"), check_opsgenie),
    "zendesk": (lambda message: zendesk_ticket(message, ("care",)), check_zendesk),
    "jira": (document, check_jira),
}


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize("text", LONGEST, ids=["markup", "emoji", "invisible", "hostile"])
def test_a_storm_of_hostile_posts_stays_within_the_bounds(kind: str, text: str) -> None:
    layout, check = LAYOUTS[kind]
    check(layout(alert(text, kind)))


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=300), st.sampled_from(sorted(LAYOUTS)), st.integers(1, 6))
def test_any_post_stays_within_the_bounds(text: str, kind: str, count: int) -> None:
    layout, check = LAYOUTS[kind]
    check(layout(alert(text, kind, count)))
    to_bytes(layout(alert(text, kind, count)))


def test_telegrams_entities_mark_what_they_should() -> None:
    body = telegram_body(alert("\U0001f525 it burns", "telegram", 1), "1")
    marked = {}
    for entity in body["entities"]:
        raw = body["text"].encode("utf-16-le")[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2]
        marked[entity["type"], entity.get("url")] = raw.decode("utf-16-le")
    assert marked["blockquote", None] == "\U0001f525 it burns"
    assert marked["text_link", "https://monitor.example/cases/1"] == "card"
    assert marked["text_link", "https://x.example/mia/status/1"] == "post"


def test_how_urgent_it_is_decides_the_priority() -> None:
    critical, calm = alert("x", "ntfy", 1), alert("x", "ntfy", 1, level=Level.NORMAL)
    assert (ntfy_body(critical, "t")["priority"], ntfy_body(calm, "t")["priority"]) == (5, 3)
    assert pagerduty_body(critical)["payload"]["severity"] == "critical"
    assert pagerduty_body(calm)["payload"]["severity"] == "info"
    assert (opsgenie_body(critical, "a")["priority"], opsgenie_body(calm, "a")["priority"]) == ("P1", "P5")
    assert zendesk_ticket(critical, ())["priority"] == "urgent"


def test_what_is_urgent_without_a_case_is_urgent_there_too() -> None:
    message = Message(
        "spike.opened", "desk", "lumo: spike", "lumo: spike\nmany", None, idempotency_key="k", urgent=True
    )
    assert pagerduty_body(message)["payload"]["severity"] == "error"
    assert opsgenie_body(message, "a")["priority"] == "P2"
    assert ntfy_body(message, "t")["priority"] == 4
    graver = replace(message, payload={"spike": {"level": "critical"}})
    assert pagerduty_body(graver)["payload"]["severity"] == "critical"


def test_a_quote_in_discord_is_never_cut_within_an_escape() -> None:
    body = discord_body(alert("\\" * 4_000, "discord", 1))
    (embed,) = [embed for embed in body["embeds"] if "title" in embed]
    quote = embed["description"].split("\n")[0].removeprefix("> ").rstrip("…")
    assert (len(quote) - len(quote.rstrip("\\"))) % 2 == 0
