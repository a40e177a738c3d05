"""A signed POST of JSON, through the same guard that all traffic to platforms passes."""

import hashlib
import hmac

from monitor.config import receivers
from monitor.notify.receiver import Message
from monitor.notify.service import Access, HttpReceiver, hook_access, to_bytes


class WebhookReceiver(HttpReceiver[receivers.WebhookReceiver]):
    """POSTs `payload` with the headers Idempotency-Key and, where there is a secret, X-Signature."""

    word = "the webhook"

    def access(self, options: receivers.WebhookReceiver) -> Access:
        """Return the access to the webhook."""
        return hook_access(options.url)

    def send(self, message: Message) -> None:
        """POST a message; any 2xx is success."""
        body = to_bytes(dict(message.payload))
        headers = {"idempotency-key": message.idempotency_key}
        if self._options.secret:
            headers["x-signature"] = sign(self._options.secret.get_secret_value().encode(), body)
        self._service.post_bytes(self._path, body, headers=headers)


def sign(secret: bytes, body: bytes) -> str:
    """Return the value of X-Signature for a body: `sha256=` and its HMAC in hexadecimal."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
