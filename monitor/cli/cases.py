"""Cases on a terminal: the queue as a table, one case in full. Everything foreign is made inert."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from connectors.mention import parse_time
from monitor.cli.output import Cell, Row, is_narrow, print_facts, print_table, say
from monitor.domain import Level, Reason, Status
from monitor.notify.text import ago, count, excerpt, inert, moment, safe_link, span, until, visible
from monitor.store.records import AuditEntry, CaseView

if TYPE_CHECKING:
    from monitor.desk import CaseFile
    from monitor.desk.chains import ChainView

_TEXT, _EVIDENCE, _WHY = 90, 48, 3


def print_queue(cases: Sequence[CaseView], now: datetime, zone: tzinfo, *, demo: bool) -> None:
    """Print the queue; the brand is a column where there are several."""
    if demo:
        say("demo: these posts are invented")
    if is_narrow():
        print_table(["ID", "LEVEL", "DUE", "POST"], [_narrow_row(case, now, zone) for case in cases], wide=["POST"])
        return
    brands = len({case.brand for case in cases}) > 1
    columns = ["ID", "LEVEL", "SCORE", "DUE", "OWNER", *(["BRAND"] if brands else []), "FROM", "TEXT", "WHY"]
    print_table(columns, [_queue_row(case, now, zone, brands=brands) for case in cases], wide=["TEXT", "WHY"])


def print_lanes(lanes: Mapping[str | None, tuple[int, int]], shown: str | None) -> None:
    """Print how many open cases wait in each language that the model does not serve, and how many of them are late."""
    waiting = [(lane, *counts) for lane, counts in lanes.items() if lane]
    if not waiting:
        return
    counts = ", ".join(f"{inert(lane)} {still}{f' ({late} late)' if late else ''}" for lane, still, late in waiting)
    others = [lane for lane, _, _ in waiting if lane != shown]
    hint = f": `complaint-monitor queue list --lane {visible(others[0])}`" if others else ""
    say(f"in languages that the model does not serve: {counts}{hint}")


def _narrow_row(case: CaseView, now: datetime, zone: tzinfo) -> Row:
    """Return a case for a narrow terminal: who has it stands below the time, the gravest reason below the post."""
    owner = f"\n{inert(excerpt(case.claimed_by, 20))}" if case.claimed_by else ""
    post = f"{inert(excerpt(case.author, 24))}: {inert(excerpt(case.text, _TEXT)) or '(deleted)'}"
    why = "".join(f"\n{_reason(reason)}" for reason in _weightiest(case.reasons)[:1])
    return (
        str(case.id),
        Cell(_level(case), case.level),
        Cell(_due(case, now, zone) + owner, "late" if _is_late(case, now) else ""),
        post + why,
    )


def _queue_row(case: CaseView, now: datetime, zone: tzinfo, *, brands: bool) -> Row:
    return (
        str(case.id),
        Cell(_level(case), case.level),
        f"{case.score:.0f}",
        Cell(_due(case, now, zone), "late" if _is_late(case, now) else ""),
        inert(excerpt(case.claimed_by or "", 20)) or "-",
        *([case.brand] if brands else []),
        f"{inert(excerpt(case.platform, 12))} {inert(excerpt(case.author, 24))}",
        inert(excerpt(case.text, _TEXT)) or "(deleted)",
        "; ".join(_reason(reason) for reason in _weightiest(case.reasons)),
    )


def _level(case: CaseView) -> str:
    """Return the level; a question mark asks for a review."""
    return f"{case.level}?" if case.review else case.level.value


def _is_late(case: CaseView, now: datetime) -> bool:
    return case.due_at < now and case.status is not Status.REPLIED


def _due(case: CaseView, now: datetime, zone: tzinfo) -> str:
    if case.status is Status.REPLIED:
        return "answered"
    if case.snoozed_until and case.snoozed_until > now:
        return f"snoozed till {moment(case.snoozed_until, now, zone)}"
    return until(case.due_at, now, zone)


def _weightiest(reasons: Sequence[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda reason: -abs(reason.points))[:_WHY]


def _reason(reason: Reason) -> str:
    """Return a factor with what it rests on; a floor only repeats the words of the class that set it."""
    repeats = not reason.evidence or reason.name == "floor"
    evidence = "" if repeats else f" ({inert(excerpt(reason.evidence, _EVIDENCE))})"
    return f"{reason.name} {reason.points:+.0f}{evidence}"


def print_case(found: "CaseFile", now: datetime, zone: tzinfo, chain: "ChainView | None" = None) -> None:
    """Print one case: what it is, who says so, why it is urgent, what was done, whom its chain tells next."""
    print_facts([*_facts(found, now, zone), *([("chain", chain_line(chain, now, zone))] if chain else [])])
    say("\nposts")
    for post in found.posts:
        text = "(deleted)" if post["deleted_at"] else inert(post["text"][:2_000], newlines=True)
        say(f"  {ago(post['posted_at'], now, zone)}, {inert(post['author']) or 'unknown'} ({post['role']})")
        for line in text.split("\n"):
            say(f"    {line}")
        link = safe_link(post["permalink"])
        if link:
            say(f"    {link}")
    say("\nwhy")
    print_reasons(found.view.reasons, found.view.score)
    say("\ntrail")
    for entry in found.trail:
        say(f"  {_trail_line(entry, now, zone)}")


def _facts(found: "CaseFile", now: datetime, zone: tzinfo) -> Iterator[tuple[str, str]]:
    case, view = found.case, found.view
    yield "case", f"{case.id}, {view.kind} about {view.brand}"
    yield "level", f"{view.level}{' (for review)' if view.review else ''}, score {view.score:g}"
    yield "status", f"{view.status}{f' by {inert(case.claimed_by)}' if case.claimed_by else ''}"
    yield from _replies(found, now, zone)
    if case.snoozed_until:
        yield "snoozed", f"till {moment(case.snoozed_until, now, zone)}"
    if case.release_at and case.status is Status.CLAIMED:
        yield "claim", f"goes back to the queue at {moment(case.release_at, now, zone)} without a reply"
    if case.dismissed_reason:
        yield "dismissed", inert(case.dismissed_reason)
    reach = f", {count(view.followers)} followers" if view.followers is not None else ""
    yield "author", f"{inert(view.author) or 'unknown'} on {inert(view.platform)}{reach}"
    if view.cause:
        yield "cause", f"{inert(view.cause)} (by {inert(view.cause_by or '')}{_because(view.cause_why)})"
    if view.incident_id:
        yield "incident", f"{view.incident_id}: `complaint-monitor incident show {view.incident_id}`"
    if view.severity:
        yield "severity", ", ".join(view.severity)
    if view.lane:
        yield "language", f"{inert(view.lane)}, which the model does not serve"
    yield "next", ", ".join(found.allowed) or "nothing"


def _replies(found: "CaseFile", now: datetime, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Yield when we answered, or until when an answer is due, and how the customer took it."""
    case, view = found.case, found.view
    answered = case.answered_at or case.replied_at
    if case.status in {Status.NEW, Status.CLAIMED}:
        again = f", after an answer {ago(answered, now, zone)}" if answered else ""
        yield "reply", f"{until(view.due_at, now, zone)}{again}"
    elif answered:
        yield "reply", f"answered {ago(answered, now, zone)}{', seen on the platform' if case.answer_seen else ''}"
    if view.mood:
        yield "customer", f"{inert(view.mood)} since our answer"


