"""The replay: stored posts, in the order of their arrival, through one or more configs at once.

    store ─ page ─▶ fold ─▶ match (each config) ─▶ verdicts: stored, else classified ─▶ history ─▶ decide ─▶ case book

Reading, folding and stored verdicts are shared by the configs; history and cases are each config's own. Nothing is
written. A post is decided once, as it stands now: with its last counters, its last text and the velocity between its
first and last reading.
"""

import gc
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter

from models.classifier import Verdict
from monitor.domain import Decision, DropRule, History, Hit, Level
from monitor.lab.casebook import CaseBook
from monitor.lab.memory import Memory
from monitor.lab.side import Likeness, Side
from monitor.rules.calibration import calibrate
from monitor.rules.decide import decide
from monitor.rules.folded import FoldedMention, fold_mention
from monitor.rules.relevance import relevance_of
from monitor.service.log import log
from monitor.store.lab import LabStore, StoredCase, StoredHit, StoredPost

PAGE = 1_000
"""Posts read at a time."""

_FOUND = '"found_missed":true'
"""In a stored history: a person found the post among the drops, and the case is theirs."""

_KNOWN = attrgetter(*(name for name in History.__dataclass_fields__ if name not in {"open_case", "copy_of"}))

Advance = Callable[[int], None]
Wanted = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a config made of a post for a brand: its case, or the rule that dropped it, with the evidence."""

    case: int | None
    drop: DropRule | None
    evidence: str
    level: Level | None


@dataclass(slots=True)
class Run:
    """One config's share of a replay.

    `outcomes` are by (row of the mention, brand); `found` counts posts by (brand, watch, source); `kept` are
    the stored cases of which a post is a case here too. Of `compared` stored decisions by the same rules, `agreed` came
    out the same.
    """

    side: Side
    book: CaseBook
    memory: Memory
    outcomes: dict[tuple[int, str], Outcome] = field(default_factory=dict)
    found: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    kept: set[int] = field(default_factory=set)
    compared: int = 0
    agreed: int = 0


@dataclass(slots=True)
class Replayed:
    """A whole replay: its span, what was read, and each config's run in the order given.

    `erased` posts have lost their words and could not be judged; `classified` had no verdict by the config's model;
    `broke` broke the rules, as a parked post does. `first_at` is when the first of the posts was seen, `seen_cases`
    are the stored cases of the readable ones, `places` tells the row of the mention of each hit that was asked for.
    """

    since: datetime
    until: datetime
    runs: tuple[Run, ...]
    stored_cases: Mapping[int, StoredCase]
    posts: int = 0
    erased: int = 0
    classified: int = 0
    broke: int = 0
    first_at: datetime | None = None
    seen_cases: set[int] = field(default_factory=set)
    places: dict[int, int] = field(default_factory=dict)


def replay(
    store: LabStore,
    sides: Sequence[Side],
    since: datetime,
    until: datetime,
    advance: Advance,
    asked: Collection[int] = (),
    brands: Sequence[str] | None = None,
) -> Replayed:
    """Replay the posts first seen in a span through each config; `asked` are hits whose place is wanted.

    With `brands`, posts that only other brands have heard are not read.

    Raises ModelError where a model breaks down.
    """
    stored = {case.id: case for case in store.lab_cases(until)}
    own = {handle for side in sides for brand in side.rules.brands.values() for handle in brand.all_handles}
    past = store.lab_past(since, sorted(own))
    runs = []
    for side in sides:
        book = CaseBook(side.settings, stored)
        runs.append(Run(side, book, Memory(book)))
        runs[-1].memory.recall(past, book.seed(round(since.timestamp() * 1000)))
    replayed = Replayed(since, until, tuple(runs), stored)
    machine = _Machine(replayed, frozenset(asked))
    with _without_collections():
        for page in _pages(store, since, until, brands):
            machine.take(page)
            advance(len(page))
    return replayed


@contextmanager
def _without_collections() -> Iterator[None]:
    """Hold back the search for cycles: a replay keeps much and makes no cycles, and the search takes a third of it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _pages(
    store: LabStore, since: datetime, until: datetime, brands: Sequence[str] | None
) -> Iterator[list[StoredPost]]:
    after = 0
    while page := store.lab_posts(since, until, after, PAGE, brands):
        yield page
        after = page[-1].id


