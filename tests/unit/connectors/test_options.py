from datetime import timedelta
from importlib import import_module

import pytest
from pydantic import ValidationError

from connectors.options import ReplayOptions, SourceOptions, XOptions, parse_duration
from connectors.registry import KINDS, options_type


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("1h30m", 5_400), ("1.5d", 129_600), (" 2w ", 1_209_600), ("0s", 0)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", " ", "5", "m", "5x", "1.2.3s", "-5m", "٣m", "5m5", "1e9d", "5 m"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write 30s, 5m, 2h or 1d"):
        parse_duration(text)


def test_a_duration_beyond_any_time_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than any time"):
        parse_duration("999999999999w")


def test_unknown_options_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        ReplayOptions.model_validate({"kind": "replay", "path": "a", "speed": 3})


def test_a_token_does_not_show() -> None:
    options = XOptions.model_validate({"kind": "x", "token": "secret-token"})
    assert "secret-token" not in repr(options)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_options_and_its_class(kind: str) -> None:
    options = options_type(kind)
    module, _, name = KINDS[kind].connector.partition(":")
    assert issubclass(options, SourceOptions)
    assert options.model_fields["kind"].annotation is not str
    assert hasattr(import_module(module), name)
