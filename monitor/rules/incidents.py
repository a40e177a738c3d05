"""Which cases are about the same fault: each joins the incident that it is most like, or waits for others like it.

    to an incident:  cosine(case, mean of the incident) + 2.0 * share of the case's telling words that it has
    to another case: cosine(case, case)                 + 0.6 * share of the telling words that both have
    and of either a little is taken off for the hours that lie between

Directions are taken from the middle of all complaints, and without what the brand's own name and the language add to
them: else every post that names the brand, or is written in German, would be like every other. A word counts by how few
posts hold it. A case that waits with enough others like it begins an incident with them; those that waited longer are
then looked at again. What a person was told of is merged and split by people alone. `bench/incidents.py` measures the
lines that are drawn here.
"""

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import log, sqrt

import numpy as np
import numpy.typing as npt

from models.classifier import Embedding
from monitor.config.incidents import Incidents
from monitor.rules.query_advice import common_words

Rows = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Sequence[Embedding]]

PAIR = 0.4
"""How alike two cases must be to begin an incident together, with enough others."""

SAME = 1.3
"""How alike a new incident must be to an older one to be a part of it."""

_JOIN_WORDS, _PAIR_WORDS = 2.0, 0.6
_STALE, _STALE_AFTER = 0.4, timedelta(hours=6)
_COMPARED = 24
"""Cases, the nearest ones, whose words are compared with those of a new one."""

_LOOK_AGAIN = 8
"""After so many new cases those that still wait are looked at again, beside the incidents that have grown."""

_NEAR = 0.2
"""The cosine below which words alone join nothing: nine in ten cases of an incident lie above 0.35."""

_NO_DIRECTION = 1e-4
"""The length below which a direction is chance."""

_COUNTED = 50
"""Cases of one incident that count for how common a word is: else an outage would make its own words commonplace."""

_ALONE = 0.5
"""What a word counts that no other post holds: an order's number says little of what a fault is about."""

_KEPT_WORDS = 400
_STEM, _SHORTEST, _LONGEST, _MOST = 6, 3, 30, 60
_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_LINK = re.compile(r"https?://\S+|[@]\w+")


@dataclass(frozen=True, slots=True)
class Lens:
    """How a brand's complaints are looked at: from the middle of all, and without some directions.

    `aside` are those: of the brand's own name and of the languages; rows that are square to each other, of length 1.
    """

    model: str
    middle: Rows
    aside: Rows

    def unit(self, directions: Rows) -> Rows:
        """Return directions (one, or a row each) as seen through the lens, of length 1."""
        seen = directions - self.middle
        seen = seen - (seen @ self.aside.T) @ self.aside
        length = np.linalg.norm(seen, axis=-1, keepdims=True)
        found: Rows = (seen / np.maximum(length, 1e-9)).astype(np.float32)
        return found


def make_lens(names: Sequence[str], examples: Rows, tongues: Rows, embed: Embed, model: str) -> Lens:
    """Return the lens of a brand of these names; the middle is that of the examples of its causes.

    `tongues` are directions of languages (`rules/tongues.py`).
    """
    named = np.array(embed([*names, *(f"@{name}" for name in names)]), np.float32).mean(axis=0)
    middle = examples.mean(axis=0) if len(examples) else np.zeros_like(named)
    return Lens(model, middle, _square(np.vstack([named - middle, tongues])))


def _square(rows: Rows) -> Rows:
    """Return rows that span the same, square to each other and of length 1; what is no direction is left out."""
    _, lengths, found = np.linalg.svd(rows, full_matrices=False)
    kept: Rows = found[lengths > _NO_DIRECTION].astype(np.float32)
    return kept


def telling_words(text: str, brand_names: Iterable[str]) -> frozenset[str]:
    """Return the words of a post that say what it is about, cut to their stems; numbers and codes whole."""
    names = tuple(name.casefold() for name in brand_names)
    found = []
    for token in _TOKEN.findall(_LINK.sub(" ", text[:2_000]).casefold()):
        coded = any(letter.isdigit() for letter in token)
        if not (len(token) >= (2 if coded else _SHORTEST)) or len(token) > _LONGEST or token in common_words():
            continue
        if not any(name and name in token for name in names):
            found.append(token if coded else token[:_STEM])
    return frozenset(found[:_MOST])


@dataclass(frozen=True, slots=True)
class Report:
    """A complaint as it is compared. `direction` is as the model gave it; `at` is when it was written."""

    case_id: int
    direction: Rows
    words: frozenset[str]
    at: datetime