@dataclass(frozen=True, slots=True)
class _Post:
    """A post on its way: folded, with what each config's watches want of it."""

    stored: StoredPost
    folded: FoldedMention
    wanted: tuple[Wanted, ...]
    read: dict[str, Verdict] = field(default_factory=dict)
    """Verdicts by model, each read once for all configs."""

    def verdict(self, model: str, fresh: Mapping[tuple[str, str], Verdict]) -> Verdict:
        """Return what a model says of the text."""
        known = self.read.get(model)
        if known is None:
            stored = self.stored
            known = stored.verdict() if stored.read_by == model else fresh[model, stored.mention.text]
            self.read[model] = known
        return known


class _Machine:
    """Takes page after page."""

    def __init__(self, replayed: Replayed, asked: frozenset[int]) -> None:
        self._replayed = replayed
        self._asked = asked
        self._alike: dict[tuple[int, str], Likeness | None] = {}

    def take(self, page: Sequence[StoredPost]) -> None:
        """Match, classify where needed, then decide post by post."""
        replayed = self._replayed
        replayed.posts += len(page)
        replayed.erased += sum(post.erased for post in page)
        replayed.first_at = replayed.first_at or page[0].seen_at
        posts = [self._matched(post) for post in page if not post.erased]
        fresh = self._classified(posts)
        for post in posts:
            self._note(post.stored)
            self._decide(post, fresh)

    def _note(self, post: StoredPost) -> None:
        for hit in post.hits:
            if hit.case_id is not None:
                self._replayed.seen_cases.add(hit.case_id)
            if hit.id in self._asked:
                self._replayed.places[hit.id] = post.id

    def _matched(self, post: StoredPost) -> _Post:
        folded = fold_mention(post.mention)
        sources = {post.source, *(hit.source for hit in post.hits)}
        return _Post(post, folded, tuple(_match(run.side, folded, sources) for run in self._replayed.runs))

    def _classified(self, posts: Sequence[_Post]) -> dict[tuple[str, str], Verdict]:
        """Return verdicts by (model, text) of posts that a config wants and whose stored verdict is not its model's."""
        fresh: dict[tuple[str, str], Verdict] = {}
        for at, run in enumerate(self._replayed.runs):
            classifier, model = run.side.classifier, run.side.classifier.fingerprint
            texts = [post.stored.mention.text for post in posts if post.wanted[at] and post.stored.read_by != model]
            unread = [text for text in dict.fromkeys(texts) if (model, text) not in fresh]
            if unread:
                fresh |= {(model, text): said for text, said in zip(unread, classifier.classify(unread), strict=True)}
        self._replayed.classified += len(fresh)
        return fresh

    def _decide(self, post: _Post, fresh: Mapping[tuple[str, str], Verdict]) -> None:
        made: dict[str, tuple[History, Decision]] = {}
        hits = {hit.brand: hit for hit in post.stored.hits}
        for at, (run, wanted) in enumerate(zip(self._replayed.runs, post.wanted, strict=True)):
            run.memory.see(post.stored)
            for brand, watches in wanted:
                hit = _hit(post.stored, brand, watches)
                own = run.side.rules.of(brand).handles.get(hit.mention.platform, frozenset())
                history = _near(run.side, hit, hits.get(brand), run.memory.history(hit, post.stored, own))
                known = _as_stored(run, hits.get(brand), history) or self._reused(at, hit, history, made, post, fresh)
                decision = known or self._decided(run, hit, history, post, fresh)
                if decision is not None:
                    if at == 0:
                        made[brand] = (history, decision)
                    _keep(run, hit, post.stored, decision, hits.get(brand))

    def _decided(
        self, run: Run, hit: Hit, history: History, post: _Post, fresh: Mapping[tuple[str, str], Verdict]
    ) -> Decision | None:
        try:
            verdict = post.verdict(run.side.classifier.fingerprint, fresh)
            return decide(hit, verdict, history, run.side.rules, hit.seen_at, post.folded)
        # Broad on purpose, as in triage: whatever a hostile text breaks, only its own post is left out, and counted.
        except Exception as error:  # noqa: BLE001
            self._replayed.broke += 1
            log.failure("lab_post_broke", f"post {post.stored.id} could not be decided", error)
            return None

    def _reused(
        self,
        at: int,
        hit: Hit,
        history: History,
        made: Mapping[str, tuple[History, Decision]],
        post: _Post,
        fresh: Mapping[tuple[str, str], Verdict],
    ) -> Decision | None:
        """Return the first config's decision where this one cannot differ: same rules, same model, same history."""
        likeness = self._likeness(at, hit.brand) if at and hit.brand in made else None
        if likeness is None:
            return None
        before, decision = made[hit.brand]
        if likeness.may_differ(decision) or _anonymous(before) != _anonymous(history):
            return None
        if likeness.moved and likeness.reads_apart(self._complaint(at, hit, post, fresh)):
            return None
        restated = likeness.restate(decision)
        return restated if restated.copy_of == history.copy_of else replace(restated, copy_of=history.copy_of)

    def _complaint(self, at: int, hit: Hit, post: _Post, fresh: Mapping[tuple[str, str], Verdict]) -> float | None:
        side = self._replayed.runs[at].side
        return calibrate(post.verdict(side.classifier.fingerprint, fresh), hit, side.rules.triage).complaint

    def _likeness(self, at: int, brand: str) -> Likeness | None:
        if (at, brand) not in self._alike:
            runs = self._replayed.runs
            self._alike[at, brand] = runs[at].side.likeness(runs[0].side, brand)
        return self._alike[at, brand]


