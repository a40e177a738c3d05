"""What people are told of an incident: how many, how far, since when, in which words, whether it grows, an example.

Posts, authors and platforms are foreign text and made harmless like those of cases; the webhook's payload alone carries
them as they were written. The words are letters only.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from monitor.config.schema import Settings
from monitor.incident_view import IncidentView, view_incident
from monitor.notify.receiver import Message
from monitor.notify.render import PAYLOAD_CASES, Setting, case_lines, setting_for, templates
from monitor.notify.text import ago, count, excerpt, moment
from monitor.steps.subjects import Told
from monitor.store.records import CaseView
from monitor.store.store import Store

_TITLES = {
    "incident.opened": "new incident",
    "incident.updated": "incident goes on",
    "incident.over": "incident is over",
}
_QUOTE = 200


def told_incident(
    store: Store, settings: Settings, number: int, event: str, receiver: str, now: datetime, key: str
) -> Told | None:
    """Return what a receiver is told of an event of an incident; None where it became part of another one."""
    incident = store.incident(number)
    if incident is None or incident.merged_into is not None or not incident.size:
        return None
    brand = settings.brands.get(incident.brand)
    setting = setting_for(settings, receiver, now, ZoneInfo(brand.zone) if brand and brand.zone else UTC)
    view = view_incident(store, incident, now)
    cases = store.case_views([case.case_id for case in store.incident_cases(number)][:PAYLOAD_CASES])
    message = render_incident(event, view, cases, setting, key=key)
    return Told(message, incident.brand, view.level, incident.size, view.cause)


def render_incident(event: str, view: IncidentView, cases: list[CaseView], setting: Setting, *, key: str) -> Message:
    """Return the message of an event of an incident; `cases` go into the webhook's payload."""
    incident = view.incident
    demo = "[demo] " if setting.demo else ""
    title = _TITLES.get(event, event.replace(".", " "))
    subject = f"{demo}{view.level.upper()} {incident.brand}: {title}: {incident.size} cases, {view.title}"
    facts = list(_facts(view, setting))
    example = case_lines(view.example, setting) if view.example else None
    text = [subject, *(f"{name}: {value}" for name, value in facts)]
    if example:
        text += ["", example.quote, f"by {example.author}", *([f"post: {example.link}"] if example.link else [])]
    html = None
    if setting.kind == "mail":
        full = [example] if example else []
        html = templates().get_template("incident.html").render(subject=subject, facts=facts, full=full)
    told = [case.to_json() for case in cases]
    worst = view.example.to_json() if view.example else (told[0] if told else None)
    return Message(
        event=event,
        receiver=setting.receiver,
        subject=subject,
        text="\n".join(text),
        html=html,
        payload={
            "event": event,
            "count": incident.size,
            "cases": told,
            "case": worst,
            "incident": {**view.to_json(), "link": _card(view, setting)},
        },
        idempotency_key=key,
        urgent=view.level.urgent,
        thread=f"incident:{incident.id}",
    )


def reach_words(view: IncidentView) -> str:
    """Return how many people follow its authors; unknown stays unknown."""
    if view.reach is None:
        return "reach unknown"
    unknown = f", of {view.unknown_reach} more authors unknown" if view.unknown_reach else ""
    return f"{count(view.reach)} followers{unknown}"


def trend_words(view: IncidentView) -> str:
    """Return the posts of the last hour against those of the hour before."""
    return f"{view.last_hour} in the last hour, {view.hour_before} in the hour before"


def _facts(view: IncidentView, setting: Setting) -> Iterator[tuple[str, str]]:
    incident = view.incident
    since = moment(incident.first_at, setting.now, setting.zone)
    yield "cases", f"{incident.size} since {since}, {len(view.waiting)} unanswered; {reach_words(view)}"
    yield "trend", trend_words(view)
    if view.platforms:
        named = (f"{setting.foreign(excerpt(name, 40))} {number}" for name, number in view.platforms.items())
        yield "platforms", ", ".join(named)
    if view.words:
        yield "words", ", ".join(view.words)
    if view.causes:
        yield "causes", ", ".join(f"{name} {number}" for name, number in view.causes.items())
    if view.first:
        yield "first post", ago(view.first.posted_at, setting.now, setting.zone)
    if incident.owner:
        yield "owner", setting.foreign(excerpt(incident.owner, 60))
    if incident.answer:
        yield "answer", setting.foreign(excerpt(incident.answer, _QUOTE))
    yield "all of them", _card(view, setting) or f"complaint-monitor incident show {incident.id}"


def _card(view: IncidentView, setting: Setting) -> str | None:
    return f"{setting.public_url}/incidents/{view.incident.id}" if setting.public_url else None