def chain_line(chain: "ChainView", now: datetime, zone: tzinfo) -> str:
    """Return where a chain stands and what comes next: "critical, 2 of 6 steps taken; next: told to ana in 3 min"."""
    taken = f"{chain.level}, {chain.taken} of {chain.steps} steps taken"
    told = ", ".join(chain.next_told) or "nobody"
    if chain.next_at is not None:
        return f"{taken}; next: told to {told} {ago(max(chain.next_at, now), now, zone).replace('just now', 'now')}"
    if chain.state.alive:
        return f"{taken}; paused by the claim; {span(chain.left)} after it ends without a reply: told to {told}"
    return f"{taken}; {chain.state.value}"


def _because(why: str | None) -> str:
    return f": {inert(excerpt(why, _EVIDENCE * 2))}" if why else ""


def print_reasons(reasons: Sequence[Reason], score: float) -> None:
    """Print every factor with its points, and their sum."""
    for reason in sorted(reasons, key=lambda reason: -abs(reason.points)):
        say(f"  {reason.points:+7.1f}  {reason.name}{f': {inert(reason.evidence)}' if reason.evidence else ''}")
    say(f"  {score:7.1f}  in all")


def _trail_line(entry: AuditEntry, now: datetime, zone: tzinfo) -> str:
    detail = ", ".join(f"{key} {inert(str(value))}" for key, value in entry.detail.items() if value not in (None, ""))
    return f"{ago(entry.at, now, zone)}: {inert(entry.who)}: {entry.action}{f' ({detail})' if detail else ''}"


def moved_line(case: dict[str, Any], now: datetime, zone: tzinfo) -> str:
    """Return one line on where a case stands after a move; `case` is its JSON."""
    owner = f" by {inert(case['claimed_by'])}" if case["claimed_by"] and case["status"] == Status.CLAIMED else ""
    due = ""
    if case["status"] in {Status.NEW, Status.CLAIMED}:
        due = f"; reply {until(parse_time(case['due_at']), now, zone)}"
    snoozed = f"; snoozed till {moment(parse_time(case['snoozed_until']), now, zone)}" if case["snoozed_until"] else ""
    return f"case {case['id']} ({Level(case['level'])}): {case['status']}{owner}{due}{snoozed}"
