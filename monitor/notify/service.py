"""The other end of a receiver that is reached by HTTP: one guard, one deadline, one judgement of what it answers.

A kind of receiver derives from `HttpReceiver`, or from `PostingReceiver` where a message is one JSON body to one place,
and adds only what is its own: where its service is, what it is sent, what its answers mean.
"""

import base64
import json
import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import SecretStr

from connectors.address import Lookup, system_lookup
from connectors.answer import parse_retry_after, redacted
from connectors.errors import AddressRefused, BadAnswer, BadSettings, ConnectorError
from connectors.http import Answer, HttpLimits, open_client
from monitor.config.receivers import RemoteOptions
from monitor.errors import SendError, SendReason
from monitor.notify.receiver import DEADLINE_S, Message, judge_status

_STEP_S = DEADLINE_S / 3

LIMITS = HttpLimits(connect=5.0, read=DEADLINE_S, total=DEADLINE_S, body=256_000, inflated=256_000, redirects=0)
"""A redirect is never followed: it would carry a message, and its secrets, somewhere else.

Silence may last as long as the whole send: a receiver that is slow to say yes has taken the message all the same, and
would get it a second time.
"""

STEP_LIMITS = HttpLimits(connect=3.0, read=_STEP_S, total=_STEP_S, body=256_000, inflated=256_000, redirects=0)
"""For receivers that ask up to three times for one message."""

_WORDS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .,:'()-]{0,79}")
_DETAILS = ("description", "message", "error", "detail")


