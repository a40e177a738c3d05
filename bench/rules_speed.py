"""How fast the rules are, without the model, and what platforms are asked for: `python -m bench.rules_speed`.

Processor time of one core. Folding is measured on texts that are not in its cache.
"""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from os import getloadavg
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.triage_quality import read_stream, settings_for
from connectors.mention import Mention
from models import fold
from models.classifier import Verdict
from monitor.domain import History, Hit
from monitor.rules.compile import compile_for
from monitor.rules.decide import decide
from monitor.rules.folded import fold_mention
from monitor.rules.language import find_language
from monitor.rules.match import Matcher, ParsedWatch
from monitor.rules.query import parse_query
from monitor.rules.rules import compile_rules
from monitor.rules.watch_query import read_watch
from tests.unit.rules.common_word import WATCHES, read_posts
from tests.unit.rules.platform_queries import hackernews_finds, reddit_finds, x_finds

ROOT: Final = Path(__file__).parents[1]
STREAM: Final = ROOT / "bench/streams/held_out.jsonl"
RESULTS: Final = ROOT / "bench/results/rules_speed.md"
ROUNDS: Final = 5
POSTS_A_SECOND: Final = 20_000
DEARER: Final = 2.0
FETCHED: Final = 1.5
SMALL_LOAD: Final = 0.5

QUERIES: Final = (
    '"late parcel" brand{}',
    "#brand{} -job",
    "brand{} NEAR/3 broken",
    "brand{} (shop OR store)",
    "@brand{}",
    "re2:/brand{}-?[0-9]+/i",
    "from:brand{0} OR brand{0}*",
    "=Brand{}",
    "brand{} lang:de",
    "brand{} THEN/4 (refund OR replacement)",
)
_VERDICT: Final = Verdict(sentiment={"negative": 0.5, "neutral": 0.4, "positive": 0.1}, complaint=0.4)
_FINDERS: Final = {"x": x_finds, "reddit": reddit_finds, "hackernews": hackernews_finds}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    value: str
    bound: str = "-"
    kept: bool | None = None


def microseconds(work: Callable[[Mention], object], mentions: Sequence[Mention]) -> float:
    """Return the processor time that a piece of work takes for a mention: the best of some rounds, nothing cached."""
    return min(_one_round(work, mentions) for _ in range(ROUNDS))


def _one_round(work: Callable[[Mention], object], mentions: Sequence[Mention]) -> float:
    fold._fold_cached.cache_clear()  # noqa: SLF001 - every text is folded anew
    started = time.process_time()
    for mention in mentions:
        work(mention)
    return (time.process_time() - started) / len(mentions) * 1e6


def matcher_of(count: int, brand: str) -> Matcher:
    """Return a matcher of so many watches: one that finds most posts of the stream, and others of ten kinds."""
    named = [QUERIES[number % len(QUERIES)].format(number) for number in range(count - 1)]
    return Matcher([ParsedWatch(brand, str(at), parse_query(text)) for at, text in enumerate([brand, *named])])


def measure_speed() -> list[Figure]:
    """Return what each part takes for a post."""
    posts = read_stream(STREAM)
    mentions = [post.mention for post in posts]
    settings = settings_for(posts)
    brand = next(iter(settings.brands))
    rules = compile_rules(settings)
    spent = {count: _matching(matcher_of(count, brand), mentions) for count in (10, 100, 1_000)}
    alone = {count: _matching_folded(matcher_of(count, brand), mentions) for count in (10, 1_000)}

    def decide_one(mention: Mention) -> object:
        hit = Hit(1, brand, ("name",), mention, "stream", mention.posted_at + timedelta(minutes=1))
        return decide(hit, _VERDICT, History(), rules, hit.seen_at)

    rate, ratio = 1e6 / spent[100], alone[1_000] / alone[10]
    return [
        _plain("fold", microseconds(fold_mention, mentions)),
        _plain("fold and match 10 watches", spent[10]),
        _plain("fold and match 100 watches", spent[100]),
        _plain("fold and match 1,000 watches", spent[1_000]),
        Figure(
            "posts/s, 100 watches, one core", f"{rate:,.0f}", f">= {POSTS_A_SECOND:,}", rate >= POSTS_A_SECOND
        ),
        _plain("match 10 watches, folded already", alone[10]),
        _plain("match 1,000 watches, folded already", alone[1_000]),
        Figure("1,000 watches cost, in times of 10, folded already", f"{ratio:.2f}", f"< {DEARER:g}", ratio < DEARER),
        _plain("fold and tell the language", microseconds(lambda one: find_language(fold_mention(one)), mentions)),
        _plain("decide: noise, severity, language, score", microseconds(decide_one, mentions)),
    ]  # fmt: skip


