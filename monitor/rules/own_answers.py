"""Which posts of a thread are our answers to a case. Pure.

An answer is a post by one of the brand's own accounts to somebody of the case: to one of its posts, or to its
customer's further words. What we write to strangers in the same thread, and our own announcement that a complaint hangs
under, answer nobody; a post whose parent we have not seen yet waits until the thread is read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ThreadPost:
    """A stored post of a thread. `author` is case-folded, `handle` as written; times are aware UTC.

    `in_case` says that it is a post of the case in question, `complains` that it was decided to be a complaint.
    """

    native_id: str
    author: str
    handle: str
    posted_at: datetime
    parent_id: str | None
    in_case: bool
    complains: bool


def find_answers(
    posts: Sequence[ThreadPost], own: Collection[str], thread_id: str, since: datetime | None
) -> list[ThreadPost]:
    """Return our answers to a case, oldest first, written after `since` (the last one known; None: all of them)."""
    case = [post for post in posts if post.in_case and post.author not in own]
    if not case:
        return []
    begun = min(post.posted_at for post in case)
    asked = {post.native_id for post in case}
    customers = {post.author for post in case if post.author}
    by_id = {post.native_id: post for post in posts}

    def answers(post: ThreadPost) -> bool:
        if post.author not in own or post.posted_at < begun or post.native_id == thread_id:
            return False
        if post.parent_id is None or post.parent_id in asked:
            return True
        parent = by_id.get(post.parent_id)
        return parent is not None and parent.author in customers

    found = [post for post in posts if answers(post) and (since is None or post.posted_at > since)]
    return sorted(found, key=lambda post: post.posted_at)


def complaint_after(posts: Sequence[ThreadPost], own: Collection[str], moment: datetime) -> ThreadPost | None:
    """Return the first complaint of the case that was written after a moment, or None."""
    later = [post for post in posts if post.in_case and post.complains and post.author not in own]
    return min((post for post in later if post.posted_at > moment), key=lambda post: post.posted_at, default=None)