class Service:
    """One service for one receiver; `word` names it in errors. Raises SendError for options that cannot work."""

    def __init__(
        self,
        receiver: str,
        word: str,
        base_url: str,
        *,
        allow_private: bool = False,
        headers: Mapping[str, str] | None = None,
        secrets: Collection[str] = (),
        lookup: Lookup = system_lookup,
        limits: HttpLimits = LIMITS,
    ) -> None:
        self._receiver = receiver
        self._word = word
        self._secrets = tuple(secrets)
        # httpx writes whole addresses at INFO, and the path of a webhook is a secret
        logging.getLogger("httpx").setLevel(logging.WARNING)
        try:
            self._client = open_client(
                receiver,
                base_url=base_url,
                allow_private=allow_private,
                headers=headers,
                secrets=secrets,
                lookup=lookup,
                limits=limits,
            )
        except ConnectorError as error:
            raise SendError(receiver, error.cause, reason=SendReason.REFUSED, permanent=True) from None

    def post(
        self,
        path: str,
        value: Any,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> Answer:
        """Send JSON; returns the answer where its status is 2xx or in `accept`, else raises SendError."""
        return self.post_bytes(path, to_bytes(value), method=method, headers=headers, accept=accept)

    def post_bytes(
        self,
        path: str,
        body: bytes,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> Answer:
        """Send JSON that is written down already: what was signed is what is sent."""
        kind = {"content-type": "application/json; charset=utf-8", "accept": "application/json"}
        return self._asked(method, path, {**kind, **(headers or {})}, body, None, accept)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Ask; returns the answer where its status is 2xx, else raises SendError."""
        return self._asked("GET", path, {"accept": "application/json"}, None, params, ())

    def json_of(self, answer: Answer) -> dict[str, Any]:
        """Return the JSON object of an answer; raises SendError, worth another try, for anything else."""
        found = _object(answer)
        if found is None:
            cause = f"{self._word} answered {answer.status} with something that is no JSON object"
            raise SendError(self._receiver, cause, reason=SendReason.SERVER, permanent=False)
        return found

    def refusal(self, answer: Answer, sent: bytes) -> SendError:
        """Return the error of an answer that is no success; what was sent is never echoed in it."""
        reason, permanent = judge_status(answer.status)
        wait = parse_retry_after(answer.headers.get("retry-after") or _wish(answer), datetime.now(UTC))
        detail = redacted(_detail(answer, sent), self._secrets, 80)
        return SendError(
            self._receiver,
            f"{self._word} answered {answer.status}" + (f": {detail}" if detail else ""),
            reason=reason,
            permanent=permanent,
            retry_after_s=wait.total_seconds() if wait else None,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _asked(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        params: Mapping[str, str] | None,
        accept: Collection[int],
    ) -> Answer:
        try:
            answer = self._client.request(method, path, params=params, headers=headers, content=body)
        except ConnectorError as error:
            raise self._unsent(error) from None
        if 200 <= answer.status < 300 or answer.status in accept:
            return answer
        raise self.refusal(answer, body or b"")

    def _unsent(self, error: ConnectorError) -> SendError:
        refused = isinstance(error, AddressRefused | BadSettings)
        reason = SendReason.REFUSED if refused else SendReason.NETWORK
        if isinstance(error, BadAnswer):
            reason = SendReason.SERVER
        return SendError(self._receiver, error.cause, reason=reason, permanent=refused)


@dataclass(frozen=True, slots=True)
class Access:
    """How a service is reached: where it is, the place that messages are posted to, and what lets us in.

    `path` is a path below `base_url`, or a whole address; `secrets` never stand in an error.
    """

    base_url: str
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def hook_access(url: SecretStr) -> Access:
    """Return the access to a webhook, whose whole address is where to post."""
    address = url.get_secret_value()
    return Access(address, address)


def login_access(base_url: str, username: str, token: SecretStr) -> Access:
    """Return the access to a service that wants a user and a token by HTTP's Basic scheme (RFC 7617)."""
    secret = token.get_secret_value()
    login = base64.b64encode(f"{username}:{secret}".encode()).decode()
    return Access(base_url, headers={"authorization": f"Basic {login}"}, secrets=(secret, login))


Options = TypeVar("Options", bound=RemoteOptions)


class HttpReceiver(ABC, Generic[Options]):
    """A receiver whose other end is a `Service`, which `word` names. Raises SendError for options that cannot work."""

    word: ClassVar[str]
    limits: ClassVar[HttpLimits] = LIMITS

    def __init__(
        self, name: str, options: Options, *, lookup: Lookup = system_lookup, limits: HttpLimits | None = None
    ) -> None:
        self.name = name
        self._options = options
        access = self.access(options)
        self._path = access.path
        self._service = Service(
            name,
            self.word,
            access.base_url,
            allow_private=options.allow_private,
            headers=access.headers,
            secrets=access.secrets,
            lookup=lookup,
            limits=limits or self.limits,
        )

    @abstractmethod
    def access(self, options: Options) -> Access:
        """Return how the service is reached."""

    @abstractmethod
    def send(self, message: Message) -> str | None:
        """Deliver a message; returns what the service calls its thread, where it has a name for it."""

    def close(self) -> None:
        """Close the connections."""
        self._service.close()


class PostingReceiver(HttpReceiver[Options]):
    """A receiver for which a message is one JSON body; any 2xx is success."""

    @abstractmethod
    def body(self, message: Message) -> dict[str, Any]:
        """Return what the service is sent."""

    def send(self, message: Message) -> str | None:
        """Post a message; such a service has no name for its thread."""
        self._service.post(self._path, self.body(message))
        return None


def to_bytes(value: Any) -> bytes:
    """Return a value as compact JSON in UTF-8; half a letter, which UTF-8 cannot write, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")


def _object(answer: Answer) -> dict[str, Any] | None:
    """Return the JSON object of an answer, None for anything else."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _wish(answer: Answer) -> str | None:
    """Return the seconds that a service asks for in its body, as Telegram and Discord do."""
    found = _object(answer) or {}
    inner = found.get("parameters")
    wish = (inner if isinstance(inner, dict) else found).get("retry_after")
    return str(int(wish) + 1) if isinstance(wish, int | float) and 0 <= wish < 10**6 else None


def _detail(answer: Answer, sent: bytes) -> str:
    """Return what a service says of its refusal, where that is a few plain words and no echo of what was sent."""
    found = _object(answer)
    candidates = [found.get(key) for key in _DETAILS] if found else [answer.body[:100].decode(errors="replace").strip()]
    words = (text for text in candidates if isinstance(text, str) and _WORDS.fullmatch(text))
    return next((text for text in words if not _echoes(text, sent)), "")


def _echoes(text: str, sent: bytes) -> bool:
    """Whether two words in a row of a text stand in what was sent: people's words belong into no log."""
    written, words = sent.decode(errors="replace").casefold(), text.casefold().split()
    return any(f"{first} {second}" in written for first, second in pairwise(words))
