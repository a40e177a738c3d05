"""Hooks: every change of a case, as a signed POST to the webhooks that follow its brand.

change of a case ─▶ [row, in its own transaction] ─▶ [sealed message a webhook, row gone] ─▶ deliver, at least once

A message tells where the case stood and stands, who moved it and how: no words of a post, so that nothing has to be
taken back when a post is deleted.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.config.receivers import WebhookReceiver
from monitor.config.schema import Settings
from monitor.domain import MONITOR
from monitor.notify.receiver import Message, message_key
from monitor.store.changes import CaseChange
from monitor.store.records import stamp
from monitor.store.store import Store

CHANGED = "case.changed"

GIVE_UP = timedelta(days=1)
"""A change that no attempt could deliver for so long is dead: whoever follows cases has asked for them anew by then."""

_AT_ONCE = 500


def pass_on(store: Store, settings: Settings, now: datetime) -> int:
    """Put what has changed into the outbox of each webhook that follows it; returns how many changes that were."""
    hooks = list(_hooks(settings))
    store.follow_changes(bool(hooks))
    if not hooks or not store.case_changes(1):
        return 0
    with store.write():
        changes = store.case_changes(_AT_ONCE)
        for change in changes:
            for name, brands in hooks:
                if change.brand in brands:
                    message = _message(settings, name, change, now)
                    key = message.idempotency_key
                    store.add_sealed(name, CHANGED, message.to_json(), key, now, urgent=False)
        if changes:
            store.forget_case_changes(changes[-1].id)
    return len(changes)


def _hooks(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, receiver in settings.receivers.items():
        if receiver.enabled and isinstance(receiver, WebhookReceiver) and receiver.changes:
            yield name, receiver.changes


def _message(settings: Settings, name: str, change: CaseChange, now: datetime) -> Message:
    public = settings.web.public_url
    payload = {
        "event": CHANGED,
        "number": change.id,
        "case": {
            "id": change.case_id,
            "brand": change.brand,
            "url": f"{public}/cases/{change.case_id}" if public else None,
        },
        "before": change.before,
        "after": change.after,
        "who": change.who or MONITOR,
        "move": change.move,
        "at": stamp(change.at or now),
    }
    key = message_key(name, CHANGED, f"{change.id}/{change.case_id}/{payload['at']}")
    words = f"case {change.case_id}: {change.move or 'changed'} by {payload['who']}"
    return Message(CHANGED, name, words, words, None, payload, key)
