"""Values for tests: every field has a plain default, so that a test names only what it is about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from connectors.mention import Author, Mention, Metrics
from models.classifier import Verdict
from monitor.domain import Case, Decision, DropRule, Hit, Kind, Level, Reason, Severity, Status
from monitor.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
_IDS = count(1)


def minutes(number: float) -> timedelta:
    """Return a span of minutes."""
    return timedelta(minutes=number)


def make_mention(text: str = "my lumo lamp is broken again", **changes: Any) -> Mention:
    """Return a mention of X by an author of its own."""
    number = next(_IDS)
    metrics = Metrics(**changes.pop("metrics", {}))
    author = Author(changes.pop("author", f"author{number}"), None, changes.pop("followers", None))
    values = {"platform": "x", "native_id": str(number), "posted_at": NOW - minutes(2), **changes}
    return Mention(author=author, text=text, metrics=metrics, **values)


def make_hit(mention: Mention | None = None, **changes: Any) -> Hit:
    """Return a hit of the brand lumo."""
    values = {"id": 1, "brand": "lumo", "watches": ("name",), "source": "x", "seen_at": NOW, **changes}
    return Hit(mention=mention or make_mention(), **values)


def make_verdict(complaint: float = 0.9, **changes: Any) -> Verdict:
    """Return a verdict; negative as far as it is a complaint."""
    sentiment = {"negative": complaint, "neutral": 1 - complaint, "positive": 0.0}
    return Verdict(**{"sentiment": sentiment, "complaint": complaint, "model": "test", **changes})


def make_decision(level: Level = Level.NORMAL, score: float = 50, **changes: Any) -> Decision:
    """Return a decision that makes a complaint of a hit."""
    reasons = (Reason("complaint", score, "complaint 0.90"),)
    return Decision(**{"kind": Kind.COMPLAINT, "level": level, "score": score, "reasons": reasons, **changes})


def make_drop(rule: DropRule = DropRule.NOT_A_COMPLAINT, **changes: Any) -> Decision:
    """Return a decision that drops a hit."""
    return Decision(**{"kind": None, "level": None, "score": 0, "drop": rule, "evidence": "0.10 < 0.50", **changes})


def make_case(status: Status = Status.NEW, level: Level = Level.NORMAL, **changes: Any) -> Case:
    """Return a case that opened now and is due in an hour."""
    values: dict[str, Any] = dict.fromkeys(Case.__dataclass_fields__)
    values |= {"id": 1, "brand": "lumo", "join_key": "k", "kind": Kind.COMPLAINT, "score": 50.0, "hit_id": 1}
    values |= {"opened_at": NOW, "clock_at": NOW, "due_at": NOW + minutes(60), "escalation_step": 0, "version": 1}
    return Case(**{**values, "status": status, "level": level, **changes})


def store_mentions(
    store: SqliteStore, mentions: Sequence[Mention], *, source: str = "x", now: datetime = NOW, brand: str = "lumo"
) -> None:
    """Poll `mentions` into a store, all of them hits of one brand."""
    store.register_sources({source: "replay"})
    claim = store.claim_source([source], now, 60, due=datetime(9999, 1, 1, tzinfo=UTC))
    assert claim is not None
    matched = [(mention, {brand: ("name",)}) for mention in mentions]
    assert store.save_page(claim, matched, (), {}, now, platform="x", returned=len(mentions), skipped=0)
    assert store.finish_poll(claim, now, now)


def store_case(store: SqliteStore, level: Level = Level.HIGH, *, now: datetime = NOW, **mention: Any) -> int:
    """Open a case of its own in a store; returns its id."""
    store_mentions(store, [make_mention(**mention)], now=now)
    (hit, _), *_ = store.claim_hits(now, 60, 10)
    decision = make_decision(level, 70, severity=(Severity.MONEY,))
    assert store.save_decision(hit, decision, make_verdict(), store.history(hit, now, ()), "r1", now)
    return store.open_case(hit, decision, now + minutes(30), now)
