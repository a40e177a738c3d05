"""A fake of Hacker News as Algolia serves it: search by date and single items, with late indexing, edits, deletions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from tests.fakes.query import matches
from tests.fakes.server import Call, FakeServer, Reply

MOST_HITS = 1_000


@dataclass
class Thing:
    """A story (with a title) or a comment. `found_at` is when the index knows it."""

    id: int
    author: str
    text: str
    posted_at: datetime
    found_at: datetime
    title: str | None = None
    parent: int | None = None
    story: int | None = None
    points: int | None = None
    gone: bool = False


@dataclass
class FakeHackerNews(FakeServer):
    """The server. `endless` makes it forget the bounds of a query and promise more pages for ever.

    `strange` adds unknown keys, leaves out optional ones and writes ids as numbers.
    """

    clock: Callable[[], datetime]
    page_limit: int = 100
    endless: bool = False
    strange: bool = False
    things: dict[int, Thing] = field(default_factory=dict)
    returned: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def publish(
        self,
        text: str,
        at: datetime,
        *,
        author: str = "pg",
        title: str | None = None,
        parent: str | None = None,
        late: timedelta = timedelta(0),
        points: int | None = None,
    ) -> str:
        """Add a story (with `title`) or a comment that the search finds `late` after it was written; return its id."""
        number = 42_000_001 + len(self.things)
        above = self.things.get(int(parent)) if parent else None
        story = (above.story or above.id) if above else None
        self.things[number] = Thing(
            number, author, text, at, at + late, title, above.id if above else None, story, points
        )
        return str(number)

    def edit(self, native_id: str, text: str) -> None:
        self.things[int(native_id)].text = text

    def remove(self, native_id: str) -> None:
        self.things[int(native_id)].gone = True

    def answer(self, call: Call) -> Reply:
        if call.path == "/api/v1/search_by_date":
            return self._search(call)
        if call.path.startswith("/api/v1/items/"):
            return self._single(call.path.rpartition("/")[2])
        return Reply({"message": "Not Found"}, 404)

    def _search(self, call: Call) -> Reply:
        size = min(int(call.params.get("hitsPerPage", 20)), self.page_limit)
        page = int(call.params.get("page", 0))
        filters = [] if self.endless else call.params.get("numericFilters", "").split(",")
        found = [thing for thing in self._visible() if self._wanted(thing, call.params.get("query", ""), filters)]
        reachable = found[:MOST_HITS]
        hits = reachable[:size] if self.endless else reachable[page * size : (page + 1) * size]
        self.returned += [str(thing.id) for thing in hits]
        body = {
            "hits": [self._hit(thing) for thing in hits],
            "page": page,
            "nbHits": len(found),
            "nbPages": 1_000_000 if self.endless else ceil(len(reachable) / size),
            "hitsPerPage": size,
        }
        return Reply(body)

    def _visible(self) -> Iterable[Thing]:
        now = self.clock()
        known = [thing for thing in self.things.values() if not thing.gone and thing.found_at <= now]
        return sorted(known, key=lambda thing: (thing.posted_at, thing.id), reverse=True)

    @staticmethod
    def _wanted(thing: Thing, query: str, filters: list[str]) -> bool:
        second = int(thing.posted_at.timestamp())
        for text in filter(None, filters):
            sign = next(sign for sign in (">=", "<=", ">", "<") if sign in text)
            value = int(text.partition(sign)[2])
            holds = {">=": second >= value, "<=": second <= value, ">": second > value, "<": second < value}
            if not holds[sign]:
                return False
        return matches(query, f"{thing.title or ''} {thing.text}")

    def _hit(self, thing: Thing) -> dict[str, Any]:
        hit: dict[str, Any] = {
            "objectID": str(thing.id),
            "created_at": thing.posted_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "created_at_i": int(thing.posted_at.timestamp()),
            "author": thing.author,
            "title": thing.title,
            "url": None,
            "story_text": thing.text if thing.title else None,
            "comment_text": None if thing.title else thing.text,
            "points": thing.points,
            "num_comments": 0 if thing.title else None,
            "story_id": thing.story or thing.id,
            "parent_id": thing.parent,
            "_tags": ["story" if thing.title else "comment", f"author_{thing.author}"],
            "_highlightResult": {},
        }
        if self.strange:
            hit = {name: value for name, value in hit.items() if value is not None and name != "created_at"}
            hit |= {"objectID": thing.id, "story_id": thing.id, "brand_new_key": {"deep": [1, None]}}
        return hit

    def _single(self, native_id: str) -> Reply:
        thing = self.things.get(int(native_id))
        if thing is None or thing.gone:
            return Reply({"status": 404, "error": "Not Found"}, 404)
        return Reply(self._tree(thing))

    def _tree(self, thing: Thing) -> dict[str, Any]:
        return {
            "id": thing.id,
            "created_at": thing.posted_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "created_at_i": int(thing.posted_at.timestamp()),
            "type": "story" if thing.title else "comment",
            "author": thing.author,
            "title": thing.title,
            "text": thing.text,
            "points": thing.points,
            "parent_id": thing.parent,
            "story_id": thing.story or thing.id,
            "children": [self._tree(child) for child in self.things.values() if child.parent == thing.id],
        }


if __name__ == "__main__":
    from tests.fakes.serve import serve

    demo = FakeHackerNews(lambda: datetime.now(UTC))
    for minutes in range(30):
        demo.publish(f"<p>lumo lamp number {minutes} is dead again", datetime.now(UTC) - timedelta(minutes=minutes))
    serve(demo)
