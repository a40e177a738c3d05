"""What the desk shows: one case in full, and why a post became a case or did not."""

from dataclasses import asdict, dataclass
from typing import Any

from connectors.mention import clean_text
from monitor.desk.links import spellings
from monitor.domain import Case, Status
from monitor.errors import UnknownCase
from monitor.rules.moves import Action, allowed_actions
from monitor.store.records import AuditEntry, CaseView, Explanation, stamp
from monitor.store.store import Store

_KEY_SHOWN = 100
_BY_THE_PROGRAM = {Action.EXPIRE, Action.FOLLOW_UP, Action.PRESUME}
_WITH_WORDS = {Action.HOLD}
"""Moves that come with words agreed on beforehand, and so not by themselves."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case with everything that belongs to it; `allowed` are the moves that it allows."""

    case: Case
    view: CaseView
    posts: tuple[dict[str, Any], ...]
    trail: tuple[AuditEntry, ...]
    allowed: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the file as `queue show --json` prints it."""
        times = ("claimed_at", "ping_at", "release_at", "replied_at", "closed_at")
        return {
            **self.view.to_json(),
            **{name: stamp(getattr(self.case, name)) for name in times},
            "replied_by": self.case.replied_by,
            "dismissed_reason": self.case.dismissed_reason,
            "escalation_step": self.case.escalation_step,
            "version": self.case.version,
            "thread": [
                {**post, "posted_at": stamp(post["posted_at"]), "deleted_at": stamp(post["deleted_at"])}
                for post in self.posts
            ],
            "trail": [{**asdict(entry), "at": stamp(entry.at)} for entry in self.trail],
            "allowed": list(self.allowed),
        }


def show(store: Store, case_id: int) -> CaseFile:
    """Return one case in full. Raises UnknownCase."""
    case = known_case(store, case_id)
    (view,) = store.case_views([case_id])
    trail, posts = tuple(store.audit_trail(case_id)), tuple(store.posts_of_case(case_id))
    return CaseFile(case, view, posts, trail, tuple(action.value for action in moves_of_people(case.status)))


def explain(store: Store, key: str) -> list[Explanation]:
    """Return what is stored about a link, native id, `platform:id` or case id. Raises UnknownCase for nothing."""
    for spelling in spellings(key.strip()):
        found = store.explain(spelling)
        if found:
            return found
    raise UnknownCase(clean_text(key, _KEY_SHOWN), "no stored post has this link or id",
                      "give the post's link, its id, PLATFORM:ID or a case number")  # fmt: skip


def known_case(store: Store, case_id: int) -> Case:
    """Return a case. Raises UnknownCase."""
    case = store.case(case_id)
    if case is None:
        raise UnknownCase(f"case {case_id}", "there is no such case")
    return case


def moves_of_people(status: Status) -> list[Action]:
    """Return the moves that a person may make from a state; what happens by itself is left out."""
    return [action for action in allowed_actions(status) if action not in _BY_THE_PROGRAM | _WITH_WORDS]
