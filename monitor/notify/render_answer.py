"""What people are told of an answer that waits for an approval: the post, the words, who wrote them, where to decide.

The post and the answer are foreign text and made harmless; the webhook's payload alone carries them as they were
written.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from monitor.answering.offer import classes_of
from monitor.answering.state import AnswerState
from monitor.config.schema import Settings
from monitor.notify.receiver import Message
from monitor.notify.render import Setting, case_lines, payload_of, setting_for
from monitor.notify.text import ago, excerpt
from monitor.steps.subjects import Told
from monitor.store.answers import Answer
from monitor.store.records import CaseView
from monitor.store.store import Store

_TITLES = {
    "answer.waiting": "an answer waits for approval",
    "answer.approved": "answer approved",
    "answer.rejected": "answer rejected",
    "answer.withdrawn": "answer withdrawn",
}
_WAITING = "answer.waiting"
_EXCERPT = 1_000


def told_answer(
    store: Store, settings: Settings, number: int, event: str, receiver: str, now: datetime, key: str
) -> Told | None:
    """Return what a receiver is told of an answer; None where it does not wait any more."""
    answer = store.answer(number)
    if answer is None or (event == _WAITING and answer.state is not AnswerState.WAITING):
        return None
    (view,) = store.case_views([answer.case_id])
    brand = settings.brands.get(view.brand)
    setting = setting_for(settings, receiver, now, ZoneInfo(brand.zone) if brand and brand.zone else UTC)
    classes = classes_of(settings.answers, view.severity)
    message = render_answer(event, answer, view, tuple(map(str, classes)), setting, key=key)
    return Told(message, view.brand, view.level, 1, view.cause)


def render_answer(
    event: str, answer: Answer, view: CaseView, classes: tuple[str, ...], setting: Setting, *, key: str
) -> Message:
    """Return the message of an event of an answer; `key` is its idempotency key."""
    demo = "[demo] " if setting.demo else ""
    about = f" ({', '.join(classes)})" if classes else ""
    title = _TITLES.get(event, event.replace(".", " "))
    subject = f"{demo}{view.level.upper()} {view.brand}: {title}: case {view.id}{about}"
    post = case_lines(view, setting)
    text = [subject, *_facts(event, answer, setting), "", f"post: {post.quote}", f"by {post.author}"]
    text += [
        "",
        f"answer: {setting.foreign(excerpt(answer.text, _EXCERPT))}",
        "",
        post.due,
        *_ways(event, view, setting),
    ]
    payload = {**payload_of(event, [view], 1), "answer": answer.to_json()}
    return Message(
        event=event,
        receiver=setting.receiver,
        subject=subject,
        text="\n".join(text),
        html=None,
        payload=payload,
        idempotency_key=key,
        urgent=event == _WAITING,
        thread=f"answer:{answer.id}",
    )


def _facts(event: str, answer: Answer, setting: Setting) -> list[str]:
    written = f"written by {setting.foreign(answer.author)}, {ago(answer.written_at, setting.now, setting.zone)}"
    if event == "answer.approved" and answer.approved_by:
        return [written, f"approved by {setting.foreign(answer.approved_by)}"]
    if event == "answer.rejected" and answer.rejected_by:
        said = f": {setting.foreign(excerpt(answer.reason, 300))}" if answer.reason else ""
        return [written, f"rejected by {setting.foreign(answer.rejected_by)}{said}"]
    return [written]


def _ways(event: str, view: CaseView, setting: Setting) -> list[str]:
    if setting.public_url:
        return [f"card: {setting.public_url}/cases/{view.id}"]
    if event == _WAITING:
        return [f"complaint-monitor answer approve {view.id}, or: answer reject {view.id} REASON"]
    return [f"complaint-monitor queue show {view.id}"]
