"""What a connector is: it fetches pages of mentions, newest first, and reads known ones again.

A connector holds no position. Where a source stands is its cursor (`connectors/cursor.py`), kept by the caller together
with the mentions, so that a crash between the two cannot happen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from connectors.mention import Mention


@dataclass(frozen=True, slots=True)
class Request:
    """One page that is wanted: `query` in the platform's own language ("" where it has none).

    `since` and `until` bound `posted_at` (aware UTC, since inclusive, until exclusive); None means unbounded. `token`
    continues an earlier page of the same query and bounds. `state` is what the connector returned with its last page
    (an ETag, a file position). `most` asks a platform that bills posts for no more of them; others may give a page.
    """

    query: str
    since: datetime | None = None
    until: datetime | None = None
    token: str | None = None
    most: int | None = None
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """What one request returned. `returned` counts what the platform billed; `skipped` what could not be read.

    `deleted` holds native ids; an empty `state` leaves the source's state as it was.
    """

    mentions: tuple[Mention, ...] = ()
    deleted: tuple[str, ...] = ()
    next_token: str | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    returned: int = 0
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reread:
    """Known mentions as they stand now, and the native ids of those that are gone.

    `returned` counts what the platform billed.
    """

    mentions: tuple[Mention, ...] = ()
    gone: tuple[str, ...] = ()
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Watched:
    """What threads, or the own timeline, brought: posts, oldest first, and the native ids of posts that are gone.

    `returned` counts what the platform billed. `whole` is False where more had been written than one reading takes.
    """

    mentions: tuple[Mention, ...] = ()
    gone: tuple[str, ...] = ()
    returned: int = 0
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Traits:
    """What a kind of source can do and needs; the poll and follow steps and `check` read it.

    `lag` is how late the platform indexes a post at worst in ordinary times, `overlap` what each poll re-reads for it.
    `first_window` is how far the first poll looks back (None: everything), `sweep` the span of the daily reconcile.
    `price_per_post` is in US dollars for a post returned, None where reading is free. `least_page` is the smallest page
    that the platform gives. `watches_threads` says that the connector is a `Watcher`, `threads_per_call` how many
    threads one call of it takes. `recheck` is how long a stored post may go unlooked at, so that its deletion is
    followed in the time that the platform asks for. `replies_as` is the account that a `Replier` answers as; where it
    is None, `no_replies` says why this source sends nothing, for people to read.
    """

    overlap: timedelta = timedelta(minutes=15)
    lag: timedelta = timedelta(0)
    first_window: timedelta | None = timedelta(hours=24)
    sweep: timedelta | None = None
    page_cap: int | None = 10
    least_page: int = 1
    ordered_by_time: bool = True
    takes_query: bool = False
    can_reread: bool = False
    reread_batch: int = 100
    price_per_post: float | None = None
    text_hours: int | None = None
    watches_threads: bool = False
    threads_per_call: int = 1
    recheck: timedelta | None = None
    replies_as: str | None = None
    no_replies: str = "this kind of source only reads"


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply that stands on the platform; `permalink` is None where the platform tells none."""

    native_id: str
    permalink: str | None


class Connector(Protocol):
    """One configured source. Every method may raise ConnectorError and nothing else."""

    platform: str
    traits: Traits

    def queries(self, compiled: Sequence[str]) -> Sequence[str]:
        """Return what one poll of this source asks, each a `Request.query` with a walk of its own; no I/O.

        `compiled` are the watches in the platform's language. Where `traits.takes_query` they are asked as they are,
        and listings of the source may come on top ("listing:comments"); elsewhere the answer is `("",)`.
        """
        ...

    def fetch(self, request: Request) -> Page:
        """Return one page, newest first where the platform orders by time; blocking, bounded in time and size."""
        ...

    def reread(self, native_ids: Sequence[str]) -> Reread:
        """Return the mentions of these ids as they are now; only called where `traits.can_reread`."""
        ...

    def close(self) -> None:
        """Release sockets and files."""
        ...


@runtime_checkable
class Paced(Protocol):
    """A connector that spreads what it has over time; with `paced` False it gives all of it at once, one time."""

    paced: bool


@runtime_checkable
class Watcher(Protocol):
    """A connector that looks into threads, and at what accounts of ours have written; see `Traits.watches_threads`.

    Both are bounded in time, pages and money, and raise ConnectorError alone. `since` is aware UTC and inclusive;
    `most` asks a platform that bills posts for no more of them.
    """

    def read_threads(self, thread_ids: Sequence[str], since: datetime, most: int | None = None) -> Watched:
        """Return what was written in these threads since a time; ids that are none of the platform's bring nothing."""
        ...

    def read_voices(self, handles: Sequence[str], since: datetime, most: int | None = None) -> Watched:
        """Return what these accounts have answered to others since a time."""
        ...


@runtime_checkable
class Replier(Protocol):
    """A connector that posts a person's reply where the platform's terms allow it; see `Traits.replies_as`.

    Bounded in time; raises ConnectorError alone. PerhapsSent is raised where the reply may stand there all the same:
    any other error means that nothing was posted. Nothing is ever tried a second time by itself.
    """

    def may_reply(self, mention: Mention, *, to_ours: bool = False) -> str | None:
        """Return why this post may not be answered directly, None where it may; no I/O.

        `to_ours` says that the post itself answers one of ours, where that is known.
        """
        ...

    def reply(self, mention: Mention, text: str, key: str) -> Sent:
        """Post a reply once. `key` names the attempt in errors and logs; platforms without such keys never see it."""
        ...

    def check_voice(self) -> str:
        """Return the account that the credentials belong to, having seen that it may write; nothing is posted."""
        ...
