"""One sentence about a case in words of ours, which may be kept after its posts are deleted. Pure.

It is made of the words of the config and of the program alone: never of the customer's own, nor of who they are.
"""

from collections.abc import Mapping, Sequence

from monitor.domain import Kind, Level, Severity
from monitor.rules.folded import FoldedMention, fold_words

PRODUCT_LISTS = ("products", "product")
"""The lists of a brand whose entries are named, where a post has them."""

_MOST_PRODUCTS = 3
_PLATFORMS = {"x": "X", "reddit": "Reddit", "hackernews": "Hacker News", "rss": "a feed", "csv": "a file"}
_SEVERITIES = {
    Severity.SAFETY: "danger to people",
    Severity.LEGAL: "a legal threat",
    Severity.PRESS: "the press",
    Severity.FRAUD: "fraud",
    Severity.IMPOSTOR: "an impostor",
    Severity.MONEY: "money",
    Severity.OUTAGE: "an outage",
    Severity.CHURN: "a customer who leaves",
    Severity.RUDE_STAFF: "rude staff",
}


def summarise(
    kind: Kind,
    level: Level,
    brand: str,
    platform: str,
    *,
    cause: str | None = None,
    severity: Sequence[Severity] = (),
    products: Sequence[str] = (),
) -> str:
    """Return such as "High complaint to lumo on X about delivery (lamp); money"."""
    what = "post" if kind is Kind.OTHER else kind.value
    about = f" about {cause}" if cause and cause != "other" else ""
    named = f" ({', '.join(products[:_MOST_PRODUCTS])})" if products else ""
    classes = "".join(f"; {_SEVERITIES[one]}" for one in dict.fromkeys(severity))
    return (
        f"{level.value.capitalize()} {what} to {brand} on {_PLATFORMS.get(platform, platform)}{about}{named}{classes}"
    )


def products_in(folded: FoldedMention, lists: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the products of the config that a post names, as the config writes them."""
    entries = [entry for name in PRODUCT_LISTS for entry in lists.get(name, ())]
    found = (entry for entry in entries if any(f" {' '.join(words)} " in folded.padded for words in fold_words(entry)))
    return tuple(dict.fromkeys(found))[:_MOST_PRODUCTS]


def products_told(summary: str | None, lists: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the products of the config that a summary names already."""
    told = (summary or "").partition("(")[2].partition(")")[0].split(", ")
    return tuple(entry for name in PRODUCT_LISTS for entry in lists.get(name, ()) if entry in told)
