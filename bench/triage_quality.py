"""How good triage is on a labelled stream: `python -m bench.triage_quality STREAM.jsonl`.

Reads replayed mentions with labels, matches, classifies and decides them in order, in memory, with each author's and
thread's history rebuilt from the decisions before, and prints recall and precision. Own voices are taken from the
labels. Texts are never printed.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from connectors.mention import Mention, parse_mention
from models import registry
from models.classifier import Classifier, Verdict
from models.fold import fold
from monitor.config.schema import Brand, Settings, Triage, Watch
from monitor.domain import Decision, DropRule, History, Hit, Kind, Level, Severity
from monitor.rules.decide import decide
from monitor.rules.history import OUTAGE_WINDOW
from monitor.rules.match import Matcher, parse_watches
from monitor.rules.rules import Rules, compile_rules

GRAVE = (Severity.SAFETY, Severity.LEGAL, Severity.PRESS, Severity.FRAUD, Severity.IMPOSTOR)
ROOT = Path(__file__).parents[1]
STREAMS = tuple(ROOT / name for name in (
    "connectors/samples/lumo.jsonl", "bench/streams/held_out.jsonl", "bench/streams/second.jsonl",
    "bench/streams/third.jsonl", "bench/streams/fourth.jsonl",
))  # fmt: skip
QUERIES = {
    "third.jsonl": "tallybank OR tallybankhelp OR emberandvale OR emberandvalecare "
    'OR "ember and vale" OR "ember & vale"',
    "fourth.jsonl": 'bouncewell OR bouncewellhelp OR kestrelvolt OR kestrelvoltcare OR "kestrel volt"',
}
"""Watches of streams whose brand has more names than its own voices show."""
RESULT = ROOT / "bench/results/triage_quality.md"
_OWN = {"own", "own-handle"}
_BATCH = 256
_DELAY = timedelta(minutes=1)


@dataclass(frozen=True)
class Labelled:
    """A mention and what a good system would do with it."""

    mention: Mention
    case: bool | None
    level: Level | None
    severity: frozenset[str]
    rule: str | None
    near_miss: bool

    @property
    def urgent(self) -> bool:
        return self.level is not None and self.level.urgent


@dataclass
class Memory:
    """What decisions so far say about authors, threads and texts."""

    cases: dict[str, tuple[int, Level, Kind]] = field(default_factory=dict)
    complaints: Counter[str] = field(default_factory=Counter)
    texts: dict[str, int] = field(default_factory=dict)
    originals: dict[str, int] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    outages: list[tuple[datetime, str]] = field(default_factory=list)
    next_case: int = 1

    def history(self, hit: Hit) -> History:
        mention = hit.mention
        number, level, kind = self.cases.get(hit.join_key, (None, None, None))
        copy_of = self.originals.get(mention.repost_of or "") or self.texts.get(fold(mention.text).text)
        return History(
            open_case=number,
            open_level=level,
            open_kind=kind,
            complaints_30d=self.complaints[mention.author.handle.casefold()],
            copies=int(copy_of is not None),
            copy_of=copy_of,
            own_reply_before=bool(mention.thread_id and mention.thread_id in self.answered),
            outages=sum(
                mention.posted_at - OUTAGE_WINDOW < posted and author != mention.author.handle
                for posted, author in self.outages[-50:]
            ),
        )

    def learn(self, hit: Hit, decision: Decision) -> None:
        mention = hit.mention
        if decision.drop is DropRule.OWN_HANDLE and mention.thread_id:
            self.answered.add(mention.thread_id)
        if Severity.OUTAGE in decision.severity:
            self.outages.append((mention.posted_at, mention.author.handle))
        if not decision.is_case or decision.level is None or decision.kind is None:
            return
        number, level, _ = self.cases.get(hit.join_key, (self.next_case, decision.level, decision.kind))
        self.next_case += number == self.next_case
        worst = min(level, decision.level, key=lambda one: one.rank)
        self.cases[hit.join_key] = (number, worst, decision.kind)
        self.texts.setdefault(fold(mention.text).text, number)
        self.originals.setdefault(mention.native_id, number)
        self.complaints[mention.author.handle.casefold()] += decision.kind is Kind.COMPLAINT


@dataclass(frozen=True)
class Judged:
    """A labelled mention with its decision; None where no watch matched."""

    post: Labelled
    decision: Decision | None

    @property
    def urgent(self) -> bool:
        return self.decision is not None and self.decision.level is not None and self.decision.level.urgent

    @property
    def is_case(self) -> bool:
        return self.decision is not None and self.decision.is_case


def read_stream(path: Path) -> list[Labelled]:
    """Read the labelled mentions of a file in the order of their times; other lines are edits or deletions."""
    posts = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            label = record.get("label")
            if label and "author" in record:
                posts.append(_labelled(parse_mention(record), label))
    return sorted(posts, key=lambda post: post.mention.posted_at)


def _labelled(mention: Mention, label: dict[str, Any]) -> Labelled:
    return Labelled(
        mention=mention,
        case=label.get("case"),
        level=Level(label["level"]) if label.get("level") else None,
        severity=frozenset(label.get("severity") or ()),
        rule=label.get("rule") or label.get("kind"),
        near_miss=bool(label.get("near_miss")),
    )


def settings_for(posts: Sequence[Labelled], query: str | None = None, triage: Triage | None = None) -> Settings:
    """Return a config whose brand has the own voices that the labels name."""
    handles: dict[str, set[str]] = defaultdict(set)
    for post in posts:
        if post.rule in _OWN:
            handles[post.mention.platform].add(post.mention.author.handle)
    voices = sorted({handle for names in handles.values() for handle in names}, key=len)
    name = voices[0] if voices else "brand"
    brand = Brand(
        handles={platform: tuple(sorted(names)) for platform, names in handles.items()},
        watches=(Watch(name="name", query=query or " OR ".join(dict.fromkeys((name, *voices)))),),
    )
    return Settings(brands={name: brand}, triage=triage or Triage())


def judge(posts: Sequence[Labelled], settings: Settings, classifier: Classifier) -> list[Judged]:
    """Match, classify and decide all posts in order."""
    rules, matcher = compile_rules(settings), Matcher(parse_watches(settings.brands))
    memory = Memory()
    judged: list[Judged] = []
    for start in range(0, len(posts), _BATCH):
        batch = posts[start : start + _BATCH]
        verdicts = classifier.classify([post.mention.text for post in batch])
        for number, (post, verdict) in enumerate(zip(batch, verdicts, strict=True), start):
            judged.append(Judged(post, _decide(number, post.mention, verdict, matcher, memory, rules)))
    return judged


def _decide(
    number: int, mention: Mention, verdict: Verdict, matcher: Matcher, memory: Memory, rules: Rules
) -> Decision | None:
    matched = matcher.match(mention, "stream")
    if not matched:
        return None
    brand, watches = matched[0]
    hit = Hit(number, brand, watches, mention, "stream", mention.posted_at + _DELAY)
    decision = decide(hit, verdict, memory.history(hit), rules, hit.seen_at)
    memory.learn(hit, decision)
    return decision


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    hits: int
    of: int

    @property
    def percent(self) -> float | None:
        return round(100 * self.hits / self.of, 1) if self.of else None

    def __str__(self) -> str:
        return f"{self.percent}% ({self.hits}/{self.of})" if self.of else "none in the stream"


@dataclass(frozen=True)
class Quality:
    """The figures of one stream. A repost of a case counts with the case; posts that no watch matched count nowhere."""

    posts: int
    matched: int
    class_recall: dict[str, Share]
    class_urgent: dict[str, Share]
    urgent_recall: Share
    urgent_precision: Share
    false_critical_per_1000: float
    false_urgent_by: dict[str, int]
    case_recall: Share
    case_precision: Share
    near_miss_urgent: Share
    noise_recall: dict[str, Share]
    doubtful_lane: int


def measure(judged: Sequence[Judged]) -> Quality:
    """Return the figures of a judged stream."""
    seen = [one for one in judged if one.decision is not None]
    cases = [one for one in seen if one.post.case is not None]
    expected = [one for one in seen if one.post.urgent]
    called = [one for one in seen if one.urgent and one.post.case is not None]
    false_critical = sum(_is_critical(one) and one.post.level is not Level.CRITICAL for one in seen)
    noise = sorted({one.post.rule for one in seen if one.post.rule in set(DropRule)} - {None})
    return Quality(
        posts=len(judged),
        matched=len(seen),
        class_recall={name.value: _share(_of(seen, name), lambda one, name=name: _found(one, name)) for name in GRAVE},
        class_urgent={name.value: _share(_of(seen, name), lambda one: one.urgent) for name in GRAVE},
        urgent_recall=_share(expected, lambda one: one.urgent),
        urgent_precision=_share(called, lambda one: one.post.urgent),
        false_critical_per_1000=round(1000 * false_critical / max(1, len(judged)), 2),
        false_urgent_by=dict(Counter(_cause(one) for one in called if not one.post.urgent)),
        case_recall=_share([one for one in cases if one.post.case], lambda one: one.is_case),
        case_precision=_share([one for one in cases if one.is_case], lambda one: bool(one.post.case)),
        near_miss_urgent=_share([one for one in seen if one.post.near_miss], lambda one: one.urgent),
        noise_recall={
            str(rule): _share([one for one in seen if one.post.rule == rule], lambda one: not one.is_case)
            for rule in noise
        },
        doubtful_lane=sum(one.decision is not None and one.decision.lane is not None for one in seen),
    )


def _of(judged: Iterable[Judged], name: Severity) -> list[Judged]:
    return [one for one in judged if name in one.post.severity and one.post.urgent]


def _found(one: Judged, name: Severity) -> bool:
    return one.decision is not None and name in one.decision.severity and one.is_case


def _is_critical(one: Judged) -> bool:
    return one.decision is not None and one.decision.level is Level.CRITICAL


def _cause(one: Judged) -> str:
    """Return what made a post urgent, for counting mistakes by kind."""
    if one.decision is None:
        return ""
    heavy = [reason for reason in one.decision.reasons if reason.name in {*map(str, Severity), "velocity", "reach"}]
    return max(heavy, key=lambda reason: reason.points).name if heavy else "sum of factors"


def _share(posts: Sequence[Judged], test: Callable[[Judged], bool]) -> Share:
    return Share(sum(map(test, posts)), len(posts))


def load_classifier(name: str | None) -> tuple[str, Classifier]:
    """Return the model of that name, else the default one, else the lexicon where the default has no weights."""
    if name:
        return name, registry.load_classifier(name)
    loaded = registry.load_or_fall_back()
    return "lexicon" if loaded.problem else registry.DEFAULT_MODEL, loaded.classifier


def report(quality: Quality, title: str) -> Table:
    """Return the figures as a table."""
    table = Table("figure", "value", title=title)
    for name in map(str, GRAVE):
        table.add_row(f"{name}: urgent", str(quality.class_urgent[name]))
        table.add_row(f"{name}: class named", str(quality.class_recall[name]))
    table.add_row("urgent recall", str(quality.urgent_recall))
    table.add_row("urgent precision", str(quality.urgent_precision))
    table.add_row("false critical per 1,000 mentions", str(quality.false_critical_per_1000))
    table.add_row("urgent by mistake, by cause", ", ".join(f"{k} {v}" for k, v in quality.false_urgent_by.items()))
    table.add_row("near-misses called urgent", str(quality.near_miss_urgent))
    table.add_row("case recall", str(quality.case_recall))
    table.add_row("case precision", str(quality.case_precision))
    for rule, share in quality.noise_recall.items():
        table.add_row(f"{rule}: dropped", str(share))
    table.add_row("matched", f"{quality.matched} of {quality.posts}, {quality.doubtful_lane} in unserved languages")
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of a stream; without one, of all streams, and write them to bench/results/."""
    parser = argparse.ArgumentParser(description="Measure triage on labelled streams.")
    parser.add_argument("stream", type=Path, nargs="?", help="default: the streams of the repository")
    parser.add_argument("--model", help="complaint-minilm, lexicon or hub:…; default: the shipped one")
    parser.add_argument("--query", help="the watch; default: all own voices")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    name, classifier = load_classifier(options.model)
    found = {}
    for stream in [options.stream] if options.stream else STREAMS:
        posts = read_stream(stream)
        found[stream.name] = measure(
            judge(posts, settings_for(posts, options.query or QUERIES.get(stream.name)), classifier)
        )
    if options.json:
        print(json.dumps([asdict(quality) | {"stream": stream, "model": name} for stream, quality in found.items()]))
        return
    for stream, quality in found.items():
        Console().print(report(quality, f"{stream}, model {name}"))
    if not options.stream:
        RESULT.write_text(_markdown(found, name), "utf-8")


