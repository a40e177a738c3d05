"""Severity: which classes of trouble a text speaks of, judged by phrase lists in any language.

A list names phrases per class and strength, and guards: idioms that look alike, contexts such as lyrics, negations,
hypotheticals. Lists are read without regard to the language of the post, since a wrong guess would cost a safety case.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from monitor.domain import Severity
from monitor.rules.folded import FoldedMention
from monitor.rules.phrase import Occurrence, PhraseBook, PhraseError, read_list

LANGUAGES = ("en", "de", "fr", "es")


class Role(StrEnum):
    """What a phrase of a list does."""

    SURE = "sure"
    STRONG = "strong"
    WEAK = "weak"
    IDIOM = "not"
    FICTION = "fiction"
    NEGATION = "negation"
    FALSE_NEGATION = "false-negation"
    HYPOTHETICAL = "hypothetical"


class Strength(StrEnum):
    """How much a phrase says by itself."""

    SURE = "sure"
    STRONG = "strong"
    WEAK = "weak"

    @property
    def rank(self) -> int:
        """0 for sure up to 2 for weak."""
        return tuple(Strength).index(self)


_CLAIMS = {Role.SURE: Strength.SURE, Role.STRONG: Strength.STRONG, Role.WEAK: Strength.WEAK}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a phrase stands for; `severity` is None for guards that hold for all classes."""

    role: Role
    severity: Severity | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A class of trouble with the words that show it, and how many different words do.

    Sure phrases speak for themselves ("you will hear from my lawyer"); strong ones ("exploded") want something beside
    them, be it a second phrase; weak ones are ambiguous, hypothetical or from a song.
    """

    severity: Severity
    strength: Strength
    evidence: str
    phrases: int = 1
    heard: bool = False
    """Found by the model alone: worth a person within the half hour, not worth waking one."""

    @property
    def strong(self) -> bool:
        """Whether the words mean this class, rather than that they might."""
        return self.strength is not Strength.WEAK


SeverityBook = PhraseBook[Mark]

_NEGATION_REACH = {Severity.SAFETY: 2, Severity.FRAUD: 1, Severity.IMPOSTOR: 1}
"""Words between a negation and the phrase that it takes back: "didn't even really catch fire", "not a scam".

Threats are not taken back at a distance: "don't make me call my lawyer" is one.
"""

_HYPOTHETICAL_REACH = 5
"""Words between "could it" and the danger asked about. "If you don't pay, I'll sue" remains a threat."""

_FICTIONAL = frozenset({Severity.SAFETY, Severity.LEGAL, Severity.FRAUD})


def make_book(own: Mapping[Severity, Mapping[str, Iterable[str]]] | None = None) -> SeverityBook:
    """Return the shipped lists of all languages together with phrases of one's own, which count as strong.

    Raises PhraseError naming the phrase of one's own that cannot be read.
    """
    return _book(
        tuple(
            (Mark(Role.STRONG, severity), phrase)
            for severity, languages in (own or {}).items()
            for words in languages.values()
            for phrase in words
        )
    )


@lru_cache(maxsize=2)
def _book(own: tuple[tuple[Mark, str], ...]) -> SeverityBook:
    """Read the lists once: most configs have no phrases of their own, and a reload seldom changes them."""
    phrases, groups = _shipped()
    return PhraseBook([*phrases, *own], groups)


def find_severity(mention: FoldedMention, book: SeverityBook) -> tuple[Finding, ...]:
    """Return one finding for each class that the text speaks of, the gravest first."""
    words = mention.spoken
    occurrences = book.find(words)
    claims = [found for found in occurrences if found.label.role in _CLAIMS]
    if not claims:
        return ()
    guards = _Guards(occurrences)
    held: dict[Severity, list[tuple[Strength, Occurrence[Mark]]]] = {}
    for claim in claims:
        severity = claim.label.severity
        if severity is not None and not guards.void(claim):
            strength = Strength.WEAK if guards.weaken(claim) else _CLAIMS[claim.label.role]
            held.setdefault(severity, []).append((strength, claim))
    return tuple(_finding(severity, held[severity], words) for severity in Severity if severity in held)


def _finding(severity: Severity, claims: list[tuple[Strength, Occurrence[Mark]]], words: Sequence[str]) -> Finding:
    """Return the strongest claim, with the number of strong ones that do not overlap."""
    claims.sort(key=lambda entry: (entry[0].rank, entry[1].start))
    strength, best = claims[0]
    apart, end = 0, -1
    for _, claim in sorted((c for c in claims if c[0] is not Strength.WEAK), key=lambda entry: entry[1].end):
        if claim.start >= end:
            apart, end = apart + 1, claim.end
    return Finding(severity, strength, _quote(words, best), max(1, apart))


class _Guards:
    """The idioms, negations and hypotheticals of one text."""

    def __init__(self, occurrences: Sequence[Occurrence[Mark]]) -> None:
        self._by_role: dict[Role, list[Occurrence[Mark]]] = {}
        for found in occurrences:
            self._by_role.setdefault(found.label.role, []).append(found)

    def void(self, claim: Occurrence[Mark]) -> bool:
        """Whether an idiom covers the claim or a negation takes it back."""
        for idiom in self._by_role.get(Role.IDIOM, ()):
            if (
                idiom.label.severity in {claim.label.severity, None}
                and idiom.start < claim.end
                and claim.start < idiom.end
            ):
                return True
        return self._negated(claim)

    def weaken(self, claim: Occurrence[Mark]) -> bool:
        """Whether the claim is about what might be, or comes from a song or a film."""
        if claim.label.severity in _FICTIONAL and Role.FICTION in self._by_role:
            return True
        return claim.label.severity is Severity.SAFETY and any(
            0 <= claim.start - guard.end <= _HYPOTHETICAL_REACH for guard in self._by_role.get(Role.HYPOTHETICAL, ())
        )

    def _negated(self, claim: Occurrence[Mark]) -> bool:
        reach = _NEGATION_REACH.get(claim.label.severity, 0) if claim.label.severity else 0
        for negation in self._by_role.get(Role.NEGATION, ()):
            if 0 <= claim.start - negation.end <= reach and not self._excused(negation):
                return True
        return False

    def _excused(self, negation: Occurrence[Mark]) -> bool:
        """Whether the negation is none: "not only", "can't believe", "no joke"."""
        return any(
            other.start <= negation.start and negation.end <= other.end
            for other in self._by_role.get(Role.FALSE_NEGATION, ())
        )


def _quote(words: Sequence[str], claim: Occurrence[Mark]) -> str:
    return " ".join(word for word in words[claim.start : claim.end] if word != ".")


@lru_cache(maxsize=1)
def _shipped() -> tuple[tuple[tuple[Mark, str], ...], Mapping[str, str]]:
    """Read the lists that ship with the program, once."""
    phrases: list[tuple[Mark, str]] = []
    groups: dict[str, str] = {}
    for language in LANGUAGES:
        listed = read_list(language)
        phrases.extend((_section(section, language), phrase) for section, phrase in listed.phrases)
        groups |= listed.groups
    return tuple(phrases), groups


def _section(name: str, language: str) -> Mark:
    severity, dot, role = name.rpartition(".")
    try:
        return Mark(Role(role), Severity(severity) if dot else None)
    except ValueError as error:
        raise PhraseError(f"{language}.txt: unknown section [{name}]; write as in [safety.strong]") from error
