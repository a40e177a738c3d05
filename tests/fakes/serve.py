"""Runs a fake platform by itself, for trying the daemon by hand."""

import sys
from threading import Event

from tests.fakes.server import FakeServer


def serve(fake: FakeServer) -> None:
    """Print the fake's address and answer until interrupted."""
    with fake:
        sys.stdout.write(f"{type(fake).__name__} listens at {fake.url} until Ctrl-C\n")
        sys.stdout.flush()
        try:
            Event().wait()
        except KeyboardInterrupt:
            return
