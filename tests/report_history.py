"""A history of months in a store, for reports: seeded, the same each time, with all that can happen to a case.

Rows are written as the steps and the desk write them, one change after another, so that the triggers see what they see
in life: a case opens, is told, claimed, released, answered, complained about again, resolved or dismissed.
"""

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Any, Final

from monitor.domain import DropRule
from monitor.rules.recall import Stratum
from monitor.store.connection import ms
from monitor.store.sqlite import SqliteStore

ZONE: Final = "Europe/Berlin"
OCTOBER: Final = datetime(2026, 9, 30, 22, tzinfo=UTC)
NOVEMBER: Final = datetime(2026, 10, 31, 23, tzinfo=UTC)
DECEMBER: Final = datetime(2026, 11, 30, 23, tzinfo=UTC)
NOW: Final = datetime(2026, 12, 3, 9, tzinfo=UTC)
MENTIONS: Final = 50_000

BRANDS: Final = ("lumo", "nova")
PLATFORMS: Final = ("x", "x", "x", "reddit", "mastodon", "rss")
LANGUAGES: Final = ("en", "en", "en-GB", "de", "fr", None)
LEVELS: Final = ("critical", "high", "normal", "normal", "low", "low")
CAUSES: Final = ("delivery", "billing", "outage", "outage", "staff", None)
PROMISE_MIN: Final = {"critical": 5, "high": 30, "normal": 240, "low": 1440}
_MIN, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000
_REASONS: Final = json.dumps([{"name": "complaint", "points": 50.0, "evidence": "complaint 0.93"}])
_BODY: Final = json.dumps({"score": 50.0, "reasons": [], "evidence": ""})
_VERDICT: Final = json.dumps({"sentiment": {"negative": 0.2, "neutral": 0.5, "positive": 0.3}, "complaint": 0.2})
_CASE: Final = ("status", "claimed_by", "claimed_at", "replied_at", "replied_by", "answered_at", "answer_seen",
                "closed_at", "mood")  # fmt: skip
_UPDATE: Final = (
    f"UPDATE cases SET {', '.join(f'{name} = :{name}' for name in _CASE)}, version = version + 1 WHERE id = :id"
)
_AUDIT: Final = "INSERT INTO audit (case_id, at, who, action, detail) VALUES (?, ?, ?, ?, ?)"

Move = tuple[int, str, str, dict[str, Any], dict[str, Any]]
"""When, who, which action of the trail with what detail, and the columns of the case that it changes."""


@dataclass
class Written:
    """What was written that no table tells any more: posts that a source returned on a day."""

    returned: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass
class _Numbers:
    mention: int = 0
    hit: int = 0
    case: int = 0
    message: int = 0


def fill(
    store: SqliteStore,
    *,
    mentions: int = MENTIONS,
    before: int = MENTIONS // 5,
    seed: int = 7,
    now: datetime = NOW,
    case_share: float = 0.12,
) -> Written:
    """Write `before` mentions of October and `mentions` of November; the whole of it in one transaction."""
    history = _History(store, random.Random(seed), ms(now), case_share)
    with store.write():
        history.frame()
        history.month(OCTOBER, NOVEMBER, before)
        history.month(NOVEMBER, DECEMBER, mentions)
        history.sample(OCTOBER, DECEMBER)
    return history.written


