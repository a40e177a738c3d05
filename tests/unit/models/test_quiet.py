"""One line of transformers is left out of the log; every other line passes."""

import logging

import pytest

from models.quiet import quiet_transformers


def test_the_line_about_torch_is_left_out_and_others_are_not(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("transformers")
    with quiet_transformers():
        logger.warning("PyTorch was not found. Models won't be available")
        logger.warning("the tokenizer is broken")
    logger.warning("PyTorch was not found, said later")
    assert caplog.messages == ["the tokenizer is broken", "PyTorch was not found, said later"]
