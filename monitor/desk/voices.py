"""Which account may answer a post directly, and why none may: asked of the connectors, without any call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.clock import utc_now
from connectors.connector import Connector, Replier
from connectors.mention import Author, Mention
from monitor.config.schema import Settings
from monitor.domain import Case
from monitor.store.card import Face
from monitor.store.store import Store


def _silent() -> Mapping[str, Connector]:
    return {}


@dataclass(frozen=True, slots=True)
class Voices:
    """The connectors of the sources by name, as they are now; `clock` says when a call has ended."""

    connectors: Callable[[], Mapping[str, Connector]] = _silent
    clock: Callable[[], datetime] = utc_now


SILENT = Voices()
"""Nobody answers from here."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who would answer a post: the account, the source that it is of, and the post."""

    source: str
    account: str
    connector: Replier
    mention: Mention


def speaker_for(
    store: Store, settings: Settings, connectors: Mapping[str, Connector], case: Case
) -> tuple[Speaker | None, str]:
    """Return (who may answer the post of a case, why nobody may); the source that found the post comes first."""
    face = store.face_of_case(case.id)
    if face is None or face.deleted_at is not None or not face.text:
        return None, "the post is gone"
    known = {name: each for name, each in connectors.items() if each.platform == face.platform}
    if not known:
        return None, f"no running source of {face.platform} can send"
    mention, to_ours = _mention(face), _answers_ours(store, settings, case, face)
    reasons = []
    for name in sorted(known, key=lambda name: (name != face.source, name)):
        reason = _refusal(settings, known[name], case.brand, mention, to_ours=to_ours)
        connector, account = known[name], known[name].traits.replies_as
        if reason is None and isinstance(connector, Replier) and account is not None:
            return Speaker(name, account, connector, mention), ""
        reasons.append(reason or connector.traits.no_replies)
    return None, reasons[0]


def _refusal(settings: Settings, connector: Connector, brand: str, mention: Mention, *, to_ours: bool) -> str | None:
    account = connector.traits.replies_as
    if account is None or not isinstance(connector, Replier):
        return connector.traits.no_replies
    if account.casefold() not in _own(settings, brand, mention.platform):
        return f"{account} is no handle of {brand} (brands.{brand}.handles.{mention.platform})"
    return connector.may_reply(mention, to_ours=to_ours)


def _own(settings: Settings, brand: str, platform: str) -> frozenset[str]:
    options = settings.brands.get(brand)
    handles = options.handles.get(platform, ()) if options else ()
    return frozenset(handle.removeprefix("@").removeprefix("u/").casefold() for handle in handles)


def _answers_ours(store: Store, settings: Settings, case: Case, face: Face) -> bool:
    """Whether the post answers one of our own, as far as the thread is stored."""
    if face.thread_id is None or face.parent_id is None:
        return False
    own = _own(settings, case.brand, face.platform)
    lines = store.thread_of_case(case.id, case.brand, face.platform, face.thread_id)
    parents = (line for line in lines if line.native_id == face.parent_id)
    return any(line.author.removeprefix("@").casefold() in own for line in parents)


def _mention(face: Face) -> Mention:
    author = Author(face.author, face.author_name, face.followers)
    return Mention(
        face.platform, face.native_id, author, face.text, face.posted_at, face.permalink,
        parent_id=face.parent_id, thread_id=face.thread_id,
    )  # fmt: skip