class _History:
    def __init__(self, store: SqliteStore, chance: random.Random, now: int, case_share: float) -> None:
        self.raw: sqlite3.Connection = store.connection._raw
        self.chance = chance
        self.now = now
        self.case_share = case_share
        self.numbers = _Numbers()
        self.states: dict[int, dict[str, Any]] = {}
        self.heap: list[tuple[int, int, int, tuple[Move, Iterator[Move]] | None]] = []
        self.written = Written()

    def frame(self) -> None:
        """Sources with a ledger that has gaps, and incidents."""
        first = ms(OCTOBER) - 40 * _DAY
        for name in ("x", "reddit", "late"):
            begun = ms(NOVEMBER) + 9 * _DAY if name == "late" else first
            self.raw.execute(
                "INSERT INTO sources (name, kind, state, first_poll_at, polled_at, ok_at, due_at) "
                "VALUES (?, 'x', 'ok', ?, ?, ?, ?)", (name, begun, self.now, self.now, self.now + _MIN),
            )  # fmt: skip
        self.raw.execute("INSERT INTO sources (name, kind) VALUES ('never', 'rss')")
        for number in range(1, 4):
            self.raw.execute(
                "INSERT INTO incidents (id, brand, model, state, total, first_at, last_at, opened_at) "
                "VALUES (?, ?, 'm', 'over', x'', ?, ?, ?)", (number, BRANDS[number % 2], first, first, first),
            )  # fmt: skip
        for source, state, start, hours in (
            ("x", "blind", 3.0, 5.0), ("x", "gap", 3.1, 8.0), ("x", "blind", -2.0, 6.0), ("reddit", "gap", 29.9, 12.0),
            ("x", "covered", 0.0, 700.0), ("late", "blind", 9.5, 2.0),
        ):  # fmt: skip
            since = ms(NOVEMBER) + int(start * _DAY)
            row = (source, state, since, since + int(hours * _HOUR), "made up")
            self.raw.execute("INSERT INTO coverage (source, state, since, until, reason) VALUES (?, ?, ?, ?, ?)", row)

    def month(self, since: datetime, until: datetime, mentions: int) -> None:
        """Write the posts of a month in the order of their writing, and what came of them."""
        start, length = ms(since), ms(until) - ms(since)
        for number in range(mentions):
            posted = start + int(length * (number + self.chance.random()) / mentions)
            for case, opened, level in self._post(posted):
                self._begin(case, opened, level)
        self._happen()
        self._return(since, until)

    def _post(self, posted: int) -> Iterator[tuple[int, int, str]]:
        """Write a mention, its hits and decisions; returns (case, decided, level) of the cases that it opens."""
        chance, numbers = self.chance, self.numbers
        numbers.mention += 1
        seen = posted + self._delay()
        author = "" if chance.random() < 0.02 else f"a{int(chance.random() ** 3 * 9_000)}"
        platform, lang = chance.choice(PLATFORMS), chance.choice(LANGUAGES)
        self.raw.execute(
            "INSERT INTO mentions (id, platform, native_id, source, author, author_handle, text, posted_at, seen_at, "
            "lang, matched) VALUES (?, ?, ?, 'x', ?, ?, 'my lumo lamp flickers', ?, ?, ?, 1)",
            (numbers.mention, platform, str(numbers.mention), author, author, posted, seen, lang),
        )
        brands = BRANDS if chance.random() < 0.03 else (BRANDS[chance.random() < 0.35],)
        for brand in brands:
            found = self._hit(brand, seen, posted)
            if found is not None:
                yield found

    def _delay(self) -> int:
        kind = self.chance.random()
        if kind < 0.01:
            return -30_000
        return int(self.chance.expovariate(1 / (6 * _HOUR if kind < 0.05 else 70_000)))

    def _hit(self, brand: str, seen: int, posted: int) -> tuple[int, int, str] | None:
        chance, numbers = self.chance, self.numbers
        numbers.hit += 1
        wanted = seen + (chance.choice((1, 2)) * _HOUR if chance.random() < 0.005 else 0)
        decided = wanted + int(chance.expovariate(1 / (_HOUR if chance.random() < 0.03 else 4_000)))
        waits = chance.random() < 0.003
        state = chance.choice(("new", "doing", "parked")) if waits else "decided"
        self.raw.execute(
            "INSERT INTO hits (id, brand, mention_id, watches, source, seen_at, backfilled, state) "
            "VALUES (?, ?, ?, '[\"name\"]', 'x', ?, ?, ?)",
            (numbers.hit, brand, numbers.mention, wanted, int(chance.random() < 0.01), state),
        )
        if waits:
            return None
        kind = chance.choices(("complaint", "question", "praise", "other"), (75, 15, 6, 4))[0]
        draw = chance.random()
        rule = None if draw < self.case_share else DropRule.SPAM if draw > 0.97 else DropRule.NOT_A_COMPLAINT
        self._decide(rule, kind, decided)
        if rule is not None:
            return None
        if numbers.case and chance.random() < 0.05:
            self._join(numbers.case, "further")
            return None
        return self._open(brand, kind, posted, decided)

    def _decide(self, rule: DropRule | None, kind: str, decided: int) -> None:
        self.raw.execute(
            "INSERT OR REPLACE INTO decisions (hit_id, drop_rule, kind, level, score, body, verdict, history, rules, "
            "mention_version, decided_at) VALUES (?, ?, ?, 'low', 50, ?, ?, '{}', 'r', 1, ?)",
            (self.numbers.hit, rule, kind if rule is None else None, _BODY, _VERDICT, decided),
        )

    def _open(self, brand: str, kind: str, posted: int, decided: int) -> tuple[int, int, str]:
        chance, numbers = self.chance, self.numbers
        numbers.case += 1
        level = chance.choice(LEVELS)
        due = posted + PROMISE_MIN[level] * _MIN
        incident = chance.choice((1, 2, 3)) if chance.random() < 0.08 else None
        cause = chance.choice(CAUSES) if kind == "complaint" else None
        if cause == "billing" and posted > ms(NOVEMBER) + 10 * _DAY and chance.random() < 0.97:
            cause = "staff"
        self.raw.execute(
            "INSERT INTO cases (id, brand, join_key, kind, status, level, score, reasons, severity, hit_id, opened_at, "
            "clock_at, due_at, first_due_at, first_clock_at, cause, incident_id) "
            "VALUES (?, ?, ?, ?, 'new', ?, 50, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (numbers.case, brand, f"k{numbers.case}", kind, level, _REASONS,
             '["churn"]' if chance.random() < 0.05 else "[]", numbers.hit, decided, posted, due, due, posted, cause,
             incident),
        )  # fmt: skip
        self._join(numbers.case, "first")
        if incident is not None:
            self.raw.execute(
                "INSERT INTO incident_cases (case_id, incident_id, at, who) VALUES (?, ?, ?, 'monitor')",
                (numbers.case, incident, posted),
            )
        self.raw.execute(_AUDIT, (numbers.case, decided, "monitor", "opened", json.dumps({"level": level})))
        return numbers.case, decided, level

    def _join(self, case: int, role: str) -> None:
        self.raw.execute("INSERT INTO case_posts (hit_id, case_id, role) VALUES (?, ?, ?)",
                         (self.numbers.hit, case, role))  # fmt: skip
        self.raw.execute("UPDATE decisions SET case_id = ? WHERE hit_id = ?", (case, self.numbers.hit))

    def _begin(self, case: int, opened: int, level: str) -> None:
        """Have what people, the customer and the steps do with a case happen in its time."""
        if level in {"critical", "high"} and self.chance.random() < 0.9:
            heappush(self.heap, (opened + int(self.chance.expovariate(1 / 40_000)), case, 0, None))
        self.states[case] = {**dict.fromkeys(_CASE), "status": "new", "id": case}
        self._next(case, self._moves(opened, level))

    def _next(self, case: int, moves: Iterator[Move]) -> None:
        found = next(moves, None)
        if found is None or found[0] > self.now:
            self.states.pop(case)
        else:
            heappush(self.heap, (found[0], case, 1, (found, moves)))

    def _happen(self) -> None:
        """Write what happens to all cases in the order of its time."""
        while self.heap:
            at, case, _, rest = heappop(self.heap)
            if rest is None:
                self._tell(case, at)
            else:
                self._move(case, rest[0])
                self._next(case, rest[1])

    def _move(self, case: int, move: Move) -> None:
        at, who, action, detail, changes = move
        state = self.states[case]
        first = {} if state["replied_at"] or "replied_at" not in changes else {"replied_by": who}
        kept = {"replied_at": state["replied_at"]} if state["replied_at"] else {}
        state |= {**changes, **first, **kept}
        self.raw.execute(_UPDATE, state)
        self.raw.execute(_AUDIT, (case, at, who, action, json.dumps(detail)))

    def _tell(self, case: int, at: int) -> None:
        if at > self.now:
            return
        self.numbers.message += 1
        number = self.numbers.message
        (incident,) = self.raw.execute("SELECT incident_id FROM cases WHERE id = ?", (case,)).fetchone()
        subject = f"incident:{incident}" if incident and self.chance.random() < 0.02 else None
        self.raw.execute(
            "INSERT INTO outbox (id, receiver, group_key, event, state, urgent, opened_at, due_at, subject) "
            "VALUES (?, 'desk', ?, 'case.opened', 'sealed', 1, ?, ?, ?)", (number, str(number), at, at, subject),
        )  # fmt: skip
        if subject is None:
            self.raw.execute("INSERT INTO outbox_cases (outbox_id, case_id, level) VALUES (?, ?, 'high')",
                             (number, case))  # fmt: skip
            if self.chance.random() < 0.1:
                self.raw.execute("UPDATE outbox SET state = 'dead' WHERE id = ?", (number,))
                return
        self.raw.execute("UPDATE outbox SET state = 'sent', sent_at = ? WHERE id = ?", (at, number))

    def _moves(self, opened: int, level: str) -> Iterator[Move]:
        """Return (at, who, action, detail, changed columns) in time order."""
        chance = self.chance
        wait = int(chance.expovariate(1 / (PROMISE_MIN[level] * _MIN * 0.5)))
        at, who, fate = opened + wait, chance.choice(("ana", "ben")), chance.random()
        if fate < 0.06:
            return
        if fate < 0.14:
            yield at, who, "dismiss", {"reason": "spam"}, {"status": "dismissed", "closed_at": at}
            if chance.random() < 0.1:
                yield at + _HOUR, who, "reopen", {}, {"status": "new", "closed_at": None}
            return
        if fate < 0.20:
            yield at, who, "resolve", {}, {"status": "resolved", "closed_at": at}
            return
        claimed = chance.random() < 0.8
        if claimed:
            yield at, who, "claim", {}, {"status": "claimed", "claimed_by": who, "claimed_at": at}
            if chance.random() < 0.15:
                at += int(chance.expovariate(1 / (20 * _MIN)))
                free = {"status": "new", "claimed_by": None, "claimed_at": None}
                yield at, "monitor", chance.choice(("claim-released", "release")), {}, free
                at += int(chance.expovariate(1 / (30 * _MIN)))
                yield at, "cay", "assign", {"to": who}, {"status": "claimed", "claimed_by": who, "claimed_at": at}
        at += int(chance.expovariate(1 / (15 * _MIN)))
        yield from self._answer(at, who, claimed)

    def _answer(self, at: int, who: str, claimed: bool) -> Iterator[Move]:
        chance, manner = self.chance, self.chance.random()
        if manner < 0.1:
            held = {"status": "claimed", "claimed_by": who, "claimed_at": at, "replied_at": at, "answered_at": at}
            yield at, who, "hold", {}, held
            at += int(chance.expovariate(1 / (2 * _HOUR)))
        if manner > 0.75:
            written = at - int(chance.random() * 2 * _MIN) if manner < 0.95 else at
            seen = {"status": "replied", "replied_at": written, "answered_at": written, "answer_seen": "n1"}
            yield at, "monitor", "answer-seen", {"posted_at": _iso(written)}, seen
        else:
            yield at, who, "reply", {}, {
                "status": "replied", "claimed_by": who, "claimed_at": at, "replied_at": at, "answered_at": at,
                "answer_seen": None,
            }  # fmt: skip
        yield from self._afterwards(at, who)

    def _afterwards(self, at: int, who: str) -> Iterator[Move]:
        chance, then = self.chance, self.chance.random()
        if then < 0.35:
            mood = chance.choice(("calmer", "calmer", "same", "angrier", None))
            at += int(chance.expovariate(1 / _DAY))
            detail = {"mood": mood or "unknown", "after": round(chance.random(), 2)}
            yield at, "monitor", "customer-answered", detail, {"mood": mood}
        if then < 0.12:
            at += int(chance.expovariate(1 / (5 * _MIN)))
            yield at, "monitor", "reopened", {"post": "x:1"}, {"status": chance.choice(("new", "claimed"))}
            at += int(chance.expovariate(1 / (3 * _HOUR)))
            again = {"status": "replied", "claimed_by": who, "claimed_at": at, "answered_at": at, "replied_at": at}
            yield at, who, "reply", {}, again
        elif then > 0.9:
            at += int(chance.random() * 40 * _MIN)
            yield at, who, "reply", {}, {"answered_at": at, "claimed_at": at, "replied_at": at}
        if chance.random() < 0.7:
            at += 3 * _DAY
            yield at, "monitor", "presumed-resolved", {}, {"status": "resolved", "closed_at": at}
            if chance.random() < 0.05:
                yield at + _HOUR, who, "reopen", {}, {
                    "status": "new", "closed_at": None, "claimed_by": None, "claimed_at": None
                }  # fmt: skip

    def _return(self, since: datetime, until: datetime) -> None:
        """Count what a source returned, day by day, as polls do."""
        day = since
        while day < until:
            for name in ("x", "reddit"):
                number, date = self.chance.randrange(50, 500), (day + timedelta(hours=12)).date().isoformat()
                self.raw.execute("UPDATE sources SET returned = returned + ?, day = ? WHERE name = ?",
                                 (number, date, name))  # fmt: skip
                self.written.returned[name, date] = self.written.returned.get((name, date), 0) + number
            day += timedelta(days=1)

    def sample(self, since: datetime, until: datetime) -> None:
        """Draw some drops of each day, most of them answered."""
        strata, day, number = list(Stratum), since, 0
        while day < until:
            number += 1
            end = day + timedelta(days=1)
            row = (number, day.date().isoformat(), ms(day), ms(end), ms(end) + _HOUR)
            self.raw.execute(
                "INSERT INTO recall_draws (id, local_date, since, until, drawn_at) VALUES (?, ?, ?, ?, ?)", row
            )
            for brand in BRANDS:
                self._draw(number, brand, strata)
            day = end

    def _draw(self, number: int, brand: str, strata: Sequence[Stratum]) -> None:
        for stratum in strata:
            drops = self.chance.randrange(40, 400)
            self.raw.execute("INSERT INTO recall_frame VALUES (?, ?, ?, ?)", (number, brand, stratum, drops))
            for _ in range(2):
                answer = self.chance.choices(("no", "yes", "skip", None), (80, 4, 4, 12))[0]
                self.raw.execute(
                    "INSERT INTO recall_sample (draw_id, brand, source, drop_rule, stratum, probability, answer) "
                    "VALUES (?, ?, 'x', 'not-a-complaint', ?, ?, ?)", (number, brand, stratum, 2 / drops, answer),
                )  # fmt: skip


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
