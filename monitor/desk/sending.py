"""Sending an answer from here: a named person, the very words that they saw, one attempt.

    [sending: written] ──▶ the platform is called, outside of any transaction ──▶ [sent: the reply is recorded]
                                        ├── a clear refusal ──▶ [not sent, why]
                                        └── no clear end ──▶ [perhaps sent] ──▶ a person looks, or our own post is
                                                                                seen in the thread ──▶ [sent | not sent]

Nothing is ever sent a second time by itself. A row that a crash left behind is perhaps sent, and its answer stays as it
is until somebody has looked.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from connectors.connector import Sent, Watcher
from connectors.errors import ConnectorError, PerhapsSent, SaidBefore
from monitor.answering.state import AnswerKind, AnswerMove
from monitor.desk.answers import check_lint, moving_answer, needed_answer
from monitor.desk.moves import reply
from monitor.desk.reads import known_case
from monitor.desk.replies import plain_words
from monitor.desk.turn import Turn
from monitor.desk.voices import Speaker, speaker_for
from monitor.errors import MonitorError, MoveRefused
from monitor.store.answers import Answer
from monitor.store.sendings import Sending, SendingState

_LOOK_BACK = timedelta(minutes=5)
_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of an answer that was to be sent."""

    answer: Answer
    sending: Sending


def send_answer(turn: Turn, case_id: int, kind: AnswerKind = AnswerKind.ANSWER) -> Attempt:
    """Post the words of an answer, as the account that may answer the post; the version that was seen must be named.

    A second request for the same version finds the first one's row and posts nothing. Raises MoveRefused.
    """
    if turn.version is None:
        raise MoveRefused(f"case {case_id}", "is answered with words that somebody has seen", "name their version")
    with turn.store.write():
        known = _attempt_before(turn, case_id, kind)
        if known is not None:
            return known
        speaker, answer = _ready(turn, case_id, kind)
        sending = _begin(turn, speaker, answer)
    return _call(turn, speaker, sending)


def is_there(turn: Turn, case_id: int, permalink: str | None) -> Attempt:
    """Record what a person saw: the answer stands on the platform."""
    with turn.store.write():
        sending = _unsettled(turn, case_id)
        return _finish(turn, sending, permalink)


def is_not_there(turn: Turn, case_id: int) -> Attempt:
    """Record that a person has looked and the answer is not there; where the thread can be read, it is looked at too.

    Raises MoveRefused where the thread cannot be read just now, or holds the answer after all.
    """
    sending = _unsettled(turn, case_id)
    found = _look(turn, sending)
    with turn.store.write():
        sending = _unsettled(turn, case_id)
        if found is not None:
            return _finish(turn, sending, found.permalink)
        turn.store.settle_sending(sending.id, SendingState.NOT_SENT, turn.who, turn.now, "looked for, and not found")
        turn.store.audit(case_id, turn.who, "answer-not-sent", turn.now, answer=sending.answer_id, sending=sending.id)
        return _attempt(turn, sending)


def _attempt_before(turn: Turn, case_id: int, kind: AnswerKind) -> Attempt | None:
    """Return the attempt of a request that came before this one with the same words, if it did not certainly fail."""
    for sending in reversed(turn.store.sendings_of_case(case_id)):
        if sending.kind is kind and sending.version == turn.version and sending.state is not SendingState.NOT_SENT:
            return _attempt(turn, sending)
    return None


def _ready(turn: Turn, case_id: int, kind: AnswerKind) -> tuple[Speaker, Answer]:
    """Return who sends what, having seen that it may go out: state, approval, lint, and the platform's terms."""
    case, answer = moving_answer(turn, case_id, AnswerMove.SENT, kind)
    check_lint(turn, answer)
    speaker, reason = speaker_for(turn.store, turn.settings, turn.voices.connectors(), case)
    if speaker is None:
        raise MoveRefused(f"case {case_id}", f"cannot be answered from here: {reason}", "copy the words, open the post")
    return speaker, answer


def _begin(turn: Turn, speaker: Speaker, answer: Answer) -> Sending:
    number = turn.store.add_sending(answer.id, answer.version, turn.who, speaker.source, speaker.account, turn.now)
    told = {"answer": answer.id, "sending": number, "account": speaker.account, "approved_by": answer.approved_by}
    known = {name: value for name, value in told.items() if value}
    turn.store.audit(answer.case_id, turn.who, "answer-sending", turn.now, **known)
    return next(one for one in turn.store.sendings_of_answer(answer.id) if one.id == number)