def _matching(matcher: Matcher, mentions: Sequence[Mention]) -> float:
    return microseconds(lambda mention: matcher.match(mention, "stream"), mentions)


def _matching_folded(matcher: Matcher, mentions: Sequence[Mention]) -> float:
    """Return the best time of some rounds for matching posts that are folded, in microseconds a post."""
    folded = [fold_mention(mention, "stream") for mention in mentions]
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for one in folded:
            matcher.match_folded(one, "stream")
        rounds.append((time.process_time() - started) / len(folded) * 1e6)
    return min(rounds)


def _plain(name: str, spent: float) -> Figure:
    return Figure(f"{name}, µs a post", f"{spent:.1f}")


def measure_searches() -> list[Figure]:
    """Return how much more is fetched than kept for a brand whose name is an everyday word, by watch and platform."""
    return [_fetched(name, kind) for name in WATCHES for kind in _FINDERS]


def _fetched(name: str, kind: str) -> Figure:
    query = read_watch(WATCHES[name], {})
    asked = compile_for(kind, [query])
    posts = [post for _, post in read_posts()]
    fetched = sum(any(_FINDERS[kind](one, post) for one in asked) for post in posts)
    kept = sum(query.matches(fold_mention(post)) for post in posts)
    ratio = fetched / kept
    label = f"{name}, {kind}: fetched / kept ({fetched} / {kept}; searches: {len(asked)})"
    return Figure(label, f"{ratio:.2f}", f"<= {FETCHED:g}", ratio <= FETCHED)


def main() -> None:
    """Measure, print the table, write it to bench/results; exit 1 where a bound is broken."""
    load = getloadavg()[0]
    figures = [*measure_speed(), *measure_searches()]
    table = Table("figure", "value", "bound", "", title="Rules")
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.bound, _word(figure))
    console = Console()
    console.print(table)
    RESULTS.write_text(_page(figures, load), "utf-8")
    console.print(f"written to {RESULTS.relative_to(ROOT)}")
    if any(figure.kept is False for figure in figures):
        raise SystemExit(1)


def _word(figure: Figure) -> str:
    return {True: "kept", False: "BROKEN", None: ""}[figure.kept]


def _page(figures: Sequence[Figure], load: float) -> str:
    idle = "idle" if load <= SMALL_LOAD else "**busy with other programs: preliminary figures**"
    rows = "\n".join(f"| {one.name} | {one.value} | {one.bound} | {_word(one)} |" for one in figures)
    return f"""\
# The rules, and what platforms are asked for

Written by `python -m bench.rules_speed` on {datetime.now(UTC):%Y-%m-%d}: one core, {platform.machine()}, Python
{platform.python_version()}. Load average {load:.1f} at the start: {idle}.

| figure | value | bound | |
| --- | ---: | ---: | --- |
{rows}

The speeds are processor time for the posts of the held-out stream, each folded anew; one watch finds most of them, the
others are of {len(QUERIES)} kinds and find none. A post that a thousand watches want costs all of them.

Fetched / kept is counted on invented posts about a brand called Mint (`tests/data/common_word_posts.txt`), with our own
reading of each platform's operators in the platform's place (`tests/unit/rules/platform_queries.py`): it shows what
compiling loses, not how precise a watch is.
"""


if __name__ == "__main__":
    main()
