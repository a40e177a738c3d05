"""What explains a spike: words that stand in more complaints than usual, and the posts that hold most of them. Pure.

Words are compared with the complaints of the weeks before by their log-odds (`feedback/log_odds.py`); who writes twice
is one voice.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from monitor.feedback.log_odds import Term, compare_terms
from monitor.feedback.terms import count_terms
from monitor.store.spikes import Explained, SpikePost, SpikeWord

SHOWN_WORDS, SHOWN_POSTS = 6, 3

_LEAST_Z, _LEAST_RISE = 1.0, 2.0
"""How far a word must stand out: a z-score, and how many times as large a share of the posts holds it."""

_PART_OF = 0.7
"""A word of which so many stand in a pair of words is told by the pair."""

_ALIKE = 0.7
"""Two posts that share so many of their words say the same."""


def explain(posts: Sequence[SpikePost], before: Sequence[SpikePost], names: Collection[str] = ()) -> Explained:
    """Return what explains these complaints beside those before them; `names` (the brand's own) are no explanation."""
    left_out = {name.casefold() for name in names}
    terms = _rising(posts, before, left_out)
    return Explained(
        words=tuple(SpikeWord(term.term, term.first, term.second) for term in terms),
        posts=tuple(post.hit_id for post in _telling(posts, terms, left_out)),
        platforms=_shares(post.platform for post in posts),
        causes=_shares(post.cause or "unknown" for post in posts) if any(post.cause for post in posts) else {},
    )


def _rising(posts: Sequence[SpikePost], before: Sequence[SpikePost], left_out: Collection[str]) -> list[Term]:
    now, then = count_terms(posts, left_out), count_terms(before, left_out)
    least = 3 if len(posts) >= 10 else 2
    if then:
        found = [term for term in compare_terms(now, then) if term.first >= least and term.z >= _LEAST_Z]
        usual = {term.term: (term.second + 0.5) / (len(before) + 1) for term in found}
        found = [term for term in found if term.first / len(posts) >= _LEAST_RISE * usual[term.term]]
    else:
        ranked = sorted(now.items(), key=lambda entry: (-entry[1], entry[0]))
        found = [Term(word, count, 0, float(count)) for word, count in ranked if count >= least]
    return _without_parts(found)[:SHOWN_WORDS]


def _without_parts(terms: Sequence[Term]) -> list[Term]:
    """Tell a pair of words in the place of its words, where they mostly stand together; else the words alone."""
    counts = {term.term: term.first for term in terms}
    pairs = {term.term for term in terms if " " in term.term and _stands_for(term, counts)}
    parts = {word for pair in pairs for word in pair.split()}
    return [term for term in terms if term.term in pairs or (" " not in term.term and term.term not in parts)]


def _stands_for(pair: Term, counts: Mapping[str, int]) -> bool:
    return all(pair.first >= _PART_OF * counts.get(word, 0) for word in pair.term.split())


def _telling(posts: Sequence[SpikePost], terms: Sequence[Term], left_out: Collection[str]) -> list[SpikePost]:
    """Return the posts that hold most of the rising words, each by another author and in other words."""
    weights = {term.term: term.z for term in terms}
    said = {post.hit_id: frozenset(count_terms([post], left_out)) for post in posts}
    weighty = [post for post in posts if not terms or said[post.hit_id] & weights.keys()]
    ranked = sorted(weighty, key=lambda post: (-_weight(post, said, weights), -(post.followers or 0), post.hit_id))
    found: list[SpikePost] = []
    for post in ranked:
        again = any(_says_again(post, other, said) for other in found)
        if not again:
            found.append(post)
        if len(found) == SHOWN_POSTS:
            break
    return found


def _weight(post: SpikePost, said: Mapping[int, frozenset[str]], weights: Mapping[str, float]) -> float:
    urgent = 1.0 if post.level is not None and post.level.urgent else 0.0
    return urgent + sum(weights.get(term, 0.0) for term in said[post.hit_id])


def _says_again(post: SpikePost, other: SpikePost, said: Mapping[int, frozenset[str]]) -> bool:
    one, two = said[post.hit_id], said[other.hit_id]
    alike = len(one & two) >= _ALIKE * max(len(one | two), 1)
    return alike or post.author.casefold() == other.author.casefold()


def _shares(values: Iterable[str]) -> dict[str, float]:
    counted = Counter(values)
    whole = counted.total()
    return {value: round(count / whole, 3) for value, count in counted.most_common(8)}
