"""How fast the rules are, without the model: `python -m bench.rules_speed`. CPU time of one core."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.triage_quality import read_stream, settings_for
from connectors.mention import Mention
from models.classifier import Verdict
from monitor.domain import History, Hit
from monitor.rules.decide import decide
from monitor.rules.folded import fold_mention
from monitor.rules.language import find_language
from monitor.rules.match import Matcher, ParsedWatch
from monitor.rules.query import parse_query
from monitor.rules.rules import compile_rules

STREAM = Path(__file__).parent / "streams" / "held_out.jsonl"
WATCHES = 100
_VERDICT = Verdict(sentiment={"negative": 0.5, "neutral": 0.4, "positive": 0.1}, complaint=0.4)


def microseconds(work: Callable[[Mention], object], mentions: list[Mention]) -> float:
    """Return the CPU time that a piece of work takes for a mention, after one round to warm up."""
    for mention in mentions[:200]:
        work(mention)
    started = time.process_time()
    for mention in mentions:
        work(mention)
    return (time.process_time() - started) / len(mentions) * 1e6


def main() -> None:
    """Print microseconds and posts a second for each part."""
    posts = read_stream(STREAM)
    mentions = [post.mention for post in posts]
    settings = settings_for(posts)
    brand = next(iter(settings.brands))
    rules = compile_rules(settings)
    queries = ['"late parcel" OR refund*', "#brand{} -job", "brand{} NEAR/3 broken", "brand{} (shop OR store)"]
    named = [queries[number % 4].format(number) for number in range(WATCHES - 1)]
    matcher = Matcher([ParsedWatch(brand, str(at), parse_query(text)) for at, text in enumerate([brand, *named])])

    def decide_one(mention: Mention) -> object:
        hit = Hit(1, brand, ("name",), mention, "stream", mention.posted_at + timedelta(minutes=1))
        return decide(hit, _VERDICT, History(), rules, hit.seen_at)

    parts: dict[str, Callable[[Mention], object]] = {
        "fold": fold_mention,
        f"fold and match {WATCHES} watches": lambda mention: matcher.match(mention, "stream"),
        "fold and tell the language": lambda mention: find_language(fold_mention(mention)),
        "decide: noise, severity, language, score": decide_one,
    }
    table = Table("part", "µs a post", "posts/s")
    for name, work in parts.items():
        spent = microseconds(work, mentions)
        table.add_row(name, f"{spent:.0f}", f"{1e6 / spent:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
