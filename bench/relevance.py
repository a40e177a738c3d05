"""How well a brand's sentences tell its posts from those about something else: `python -m bench.relevance`.

Reads `tests/data/relevance.jsonl`: ambiguous names, each with what the brand would write under `about` and `not_about`,
posts about the brand, and posts about something else of that name. Then what the rule would cost on the labelled
streams, whose posts are about their brands. Texts are never printed.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.triage_quality import STREAMS, read_stream
from models import registry
from models.classifier import Classifier
from monitor.config.schema import Brand
from monitor.rules.folded import fold_mention
from monitor.rules.language import find_language
from monitor.rules.relevance import NOT_US_MARGIN, Sentences, compare, embed_sentences, margin

ROOT = Path(__file__).parents[1]
NAMES = ROOT / "tests/data/relevance.jsonl"
RESULT = ROOT / "bench/results/relevance.md"
MOST_LOST = 0.02
"""Share of posts about a brand that the rule may drop."""

_LINES = (-0.1, -0.15, NOT_US_MARGIN, -0.25, -0.3)
_SHOP = Brand(
    about=("a company with products, orders, deliveries, service and an app",),
    not_about=("a town, a school choir or a football team", "an energy supplier"),
)


@dataclass(frozen=True)
class Margins:
    """The margins of posts about the brand, and of posts about something else of its name."""

    us: list[float]
    others: list[float]

    def lost(self, line: float) -> float:
        """The share of posts about the brand that a line would drop."""
        return sum(found < line for found in self.us) / len(self.us)

    def dropped(self, line: float) -> float:
        """The share of posts about something else that a line would drop."""
        return sum(found < line for found in self.others) / len(self.others)

    @property
    def auc(self) -> float:
        """How often a post about the brand has the greater margin, of any two."""
        pairs = [(us > other) + (us == other) / 2 for us in self.us for other in self.others]
        return sum(pairs) / len(pairs)


def measure_names(classifier: Classifier) -> Margins:
    """Measure the labelled names."""
    found = Margins([], [])
    for line in NAMES.read_text("utf-8").splitlines():
        record = json.loads(line)
        brand = Brand(about=tuple(record["about"]), not_about=tuple(record["not_about"]))
        sentences = _sentences(brand, classifier)
        found.us.extend(_margins(record["us"], sentences, classifier))
        found.others.extend(_margins(record["others"], sentences, classifier))
    return found


def measure_stream(stream: Path, classifier: Classifier) -> list[float]:
    """Return the margins of a stream's labelled cases in English, by sentences that fit any company."""
    posts = [post.mention for post in read_stream(stream) if post.case]
    texts = [post.text for post in posts if find_language(fold_mention(post)) == "en"]
    return list(_margins(texts, _sentences(_SHOP, classifier), classifier))


def _sentences(brand: Brand, classifier: Classifier) -> Sentences:
    return embed_sentences({"brand": brand}, classifier.embed, classifier.fingerprint)["brand"]


def _margins(texts: Sequence[str], sentences: Sentences, classifier: Classifier) -> Iterator[float]:
    return (margin(compare(direction, sentences)) for direction in classifier.embed(texts))


def main() -> None:
    """Write the tables; exit 1 if the rule drops too many posts about the brand."""
    classifier = registry.load_or_fall_back().classifier
    names = measure_names(classifier)
    lines = [
        "# Posts about the brand, and posts about something else of its name",
        "",
        f"`python -m bench.relevance`, model `{classifier.fingerprint}`. {len(names.us)} posts about brands with",
        f"ambiguous names, {len(names.others)} about something else; of any two, the one about the brand has the",
        f"greater margin in {names.auc:.1%}. The rule `not-us` drops below {NOT_US_MARGIN}, a line that was chosen on",
        "these posts; the streams below had no part in that.",
        "",
        "| margin below | posts about the brand dropped | posts about something else dropped |",
        "|---:|---:|---:|",
        *(f"| {line} | {names.lost(line):.1%} | {names.dropped(line):.1%} |" for line in _LINES),
        "",
        "Cases in English of the labelled streams, by sentences that fit any company: each that falls below is lost,",
        "unless it speaks to the brand or tells of grave trouble.",
        "",
        "| stream | cases | below the line |",
        "|---|---:|---:|",
    ]
    for stream in STREAMS:
        found = measure_stream(stream, classifier)
        lost = sum(value < NOT_US_MARGIN for value in found)
        lines.append(f"| {stream.stem} | {len(found)} | {lost} |")
    report = "\n".join(lines) + "\n"
    RESULT.write_text(report, "utf-8")
    print(report)
    if names.lost(NOT_US_MARGIN) > MOST_LOST:
        raise SystemExit(f"not-us drops {names.lost(NOT_US_MARGIN):.1%} of the posts about the brand")


if __name__ == "__main__":
    main()
