"""The rules of a config, compiled once: what `decide` needs beside the hit, its verdict and its history."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.config.schema import Brand, Settings, Triage
from monitor.rules.exclusions import Exclusion, compile_exclusions
from monitor.rules.folded import fold_words
from monitor.rules.severity import SeverityBook, make_book

RULES_REVISION = 2
"""Raised with every change of a shipped list or formula, so that stored decisions name what made them."""


@dataclass(frozen=True, slots=True)
class BrandRules:
    """What the rules know of a brand. Handles are casefolded, without @."""

    name: str
    handles: Mapping[str, frozenset[str]]
    names: frozenset[str]
    vips: frozenset[str]
    blocked: frozenset[str]
    muted: frozenset[str]
    exclusions: tuple[Exclusion, ...] = ()

    def is_own(self, platform: str, handle: str) -> bool:
        """Whether a handle is one of the brand's own voices on a platform."""
        return handle in self.handles.get(platform, frozenset())

    @property
    def all_handles(self) -> frozenset[str]:
        """The brand's own handles on all platforms."""
        return frozenset().union(*self.handles.values())


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decides, and the version that a decision is stored with."""

    triage: Triage
    brands: Mapping[str, BrandRules]
    book: SeverityBook
    version: str

    def of(self, brand: str) -> BrandRules:
        """Return a brand's rules; a brand that left the config has empty ones."""
        return self.brands.get(brand) or _compile_brand(brand, Brand())


def compile_rules(settings: Settings) -> Rules:
    """Compile the rules of a config. Raises PhraseError for a phrase of `triage.phrases` that cannot be read.

    Raises QueryError for an exclusion of a brand.
    """
    triage = settings.triage
    return Rules(
        triage=triage,
        brands={name: _compile_brand(name, brand) for name, brand in settings.brands.items()},
        book=make_book(triage.phrases),
        version=_version(settings),
    )


def _compile_brand(name: str, brand: Brand) -> BrandRules:
    handles = {platform: frozenset(map(_bare, names)) for platform, names in brand.handles.items()}
    called = {" ".join(words) for words in fold_words(name.replace("-", " ").replace("_", " "))}
    return BrandRules(
        name=name,
        handles=handles,
        names=frozenset(called),
        vips=frozenset(map(_bare, brand.vips)),
        blocked=frozenset(map(_bare, brand.blocked_authors)),
        muted=frozenset(brand.muted_threads),
        exclusions=compile_exclusions(brand),
    )


def _bare(handle: str) -> str:
    return handle.strip().removeprefix("@").removeprefix("u/").casefold()


def _version(settings: Settings) -> str:
    """Hash what can change a decision, and nothing else: a new receiver leaves decisions alone."""
    judged = {
        "revision": RULES_REVISION,
        "triage": settings.triage.model_dump_json(exclude={"threads", "hours", "sla"}),
        "brands": {name: brand.model_dump_json(exclude={"causes"}) for name, brand in sorted(settings.brands.items())},
    }
    return hashlib.sha256(repr(judged).encode()).hexdigest()[:16]
