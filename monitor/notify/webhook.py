"""A signed POST of JSON, through the same guard that all traffic to platforms passes."""

import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime

from connectors.address import Lookup, system_lookup
from connectors.answer import parse_retry_after
from connectors.errors import AddressRefused, BadAnswer, BadSettings, ConnectorError
from connectors.http import Answer, HttpClient, HttpLimits, open_client
from monitor.config import receivers
from monitor.errors import SendError, SendReason
from monitor.notify.receiver import DEADLINE_S, Message, judge_status

_LIMITS = HttpLimits(connect=5.0, read=10.0, total=DEADLINE_S, body=256_000, inflated=256_000, redirects=0)


class WebhookReceiver:
    """POSTs `payload` with the headers Idempotency-Key and, where there is a secret, X-Signature."""

    def __init__(
        self,
        name: str,
        options: receivers.WebhookReceiver,
        *,
        lookup: Lookup = system_lookup,
        limits: HttpLimits = _LIMITS,
    ) -> None:
        self.name = name
        self._url = options.url.get_secret_value()
        self._secret = options.secret.get_secret_value().encode() if options.secret else None
        # httpx writes whole addresses at INFO, and the path of a webhook is a secret
        logging.getLogger("httpx").setLevel(logging.WARNING)
        try:
            self._client: HttpClient = open_client(
                name, base_url=self._url, allow_private=options.allow_private, lookup=lookup, limits=limits
            )
        except ConnectorError as error:
            raise SendError(name, error.cause, reason=SendReason.REFUSED, permanent=True) from None

    def send(self, message: Message) -> None:
        """POST a message; any 2xx is success."""
        body = json.dumps(dict(message.payload), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        headers = {"content-type": "application/json; charset=utf-8", "idempotency-key": message.idempotency_key}
        if self._secret is not None:
            headers["x-signature"] = sign(self._secret, body)
        try:
            answer = self._client.request("POST", self._url, headers=headers, content=body)
        except ConnectorError as error:
            raise self._unsent(error) from None
        self._judge(answer)

    def _judge(self, answer: Answer) -> None:
        if 200 <= answer.status < 300:
            return
        reason, permanent = judge_status(answer.status)
        wait = parse_retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
        raise SendError(
            self.name,
            f"the webhook answered {answer.status}",
            reason=reason,
            permanent=permanent,
            retry_after_s=wait.total_seconds() if wait else None,
        )

    def _unsent(self, error: ConnectorError) -> SendError:
        refused = isinstance(error, AddressRefused | BadSettings)
        reason = SendReason.REFUSED if refused else SendReason.NETWORK
        if isinstance(error, BadAnswer):
            reason = SendReason.SERVER
        return SendError(self.name, error.cause, reason=reason, permanent=refused)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def sign(secret: bytes, body: bytes) -> str:
    """Return the value of X-Signature for a body: `sha256=` and its HMAC in hexadecimal."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