@dataclass(slots=True, eq=False)
class Cluster:
    """The cases of an incident: the sum of their directions, and the numbers of their words.

    `id` is None while the incident is not stored yet; `joined` are the cases that came to it now.
    """

    id: int | None
    size: int
    total: Rows
    words: Counter[str]
    first_at: datetime
    last_at: datetime
    joined: list[Report] = field(default_factory=list)

    def add(self, report: Report) -> None:
        """Take in a case."""
        self.total = self.total + report.direction
        self.words.update(report.words)
        self.size += 1
        self.first_at, self.last_at = min(self.first_at, report.at), max(self.last_at, report.at)
        self.joined.append(report)

    def top_words(self) -> dict[str, int]:
        """Return the words that are kept: the most frequent ones."""
        return dict(self.words.most_common(_KEPT_WORDS))

    def gap(self, at: datetime) -> timedelta:
        """Return how far a time lies outside the span of its cases."""
        return max(at - self.last_at, self.first_at - at, timedelta(0))


def begin(reports: Sequence[Report]) -> Cluster:
    """Return an incident of these cases."""
    first = reports[0]
    cluster = Cluster(None, 0, np.zeros_like(first.direction), Counter(), first.at, first.at)
    for report in reports:
        cluster.add(report)
    return cluster


class Gatherer:
    """Places one brand's complaints, each in the light of those before it.

    `clusters` are the incidents that may take in more, `waiting` the cases that belong to none so far.
    """

    def __init__(
        self, lens: Lens, rule: Incidents, clusters: Iterable[Cluster] = (), waiting: Iterable[Report] = ()
    ) -> None:
        self.clusters = list(clusters)
        self.waiting: list[Report] = []
        self._lens = lens
        self._rule = rule
        self._posts = 0
        self._holding: defaultdict[str, float] = defaultdict(float)
        self._weights: dict[str, float] = {}
        self._rows = np.zeros((64, len(lens.middle)), np.float32)
        for cluster in self.clusters:
            self._count_cluster(cluster)
        self._units = np.array([self._mean(cluster) for cluster in self.clusters], np.float32)
        self._grown: set[int] = set()
        for report in waiting:
            self._count(report)
            self._wait(report)

    @property
    def _seen(self) -> Rows:
        """The directions of the cases that wait, as seen through the lens."""
        return self._rows[: len(self.waiting)]

    def place_all(self, reports: Sequence[Report]) -> None:
        """Place reports in their order; `clusters` and `waiting` are as they are afterwards."""
        for number, report in enumerate(reports, 1):
            self._place(report)
            if number % _LOOK_AGAIN == 0 or number == len(reports):
                self._look_again(report.at)

    def _place(self, report: Report) -> None:
        self._count(report)
        seen = self._lens.unit(report.direction)
        best = self._incident_of(report, self._units @ seen if self.clusters else (), range(len(self.clusters)))
        if best is not None:
            self._join(best, report)
            return
        near = self._neighbours(report, seen)
        if len(near) + 1 < self._rule.cases:
            self._wait(report, seen)
            return
        begun = begin([*(self.waiting[at] for at in near), report])
        self._release(near)
        self._settle(begun)

    def _settle(self, begun: Cluster) -> None:
        """Keep a new incident, or make it a part of an older one that it is like."""
        same = self._same_as(begun)
        if same is None:
            self._grown.add(len(self.clusters))
            self.clusters.append(begun)
            unit = self._mean(begun)
            self._units = np.vstack([self._units, unit[None]]) if len(self._units) else unit[None]
            return
        for report in begun.joined:
            self._join(same, report)

    def _look_again(self, now: datetime) -> None:
        """Have waiting cases join what has grown like them meanwhile; forget those that have waited too long."""
        old = [at for at, report in enumerate(self.waiting) if now - report.at > self._rule.window]
        self._release(old)
        while self._grown and self.waiting:
            grown, self._grown = sorted(self._grown), set()
            found = self._now_alike(grown)
            for at, home in found.items():
                self._join(home, self.waiting[at])
            self._release(list(found))

    def _now_alike(self, grown: Sequence[int]) -> dict[int, int]:
        """Return which waiting cases are like one of the incidents that have grown; none was like any before."""
        cosines = self._seen @ self._units[grown].T
        likely = np.flatnonzero(cosines.max(axis=1) >= _NEAR).tolist()
        homes = {at: self._incident_of(self.waiting[at], cosines[at], grown) for at in likely}
        return {at: home for at, home in homes.items() if home is not None}

    def _incident_of(self, report: Report, cosines: "Rows | tuple[()]", places: Sequence[int]) -> int | None:
        """Return which of the incidents at these places a case is most like, None where it is like none."""
        near = [(float(cosines[at]), places[at]) for at in np.flatnonzero(np.asarray(cosines) >= _NEAR).tolist()]
        if not near:
            return None
        weights = {word: self._weight(word) for word in report.words}
        whole = sum(weights.values())
        found = {
            place: cosine + self._of_incident(weights, whole, gap, self.clusters[place])
            for cosine, place in heapq.nlargest(_COMPARED, near)
            if (gap := self.clusters[place].gap(report.at)) <= self._rule.window
        }
        best = max(found, key=lambda place: found[place], default=None)
        return best if best is not None and found[best] >= self._rule.likeness else None

    @staticmethod
    def _of_incident(weights: Mapping[str, float], whole: float, gap: timedelta, cluster: Cluster) -> float:
        """Return what words and time add to the cosine of a case and an incident that far from it."""
        words, size = cluster.words, cluster.size
        held = sum(weight * _often(words[word], size) for word, weight in weights.items() if word in words)
        return (_JOIN_WORDS * held / whole if whole > 0 else 0.0) - _stale(gap)

    def _neighbours(self, report: Report, seen: Rows) -> list[int]:
        """Return the places of the waiting cases that are like a new one."""
        if not self.waiting:
            return []
        cosines = self._seen @ seen
        near = [int(at) for at in np.argsort(-cosines)[:_COMPARED] if cosines[at] >= PAIR - _PAIR_WORDS]
        return [at for at in near if float(cosines[at]) + self._of_pair(report, self.waiting[at]) >= PAIR]

    def _of_pair(self, one: Report, other: Report) -> float:
        """Return what words and time add to the cosine of two cases."""
        both = sum(self._weight(word) for word in one.words & other.words)
        each = [sum(self._weight(word) for word in report.words) for report in (one, other)]
        shared = both / sqrt(each[0] * each[1]) if both > 0 and min(each) > 0 else 0.0
        return _PAIR_WORDS * shared - _stale(abs(one.at - other.at))

    def _same_as(self, begun: Cluster) -> int | None:
        """Return the place of an older incident that a new one is a part of."""
        if not self.clusters:
            return None
        cosines = self._units @ self._mean(begun)
        found = {place: float(cosines[place]) + self._shared(begun, other) for place, other in enumerate(self.clusters)
                 if other.gap(begun.last_at) <= self._rule.window}  # fmt: skip
        best = max(found, key=lambda place: found[place], default=None)
        return best if best is not None and found[best] >= SAME else None

    def _shared(self, begun: Cluster, other: Cluster) -> float:
        whole = sum(self._weight(word) * number / begun.size for word, number in begun.words.items())
        held = sum(
            self._weight(word) * min(_often(number, begun.size), _often(other.words[word], other.size))
            for word, number in begun.words.items()
            if word in other.words
        )
        return _JOIN_WORDS * min(1.0, held / whole) if whole > 0 else 0.0

    def _weight(self, word: str) -> float:
        """Return what a word counts for; worked out once for each word between two counts."""
        known = self._weights.get(word)
        if known is None:
            held = self._holding.get(word, 0.0)
            weight = max(0.0, log((self._posts + 1) / (held + 0.5)))
            self._weights[word] = known = weight if held > 1 else _ALONE * weight
        return known

    def _count(self, report: Report, times: int = 1) -> None:
        self._weights.clear()
        self._posts += times
        for word in report.words:
            self._holding[word] += times

    def _count_cluster(self, cluster: Cluster) -> None:
        counted = min(cluster.size, _COUNTED)
        self._weights.clear()
        self._posts += counted
        for word, number in cluster.words.items():
            self._holding[word] += number * counted / cluster.size

    def _join(self, place: int, report: Report) -> None:
        self.clusters[place].add(report)
        if self.clusters[place].size > _COUNTED:
            self._count(report, -1)
        self._units[place] = self._mean(self.clusters[place])
        self._grown.add(place)

    def _wait(self, report: Report, seen: Rows | None = None) -> None:
        if len(self.waiting) == len(self._rows):
            self._rows = np.vstack([self._rows, np.zeros_like(self._rows)])
        self._rows[len(self.waiting)] = self._lens.unit(report.direction) if seen is None else seen
        self.waiting.append(report)

    def _release(self, places: Sequence[int]) -> None:
        if places:
            gone = set(places)
            stay = [at for at in range(len(self.waiting)) if at not in gone]
            self._rows[: len(stay)] = self._rows[stay]
            self.waiting = [self.waiting[at] for at in stay]

    def _mean(self, cluster: Cluster) -> Rows:
        """Return the direction of the mean of an incident, as seen through the lens."""
        return self._lens.unit((cluster.total / max(cluster.size, 1)).astype(np.float32))


def _often(number: int, size: int) -> float:
    """Return how much an incident holds a word: wholly where every third case does."""
    return min(1.0, 3 * number / size)


def _stale(gap: timedelta) -> float:
    return _STALE * min(1.0, gap / _STALE_AFTER)
