"""What the interface shows. Nobody is told that a case, incident or post exists whose brand they may not see."""

from typing import Any

from monitor import desk
from monitor.access.person import EVERY, Deed
from monitor.answering.lint import stopped
from monitor.desk.answers import answers_view, drafts_for, lint_for, playbook_for
from monitor.desk.incidents import show_incident
from monitor.digest.missed import WINDOW
from monitor.explanation import explanation_json
from monitor.incident_view import view_incident
from monitor.store.queue_page import QueueCase, QueueQuery, QueueRow, Standing
from monitor.store.records import AuditEntry, stamp
from monitor.store.store import Store
from monitor.web.asked import Asked, RequestError
from monitor.web.queue import read_cursor, write_cursor
from monitor.web.request import NotFound

MEMBERS = 200
"""Cases of an incident that are shown with it; the others are in the list of cases."""

_WORDS, _WORD = 5, 60


def me(asked: Asked) -> dict[str, Any]:
    """Return who asks, and what they may do."""
    person = asked.person
    rights = [
        {"brand": brand, "deeds": [deed for deed in Deed if person.may(deed, brand)]}
        for brand in asked.site.settings().brands
    ]
    return {"name": person.name, "roles": dict(person.roles), "brands": [one for one in rights if one["deeds"]]}


def cases(asked: Asked) -> dict[str, Any]:
    """Return one page of the queue."""
    wanted, brands = asked.query, asked.brands(asked.query.brand)
    after = read_cursor(wanted.after)
    if wanted.after is not None and after is None:
        raise RequestError("query", "`after` is no end of a page", "give `next` of the page before", 422)
    if not brands:
        return {"rows": [], "counts": {}, "next": None}
    served = asked.site.settings().triage.languages
    query = QueueQuery(
        brands=brands,
        tab=wanted.tab,
        show=wanted.show,
        level=wanted.level,
        platform=wanted.platform or None,
        cause=wanted.cause or None,
        language=wanted.language or None,
        sole_language=served[0] if len(served) == 1 else None,
        claimed_by=asked.person.name if wanted.mine else None,
        words=tuple(word[:_WORD] for word in wanted.q.split()[:_WORDS]),
        after=after,
        limit=wanted.limit,
    )
    with asked.site.reading() as store:
        page = store.queue_page(query, asked.site.clock())
    return {
        "rows": [_row(row) for row in page.rows],
        "counts": {tab: {"cases": each.cases, "critical": each.critical} for tab, each in page.counts.items()},
        "next": write_cursor(page.next) if page.next else None,
    }


def case(asked: Asked) -> dict[str, Any]:
    """Return a case in full, and why it is here."""
    with asked.site.reading() as store:
        brand = _case_brand(asked, store)
        found = desk.show(store, asked.number)
        told = [one for one in desk.explain(store, str(asked.number)) if one.case_id == asked.number]
    bounds = asked.site.settings().triage.levels
    explanations = [explanation_json(one, bounds) for one in told if one.brand == brand]
    return {"case": found.to_json(), "explanations": explanations}


def explain(asked: Asked) -> dict[str, Any]:
    """Return what is stored about a post, for the brands that the person may see."""
    with asked.site.reading() as store:
        found = desk.explain(store, asked.query.post)
    bounds, seen = asked.site.settings().triage.levels, asked.person
    posts = [explanation_json(one, bounds) for one in found if seen.may(Deed.SEE, one.brand or EVERY)]
    if not posts:
        raise NotFound("post", "no stored post has this link or id")
    return {"posts": posts}


def drafts(asked: Asked) -> dict[str, Any]:
    """Return what is offered to whoever answers a case."""
    settings, now = asked.site.settings(), asked.site.clock()
    with asked.site.reading() as store:
        _case_brand(asked, store)
        offered = drafts_for(store, settings, asked.number, now, variant=asked.query.variant)
        books = playbook_for(store, settings, asked.number)
    return {"drafts": [draft.to_json() for draft in offered], "playbooks": [book.to_json() for book in books]}


