"""What a changed watch or exclusion would do to stored posts, at a glance: no model, no history, some thousands.

The lab replays decisions; this only asks which posts a brand's watches want and its exclusions drop, fast enough to
follow somebody who types.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.config.schema import Brand
from monitor.notify.text import excerpt
from monitor.rules.exclusions import compile_exclusions, find_excluded
from monitor.rules.folded import FoldedMention, fold_mention
from monitor.rules.match import Matcher, parse_watches
from monitor.store.lab import StoredPost
from monitor.store.records import stamp

MOST_POSTS = 5_000
SHOWN = 25
"""Posts of each list that are shown, the newest; the totals say how many there are."""

MOST_SECONDS = 5
"""A preview takes no longer, whatever the query: it then tells of the newest posts, as far as it came."""

_TEXT = 400


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One post: `case` is the open or closed case that it belongs to, `by` the watches or exclusions that decide."""

    platform: str
    native_id: str
    author: str
    text: str
    posted_at: str
    case: int | None
    by: tuple[str, ...]
    pieces: tuple[tuple[str, bool], ...]
    """The text in pieces; True for those that a changed query names."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What changes for the posts of a span: newly wanted, and no longer; `cases` counts cases among the latter."""

    posts: int
    wanted_before: int
    wanted_after: int
    gained: tuple[Glimpse, ...]
    gained_total: int
    lost: tuple[Glimpse, ...]
    lost_total: int
    cases: int

    def to_json(self) -> dict[str, Any]:
        """Return the preview for machines."""
        return {
            "posts": self.posts,
            "wanted": {"before": self.wanted_before, "after": self.wanted_after},
            "gained": {"total": self.gained_total, "newest": [_plain(post) for post in self.gained]},
            "lost": {"total": self.lost_total, "cases": self.cases, "newest": [_plain(post) for post in self.lost]},
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """The watches that want a post, and the exclusions that drop it all the same."""

    watches: tuple[str, ...]
    excluded: tuple[str, ...]

    @property
    def wanted(self) -> bool:
        """Whether the brand wants the post."""
        return bool(self.watches) and not self.excluded


class Listener:
    """What one brand's watches want of a post, and its exclusions leave."""

    def __init__(self, name: str, brand: Brand) -> None:
        self._name = name
        self._matcher = Matcher(parse_watches({name: brand}))
        self._exclusions = compile_exclusions(brand)

    def hear(self, folded: FoldedMention, sources: Iterable[str]) -> Heard:
        """Return which watches want a post, and what excludes it."""
        wanted = dict.fromkeys(
            watch for source in sources for _, names in self._matcher.match_folded(folded, source) for watch in names
        )
        excluded = find_excluded(self._exclusions, folded) if wanted else ()
        return Heard(tuple(wanted), tuple(str(exclusion.query) for exclusion in excluded))


def preview(
    name: str,
    before: Brand,
    after: Brand,
    posts: Sequence[StoredPost],
    seconds: Callable[[], float] = time.monotonic,
) -> Preview:
    """Return what another config of a brand would do to these posts, which come in the order of their arrival.

    Raises QueryError for a query of either.
    """
    present, changed, terms = Listener(name, before), Listener(name, after), _terms(before, after)
    had = has = 0
    gained: list[Glimpse] = []
    lost: list[Glimpse] = []
    looked, ends = 0, seconds() + MOST_SECONDS
    for post in reversed(posts):
        if seconds() > ends:
            break
        looked += 1
        if post.erased:
            continue
        folded = fold_mention(post.mention, post.source)
        sources = {post.source, *(hit.source for hit in post.hits)}
        was, now = present.hear(folded, sources), changed.hear(folded, sources)
        had, has = had + was.wanted, has + now.wanted
        if now.wanted and not was.wanted:
            gained.append(_glimpse(name, post, now.watches, terms))
        elif was.wanted and not now.wanted:
            lost.append(_glimpse(name, post, now.excluded or was.watches, terms))
    return Preview(
        posts=looked,
        wanted_before=had,
        wanted_after=has,
        gained=tuple(gained[:SHOWN]),
        gained_total=len(gained),
        lost=tuple(lost[:SHOWN]),
        lost_total=len(lost),
        cases=sum(post.case is not None for post in lost),
    )


def pieces_of(text: str, terms: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return a text in pieces, those that are one of the terms marked; letter case does not count."""
    low = text.casefold()
    if len(low) != len(text):  # folding has moved letters: places would be wrong
        return ((text, False),)
    return tuple((part, marked) for part, marked in _cut(text, low, terms) if part)


def _cut(text: str, low: str, terms: Sequence[str]) -> Iterator[tuple[str, bool]]:
    at = 0
    while at < len(text):
        found = [(place, -len(term)) for term in terms if (place := low.find(term, at)) >= 0]
        if not found:
            break
        place, length = min(found)
        yield text[at:place], False
        yield text[place : place - length], True
        at = place - length
    yield text[at:], False


def _terms(before: Brand, after: Brand) -> tuple[str, ...]:
    """Return the words that mark a post: of the queries that differ, else of all watches."""
    exclusions = set(before.exclude) ^ set(after.exclude)
    watches = {(watch.name, str(watch.query)) for watch in before.watches} ^ {
        (watch.name, str(watch.query)) for watch in after.watches
    }
    parts: list[str] = []
    for changed in (*exclusions, *(query for _, query in watches)):
        parts.extend(word for word in changed.casefold().replace("(", " ").replace(")", " ").split())
    words = (part.strip('"“”„=#@*-') for part in parts if part not in {"or", "and", "not"})
    return tuple(dict.fromkeys(word for word in words if len(word) > 1))[:200]


def _glimpse(name: str, post: StoredPost, by: tuple[str, ...], terms: Sequence[str]) -> Glimpse:
    mention = post.mention
    text = excerpt(mention.text, _TEXT)
    case = next((hit.case_id for hit in post.hits if hit.brand == name and hit.case_id is not None), None)
    return Glimpse(
        platform=mention.platform,
        native_id=mention.native_id,
        author=mention.author.handle,
        text=text,
        posted_at=stamp(mention.posted_at) or "",
        case=case,
        by=by[:5],
        pieces=pieces_of(text, terms),
    )


def _plain(post: Glimpse) -> dict[str, Any]:
    return {name: getattr(post, name) for name in Glimpse.__dataclass_fields__ if name != "pieces"}
