"""Every hostile text that we know of, and any other, through every way of rendering."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digest.build import build_digest
from monitor.digest.figures import DigestFigures
from monitor.digest.render import digest_message
from monitor.notify.mail import make_mail
from monitor.notify.render import Setting, render_cases
from tests.unit.notify.test_render import MAILBOX
from tests.unit.notify.views import NOW, make_view

CORPUS = Path(__file__).parents[2] / "data" / "adversarial.jsonl"
TEXTS = [json.loads(line)["text"] for line in CORPUS.read_text("utf-8").splitlines()]
KINDS = ["stdout", "webhook", "mail", "apprise"]


def render_everywhere(text: str, kind: str) -> str:
    setting = Setting("desk", kind, NOW)
    view = make_view(text=text, author=text[:300], platform=text[:300], permalink=f"https://x.example/{text[:50]}")
    alert = render_cases("case.opened", [view] * 8, setting, key="k", total=9)
    figures = DigestFigures(NOW, NOW, top=[view], open_by_level={view.level: 1})
    digest = digest_message(build_digest(figures, NOW, NOW.tzinfo), setting, key="k")  # type: ignore[arg-type]
    json.dumps([alert.to_json(), digest.to_json()], allow_nan=False)
    if kind == "mail":
        make_mail(alert, MAILBOX).as_bytes()
    return f"{alert.subject}\n{alert.text}\n{digest.subject}\n{digest.text}"


def assert_inert(shown: str) -> None:
    assert all(letter == "\n" or (letter >= " " and not "\x7f" <= letter <= "\x9f") for letter in shown)
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u200e\u200f\u2028\u2029") & set(shown)


@pytest.mark.parametrize("kind", KINDS)
def test_the_corpus_is_inert_everywhere(kind: str) -> None:
    assert len(TEXTS) > 100
    for text in TEXTS:
        assert_inert(render_everywhere(text, kind))


@settings(deadline=None)
@given(st.text(max_size=400), st.sampled_from(KINDS))
def test_any_text_is_inert_everywhere(text: str, kind: str) -> None:
    assert_inert(render_everywhere(text, kind))
