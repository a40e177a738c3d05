"""Whatever happens between polls, the set stored is the set published and the watermark never goes back."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connectors.connector import Page, Request
from connectors.cursor import Cursor, Limits
from connectors.errors import BadQuery, Unreachable
from connectors.mention import Author, Mention
from connectors.walk import Walk, start_walk

START = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
OVERLAP = timedelta(minutes=15)
PAGE_SIZE = 3


@dataclass(frozen=True)
class Post:
    native_id: str
    posted_at: datetime
    shown_at: datetime
    queries: frozenset[str]

    def mention(self) -> Mention:
        return Mention("memory", self.native_id, Author("somebody"), "text", self.posted_at)


class Platform:
    """Posts in memory, newest first; a token is the place of the last post returned."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.returned = 0

    def fetch(self, request: Request, now: datetime) -> Page:
        found = sorted((post for post in self.posts if self._wanted(post, request, now)), key=_place, reverse=True)
        if request.token is not None:
            found = [post for post in found if "|".join(_place(post)) < request.token]
        page, rest = found[:PAGE_SIZE], found[PAGE_SIZE:]
        self.returned += len(page)
        token = "|".join(_place(page[-1])) if rest else None
        return Page(mentions=tuple(post.mention() for post in page), next_token=token)

    def _wanted(self, post: Post, request: Request, now: datetime) -> bool:
        return (
            request.query in post.queries
            and post.shown_at <= now
            and (request.since is None or post.posted_at >= request.since)
            and (request.until is None or post.posted_at < request.until)
        )


def _place(post: Post) -> tuple[str, str]:
    return (post.posted_at.isoformat(timespec="microseconds"), post.native_id)


class Polling(RuleBasedStateMachine):
    """Publishing, late showing, deletion, crashes and failures, in any order."""

    @initialize(page_cap=st.integers(1, 4), sweep=st.booleans(), queries=st.integers(1, 3))
    def begin(self, page_cap: int, sweep: bool, queries: int) -> None:
        self.now = START
        self.platform = Platform()
        self.limits = Limits(
            page_cap=page_cap,
            overlap=OVERLAP,
            first_window=timedelta(hours=24),
            sweep=timedelta(hours=48) if sweep else None,
            gap_pages=page_cap,
        )
        self.queries = [f"q{number}" for number in range(queries)]
        self.cursor = Cursor()
        self.stored: set[str] = set()
        self.deleted: set[str] = set()
        self.count = 0
        self.first_since = START
        self.highest: datetime | None = None

    @rule(
        late=st.sampled_from([0, 7, 14]),
        copies=st.integers(1, 9),
        same_second=st.booleans(),
        where=st.sets(st.integers(0, 2), min_size=1),
    )
    def publish(self, late: int, copies: int, same_second: bool, where: set[int]) -> None:
        asked = frozenset(self.queries[number % len(self.queries)] for number in where)
        for number in range(copies):
            self.count += 1
            shown_at = self.now + timedelta(minutes=late * (number % 2))
            self.platform.posts.append(Post(f"p{self.count:05}", self.now, shown_at, asked))
            if not same_second:
                self.now += timedelta(seconds=1)

    @rule(minutes=st.sampled_from([3, 7, 14, 60, 600]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(place=st.integers(0, 10_000))
    def delete(self, place: int) -> None:
        if self.platform.posts:
            self.deleted.add(self.platform.posts.pop(place % len(self.platform.posts)).native_id)

    @rule(pages=st.integers(0, 4), commits_last=st.booleans())
    def poll_and_be_killed(self, pages: int, commits_last: bool) -> None:
        walk = self._start()
        for page_number in range(pages):
            if (request := walk.request) is None:
                return
            page = self.platform.fetch(request, self.now)
            walk = walk.take(page)
            if page_number < pages - 1 or commits_last:
                self._commit(page, walk)

    @rule(pages=st.integers(0, 4), permanent=st.booleans())
    def poll_and_fail(self, pages: int, permanent: bool) -> None:
        walk = self._start()
        for _ in range(pages):
            if (request := walk.request) is None:
                return
            page = self.platform.fetch(request, self.now)
            walk = walk.take(page)
            self._commit(page, walk)
        error = BadQuery("memory", "refused") if permanent else Unreachable("memory", "no connection")
        before = self.cursor.watermark
        self.cursor = Cursor.from_json(walk.failed(error).to_json())
        assert self.cursor.watermark == walk.cursor.watermark
        assert before is None or self.cursor.watermark == before

    @rule()
    def poll(self) -> None:
        self._walk_to_the_end(self._start())

    @invariant()
    def watermark_never_goes_back_nor_ahead(self) -> None:
        if not hasattr(self, "cursor") or self.cursor.watermark is None:
            return
        assert self.cursor.watermark <= self.now
        assert self.highest is None or self.cursor.watermark >= self.highest
        self.highest = self.cursor.watermark

    def teardown(self) -> None:
        if not hasattr(self, "cursor"):
            return
        self.now += timedelta(minutes=15)
        self._walk_to_the_end(self._start())
        self.limits = replace(self.limits, gap_pages=None)
        self._walk_to_the_end(self._start())
        assert self.cursor.gaps == ()
        published = {post.native_id for post in self.platform.posts}
        wanted = {post.native_id for post in self.platform.posts if post.posted_at >= self.first_since}
        assert wanted <= self.stored <= published | self.deleted

    def _start(self) -> Walk:
        walk = start_walk(self.cursor, self.queries, self.limits, self.now)
        if self.cursor.watermark is None and walk.request is not None and walk.request.since is not None:
            self.first_since = walk.request.since
        return walk

    def _walk_to_the_end(self, walk: Walk) -> None:
        for _ in range(10_000):
            if (request := walk.request) is None:
                self.cursor = walk.cursor
                return
            page = self.platform.fetch(request, self.now)
            walk = walk.take(page)
            self._commit(page, walk)
        raise AssertionError("the walk has no end")

    def _commit(self, page: Page, walk: Walk) -> None:
        self.stored |= {mention.native_id for mention in page.mentions}
        self.cursor = Cursor.from_json(walk.cursor.to_json())


TestPolling = Polling.TestCase
TestPolling.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