def answers(asked: Asked) -> dict[str, Any]:
    """Return the answers of a case."""
    with asked.site.reading() as store:
        _case_brand(asked, store)
        return answers_view(store, asked.site.settings(), asked.number, asked.site.clock()).to_json()


def lint(asked: Asked) -> dict[str, Any]:
    """Return what there is to look at in a text before it is sent."""
    with asked.site.reading() as store:
        _case_brand(asked, store)
        found = lint_for(store, asked.site.settings(), asked.number, asked.body.text, asked.site.clock())
    return {"findings": [one.to_json() for one in found], "stopped": bool(stopped(found))}


def waiting_answers(asked: Asked) -> dict[str, Any]:
    """Return the answers that wait for an approval."""
    brands = asked.brands(asked.query.brand)
    with asked.site.reading() as store:
        found = store.waiting_answers(brands) if brands else []
    return {"answers": [one.to_json() for one in found[: asked.query.limit]]}


def incidents(asked: Asked) -> dict[str, Any]:
    """Return one page of incidents, newest first."""
    wanted, brands = asked.query, set(asked.brands(asked.query.brand))
    before = wanted.after or 2**63
    with asked.site.reading() as store:
        known = store.incidents(wanted.brand, everything=wanted.all)
        found = sorted((one for one in known if one.brand in brands and one.id < before), key=lambda one: -one.id)
        page, now = found[: wanted.limit], asked.site.clock()
        views = [view_incident(store, one, now).to_json() for one in page]
    return {"incidents": views, "next": page[-1].id if len(found) > len(page) else None}


def incident(asked: Asked) -> dict[str, Any]:
    """Return an incident with its open cases and its trail."""
    with asked.site.reading() as store:
        known = store.incident(asked.number)
        if known is None or not asked.person.may(Deed.SEE, known.brand):
            raise NotFound(f"incident {asked.number}", "there is no such incident")
        view = show_incident(store, asked.number, asked.site.clock())
        members = store.queue_cases([one.id for one in store.open_cases_of_incident(asked.number)][:MEMBERS])
        trail = store.incident_trail(asked.number)
    return {
        "incident": view.to_json(),
        "cases": [_case(one, None) for one in members],
        "trail": [_entry(one) for one in trail],
    }


def silences(asked: Asked) -> dict[str, Any]:
    """Return the silences in force that concern a brand which the person may see."""
    with asked.site.reading() as store:
        known = store.active_silences(asked.site.clock())
    seen = set(asked.brands())
    shown = [one for one in known if seen.intersection(one["matchers"].get("brand", seen))]
    return {"silences": [{**one, "ends_at": stamp(one["ends_at"])} for one in shown]}


def samples(asked: Asked) -> dict[str, Any]:
    """Return the dropped posts that wait for a look."""
    brands, now = asked.brands(asked.query.brand), asked.site.clock()
    if not brands:
        return {"samples": [], "waiting": 0}
    with asked.site.reading() as store:
        found = desk.waiting_samples(store, now, brands=brands, limit=asked.query.limit)
        waiting = store.waiting_samples(now - WINDOW, brands)
    return {"samples": [one.to_json() for one in found], "waiting": waiting}


def _case_brand(asked: Asked, store: Store) -> str:
    known = store.case(asked.number)
    if known is None or not asked.person.may(Deed.SEE, known.brand):
        raise NotFound(f"case {asked.number}", "there is no such case")
    return known.brand


def _row(row: QueueRow) -> dict[str, Any]:
    incident = row.incident
    return {
        "standing": row.standing,
        "case": _case(row.case, row.standing),
        "incident": {name: getattr(incident, name) for name in incident.__dataclass_fields__} if incident else None,
        "further": [_case(one, None) for one in row.further],
    }


def _case(one: QueueCase, standing: Standing | None) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in QueueCase.__dataclass_fields__}
    return {**plain, "reasons": [reason.to_json() for reason in one.reasons], "standing": standing}


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return {"at": stamp(entry.at), "who": entry.who, "action": entry.action, "detail": entry.detail}
