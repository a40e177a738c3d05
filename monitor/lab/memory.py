"""What a replay remembers of the posts that it has decided: the same `History` that the store gives, without a table.

Everything before the span is as the store has it; everything inside follows from the replay's own decisions.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping

from monitor.domain import Decision, History, Hit, Kind, Severity
from monitor.lab.casebook import CaseBook, LabCase
from monitor.rules.history import (
    COPY_LENGTH,
    COPY_WINDOW,
    OUTAGE_WINDOW,
    OUTAGES_COUNTED,
    REPEAT_WINDOW,
    velocity,
)
from monitor.store.lab import Past, StoredPost

_COPY_MS = round(COPY_WINDOW.total_seconds() * 1000)
_OUTAGE_MS = round(OUTAGE_WINDOW.total_seconds() * 1000)
_REPEAT_MS = round(REPEAT_WINDOW.total_seconds() * 1000)


class Memory:
    """The past of authors, threads and texts under one config."""

    def __init__(self, book: CaseBook) -> None:
        self._book = book
        self._complaints: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        self._copies: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._copied: dict[tuple[str, str], dict[int, LabCase]] = defaultdict(dict)
        self._outages: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._case_of_post: dict[tuple[str, str, str], LabCase] = {}
        self._voices: dict[tuple[str, str], set[str]] = defaultdict(set)

    def recall(self, past: Past, seeded: Mapping[int, LabCase]) -> None:
        """Take over what the store knew before the span; `seeded` are the cases that were open then."""
        for brand, platform, author, posted in past.complaints:
            insort(self._complaints[brand, platform, author], posted)
        for brand, key, decided, case_id in past.copies:
            self._add_copy((brand, key), decided, seeded.get(case_id or 0))
        for brand, platform, native_id, copy, number in past.case_posts:
            if (case := seeded.get(number)) is not None:
                self._case_of_post[brand, platform, native_id] = case
                if copy is not None:
                    self._copied[brand, copy].setdefault(case.id, case)
        for brand, author, posted in past.outages:
            insort(self._outages[brand], (posted, author))
        for platform, thread, author in past.own_replies:
            self._voices[platform, thread].add(author)

    def see(self, post: StoredPost) -> None:
        """Note who speaks in a thread, whether or not a watch wants the post."""
        if post.mention.thread_id:
            self._voices[post.mention.platform, post.mention.thread_id].add(post.author)

    def history(self, hit: Hit, post: StoredPost, own: frozenset[str]) -> History:
        """Return what is known about the author and thread of a hit when it arrives."""
        case = self._book.open_case(hit.join_key, post.seen_ms)
        copies, copy_of = self._copies_of(hit, post)
        thread = hit.mention.thread_id
        return History(
            open_case=case.id if case else None,
            open_level=case.level if case else None,
            open_kind=case.kind if case else None,
            complaints_30d=self._complaints_of(hit, post),
            copies=copies,
            copy_of=copy_of.id if copy_of else None,
            velocity=velocity(post.readings),
            own_reply_before=bool(
                thread and own and not own.isdisjoint(self._voices.get((post.mention.platform, thread), ()))
            ),
            outages=self._outages_before(hit.brand, post),
            guarded=bool(thread and case),
        )

    def learn(self, hit: Hit, post: StoredPost, decision: Decision, case: LabCase | None) -> None:
        """Remember a decision for those that follow."""
        if decision.is_case and decision.kind is Kind.COMPLAINT:
            insort(self._complaints[hit.brand, hit.mention.platform, post.author], post.posted_ms)
        if post.copy_key is not None:
            self._add_copy((hit.brand, post.copy_key), post.seen_ms, case)
        if Severity.OUTAGE in decision.severity:
            insort(self._outages[hit.brand], (post.posted_ms, post.author))
        if case is not None:
            self._case_of_post[hit.brand, hit.mention.platform, hit.mention.native_id] = case

    def _add_copy(self, key: tuple[str, str], seen_ms: int, case: LabCase | None) -> None:
        insort(self._copies[key], seen_ms)
        if case is not None:
            self._copied[key].setdefault(case.id, case)

    def _copies_of(self, hit: Hit, post: StoredPost) -> tuple[int, LabCase | None]:
        if hit.mention.repost_of:
            first = self._case_of_post.get((hit.brand, hit.mention.platform, hit.mention.repost_of))
            return 0, first if first is not None and self._book.is_open(first, post.seen_ms) else None
        if post.copy_key is None or len(hit.mention.text) < COPY_LENGTH:
            return 0, None
        key = (hit.brand, post.copy_key)
        times = self._copies.get(key, ())
        copies = len(times) - bisect_right(times, post.seen_ms - _COPY_MS)
        if not copies:
            return 0, None
        return copies, next((case for case in self._copied[key].values() if self._is_open(case, post)), None)

    def _is_open(self, case: LabCase, post: StoredPost) -> bool:
        return self._book.is_open(case, post.seen_ms)

    def _complaints_of(self, hit: Hit, post: StoredPost) -> int:
        times = self._complaints.get((hit.brand, hit.mention.platform, post.author))
        return len(times) - bisect_right(times, post.seen_ms - _REPEAT_MS) if times else 0

    def _outages_before(self, brand: str, post: StoredPost) -> int:
        known = self._outages.get(brand)
        if not known:
            return 0
        start = bisect_right(known, (post.posted_ms - _OUTAGE_MS, "\U0010ffff"))
        end = bisect_right(known, (post.posted_ms, "\U0010ffff"))
        others = 0
        for _, author in known[start:end]:
            others += author != post.author
            if others == OUTAGES_COUNTED:
                break
        return others