def _markdown(found: dict[str, Quality], model: str) -> str:
    tables = {stream: report(quality, stream) for stream, quality in found.items()}
    names = [str(cell) for cell in next(iter(tables.values())).columns[0].cells]
    values = {stream: dict(zip(map(str, table.columns[0].cells), map(str, table.columns[1].cells), strict=True))
              for stream, table in tables.items()}  # fmt: skip
    intro = (
        f"Written by `python -m bench.triage_quality`, model `{model}`. `lumo.jsonl` is the demo, on which rules were "
        "developed; of the others nobody who wrote rules read a text, but thresholds were chosen on the figures of the "
        "first two. `third.jsonl` was measured when all was chosen; later its figures helped to choose a network. "
        "`fourth.jsonl` was written blind by somebody who had seen neither rules nor model; no threshold was chosen on "
        "it, but its figures were looked at when one of two ears was. Its 277 posts are urgent by more than half: they "
        "tell of recall, not of precision or alarms in a thousand mentions, and many that a rule calls critical are "
        "labelled high. "
        "A false critical is a post shown as critical that its label calls anything else, high included."
    )
    rows = [f"| {name} | " + " | ".join(column.get(name, "-") for column in values.values()) + " |" for name in names]
    heading = "| figure | " + " | ".join(values) + " |"
    lines = ["# Triage on labelled streams", "", intro, "", heading, "|---" * (len(values) + 1) + "|", *rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
