"""Whatever stands in the file, reading it ends with problems or settings, never with an exception."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.options import SourceOptions
from connectors.registry import KINDS, options_type
from monitor.config.digests import Digest
from monitor.config.escalation import Chain, ChainStep, Escalation
from monitor.config.load import load_config
from monitor.config.people import Override, Person, Shift
from monitor.config.receivers import RECEIVER_KINDS
from monitor.config.routes import Route
from monitor.config.schema import Brand, Context, Settings, Triage, Watch

MODELS: list[Any] = [Settings, Brand, Watch, Context, Triage, Route, Digest, SourceOptions, *RECEIVER_KINDS.values()]
MODELS += [options_type(kind) for kind in KINDS]
MODELS += [Person, Shift, Override, Escalation, Chain, ChainStep]
KEYS = sorted({name for model in MODELS for name in model.model_fields} | {"lumo", "critical", "safety", "en"})
WORDS = [
    *KINDS,
    *RECEIVER_KINDS,
    "lumo",
    "env:NONE",
    "file:x",
    "08:00",
    "5m",
    "critical",
    "https://a.example/",
    "re2:/a/",
    "lumo -lumo",
    "{lumo}",
    "job-ads",
]
WORDS += ["builtin:lumo", "(", "[a", "<b>", "a||b", "hub:", "sqlite:///x", "UTC", "http://[::1", "9" * 400 + "d", "~"]

leaves = st.one_of(st.sampled_from(WORDS), st.text(max_size=8), st.integers(), st.floats(), st.booleans(), st.none())
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
parts = st.dictionaries(st.sampled_from(["a", "b"]), st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, leaves)))
configs = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(Settings.model_fields, values)
    | {"sources": parts | values, "receivers": parts | values, "brands": parts | values},
)


@settings(deadline=None, max_examples=150)
@given(configs)
def test_reading_never_raises(config: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(json.dumps(config), encoding="utf-8")
        loaded = load_config(file, environ={})
    assert (loaded.settings is None) <= bool(loaded.errors)
    assert all(problem.line >= 1 and problem.message for problem in loaded.problems)
