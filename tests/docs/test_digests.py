"""The page about digests: what it shows can be used, and names every section."""

import re
from pathlib import Path

from ruamel.yaml import YAML

from monitor.config.digests import Digest, Part

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "digests.md").read_text("utf-8")


def test_the_digests_that_it_shows_are_valid() -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    shown = [Digest.model_validate(entry) for entry in YAML(typ="safe").load(block)["digests"]]
    assert [bool(one.at) + bool(one.cron) * 2 + bool(one.every) * 4 for one in shown] == [1, 2, 1, 4]


def test_it_explains_every_section() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE) == list(Part)
