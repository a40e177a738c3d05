"""One line of transformers is left out of the log; every other line passes."""

import logging

from models.quiet import quiet_transformers


class Collecting(logging.Handler):
    """Keeps what is logged; transformers keeps its lines from the root logger, where pytest listens."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(record.getMessage())


def test_the_line_about_torch_is_left_out_and_others_are_not() -> None:
    logger, handler = logging.getLogger("transformers"), Collecting()
    logger.addHandler(handler)
    try:
        with quiet_transformers():
            logger.warning("PyTorch was not found. Models won't be available")
            logger.warning("the tokenizer is broken")
        logger.warning("PyTorch was not found, said later")
    finally:
        logger.removeHandler(handler)
    assert handler.lines == ["the tokenizer is broken", "PyTorch was not found, said later"]
