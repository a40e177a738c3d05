"""Any chat or paging service that Apprise speaks to, from a child process that can be killed.

Apprise has no total deadline, reads answers of any size and reaches any address. So it runs in a process of its own
(`apprise_child.py`) that refuses private addresses below every library, has bounded memory, and is killed in time.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import monitor
from monitor.config import receivers
from monitor.errors import SendError, SendReason
from monitor.notify.apprise_url import SCHEMES, scheme_of
from monitor.notify.receiver import DEADLINE_S, Message, judge_status

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""What the child sees of the environment: no proxies, no secrets of others."""

_CODE = "from monitor.notify.apprise_child import main; main()"


class AppriseReceiver:
    """Sends by a service's URL. The URL holds secrets: it travels by standard input, never as an argument."""

    def __init__(self, name: str, options: receivers.AppriseReceiver, *, deadline_s: float = DEADLINE_S) -> None:
        self.name = name
        self._url = options.url.get_secret_value()
        self._allow_private = options.allow_private
        self._deadline_s = deadline_s
        scheme = scheme_of(self._url)
        if scheme not in SCHEMES:
            cause = f"the service {scheme[:30]!r} is not among those that may be used"
            raise SendError(name, cause, reason=SendReason.REFUSED, permanent=True)

    def send(self, message: Message) -> None:
        """Hand the message to the service; the child is killed at the deadline."""
        order = {
            "url": self._url,
            "title": message.subject,
            "body": message.body,
            "urgent": message.urgent,
            "allow_private": self._allow_private,
        }
        try:
            done = subprocess.run(  # noqa: S603 - our own code, no argument from outside
                [sys.executable, "-P", "-c", _CODE],
                input=json.dumps(order).encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._deadline_s,
                env=_environment(),
                check=False,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            cause = f"the service did not answer within {self._deadline_s:.0f} s"
            raise SendError(self.name, cause, reason=SendReason.NETWORK, permanent=False) from None
        except OSError as error:
            cause = f"cannot start a process: {error.strerror}"
            raise SendError(self.name, cause, reason=SendReason.NETWORK, permanent=False) from None
        self._judge(done.stdout)

    def _judge(self, output: bytes) -> None:
        """Read what the child said; a child that said nothing was killed by its bounds."""
        try:
            answer: dict[str, Any] = json.loads(output)
        except ValueError:
            cause = "the service's answer broke the bounds of its process"
            raise SendError(self.name, cause, reason=SendReason.SERVER, permanent=False) from None
        if answer["sent"]:
            return
        if answer["refused"]:
            cause = "the service's address leads into a private network"
            raise SendError(self.name, cause, reason=SendReason.REFUSED, permanent=True)
        if not answer["known"]:
            raise SendError(self.name, "the service's URL is incomplete", reason=SendReason.CLIENT, permanent=True)
        if answer["status"] is None:
            cause = "the service could not be reached, or answered nonsense"
            raise SendError(self.name, cause, reason=SendReason.NETWORK, permanent=False)
        reason, permanent = judge_status(answer["status"])
        cause = f"the service answered {answer['status']}"
        raise SendError(self.name, cause, reason=reason, permanent=permanent)

    def close(self) -> None:
        """Nothing stays open between messages."""


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(monitor.__file__).parent.parent), "PYTHONDONTWRITEBYTECODE": "1"}
