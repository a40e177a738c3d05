"""The deliver step: messages due → seal → send → [sent]. At least once: a message is marked sent after it was sent.

Sealing fixes what a message says and to whom; silences are judged there, and cases that were closed while the message
was open are left out. A receiver that fails is tried again with back-off, and holds up no other receiver.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.config.schema import Settings
from monitor.errors import SendError
from monitor.notify.receiver import Message, message_key
from monitor.notify.render import render_cases, setting_for
from monitor.service.log import log
from monitor.steps.backoff import backoff
from monitor.steps.services import Done, Services
from monitor.store.records import CaseView, OpenMessage, SealedMessage
from monitor.store.store import Store

LEASE_S = 60

GIVE_UP = timedelta(days=7)
"""A message that no attempt could deliver for so long is dead: visible, and sent again by hand."""

_SLOWEST_FIRST_TRIES = timedelta(minutes=1)
"""From the third attempt on a receiver is asked at most once a minute."""


def deliver(
    store: Store,
    services: Services,
    now: datetime,
    limit: int = 20,
    receivers: Sequence[str] | None = None,
    *,
    due: datetime | None = None,
) -> Done:
    """Seal what is due (by `due`, where it is given, as if its wait had passed), then send up to `limit` messages."""
    seal(store, services, due or now, now)
    names = list(services.receivers) if receivers is None else list(receivers)
    count = failed = 0
    while count < limit and (message := store.claim_message(names, now, LEASE_S)) is not None:
        failed += not _send(store, services, message, now)
        count += 1
    return Done(count, store.next_message_due(), failed)


def seal(store: Store, services: Services, due: datetime, now: datetime, limit: int = 100) -> None:
    """Turn open messages whose wait has passed into fixed ones, or mute them."""
    with store.write():
        silences = store.active_silences(now)
        for message in store.messages_to_seal(due, limit):
            cases, reason = _audible(message, silences)
            if not cases:
                store.mute_message(message.id, reason, now)
                continue
            sealed = _render(services.settings, message, cases, now)
            store.seal_message(message.id, sealed.to_json(), sealed.idempotency_key, now)


def is_silenced(case: CaseView, matchers: Mapping[str, Any]) -> bool:
    """Whether every matcher of a silence (brand, level, platform, kind, case) names this case."""
    values = {"brand": case.brand, "level": case.level, "platform": case.platform, "kind": case.kind, "case": case.id}
    return all(str(values.get(name)) in {str(wanted) for wanted in listed} for name, listed in matchers.items())


def _audible(message: OpenMessage, silences: Sequence[Mapping[str, Any]]) -> tuple[list[CaseView], str]:
    waiting = [case for case in message.cases if case.status.open]
    heard = [case for case in waiting if not any(is_silenced(case, silence["matchers"]) for silence in silences)]
    return heard, "silenced" if waiting else "its cases were closed before it was due"


def _render(settings: Settings, message: OpenMessage, cases: Sequence[CaseView], now: datetime) -> Message:
    brand = settings.brands.get(cases[0].brand)
    setting = setting_for(settings, message.receiver, now, ZoneInfo(brand.zone) if brand and brand.zone else UTC)
    key = message_key(message.receiver, f"{message.group_key}/{message.event}", str(message.id))
    return render_cases(message.event, cases, setting, key=key)


def _send(store: Store, services: Services, message: SealedMessage, now: datetime) -> bool:
    receiver = services.receivers[message.receiver]
    try:
        receiver.send(Message.from_json(message.body))
    except SendError as error:
        _retry_or_give_up(store, message, error, now)
        return False
    store.finish_message(message, now)
    log.info(
        "message_sent", f"{message.receiver}: {message.event} sent", receiver=message.receiver, event=message.event
    )
    return True


def _retry_or_give_up(store: Store, message: SealedMessage, error: SendError, now: datetime) -> None:
    log.warning("send_failed", str(error), receiver=message.receiver, attempt=message.attempts)
    if error.permanent or now - message.opened_at > GIVE_UP:
        store.kill_message(message, str(error))
        return
    asked = timedelta(seconds=error.retry_after_s) if error.retry_after_s is not None else None
    wait = backoff(message.attempts, asked=asked)
    store.delay_message(message, now + max(wait, _SLOWEST_FIRST_TRIES if message.attempts > 2 else wait), str(error))
