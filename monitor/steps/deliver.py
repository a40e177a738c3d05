"""The deliver step: messages due → seal → send → [sent]. At least once: a message is marked sent after it was sent.

Sealing (`sealing.py`) fixes what a message says. A receiver that fails is tried again at most once a minute, whatever
waits for it, and holds up no other receiver; what comes meanwhile gathers in one message a group.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.errors import SendError
from monitor.service.log import log
from monitor.steps import changes
from monitor.steps.backoff import backoff
from monitor.steps.sealing import PAUSE, seal
from monitor.steps.sending import hand_over
from monitor.steps.services import Done, Services
from monitor.store.records import SealedMessage
from monitor.store.store import Store

LEASE_S = 60

GIVE_UP = timedelta(days=7)
"""A message that no attempt could deliver for so long is dead: visible, and sent again by hand."""

LONGEST_PAUSE = timedelta(minutes=5)
"""However long a receiver has been down, it is asked again so soon: what waits for it may be urgent."""

_PATIENCE = 5
"""Each so many failures of one message another one is tried: it may be the message that the receiver cannot take."""


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
    changes.pass_on(store, services.settings, now)
    seal(store, services.settings, due or now, now)
    names = list(services.receivers) if receivers is None else list(receivers)
    count = failed = 0
    while count < limit and (message := store.claim_message(names, now, LEASE_S)) is not None:
        failed += not _send(store, services, message, now)
        count += 1
    return Done(count, store.next_message_due(), failed)


def _send(store: Store, services: Services, message: SealedMessage, now: datetime) -> bool:
    receiver = services.receivers[message.receiver]
    try:
        hand_over(store, receiver, message, now)
    except SendError as error:
        _retry_or_give_up(store, message, error, now)
        return False
    store.hasten_receiver(message.receiver, now)
    log.info(
        "message_sent", f"{message.receiver}: {message.event} sent", receiver=message.receiver, event=message.event
    )
    return True


def _retry_or_give_up(store: Store, message: SealedMessage, error: SendError, now: datetime) -> None:
    log.warning("send_failed", str(error), receiver=message.receiver, attempt=message.attempts)
    give_up = changes.GIVE_UP if message.event == changes.CHANGED else GIVE_UP
    if error.permanent or now - message.opened_at > give_up:
        store.kill_message(message, str(error))
        return
    asked = timedelta(seconds=error.retry_after_s) if error.retry_after_s is not None else None
    again = now + max(backoff(message.attempts, asked=asked, longest=LONGEST_PAUSE), PAUSE)
    tired = message.attempts % _PATIENCE == 0
    with store.write():
        store.delay_message(message, again + PAUSE if tired else again, str(error), now)
        store.delay_receiver(message.receiver, again)
