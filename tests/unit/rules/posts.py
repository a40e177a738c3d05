"""Posts, hits and verdicts for the tests of the rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.mention import Author, Mention, Metrics
from models.classifier import Verdict
from monitor.config.schema import Brand, Settings, Triage, Watch
from monitor.domain import Decision, History, Hit
from monitor.rules.decide import decide
from monitor.rules.rules import Rules, compile_rules

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ANGRY = Verdict(
    sentiment={"negative": 0.9, "neutral": 0.08, "positive": 0.02},
    complaint=0.9,
    emotion={"anger": 0.8, "joy": 0.0, "optimism": 0.0, "sadness": 0.2},
)
CALM = Verdict(sentiment={"negative": 0.1, "neutral": 0.7, "positive": 0.2}, complaint=0.1)
HAPPY = Verdict(sentiment={"negative": 0.02, "neutral": 0.08, "positive": 0.9}, complaint=0.02)
LUMO = Brand(
    handles={"x": ("lumo", "lumohelp"), "reddit": ("lumo_official",)},
    watches=(Watch(name="name", query="lumo"),),
    vips=("@star",),
    blocked_authors=("troll",),
    muted_threads=("t9",),
)


def rules_with(brand: Brand = LUMO, **triage: Any) -> Rules:
    return compile_rules(Settings(brands={"lumo": brand}, triage=Triage(**triage)))


RULES = rules_with()
NOTHING_BEFORE = History()


def make_post(text: str, author: str = "jo", platform: str = "x", **changes: Any) -> Mention:
    followers = changes.pop("followers", 120)
    metrics = changes.pop("metrics", Metrics(likes=0))
    posted_at = changes.pop("posted_at", NOW)
    return Mention(platform, "1", Author(author, followers=followers), text, posted_at, metrics=metrics, **changes)


def make_hit(text: str, author: str = "jo", **changes: Any) -> Hit:
    seen_at = changes.pop("seen_at", NOW + timedelta(minutes=1))
    return Hit(1, "lumo", ("name",), make_post(text, author, **changes), "x", seen_at)


def judge(
    text: str, verdict: Verdict = CALM, history: History = NOTHING_BEFORE, rules: Rules = RULES, **changes: Any
) -> Decision:
    hit = make_hit(text, changes.pop("author", "jo"), **changes)
    return decide(hit, verdict, history, rules, hit.seen_at)
