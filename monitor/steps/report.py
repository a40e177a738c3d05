"""The reports of the first of the month: due → [outbox]; the record of the month with its messages, or nothing."""

from datetime import datetime, timedelta

from monitor.config.digests import Digest
from monitor.config.reports import MonthlyReport
from monitor.digest.schedule import Sent, digest_due, next_digest_at
from monitor.notify.receiver import message_key
from monitor.notify.render import setting_for
from monitor.report.build import build_report
from monitor.report.render_mail import report_message
from monitor.report.span import last_month
from monitor.steps.services import Done, Services
from monitor.store.store import Store


def send_reports(store: Store, services: Services, first_run_at: datetime, now: datetime) -> Done:
    """Make every report whose first of the month has come, for each of its receivers."""
    count, upcoming = 0, []
    for wanted in services.settings.reports:
        schedule = schedule_of(wanted)
        due = digest_due(schedule, _last(store, wanted), first_run_at, now)
        if due is not None:
            _make(store, services, wanted, due.key, now)
            count += 1
        upcoming.append(next_digest_at(schedule, _last(store, wanted), first_run_at, now))
    return Done(count, min(upcoming, default=None))


def schedule_of(wanted: MonthlyReport) -> Digest:
    """Return when a report leaves, as a digest says it: by the same rules for zones, restarts and first runs."""
    line = f"{wanted.at.minute} {wanted.at.hour} 1 * *"
    return Digest.model_validate({"name": wanted.name, "to": wanted.to, "cron": line, "zone": wanted.zone})


def _last(store: Store, wanted: MonthlyReport) -> Sent | None:
    last = store.last_digest(_name(wanted))
    return Sent(*last) if last else None


def _name(wanted: MonthlyReport) -> str:
    """Return the name under which a report is recorded; no digest can have it."""
    return f"report/{wanted.name}"


def _make(store: Store, services: Services, wanted: MonthlyReport, key: str, now: datetime) -> None:
    """Read and draw first, then write: nobody waits for the store while pictures are drawn."""
    settings = services.settings
    prices = {name: source.connector.traits.price_per_post for name, source in services.sources.items()}
    # the month before the one that the key lies in, however late the message is made
    span = last_month(wanted.zone, datetime.fromisoformat(key).replace(tzinfo=wanted.timezone) + timedelta(hours=12))
    made = build_report(store, settings, span, wanted.brand, incidents=wanted.incidents, now=now, prices=prices)
    messages = [
        report_message(made, setting_for(settings, receiver, now, wanted.timezone), key=_key(receiver, wanted, key))
        for receiver in wanted.to
        if receiver in settings.receivers
    ]
    with store.write():
        store.record_digest(_name(wanted), key, now)
        for message in messages:
            store.add_sealed(message.receiver, "report", message.to_json(), message.idempotency_key, now, urgent=False)


def _key(receiver: str, wanted: MonthlyReport, key: str) -> str:
    return message_key(receiver, _name(wanted), key)
