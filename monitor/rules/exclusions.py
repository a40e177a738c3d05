"""Exclusions of a brand: its own queries, and the ready-made packs. What they match is dropped by name, and kept.

An excluded post is fetched and stays findable, with the query that dropped it; grave words are heard in it all the
same. What should not even be fetched is left out by a watch itself (`lumo -festival`, `context: {none: […]}`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from monitor.config.schema import Brand, Pack
from monitor.domain import DropRule
from monitor.rules.folded import FoldedMention
from monitor.rules.query import Lists, Query, parse_entries, parse_query

_PACKS = Path(__file__).with_name("packs")
_RULES = {
    Pack.JOB_ADS: DropRule.JOB_AD,
    Pack.GIVEAWAYS: DropRule.GIVEAWAY,
    Pack.COUPONS: DropRule.COUPON,
    Pack.STOCK_TIPS: DropRule.STOCK_TIP,
    Pack.LYRICS: DropRule.LYRICS,
}


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A query whose posts are dropped; `pack` is where it comes from, None for a query of the config."""

    query: Query
    rule: DropRule
    pack: Pack | None = None

    @property
    def evidence(self) -> str:
        """What is told of a post that it drops."""
        origin = f"the pack {self.pack}" if self.pack else "exclude"
        return f"{origin} has the query {str(self.query)[:200]}"


def compile_exclusions(brand: Brand) -> tuple[Exclusion, ...]:
    """Return the exclusions of a brand, its own first. Raises QueryError for one that cannot be read."""
    own = (Exclusion(Query(parse_entries([text], brand.lists)), DropRule.EXCLUDED) for text in brand.exclude)
    return (*own, *(entry for pack in brand.packs for entry in read_pack(pack)))


def find_excluded(exclusions: Iterable[Exclusion], folded: FoldedMention) -> list[Exclusion]:
    """Return the exclusions that a post matches."""
    return [exclusion for exclusion in exclusions if exclusion.query.matches(folded)]


@lru_cache(maxsize=len(Pack))
def read_pack(pack: Pack) -> tuple[Exclusion, ...]:
    """Return the exclusions of a shipped pack, a line each."""
    lines, lists = _pack_text(pack)
    return tuple(Exclusion(parse_query(line, lists), _RULES[pack], pack) for line in lines)


def pack_file(pack: Pack) -> Path:
    """Return the file of a shipped pack."""
    return _PACKS / f"{pack}.txt"


def _pack_text(pack: Pack) -> tuple[list[str], Lists]:
    """Return (queries, lists) of a pack's file: a line each, lists as `name = word, word`, remarks after `# `."""
    lines = pack_file(pack).read_text("utf-8").splitlines()
    told = [line.strip() for line in lines if line.strip() and not line.startswith("# ")]
    lists = {name.strip(): words.split(", ") for name, sign, words in (line.partition(" = ") for line in told) if sign}
    return [line for line in told if " = " not in line], lists
