"""A signed POST of JSON, through the same guard that all traffic to platforms passes."""

import hashlib
import hmac

from connectors.address import Lookup, system_lookup
from connectors.http import HttpLimits
from monitor.config import receivers
from monitor.notify.receiver import Message
from monitor.notify.service import LIMITS, Service, to_bytes


class WebhookReceiver:
    """POSTs `payload` with the headers Idempotency-Key and, where there is a secret, X-Signature."""

    def __init__(
        self,
        name: str,
        options: receivers.WebhookReceiver,
        *,
        lookup: Lookup = system_lookup,
        limits: HttpLimits = LIMITS,
    ) -> None:
        self.name = name
        self._url = options.url.get_secret_value()
        self._secret = options.secret.get_secret_value().encode() if options.secret else None
        self._service = Service(
            name, "the webhook", self._url, allow_private=options.allow_private, lookup=lookup, limits=limits
        )

    def send(self, message: Message) -> None:
        """POST a message; any 2xx is success."""
        body = to_bytes(dict(message.payload))
        headers = {"idempotency-key": message.idempotency_key}
        if self._secret is not None:
            headers["x-signature"] = sign(self._secret, body)
        self._service.post_bytes(self._url, body, headers=headers)

    def close(self) -> None:
        """Close the connections."""
        self._service.close()


def sign(secret: bytes, body: bytes) -> str:
    """Return the value of X-Signature for a body: `sha256=` and its HMAC in hexadecimal."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