def _match(side: Side, folded: FoldedMention, sources: set[str]) -> Wanted:
    if len(sources) == 1:
        return side.matcher.match_folded(folded, *sources)
    found: dict[str, dict[str, None]] = {}
    for source in sorted(sources):
        for brand, watches in side.matcher.match_folded(folded, source):
            found.setdefault(brand, {}).update(dict.fromkeys(watches))
    return tuple((brand, tuple(watches)) for brand, watches in found.items())


def _as_stored(run: Run, stored: StoredHit | None, history: History) -> Decision | None:
    """Return the stored decision where the same rules and model would decide from the same history again.

    Deciding is pure, so it would come out the same. An edited or grown post waits for its decision and has no `rules`.
    """
    side = run.side
    if stored is None or stored.rules != side.rules.version or stored.model != side.classifier.fingerprint:
        return None
    if _anonymous(stored.history()) != _anonymous(history):
        return None
    decision = stored.decision()
    return decision if decision.copy_of == history.copy_of else replace(decision, copy_of=history.copy_of)


def _near(side: Side, hit: Hit, stored: StoredHit | None, history: History) -> History:
    """Add to a history how near the text is to what its brand says it is about: measured before, or else now.

    That a person found a missed complaint is left out: the lab asks what a config does by itself.
    """
    if hit.brand not in side.sentences:
        return history
    known = stored.history().relevance if stored is not None and stored.history_json else None
    if known is None or known.key != side.sentences[hit.brand].key:
        known = relevance_of(hit.mention.text, hit.brand, side.sentences, side.classifier.embed)
    return replace(history, relevance=known)


def _hit(post: StoredPost, brand: str, watches: tuple[str, ...]) -> Hit:
    return Hit(
        id=post.id,
        brand=brand,
        watches=watches,
        mention=post.mention,
        source=post.source,
        seen_at=post.seen_at,
        version=post.version,
        backfilled=any(hit.backfilled for hit in post.hits),
        mention_id=post.id,
    )


def _anonymous(history: History) -> tuple[object, ...]:
    """Return what a decision can depend on: the numbers of cases are each config's own."""
    return (history.open_case is None, history.copy_of is None, *_KNOWN(history))


def _keep(run: Run, hit: Hit, post: StoredPost, decision: Decision, stored: StoredHit | None) -> None:
    case = run.book.file(hit, post, decision, stored.case_id if stored else None)
    run.memory.learn(hit, post, decision, case)
    number = case.id if case else None
    run.outcomes[post.id, hit.brand] = Outcome(number, decision.drop, decision.evidence, decision.level)
    for watch in hit.watches:
        run.found[hit.brand, watch, post.source] += 1
    if case is not None and stored is not None and stored.case_id is not None:
        run.kept.add(stored.case_id)
    if stored is not None and stored.rules == run.side.rules.version and _FOUND not in (stored.history_json or ""):
        run.compared += 1
        run.agreed += stored.dropped == (decision.drop is not None)
