"""What the tests of the running daemon share."""

from collections.abc import Iterator

import pytest

from tests.acceptance.running import Hook


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as hook:
        yield hook
