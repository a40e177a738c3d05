"""Alerts in the daemon's own output: coloured on a terminal, plain in a log."""

import sys
from typing import TextIO

from rich.console import Console
from rich.text import Text

from monitor.config.receivers import ReceiverOptions
from monitor.errors import SendError, SendReason
from monitor.notify.receiver import Message

_URGENT, _CALM = "bold red", "bold cyan"


class StdoutReceiver:
    """Prints messages. The text is printed as it is: no markup, no emoji codes, no control signs but newlines."""

    def __init__(self, name: str, options: ReceiverOptions, stream: TextIO | None = None) -> None:
        self.name = name
        self.kind = options.kind
        self._stream = stream

    def send(self, message: Message) -> None:
        """Print a message and flush it."""
        stream = self._stream or sys.stdout
        console = Console(file=stream, markup=False, emoji=False, highlight=False, soft_wrap=True)
        first, _, rest = message.text.partition("\n")
        shown = Text(_printable(first), style=_URGENT if message.urgent else _CALM)
        shown.append(f"\n{_printable(rest)}" if rest else "", style="default")
        try:
            console.print(shown, end="\n\n")
            stream.flush()
        except (OSError, ValueError) as error:
            cause = "the output is closed" if isinstance(error, ValueError) else f"cannot print: {error.strerror}"
            raise SendError(self.name, cause, reason=SendReason.NETWORK, permanent=False) from error

    def close(self) -> None:
        """Nothing to release."""


def _printable(text: str) -> str:
    """Drop control signs that a renderer should never have let through."""
    return "".join(letter for letter in text if letter == "\n" or (letter >= " " and not "\x7f" <= letter <= "\x9f"))
