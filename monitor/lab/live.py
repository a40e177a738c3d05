"""A live sample: what the platforms bring now for terms of a new config that were never fetched.

Nothing is stored and no cursor moves: each search is asked for one page, newest first, and what comes goes through the
new config with an empty history, as if every post had been read the moment it was written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connectors.connector import Request
from connectors.errors import ConnectorError
from connectors.mention import Mention
from models.classifier import Verdict
from monitor.config.schema import Settings
from monitor.domain import Decision, History, Hit, Level
from monitor.lab.compare import CaseLine
from monitor.lab.side import Side
from monitor.lab.unheard import Unheard
from monitor.rules.compile import CompileError, compile_for
from monitor.rules.decide import decide
from monitor.rules.relevance import relevance_of
from monitor.service.log import log
from monitor.steps.services import Source

MOST_SEARCHES = 10
"""Searches a source that are made; what is left out is told."""

SHOWN_WORST = 5

_FILES = frozenset({"csv", "replay"})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source will be asked for: `each` posts for each query; `left_out` counts the searches beyond the bound.

    `price` is US dollars a post, None where reading is free, and nobody knows it where `opened` is False.
    `problem` says why a source is not asked at all.
    """

    source: str
    queries: tuple[str, ...] = ()
    left_out: int = 0
    each: int = 0
    price: float | None = None
    problem: str = ""
    opened: bool = True

    @property
    def most_posts(self) -> int:
        """The most posts that the platform can bill."""
        return self.each * len(self.queries)

    @property
    def most_usd(self) -> float:
        """The most that it can cost, in US dollars."""
        return self.most_posts * (self.price or 0.0)

    def words(self) -> str:
        """Say in one line what is asked and what it costs at most."""
        if self.problem:
            return f"{self.source}: not asked{'' if self.opened else ', price unknown'}: {self.problem}"
        made, every = len(self.queries), len(self.queries) + self.left_out
        searches = f"{made:,} of {every:,} searches" if self.left_out else f"{made:,} search{'es' * (made > 1)}"
        cost = "free" if self.price is None else f"at most ${self.most_usd:,.2f}, ${self.price:g} a post"
        return f"{self.source}: {searches}, at most {self.most_posts:,} posts, {cost}"


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a source brought. `kept` posts are wanted by a watch of the new config; each is at most one case a brand.

    `posts_a_day` is what the searches bring, from the time between the posts of the sample: None where none of them
    brought two; `partial` says that some did not, or were not made, so that it is more. `spent` is in US dollars.
    """

    source: str
    fetched: int = 0
    kept: int = 0
    levels: Mapping[Level, int] = field(default_factory=dict)
    worst: tuple[CaseLine, ...] = ()
    posts_a_day: float | None = None
    partial: bool = False
    spent: float = 0.0
    free: bool = False
    problem: str = ""

    @property
    def cases(self) -> int:
        """Would-be cases of all levels."""
        return sum(self.levels.values())

    def to_json(self) -> dict[str, Any]:
        """Return the sample for machines; what is not known is null."""
        return {
            "source": self.source,
            "fetched": self.fetched,
            "kept": self.kept,
            "cases": {level.value: self.levels.get(level, 0) for level in Level},
            "worst": [line.to_json() for line in self.worst],
            "posts_a_day": None if self.posts_a_day is None else round(self.posts_a_day, 1),
            "posts_a_day_is_least": self.partial,
            "spent_usd": round(self.spent, 4),
            "problem": self.problem or None,
        }


def plan_sample(
    unheard: Iterable[Unheard],
    settings: Settings,
    sources: Mapping[str, Source],
    broken: Mapping[str, str],
    posts: int,
) -> tuple[Asked, ...]:
    """Return what each source is asked for, for the terms that were never fetched; `posts` bounds it for each source.

    `broken` are the reasons of sources that cannot be opened. No I/O.
    """
    wanted: dict[str, list[Unheard]] = {}
    for entry in unheard:
        if entry.since is None:
            wanted.setdefault(entry.source, []).append(entry)
    return tuple(_plan(name, terms, settings, sources.get(name), broken, posts) for name, terms in wanted.items())


def _plan(
    name: str,
    terms: Sequence[Unheard],
    settings: Settings,
    source: Source | None,
    broken: Mapping[str, str],
    posts: int,
) -> Asked:
    if source is None:
        return Asked(name, problem=broken.get(name, "the source is switched off"), opened=False)
    if source.options.kind in _FILES:
        return Asked(name, problem="it reads a file, which brings all it has by itself")
    try:
        queries = _queries(name, terms, settings, source)
    except (CompileError, ConnectorError) as error:
        return Asked(name, problem=str(error))
    traits = source.connector.traits
    made = queries[: max(1, min(MOST_SEARCHES, posts // traits.least_page))]
    each = max(posts // len(made), traits.least_page) if made else 0
    problem = "" if made else "the platform has no search for them"
    return Asked(name, tuple(made), len(queries) - len(made), each, traits.price_per_post, problem)


def _queries(name: str, terms: Sequence[Unheard], settings: Settings, source: Source) -> list[str]:
    """Return the searches for terms; where a platform takes none, the one listing that it has."""
    kind, compiled = source.options.kind, dict[str, None]()
    for brand in dict.fromkeys(entry.brand for entry in terms):
        queries = [entry.query for entry in terms if entry.brand == brand]
        own = settings.brands[brand].handles.get(kind, ())
        compiled.update(dict.fromkeys(compile_for(kind, queries, own, name)))
    asked = source.connector.queries(list(compiled))
    return [query for query in asked if query in compiled] if source.connector.traits.takes_query else list(asked)


def take_sample(plan: Sequence[Asked], sources: Mapping[str, Source], side: Side) -> tuple[Sampled, ...]:
    """Ask the platforms and judge what comes. A source that fails is named with its reason, and the rest goes on.

    Raises ModelError where the model breaks down.
    """
    return tuple(
        Sampled(asked.source, problem=asked.problem, partial=True)
        if asked.problem
        else _sampled(asked, _fetch(asked, sources[asked.source]), side)
        for asked in plan
    )


@dataclass(slots=True)
class _Caught:
    """What came: posts by query, each only under the first that found it; `returned` is what was billed."""

    by_query: list[list[Mention]] = field(default_factory=list)
    returned: int = 0
    problem: str = ""


def _fetch(asked: Asked, source: Source) -> _Caught:
    caught, known = _Caught(), set[str]()
    for query in asked.queries:
        try:
            page = source.connector.fetch(Request(query, most=asked.each))
        except ConnectorError as error:
            caught.problem = str(error)
            break
        caught.returned += page.returned
        newest = sorted(page.mentions, key=lambda mention: mention.posted_at, reverse=True)[: asked.each]
        fresh = {mention.native_id: mention for mention in newest if mention.native_id not in known}
        known.update(fresh)
        caught.by_query.append(list(fresh.values()))
    return caught


def _sampled(asked: Asked, caught: _Caught, side: Side) -> Sampled:
    posts = [mention for found in caught.by_query for mention in found]
    hits = [hit for mention in posts for hit in _hits(mention, asked.source, side)]
    lines = _cases(hits, side)
    rates = [_posts_a_day(found) for found in caught.by_query]
    known = [rate for rate in rates if rate is not None]
    return Sampled(
        source=asked.source,
        fetched=len(posts),
        kept=len({hit.mention.native_id for hit in hits}),
        levels={level: sum(line.level is level for line in lines) for level in Level},
        worst=tuple(lines[:SHOWN_WORST]),
        posts_a_day=sum(known) if known else None,
        partial=len(known) < len(asked.queries) + asked.left_out,
        spent=caught.returned * (asked.price or 0.0),
        free=asked.price is None,
        problem=caught.problem,
    )


def _posts_a_day(posts: Sequence[Mention]) -> float | None:
    """Return the rate of posts: the steps between them over the time from the first to the last; None below two."""
    times = [mention.posted_at for mention in posts]
    span = max(times) - min(times) if times else timedelta(0)
    return (len(times) - 1) / (span / _DAY) if span else None


def _hits(mention: Mention, source: str, side: Side) -> list[Hit]:
    wanted = side.matcher.match(mention, source)
    return [Hit(0, brand, tuple(watches), mention, source, mention.posted_at) for brand, watches in wanted]


def _cases(hits: Sequence[Hit], side: Side) -> list[CaseLine]:
    """Return the would-be cases of hits, the worst first."""
    texts = list(dict.fromkeys(hit.mention.text for hit in hits))
    verdicts = dict(zip(texts, side.classifier.classify(texts), strict=True)) if texts else {}
    lines = []
    for hit in hits:
        decision = _decided(hit, verdicts[hit.mention.text], side)
        if decision is not None and decision.is_case:
            lines.append(_line(hit, decision))
    return sorted(lines, key=lambda line: (line.level.rank, -line.score, line.platform, line.native_id))


def _decided(hit: Hit, verdict: Verdict, side: Side) -> Decision | None:
    try:
        history = History(relevance=relevance_of(hit.mention.text, hit.brand, side.sentences, side.classifier.embed))
        return decide(hit, verdict, history, side.rules, hit.seen_at)
    # Broad on purpose, as in triage: whatever a hostile text breaks, only its own post is left out.
    except Exception as error:  # noqa: BLE001
        log.failure("lab_post_broke", f"a sampled post of {hit.source} could not be decided", error)
        return None


def _line(hit: Hit, decision: Decision) -> CaseLine:
    mention = hit.mention
    return CaseLine(
        brand=hit.brand,
        level=decision.level or Level.LOW,
        score=decision.score,
        posts=1,
        platform=mention.platform,
        native_id=mention.native_id,
        permalink=mention.permalink,
        author=mention.author.handle,
        text=mention.text,
        other="",
        stored=None,
        status=None,
        reasons=decision.reasons,
    )
