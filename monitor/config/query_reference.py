"""Writes docs/reference/queries.md: `python -m monitor.config.query_reference > docs/reference/queries.md`.

Fields, packs and limits come from the code itself.
"""

import sys
from collections.abc import Iterable, Mapping

from monitor.config.schema import Pack
from monitor.rules.dialects import DIALECTS
from monitor.rules.exclusions import pack_file
from monitor.rules.query import DEPTH_LIMIT, LEAF_LIMIT, LENGTH_LIMIT
from monitor.rules.query_fields import FIGURES, HAS, IS, UNTOLD

_INTRODUCTION = f"""\
# The query language

Generated from the code; a test keeps it current. Queries stand in `watches`, `context`, `lists` and `exclude` of the
[config](config.md); [choose keywords](../howto/keywords.md) says how to go about them. Try one with
`complaint-monitor match 'lumo -band'`: it prints those lines of its input that match.

| write | finds |
|---|---|
| `lumo` | the word in any case and disguise (LUMO, lumo's, l.u.m.o, ｌｕｍｏ), and as `@lumo` or `#lumo`; not lumos |
| `"smart lamp"` | the words next to each other, in this order |
| `lumo lamp`, `lumo AND lamp` | both |
| `lumo OR lamp` | one of them; AND binds closer |
| `lumo -band`, `lumo NOT band` | the first without the second |
| `lumo (lamp OR bulb) -(band OR festival)` | parentheses group |
| `lumo NEAR/3 smoke` | both, with at most three words between, in either order |
| `lumo THEN/3 smoke` | the same, in this order |
| `lumo NEAR/3 (smoke OR fire)` | the sides may be words, phrases, lists, and choices of them |
| `lamp*` | words that begin so |
| `=LUMO` | the word in exactly this case |
| `#lumo` | only the hashtag |
| `@lumo` | only the handle |
| `🔥` | an emoji, in any tone of skin |
| `{{products}}` | one of the entries of a list of the config |
| `re2:/lumo-?\\d+/i` | a pattern in RE2's syntax on the text as it stands; `i` ignores case |

AND, OR, NOT, NEAR and THEN are written in capitals; in small letters they are words. A star ends a word, and nothing
else. Quote what is no word: `"what?"`. Curly quotation marks are read like straight ones.

Words are compared without case, accents (größe finds Groesse and Grosse) and disguise (r3fund, r.e.f.u.n.d, stretched,
full-width, mathematical letters). In scripts without spaces a word is looked for anywhere, but one all in katakana ends
where the katakana ends, and a Latin word ends where such a script begins: `lumo` finds lumoを買った. A Korean word may
carry a particle. For NEAR and THEN each sign of such a script counts as a word.

A query has at most {LENGTH_LIMIT:,} characters, {LEAF_LIMIT:,} parts and {DEPTH_LIMIT} parentheses inside each other; a
list at most 10,000 entries.
"""

_FIELDS = """\
## Fields

**What is unknown never holds.** `followers>=1000` finds no post whose author's followers nobody told, and `-is:reply`
keeps one of which nobody knows. `check` warns of a watch that asks a source for what it never tells.

| write | holds where |
|---|---|
| `from:lumo` | the author has this handle |
| `to:lumo` | the post opens with this handle, alone or after others |
| `lang:de` | the platform says that the post is German (also de-AT) |
| `lang:de?` | the same, or the platform names no language |
| `in:lamps` | the post stands in this subreddit or community, where its address tells |
| `source:forum` | it came from the source of this name in the config, or from this platform |
"""

_SEARCHES = f"""\
## What platforms are asked for

Each watch is made into searches of the platform: they find at least what the watch wants, and as little more as the
platform can say. `check` prints them. The watch itself then decides on what came back, so that nothing is matched by
the platform's opinion alone.

| platform | finds by | leaves out | at most |
|---|---|---|---|
| X | words, phrases, `#`, `@`, emoji, `from:`, `lang:`, `is:reply` | words, phrases, `#`, `@`, `from:`, `lang:`, \
`has:link`, `has:hashtag`, `has:mention`, `is:reply`, `is:repost`, own handles | \
{DIALECTS["x"].limit} characters |
| Reddit (submissions) | words, phrases, prefixes, `from:`, `in:` | words, phrases, `from:`, `in:` | \
{DIALECTS["reddit"].limit} characters |
| Hacker News | words, phrases, a prefix | nothing: its search also looks at the story and the address that a comment \
belongs to | one search for each alternative |

A longer search is split. NEAR and THEN become both words; patterns, numbers and what a platform has no search for are
left to the watch. Where a watch has nothing that a platform can search for, `check` says so, and that source stands
still.
"""


def reference() -> str:
    """Return the page."""
    parts = [_INTRODUCTION, _FIELDS + _rows(_told("has", HAS), _told("is", IS), _figures()), _untold(), _SEARCHES]
    parts.append(
        "## Packs\n\nReady-made exclusions, switched on with `packs: [job-ads]`. What a line matches is dropped by\n"
        "the rule of its kind and stays findable. A post with grave words that complains or speaks to the brand\n"
        "becomes a case all the same, and where a customer's own trouble speaks from a post, no pack drops it.\n"
    )
    parts += [_pack(pack) for pack in Pack]
    return "\n".join(parts)


def _rows(*rows: Iterable[tuple[str, str]]) -> str:
    return "".join(f"| {write} | {means} |\n" for group in rows for write, means in group)


def _told(name: str, known: Mapping[str, tuple[object, str]]) -> Iterable[tuple[str, str]]:
    verb = "it has" if name == "has" else "it is"
    return [(f"`{name}:{value}`", f"{verb} {words}") for value, (_, words) in known.items()]


def _figures() -> Iterable[tuple[str, str]]:
    signs = "`>=`, `<=`, `>` and `<` compare; 10k and 1.5m are numbers"
    return [(", ".join(f"`{name}>=100`" if name != "rating" else "`rating<=2`" for name in FIGURES), signs)]


def _untold() -> str:
    rows = "".join(
        f"| {kind} | {', '.join(f'`{fact}`' for fact in sorted(facts))} |\n" for kind, facts in UNTOLD.items()
    )
    return f"| source | never tells |\n|---|---|\n{rows}"


def _pack(pack: Pack) -> str:
    return f"### {pack}\n\n```text\n{pack_file(pack).read_text('utf-8').rstrip()}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
