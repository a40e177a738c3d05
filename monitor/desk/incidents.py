"""What a person does with an incident: own it, agree on an answer, say that it is fixed or over, merge, split.

Each command checks, changes and writes the trail in one transaction; nothing here ever posts to a customer.
"""

from collections.abc import Sequence
from datetime import datetime

from monitor.desk.reads import known_case
from monitor.desk.turn import Turn
from monitor.domain import Case, Kind
from monitor.errors import MonitorError, MoveRefused
from monitor.incident_view import IncidentView, view_incident
from monitor.store.incidents import Incident, IncidentState, StoredCluster
from monitor.store.store import Store


def set_cause(turn: Turn, case_id: int, cause: str) -> Case:
    """Correct what a complaint is about. Raises MonitorError for a cause that its brand does not have."""
    with turn.store.write():
        case = known_case(turn.store, case_id)
        known = turn.settings.cause_names(case.brand)
        if cause not in known:
            raise MonitorError(f"cause {cause!r}", "is none", f"say {', '.join(known)}")
        if case.kind is not Kind.COMPLAINT:
            raise MoveRefused(f"case {case_id}", f"is a {case.kind}, and only complaints have a cause")
        (view,) = turn.store.case_views([case_id])
        turn.store.update_case(case_id, cause=cause, cause_by=turn.who, cause_why=f"given by {turn.who}")
        turn.store.audit(case_id, turn.who, "cause", turn.now, was=view.cause, to=cause)
    return known_case(turn.store, case_id)


def known_incident(store: Store, incident_id: int) -> Incident:
    """Return an incident. Raises MonitorError."""
    incident = store.incident(incident_id)
    if incident is None:
        raise MonitorError(
            f"incident {incident_id}", "there is no such incident", "see `complaint-monitor incident list`"
        )
    return incident


def show_incident(store: Store, incident_id: int, now: datetime) -> IncidentView:
    """Return an incident with its figures. Raises MonitorError."""
    return view_incident(store, known_incident(store, incident_id), now)


def own(turn: Turn, incident_id: int, owner: str) -> Incident:
    """Give an incident to somebody, oneself for instance."""
    with turn.store.write():
        incident = _alive(turn, incident_id)
        turn.store.update_incident(incident_id, owner=owner)
        turn.store.audit_incident(incident_id, turn.who, "own", turn.now, was=incident.owner, to=owner)
        return known_incident(turn.store, incident_id)


def fix(turn: Turn, incident_id: int) -> Incident:
    """Say that the fault is mended; the customers who wait are still to be answered."""
    with turn.store.write():
        incident = _alive(turn, incident_id)
        if incident.state is IncidentState.FIXED:
            return incident
        turn.store.update_incident(incident_id, state=IncidentState.FIXED, fixed_at=turn.now)
        turn.store.audit_incident(incident_id, turn.who, "fixed", turn.now)
        return known_incident(turn.store, incident_id)


def end(turn: Turn, incident_id: int) -> Incident:
    """Say that an incident is over: no case joins it any more, and whoever heard of it is told."""
    from monitor.steps.incidents import tell_over  # noqa: PLC0415  (numpy, which other commands do without)

    with turn.store.write():
        incident = _alive(turn, incident_id)
        fixed = {} if incident.fixed_at else {"fixed_at": turn.now}
        turn.store.update_incident(incident_id, state=IncidentState.OVER, over_at=turn.now, **fixed)
        turn.store.audit_incident(incident_id, turn.who, "over", turn.now)
        tell_over(turn.store, turn.settings, incident_id, turn.now)
        return known_incident(turn.store, incident_id)


def answer(turn: Turn, incident_id: int, text: str) -> Incident:
    """Keep the one answer that was agreed on; it is offered as a draft for each case, and nothing sends it."""
    with turn.store.write():
        _alive(turn, incident_id)
        turn.store.update_incident(incident_id, answer=text, answer_by=turn.who)
        turn.store.audit_incident(incident_id, turn.who, "answer", turn.now, text=text)
        return known_incident(turn.store, incident_id)


