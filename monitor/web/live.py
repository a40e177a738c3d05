"""What changes while a page is open: one watcher looks at the store for all streams, and who looks at which case.

store ─▶ revision ─▶ mark of the queue ─▶ every stream: `queue`   ─▶ the page fetches its rows
pages ─▶ POST /cases/ID/looking ─▶ Presence ─▶ every stream: `looking`

A stream ends with its login, and after a minute: then the browser asks anew, and is let in anew.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from monitor.access.person import Deed, Person
from monitor.desk import known_case
from monitor.web.pages import json_answer
from monitor.web.request import NotFound, person_of
from monitor.web.site import Site

STREAMS = 100
"""Streams at a time; who comes later asks for the page every few seconds instead."""

LIFE_S = 55.0
HEARTBEAT_S = 15.0
LOOK_S = 0.5
"""How often the one watcher looks; a case that arrives is shown within two seconds."""

SEEN_FOR = timedelta(seconds=20)
"""How long somebody counts as looking after the page last said so."""

_PLACES = 10_000


class Presence:
    """Who looks at which case, kept in memory alone."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], tuple[str, datetime]] = {}
        self._lock = Lock()

    def note(self, case_id: int, brand: str, name: str, now: datetime) -> None:
        """Remember that somebody looks at a case; they look at one case at a time."""
        with self._lock:
            kept = {key: value for key, value in self._seen.items() if key[1] != name and now - value[1] <= SEEN_FOR}
            if len(kept) < _PLACES:
                self._seen = {**kept, (case_id, name): (brand, now)}

    def now(self, now: datetime) -> dict[int, dict[str, str]]:
        """Return by case who looks at it (name → brand)."""
        with self._lock:
            self._seen = {key: value for key, value in self._seen.items() if now - value[1] <= SEEN_FOR}
            seen = sorted(self._seen.items())
        found: dict[int, dict[str, str]] = {}
        for (case_id, name), (brand, _) in seen:
            found.setdefault(case_id, {})[name] = brand
        return found


class Hub:
    """The streams of all open pages, and the one watcher that wakes them."""

    def __init__(self, site: Site, presence: Presence) -> None:
        self._site = site
        self._presence = presence
        self._streams: set[asyncio.Event] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._revision: int | None = None
        self.mark = ""
        self.looking: Mapping[int, Mapping[str, str]] = {}
        self.stopping: Callable[[], bool] = lambda: False
        """Whether the server wants to end; it waits for streams a second, no longer."""

    @property
    def full(self) -> bool:
        """Whether no further stream is taken."""
        return len(self._streams) >= STREAMS

    async def stream(self, person: Person, seen: str, still: Callable[[], bool]) -> AsyncIterator[str]:
        """Yield events until the stream's time is over, or the login: `still` asks whether it holds.

        `seen` is the mark that the browser knows.
        """
        woken = asyncio.Event()
        self._streams.add(woken)
        try:
            await self._look()
            if self._watcher is None or self._watcher.done():
                self._watcher = asyncio.create_task(self._watch())
            async for event in self._events(person, seen, woken, still):
                yield event
        finally:
            self._streams.discard(woken)

    async def _events(
        self, person: Person, seen: str, woken: asyncio.Event, still: Callable[[], bool]
    ) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        ends, known = loop.time() + LIFE_S, seen or self.mark
        told: dict[int, list[str]] = {}
        checked = loop.time()
        yield f"retry: 1000\nid: {known}\nevent: hello\ndata: {{}}\n\n"
        while (left := ends - loop.time()) > 0 and not self.stopping():
            woken.clear()
            if self.mark != known:
                known = self.mark
                yield f"id: {known}\nevent: queue\ndata: {{}}\n\n"
            looking = self._seen_by(person)
            if looking != told:
                told = looking
                yield f"event: looking\ndata: {json.dumps(looking)}\n\n"
            try:
                await asyncio.wait_for(woken.wait(), min(left, HEARTBEAT_S))
            except TimeoutError:
                yield ": still here\n\n"
            if loop.time() - checked >= HEARTBEAT_S - 1:
                checked = loop.time()
                if not await run_in_threadpool(still):
                    return

    def _seen_by(self, person: Person) -> dict[int, list[str]]:
        """Return who else looks at the cases that a person may see."""
        found = {
            case_id: [name for name, brand in names.items() if name != person.name and person.may(Deed.SEE, brand)]
            for case_id, names in self.looking.items()
        }
        return {case_id: names for case_id, names in found.items() if names}

    async def _watch(self) -> None:
        while self._streams:
            await asyncio.sleep(LOOK_S)
            if self.stopping() or await self._look():
                for woken in self._streams:
                    woken.set()

    async def _look(self) -> bool:
        before = (self.mark, self.looking)
        self.mark, self.looking = await run_in_threadpool(self._state)
        return (self.mark, self.looking) != before

    def _state(self) -> tuple[str, Mapping[int, Mapping[str, str]]]:
        looking = self._presence.now(self._site.clock())
        revision = self._site.revision()
        if revision == self._revision:
            return self.mark, looking
        with self._site.reading() as store:
            mark = store.queue_mark()
        self._revision = revision
        return mark, looking


def routes(site: Site) -> list[Route]:
    """Return the addresses of live updates."""
    presence = Presence()
    hub = Hub(site, presence)

    async def live(request: Request) -> Response:
        if hub.full:
            return PlainTextResponse("too many pages are open; ask again later\n", 503, {"Retry-After": "30"})
        still: Callable[[], bool] = request.scope["state"]["still"]
        hub.stopping = request.scope["state"].get("stopping", hub.stopping)
        events = hub.stream(person_of(request), request.headers.get("last-event-id", "")[:200], still)
        return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    def looking(request: Request) -> Response:
        number, person = request.path_params["number"], person_of(request)
        with site.reading() as store:
            case = known_case(store, number) if number < 2**63 else None
        if case is None or not person.may(Deed.SEE, case.brand):
            raise NotFound(f"case {number}", "there is no such case")
        presence.note(case.id, case.brand, person.name, site.clock())
        return json_answer({})

    return [
        Route("/live", live, methods=["GET"]),
        Route("/cases/{number:int}/looking", looking, methods=["POST"]),
    ]
