"""Golden files in tests/data/digest. To write them anew: UPDATE_GOLDEN=1 .venv/bin/pytest tests/unit/digest."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.digest.build import DigestBody, build_digest
from monitor.digest.figures import DigestFigures
from monitor.digest.record import to_json
from monitor.digest.render import digest_message, render_html, render_text
from tests.unit.digest.examples import BERLIN, MAIL, TERMINAL, figures, stuffed
from tests.unit.notify.views import NOW

FOLDER = Path(__file__).parents[2] / "data" / "digest"


def morning(found: DigestFigures) -> DigestBody:
    return build_digest(found, NOW, BERLIN, name="morning")


EMPTY = DigestFigures(NOW - timedelta(days=1), NOW, mentions=12)
BODIES: Mapping[str, DigestBody] = {"usual": morning(figures()), "stuffed": morning(stuffed()), "empty": morning(EMPTY)}


def check(name: str, found: str) -> None:
    file = FOLDER / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(found + "\n", encoding="utf-8")
    assert found + "\n" == file.read_text("utf-8")


@pytest.mark.parametrize("name", BODIES)
def test_the_text_is_as_agreed(name: str) -> None:
    check(f"{name}.txt", render_text(BODIES[name], TERMINAL))
    check(f"{name}-linked.txt", render_text(BODIES[name], MAIL))


@pytest.mark.parametrize("name", BODIES)
def test_the_mail_is_as_agreed(name: str) -> None:
    mail = digest_message(BODIES[name], MAIL, key="0123456789abcdef0123")
    check(f"{name}.html", mail.html or "")


def test_the_page_is_the_mail_with_its_pictures_inside() -> None:
    page = render_html(BODIES["usual"], MAIL)
    mail = digest_message(BODIES["usual"], MAIL, key="0123456789abcdef0123").html
    source = re.compile(r'src="[^"]*"')
    assert mail is not None
    assert source.sub("", page) == source.sub("", mail)
    assert page.count('src="data:image/svg+xml;base64,') == mail.count('src="cid:') == 6


@pytest.mark.parametrize("name", BODIES)
def test_the_json_is_as_agreed(name: str) -> None:
    few = replace(BODIES[name].figures, act_now=BODIES[name].figures.act_now[:2], replies_before={}, incidents=(),
                  spikes=(), top=(), next_at_risk=(), curve=None, praise=BODIES[name].figures.praise[:1])  # fmt: skip
    short = to_json(replace(BODIES[name], figures=few))
    check(f"{name}.json", json.dumps(short, indent=2, ensure_ascii=False))
