"""Signs of life: a canary that must be acknowledged, and threads that receivers learn are over.

canary due ─▶ [canary, outbox] ─▶ deliver ─▶ receiver ─▶ acknowledged, by its yes or by its hook
                                                       └▶ nobody did: health turns red, the fallback is told
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from monitor.config.schema import Settings
from monitor.config.signs import Canary
from monitor.notify.receiver import message_key
from monitor.notify.registry import ENDING_KINDS
from monitor.notify.render import setting_for
from monitor.notify.render_signs import render_canary, render_missing, render_over
from monitor.service.log import log
from monitor.steps.fallback import fall_back, stand_ins
from monitor.steps.sending import CANARY
from monitor.steps.services import Done, Services
from monitor.store.receivers import CanaryRun
from monitor.store.store import Store

WEB_META = "web_address"
"""Under this name the store remembers where the pages are, whatever port was free."""

_KEPT = timedelta(days=30)


def watch(store: Store, services: Services, now: datetime, limit: int = 100) -> Done:
    """Send a canary that is due, tell the fallback of what does not arrive, and end what is over."""
    settings = services.settings
    count = fall_back(store, settings, now) + end_threads(store, settings, now, limit)
    canary = settings.canary
    if canary is None or canary.receiver not in settings.receivers:
        return Done(count)
    last = store.last_canary(canary.receiver)
    if last is not None and last.overdue(now) and last.told_at is None:
        _tell_of_missing(store, settings, last, now)
        count += 1
    if last is not None and now < last.made_at + canary.every:
        return Done(count, last.made_at + canary.every)
    base = settings.web.public_url or store.meta(WEB_META)
    if canary.acknowledge == "hook" and base is None:
        return Done(count)  # the pages do not listen yet: nobody could acknowledge it
    _send_canary(store, settings, canary, base, now)
    return Done(count + 1, now + canary.every)


def end_threads(store: Store, settings: Settings, now: datetime, limit: int = 100) -> int:
    """Tell receivers that keep alerts and tickets open that every case of one is closed; returns how many."""
    names = [name for name, options in settings.receivers.items() if options.kind in ENDING_KINDS]
    ended = store.threads_to_end(names, limit) if names else []
    for receiver, thread, cases in ended:
        with store.write():
            views = store.case_views(list(cases))
            key = message_key(receiver, f"over/{thread}", now.isoformat())
            message = render_over(thread, views, setting_for(settings, receiver, now), key=key)
            store.add_told(receiver, f"over/{thread}", message.event, message.to_json(), key, cases, now, urgent=False)
            store.end_thread(receiver, thread, now)
    return len(ended)


def acknowledge(store: Store, canary_id: int, token: str, now: datetime) -> bool:
    """Acknowledge a canary by the token that it carried; False where that is not its token, or was used already."""
    return store.acknowledge_canary(canary_id, _hash(token), now)


def _send_canary(store: Store, settings: Settings, canary: Canary, base: str | None, now: datetime) -> None:
    token = secrets.token_urlsafe(24)
    key = message_key(canary.receiver, CANARY, now.isoformat())
    by_delivery = canary.acknowledge == "delivery"
    with store.write():
        store.forget_canaries(now - _KEPT)
        due_at = now + canary.within
        number = store.add_canary(canary.receiver, key, _hash(token), due_at, now, by_delivery=by_delivery)
        address = None if by_delivery or base is None else f"{base}/hooks/canary/{number}"
        setting = setting_for(settings, canary.receiver, now)
        message = render_canary(number, address, token, canary.within, setting, key=key)
        store.add_sealed(canary.receiver, CANARY, message.to_json(), key, now, urgent=False)


def _tell_of_missing(store: Store, settings: Settings, canary: CanaryRun, now: datetime) -> None:
    """Tell the fallback that a canary was not acknowledged, once."""
    log.error("canary_missing", f"{canary.receiver}: canary {canary.id} was not acknowledged", receiver=canary.receiver)
    with store.write():
        store.canary_told(canary.id, now)
        for name in stand_ins(settings, canary.receiver):
            key = message_key(name, f"canary/{canary.id}", canary.made_at.isoformat())
            message = render_missing(canary, setting_for(settings, name, now), key=key)
            store.add_sealed(name, message.event, message.to_json(), key, now, urgent=True)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