def merge(turn: Turn, incident_id: int, into: int) -> Incident:
    """Make an incident a part of another one of the same brand."""
    with turn.store.write():
        gone, kept = _alive(turn, incident_id), _alive(turn, into)
        if gone.id == kept.id or gone.brand != kept.brand:
            cause = "cannot be merged with itself" if gone.id == kept.id else f"is about {gone.brand}, not {kept.brand}"
            raise MoveRefused(f"incident {incident_id}", cause, "name two incidents of one brand")
        cases = [case.case_id for case in turn.store.incident_cases(incident_id)]
        _move(turn, cases, into)
        turn.store.update_incident(incident_id, state=IncidentState.MERGED, merged_into=into, over_at=turn.now)
        turn.store.audit_incident(incident_id, turn.who, "merged", turn.now, into=into)
        turn.store.audit_incident(into, turn.who, "merged", turn.now, incident=incident_id, cases=len(cases))
        return known_incident(turn.store, into)


def split(turn: Turn, incident_id: int, cases: Sequence[int]) -> Incident:
    """Make an incident of its own of some cases of an incident; returns the new one."""
    with turn.store.write():
        incident = _alive(turn, incident_id)
        _check_members(turn, incident_id, cases)
        begun = turn.store.open_incident(incident.brand, *_empty(turn, incident), turn.now)
        _move(turn, cases, begun)
        turn.store.update_incident(begun, owner=turn.who, told_size=len(cases), told_at=turn.now)
        turn.store.audit_incident(incident_id, turn.who, "split", turn.now, into=begun, cases=len(cases))
        turn.store.audit_incident(begun, turn.who, "opened", turn.now, cut_from=incident_id, cases=len(cases))
        return known_incident(turn.store, begun)


def remove(turn: Turn, incident_id: int, cases: Sequence[int]) -> Incident:
    """Take cases out of an incident; they stay alone, and join no other by themselves."""
    with turn.store.write():
        known_incident(turn.store, incident_id)
        _check_members(turn, incident_id, cases)
        _move(turn, cases, None)
        turn.store.audit_incident(incident_id, turn.who, "removed", turn.now, cases=list(cases))
        return known_incident(turn.store, incident_id)


def _alive(turn: Turn, incident_id: int) -> Incident:
    """Return an incident that is open or fixed; raises MoveRefused for any other, or one that has changed since."""
    incident = known_incident(turn.store, incident_id)
    if not incident.state.alive:
        hint = (
            f"work on incident {incident.merged_into}" if incident.merged_into else "a new one opens where it goes on"
        )
        raise MoveRefused(f"incident {incident_id}", f"is {incident.state}", hint)
    if turn.version is not None and turn.version != incident.version:
        raise MoveRefused(f"incident {incident_id}", "was changed by somebody else meanwhile", "look at it again")
    return incident


def _check_members(turn: Turn, incident_id: int, cases: Sequence[int]) -> None:
    strangers = [case_id for case_id in cases if turn.store.incident_of_case(case_id) != incident_id]
    if strangers or not cases:
        cause = f"has no case {', '.join(map(str, strangers))}" if strangers else "needs the cases that are meant"
        raise MonitorError(f"incident {incident_id}", cause, f"see `complaint-monitor incident show {incident_id}`")


def _move(turn: Turn, cases: Sequence[int], into: int | None) -> None:
    turn.store.move_to_incident(cases, into, turn.who)
    for case_id in cases:
        action = "joined-incident" if into is not None else "left-incident"
        turn.store.audit(case_id, turn.who, action, turn.now, incident=into)


def _empty(turn: Turn, incident: Incident) -> tuple[str, StoredCluster]:
    """Return model and an empty sum for an incident that is cut off another."""
    model, total = turn.store.incident_space(incident.id)
    return model, StoredCluster(0, 0, total * 0, {}, incident.last_at, incident.last_at)
