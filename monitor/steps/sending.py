"""Handing one message to its receiver, and remembering what came of it: the receiver's state and the thread.

message ─▶ what it goes on about (case:12, incident:3) ─▶ send ─▶ [sent, state, thread with its remote name]
"""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from monitor.errors import SendError
from monitor.notify.receiver import Message, Receiver
from monitor.store.receivers import Thread
from monitor.store.records import SealedMessage
from monitor.store.store import Store

CANARY = "canary"
"""The event of a test alert."""

_INSTALLATION = "installation"


def hand_over(store: Store, receiver: Receiver, message: SealedMessage, now: datetime) -> None:
    """Send a message and mark it as sent. Raises SendError, the receiver's state then says so."""
    told = Message.from_json(message.body)
    thread = store.thread_named(message.receiver, told.thread) if told.thread else _thread(store, message)
    if thread is not None:
        told = replace(told, thread=f"{installation(store)}/{thread.name}", remote=thread.remote)
    try:
        remote = receiver.send(told)
    except SendError as error:
        store.receiver_failed(message.receiver, error.reason, str(error), now)
        raise
    with store.write():
        store.finish_message(message, now)
        store.receiver_took(message.receiver, now)
        if thread is not None:
            kept = Thread(thread.name, remote or "")
            store.keep_thread(message.receiver, kept, now, message_id=message.id, over=told.over)
        if message.event == CANARY:
            store.canary_sent(message.idempotency_key, now)


def installation(store: Store) -> str:
    """Return the name of this store for others: two installations may share one receiver, and both have a case 1."""
    known = store.meta(_INSTALLATION)
    if known is None:
        known = uuid4().hex[:12]
        store.set_meta(_INSTALLATION, known)
    return known


def _thread(store: Store, message: SealedMessage) -> Thread | None:
    return store.thread_of(message.receiver, message.id)
