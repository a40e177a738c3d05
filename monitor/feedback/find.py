"""Finds suggestions: calibration, threshold, exclusions and keywords, each with its counts. Pure but for the lists.

answers ─▶ by brand and source: calibration      ─▶ lab: what would it lose? (`cost.py`) ─▶ a person accepts
        ─▶ all: threshold
        ─▶ by brand: exclusions, keywords
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from monitor.config.schema import Settings
from monitor.feedback.answers import Answered
from monitor.feedback.change import SuggestionKind
from monitor.feedback.log_odds import Term, compare_terms
from monitor.feedback.platt import fit_calibration
from monitor.feedback.terms import count_names, count_terms
from monitor.feedback.threshold import advise
from monitor.rules.folded import fold_words
from monitor.store.feedback import Suggestion

LEAST_AUTHORS = 4
"""Authors who must use a term."""

CLEAR = 1.96
"""The z-score from which a term belongs to one side: 95 %, two-sided."""

MOST_EACH = 5
"""Suggestions of a kind for each brand."""


def find_suggestions(settings: Settings, answers: Sequence[Answered], now: datetime) -> list[Suggestion]:
    """Return what the answers speak for, their cost not yet measured."""
    found = [*_calibrations(answers), *_thresholds(answers, settings)]
    for brand in sorted({answer.brand for answer in answers}):
        own = [answer for answer in answers if answer.brand == brand]
        found += [
            *islice(_exclusions(brand, own, settings), MOST_EACH),
            *islice(_keywords(brand, own, settings), MOST_EACH),
        ]
    return [Suggestion(0, kind, brand, source, value, evidence, None, now)
            for kind, brand, source, value, evidence in found]  # fmt: skip


Found = tuple[SuggestionKind, str, str, Any, dict[str, Any]]


def _calibrations(answers: Sequence[Answered]) -> Iterator[Found]:
    for brand, source in sorted({(answer.brand, answer.source) for answer in answers}):
        fit = fit_calibration([answer for answer in answers if (answer.brand, answer.source) == (brand, source)])
        if fit is not None:
            counts = {"yes": fit.yes, "no": fit.no, "gain_nats": fit.gain}
            yield SuggestionKind.CALIBRATION, brand, source, fit.table.model_dump(), counts


def _thresholds(answers: Sequence[Answered], settings: Settings) -> Iterator[Found]:
    for advice in advise(answers, settings):
        yield SuggestionKind.THRESHOLD, "", "", advice.line, advice.evidence


def _exclusions(brand: str, answers: Sequence[Answered], settings: Settings) -> Iterator[Found]:
    """Terms of dismissed cases that no wanted post has."""
    names, known = _known(brand, settings), settings.brands[brand].exclude
    unwanted = [answer for answer in answers if not answer.wanted and not answer.dropped]
    wanted = [answer for answer in answers if answer.wanted]
    covered: set[str] = set()
    for term in compare_terms(count_terms(unwanted, names), count_terms(wanted, names)):
        words = set(term.term.split())
        if _is_clear(term) and not term.second and term.term not in known and not words & covered:
            covered |= words
            yield SuggestionKind.EXCLUSION, brand, "", _query(term.term), _counts(term, "dismissed", "confirmed")


def _keywords(brand: str, answers: Sequence[Answered], settings: Settings) -> Iterator[Found]:
    """Tags, handles and names of things in confirmed complaints that no watch asks for."""
    names = _known(brand, settings)
    asked = " ".join(str(watch.query) for watch in settings.brands[brand].watches).casefold()
    wanted = [answer for answer in answers if answer.wanted]
    unwanted = [answer for answer in answers if not answer.wanted]
    voices = (len({answer.author for answer in wanted}), len({answer.author for answer in unwanted}))
    for term in compare_terms(count_names(wanted, names), count_names(unwanted, names), voices):
        if _is_clear(term) and term.term.lstrip("@#") not in asked:
            watch = {"name": f"suggested-{term.term.lstrip('@#').replace('_', '-')}", "query": _query(term.term)}
            yield SuggestionKind.KEYWORD, brand, "", watch, _counts(term, "confirmed", "dismissed")


def _is_clear(term: Term) -> bool:
    return term.z >= CLEAR and term.first >= LEAST_AUTHORS


def _query(term: str) -> str:
    return f'"{term}"' if " " in term else term


def _counts(term: Term, first: str, second: str) -> dict[str, Any]:
    return {f"{first}_authors": term.first, f"{second}_authors": term.second, "z": term.z}


def _known(brand: str, settings: Settings) -> frozenset[str]:
    """Return the words that name the brand: they stand in every post and tell nothing."""
    options = settings.brands[brand]
    handles = (handle.removeprefix("@").casefold() for names in options.handles.values() for handle in names)
    words = (word for spelling in fold_words(brand.replace("-", " ").replace("_", " ")) for word in spelling)
    return frozenset({*handles, *words, brand.casefold()})
