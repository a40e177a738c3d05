"""Ten thousand varied posts, made from the labelled ones of the repository by a fixed seed."""

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
STREAMS: Final = (ROOT / "connectors/samples/lumo.jsonl", ROOT / "bench/streams/held_out.jsonl")
TEXTS: Final = ROOT / "tests/data/adversarial.jsonl"
END: Final = datetime(2026, 11, 1, tzinfo=UTC)
SPAN: Final = timedelta(hours=36)

_BRAND: Final = re.compile(r"velora|telfast|novaphone", re.IGNORECASE)
_OPENINGS: Final = (
    "", "hey, ", "so ", "honestly, ", "update: ", "right, ", "ok ", "again: ", "fyi ", "seriously, ", "hello, ",
)  # fmt: skip
_ENDINGS: Final = (
    "order {n}", "ticket {n}", "day {d}", "since {d} days", "third floor, flat {d}", "from {place}", "in {place}",
    "posting from {place}", "it is {d} o'clock here", "my {d}th one", "room {d}", "{place}, house {d}", "no. {n}",
)  # fmt: skip
_PLACES: Final = (
    "Leeds", "Graz", "Porto", "Utrecht", "Gent", "Malmo", "Brno", "Lyon", "Sevilla", "Bath", "Cork", "Turku", "Pisa",
    "Ulm", "Bergen", "Riga", "Zadar", "Linz", "Nantes", "Hull",
)  # fmt: skip


def posts(number: int, *, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Give so many posts about lumo, oldest first; an original first, then variants with other ids and authors."""
    chance = random.Random(seed)
    originals = list(_originals())
    order = [at % len(originals) for at in range(number)]
    chance.shuffle(order)
    seen: set[int] = set()
    for at, which in enumerate(order):
        post = originals[which]
        text = post["text"] if which not in seen else _varied(post["text"], chance)
        seen.add(which)
        author = {**post["author"], "handle": f"{post['author']['handle'][:16]}_{chance.randrange(number // 2)}"}
        moment = END - SPAN + SPAN * (at / number)
        yield {**post, "native_id": f"b{at}", "thread_id": f"b{at}", "text": text, "author": author,
               "posted_at": moment.isoformat()}  # fmt: skip


def write_posts(path: Path, number: int) -> None:
    """Write so many posts as a replayed file."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(post, ensure_ascii=False) + "\n" for post in posts(number))


def _originals() -> Iterator[dict[str, Any]]:
    for stream in STREAMS:
        for record in _lines(stream):
            if "author" in record and not record.get("repost_of"):
                yield _about_lumo({key: value for key, value in record.items() if key not in {"label", "parent_id"}})
    for number, record in enumerate(_lines(TEXTS)):
        metrics = {"likes": number % 30, "replies": number % 4, "reposts": 0, "views": None}
        author = {"handle": f"writer{number}", "name": None, "followers": number * 3}
        yield _about_lumo({"platform": "x", "author": author, "text": record["text"], "metrics": metrics, "lang": None})


def _about_lumo(post: dict[str, Any]) -> dict[str, Any]:
    text = _BRAND.sub("lumo", post["text"])
    return {**post, "text": text if "lumo" in text.casefold() else f"@lumo {text}"}


def _varied(text: str, chance: random.Random) -> str:
    """Return a text that says the same, and is no copy after folding."""
    ending = chance.choice(_ENDINGS).format(
        n=chance.randrange(10_000, 99_999), d=chance.randrange(2, 28), place=chance.choice(_PLACES)
    )
    return f"{chance.choice(_OPENINGS)}{text} {ending}"


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)
