"""Import transformers without the line that tells every user of the default install that PyTorch is missing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


def _is_worth_saying(record: logging.LogRecord) -> bool:
    return "PyTorch was not found" not in record.getMessage()


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Leave that one line out of the log while transformers is imported in this block; every other line passes."""
    logger = logging.getLogger("transformers")
    logger.addFilter(_is_worth_saying)
    try:
        yield
    finally:
        logger.removeFilter(_is_worth_saying)
