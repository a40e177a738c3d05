"""The fallback: whom an urgent message reaches where its own receiver cannot be reached.

    refused for good, or not taken for five minutes ─▶ its cases, one message ─▶ the receivers under `fallback`

A case is told once for each message that failed, and never to a fallback that has taken a message about it already. The
message itself goes on being tried.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.config.schema import Settings
from monitor.notify.receiver import Message, message_key
from monitor.notify.render import render_cases, setting_for
from monitor.notify.render_signs import render_in_place, with_note
from monitor.notify.text import excerpt, visible
from monitor.service.log import log
from monitor.steps.subjects import RENDERERS, render_subject
from monitor.store.receivers import Undelivered
from monitor.store.store import Store

PATIENCE = timedelta(minutes=5)
"""How long an urgent message may wait for its receiver before the fallback is told."""

PAUSE = timedelta(minutes=1)
"""The least time between two messages in the place of the same receiver."""

LOOK_BACK = timedelta(days=1)
"""Older messages are for a person to look at: `outbox list`."""

_LIMIT = 500
_SHOWN = 20


def fall_back(store: Store, settings: Settings, now: datetime) -> int:
    """Tell the fallback of what urgent messages did not reach; returns how many messages that made."""
    if not settings.fallback:
        return 0
    failed: dict[str, list[Undelivered]] = {}
    for message in store.undelivered(now - PATIENCE, now - LOOK_BACK, now, _LIMIT):
        failed.setdefault(message.receiver, []).append(message)
    return sum(_stand_in(store, settings, name, messages, now) for name, messages in failed.items())


def stand_ins(settings: Settings, receiver: str) -> list[str]:
    """Return the receivers that are told in the place of another one."""
    return [name for name in settings.fallback if name != receiver and name in settings.receivers]


def _stand_in(store: Store, settings: Settings, receiver: str, failed: Sequence[Undelivered], now: datetime) -> int:
    last = store.last_fallback(receiver)
    names = stand_ins(settings, receiver)
    if not names or (last is not None and now - last < PAUSE):
        return 0
    with store.write():
        told = sum(_tell(store, settings, name, failed, now) for name in names)
        for message in failed:
            store.keep_fallback(message, now)
    log.warning("fell_back", f"{receiver}: not reached; told {', '.join(names)} in its place", receiver=receiver)
    return told


def _tell(store: Store, settings: Settings, name: str, failed: Sequence[Undelivered], now: datetime) -> int:
    """Tell one receiver of all cases that failed, in one message; what is about no case goes as it is."""
    ids = list(dict.fromkeys(case for message in failed for case in message.cases))
    heard = store.cases_sent_to(name, ids)
    fresh = [case for case in ids if case not in heard]
    messages = [(_about_cases(store, settings, name, failed, fresh, now), fresh)] if fresh else []
    for whole in (message for message in failed if not message.cases):
        forwarded = _forwarded(store, settings, name, whole, now)
        messages += [(forwarded, [])] if forwarded else []
    for message, cases in messages:
        group = f"fallback/{failed[0].receiver}"
        key = message.idempotency_key
        store.add_told(name, group, message.event, message.to_json(), key, cases, now, urgent=True)
    return len(messages)


def _about_cases(
    store: Store, settings: Settings, name: str, failed: Sequence[Undelivered], ids: Sequence[int], now: datetime
) -> Message:
    views = sorted(store.case_views(list(ids)), key=lambda view: (view.level.rank, -view.score, view.id))
    brand = settings.brands.get(views[0].brand)
    setting = setting_for(settings, name, now, ZoneInfo(brand.zone) if brand and brand.zone else UTC)
    key = message_key(name, f"fallback/{failed[0].receiver}", f"{failed[0].id}/{now.isoformat()}")
    note = setting.foreign(_why(failed))
    return render_cases(failed[0].event, views[:_SHOWN], setting, key=key, total=len(views), note=note)


def _forwarded(store: Store, settings: Settings, name: str, message: Undelivered, now: datetime) -> Message | None:
    """Return what is about no case for another receiver: incidents and spikes anew, the rest as it was sealed."""
    setting = setting_for(settings, name, now)
    key = message_key(name, f"fallback/{message.receiver}", f"{message.id}/{now.isoformat()}")
    note = _why([message])
    if message.group.partition(":")[0] in RENDERERS:
        told = render_subject(store, settings, message.group, message.event, name, now, key)
        return replace(with_note(told.message, setting.foreign(note)), thread=message.group) if told else None
    return render_in_place(Message.from_json(message.body), note, setting, key=key) if message.body else None


def _why(failed: Sequence[Undelivered]) -> str:
    """Return in a sentence which receiver failed, and how."""
    worst = next((message for message in failed if message.refused), failed[0])
    how = "refuses this" if worst.refused else f"has not taken this for {PATIENCE.seconds // 60} minutes"
    error = next((message.error for message in (worst, *failed) if message.error), None)
    cause = f" ({visible(excerpt(error, 160))})" if error else ""
    return f"receiver {worst.receiver} {how}; you are told in its place{cause}"
