"""The default install stays light: nothing it needs, at any depth, is torch or a GPU library."""

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[3] / "pyproject.toml"
HEAVY = re.compile(r"^(torch|torchvision|triton|tensorflow|jax|jaxlib|cupy|nvidia-.*|cuda-.*)$")


def closure(wanted: list[str]) -> set[str]:
    """Return the names of everything that these requirements need, by the metadata of what is installed."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(line) for line in wanted]
    while waiting:
        requirement = waiting.pop()
        key = (re.sub(r"[-_.]+", "-", requirement.name).lower(), frozenset(requirement.extras))
        if key in found:
            continue
        found.add(key)
        extras = ["", *requirement.extras]
        for line in distribution(requirement.name).requires or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)
    return {name for name, _ in found}


def test_the_default_install_needs_no_torch() -> None:
    needed = closure(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"])
    assert {"transformers", "onnxruntime", "tokenizers", "numpy"} <= needed
    assert [name for name in needed if HEAVY.match(name)] == []


def test_the_search_would_find_torch() -> None:
    assert HEAVY.match("torch")
    assert HEAVY.match("nvidia-cublas-cu12")
    assert not HEAVY.match("torchless")
