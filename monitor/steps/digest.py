"""The digest step: digests and monthly reports due → [outbox]. A record and its messages are one transaction."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from monitor.config.digests import Digest
from monitor.config.schema import Settings
from monitor.digest.build import DigestBody, build_digest
from monitor.digest.figures import audience_of, gather_figures
from monitor.digest.render import digest_message
from monitor.digest.schedule import DigestDue, Sent, digest_due, next_digest_at
from monitor.notify.receiver import message_key
from monitor.notify.render import setting_for
from monitor.steps.services import Done, Services, Source
from monitor.store.store import Store

FIRST_RUN = "first_run_at"


def digest(store: Store, services: Services, now: datetime, limit: int = 20) -> Done:
    """Make every digest whose time has come, for each of its receivers."""
    first = first_run_at(store, now)
    count, upcoming = 0, []
    for wanted in services.settings.digests[:limit]:
        due = digest_due(wanted, _last(store, wanted), first, now)
        if due is not None:
            _make(store, services, wanted, due, now)
            count += 1
        upcoming.append(next_digest_at(wanted, _last(store, wanted), first, now))
    reports = _reports(store, services, first, now)
    upcoming += [reports.next_due_at] if reports.next_due_at else []
    return Done(count + reports.count, min(upcoming, default=None))


def _reports(store: Store, services: Services, first: datetime, now: datetime) -> Done:
    if not services.settings.reports:
        return Done(0)
    from monitor.steps.report import send_reports  # noqa: PLC0415 - most installations send none

    return send_reports(store, services, first, now)


def first_run_at(store: Store, now: datetime) -> datetime:
    """Return when this store was first run; `now`, remembered, where it never was."""
    known = store.meta(FIRST_RUN)
    if known is None:
        store.set_meta(FIRST_RUN, now.isoformat())
    return datetime.fromisoformat(known) if known else now


def prices_of(sources: Mapping[str, Source]) -> dict[str, float | None]:
    """Return dollars a post by source; None where reading is free."""
    return {name: source.connector.traits.price_per_post for name, source in sources.items()}


def make_body(
    store: Store,
    settings: Settings,
    wanted: Digest,
    prices: Mapping[str, float | None],
    since: datetime,
    until: datetime,
    zone: tzinfo | None = None,
) -> DigestBody:
    """Return what a digest says of a window that ends now, in its own zone where none is given."""
    zone = zone or wanted.timezone
    figures = gather_figures(store, since, until, audience_of(settings, prices, wanted.brands, zone, until))
    return build_digest(figures, until, zone, name=wanted.name, sections=wanted.sections, demo=settings.demo)


def _last(store: Store, wanted: Digest) -> Sent | None:
    last = store.last_digest(wanted.name)
    return Sent(*last) if last else None


def _make(store: Store, services: Services, wanted: Digest, due: DigestDue, now: datetime) -> None:
    """Read and draw first, then write: nobody waits for the store while pictures are drawn."""
    settings = services.settings
    body = make_body(store, settings, wanted, prices_of(services.sources), due.since, due.until)
    messages = []
    for receiver in wanted.to:
        if receiver in settings.receivers:
            setting = setting_for(settings, receiver, now, wanted.timezone)
            key = message_key(receiver, f"digest/{due.name}", due.key)
            messages.append(digest_message(body, setting, key=key))
    with store.write():
        store.record_digest(due.name, due.key, now)
        for message in messages:
            store.add_sealed(message.receiver, "digest", message.to_json(), message.idempotency_key, now, urgent=False)
