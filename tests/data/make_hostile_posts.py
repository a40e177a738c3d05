# ruff: noqa: E501
"""Makes the corpus of hostile posts, always the same: `python tests/data/make_hostile_posts.py`."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).with_name("hostile_posts.jsonl")
CALL = "window.pwned=1"

SCRIPTS = (
    f"<script>{CALL}</script>", f"<ScRiPt >{CALL}</sCrIpT>", f"</script><script>{CALL}//", f"<img src=x onerror={CALL}>",
    f'<img src=x onerror="{CALL}">', f"<svg onload={CALL}>", f"<svg><script>{CALL}</script></svg>",
    f"<svg><animate onbegin={CALL} attributeName=x dur=1s>", f"<body onload={CALL}>", f"<iframe srcdoc='<script>parent.{CALL}</script>'>",
    f'<iframe src="javascript:parent.{CALL}">', f'<a href="javascript:{CALL}">x</a>', f"<details open ontoggle={CALL}>",
    f"<math><mtext></mtext><mglyph><style><img src=x onerror={CALL}></style></mglyph></math>", f"<input autofocus onfocus={CALL}>",
    f"<video><source onerror={CALL}></video>", f"<audio src=x onerror={CALL}>", f"<marquee onstart={CALL}>", f'<object data="javascript:{CALL}">',
    f'<embed src="javascript:{CALL}">', f'<form action="javascript:{CALL}"><button>go</button></form>', f'<base href="javascript:{CALL}//">',
    f'<meta http-equiv=refresh content="0;url=javascript:{CALL}">', '<link rel=stylesheet href="data:text/css,*{display:none}">',
    "<style>*{display:none!important}</style>", "<style>@import 'http://127.0.0.1:9/x.css';</style>", "<plaintext>", "<textarea>", "<title>", "<!--", "-->", "]]>",
    f"javascript:{CALL}", f"data:text/html,<script>{CALL}</script>", f'" onmouseover="{CALL}', f"' onfocus='{CALL}' autofocus='", f"`-{CALL}-`", f"${{{CALL}}}",
    f"<x contenteditable onblur={CALL}>", f"<template><script>{CALL}</script></template>", f'<noscript><p title="</noscript><img src=x onerror={CALL}>">',
    f"%3Cscript%3E{CALL}%3C/script%3E", f"&lt;script&gt;{CALL}&lt;/script&gt;", f"&#60;script&#62;{CALL}", f"\\u003cscript\\u003e{CALL}", f"<scr\x00ipt>{CALL}</script>",
)  # fmt: skip
TEMPLATES = (
    "{{ 7*7 }}", "{{ config }}", "{% for x in range(9999) %}x{% endfor %}", "{{ ''.__class__.__mro__ }}", "{# gone #}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    "{{ self.__init__.__globals__ }}", "{{constructor.constructor('" + CALL + "')()}}", "[[${7*7}]]", "@(7*7)", "%s%s%s%n", "{0.__class__}", "$(touch x)", "`id`",
)  # fmt: skip
FORMULAS = (
    "=1+1", '=HYPERLINK("http://127.0.0.1:9","x")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1+1)", "\t=1+1", "\r=1+1", "=cmd|'/c calc'!A1",
    '=IMPORTXML("http://127.0.0.1:9","//a")', '=DDE("cmd";"/C calc";"x")', '"=1+1', ";=1+1", ",=1+1\n=2+2", "|calc", "%0A=1+1",
)  # fmt: skip
BIDI = (
    "\u202eesrever si siht", "\u2067isolated never closed", "\u202dleft \u202eright", "\u2066" * 200, "\u202e" * 200 + "x", "abc\u202e/txt.exe", "\u200f\u200e" * 50,
    "שלום lumo \u202e123 مرحبا", "مرحبا " * 60, "\u061c" * 30 + "lumo", "\u2068lumo\u2069\u2069\u2069\u2069", "\u2029\u2028lines\u2028",
)  # fmt: skip
LENGTHS = (100, 500, 1_000, 2_000, 5_000)


def posts() -> Iterator[str]:
    """Yield the texts, at least 200 of them."""
    dice = random.Random(6)
    yield from SCRIPTS
    yield from (f"lumo is broken {text} please help" for text in SCRIPTS)
    yield from TEMPLATES
    yield from (f"my lumo {text}" for text in TEMPLATES)
    yield from FORMULAS
    yield from BIDI
    marks = [chr(code) for code in range(0x300, 0x370)]
    for number in (5, 20, 60, 200):
        yield "".join(letter + "".join(dice.choices(marks, k=number)) for letter in "lumo burns")
    for length in LENGTHS:
        yield from (
            "a" * length,
            "W" * length,
            "/" * length,
            "\u0bf8" * length,
            "🔥" * (length // 2),
            "a\u00ad" * (length // 2),
        )
    yield from ("a" * 50_000, "lumo " + "W" * 50_000)
    for _ in range(30):
        pieces = dice.choices((*SCRIPTS, *TEMPLATES, *FORMULAS, *BIDI), k=4)
        yield dice.choice((" ", "\n", "\u200b", "\ufeff")).join(pieces)
    yield from ("", " ", "\u200b", "\ufeff", "\u3164" * 40, "\n" * 500, "\t" * 500, "\x1b[2J\x1b[31m", "\x07\x08\x7f", "𒐫" * 300, "﷽" * 300, "\ufffd\ufffe\uffff",
                "e\u0301" * 500, "👩‍👩‍👧‍👦" * 200, "\U000e0041" * 200, "NULL", "undefined", "../../etc/passwd", "'; DROP TABLE cases; --")  # fmt: skip


def main() -> None:
    """Write the corpus; every third post has a hostile author too."""
    with TARGET.open("w", encoding="utf-8") as file:
        for number, text in enumerate(posts()):
            author = f"{SCRIPTS[number % len(SCRIPTS)]}{number}" if number % 3 == 0 else f"author{number}"
            file.write(json.dumps({"native_id": f"hostile{number}", "author": author, "text": text}) + "\n")


if __name__ == "__main__":
    main()