def _call(turn: Turn, speaker: Speaker, sending: Sending) -> Attempt:
    """Call the platform, in no transaction; then keep how that ended."""
    try:
        sent = speaker.connector.reply(speaker.mention, sending.text, sending.key)
    except ConnectorError as error:
        return _failed(turn, sending, error)
    with turn.store.write():
        return _finish(turn, sending, sent.permalink)


def _failed(turn: Turn, sending: Sending, error: ConnectorError) -> Attempt:
    """Keep that an attempt failed, or has no clear end; the person is told either way."""
    tried = turn.store.sendings_of_answer(sending.answer_id)
    unclear = isinstance(error, PerhapsSent) or (isinstance(error, SaidBefore) and len(tried) > 1)
    state = SendingState.PERHAPS if unclear else SendingState.NOT_SENT
    now = turn.voices.clock()
    with turn.store.write():
        turn.store.settle_sending(sending.id, state, turn.who, now, f"{error.cause}"[:500])
        action = "answer-perhaps-sent" if unclear else "answer-not-sent"
        told = {"answer": sending.answer_id, "sending": sending.id, "problem": error.cause}
        turn.store.audit(sending.case_id, turn.who, action, now, **told)
    if unclear:
        return _attempt(turn, sending)
    raise MoveRefused(f"the {sending.kind} of case {sending.case_id}", f"was not sent: {error.cause}", error.next_step)


def _finish(turn: Turn, sending: Sending, permalink: str | None) -> Attempt:
    """Record the reply of whoever pressed the button; a case that moved meanwhile keeps its state."""
    sender = replace(turn, who=sending.who, now=max(turn.now, turn.voices.clock()), version=None)
    turn.store.settle_sending(sending.id, SendingState.SENT, turn.who, sender.now)
    told = {"answer": sending.answer_id, "sending": sending.id, "account": sending.account, "permalink": permalink}
    known = {name: value for name, value in told.items() if value}
    turn.store.audit(sending.case_id, turn.who, "answer-sent", sender.now, **known)
    if known_case(turn.store, sending.case_id).status.open:
        reply(sender, sending.case_id, sending.text, permalink, native=True)
    return _attempt(turn, sending)


def _unsettled(turn: Turn, case_id: int) -> Sending:
    """Return the attempt of a case whose end nobody knows. Raises MoveRefused."""
    known_case(turn.store, case_id)
    for sending in turn.store.sendings_of_case(case_id):
        state = sending.stands(turn.now)
        if state is SendingState.PERHAPS:
            return sending
        if state is SendingState.SENDING:
            raise MoveRefused(f"the answer of case {case_id}", "is just being sent", "wait a minute, then look again")
    raise MoveRefused(f"case {case_id}", "has no answer whose end is unknown", "look at the case again")


def _look(turn: Turn, sending: Sending) -> Sent | None:
    """Look for the words among what the account wrote in the thread; None: not there, or no thread can be read."""
    connector: object = turn.voices.connectors().get(sending.source)
    face = turn.store.face_of_case(sending.case_id)
    if not isinstance(connector, Watcher) or face is None or face.thread_id is None:
        return None
    try:
        watched = connector.read_threads([face.thread_id], sending.at - _LOOK_BACK, _LOOKED_AT)
    except ConnectorError as error:
        subject = f"the answer of case {sending.case_id}"
        raise MoveRefused(subject, f"could not be looked for: {error.cause}", "try again in a while") from error
    for mention in watched.mentions:
        ours = mention.author.handle.removeprefix("@").casefold() == sending.account.casefold()
        if ours and plain_words(mention.text) == plain_words(sending.text):
            return Sent(mention.native_id, mention.permalink)
    return None


def _attempt(turn: Turn, sending: Sending) -> Attempt:
    now = next((one for one in turn.store.sendings_of_answer(sending.answer_id) if one.id == sending.id), None)
    if now is None:
        raise MonitorError(f"case {sending.case_id}", "lost the attempt to send its answer", "look at the case again")
    return Attempt(needed_answer(turn, sending.answer_id), now)
