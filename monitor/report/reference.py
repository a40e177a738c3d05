"""Writes docs/reference/figures.md from the definitions: `python -m monitor.report.reference > FILE`."""

import sys

from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import Definition
from monitor.report.rules import LINKS

_HEAD = """\
# What the figures of a report mean

This page is generated from the definitions; a test keeps it current. `complaint-monitor report` prints the figures, the
page `/reports` draws them, and [a how-to](../howto/defend-the-monthly-report.md) tells how to stand by them.

For every figure:

- **A post belongs to the month in which it was written**, a case to that of its first post, in the zone of the report.
  So a figure of last month can still change while its cases are worked on.
- **n** is how many cases, posts, authors or answers it rests on, **unknown** how many could not be told. Unknown is
  never 0, and what was answered outside our sight is unknown, not late.
- **Before** is the same of the month before (of as much of it, while a month goes on), or of as long a time; unknown
  where no source was heard yet when that began.
- **The first promise counts.** The level that a case opened with says when its first reply is due. Raising, escalating
  and reopening it give later due times for the work, and change none of these figures.
- **Without incidents** leaves out the cases that an incident holds, and their posts.
"""

_WAYS = {"lower": "lower is better", "higher": "higher is better", "": "neither way is better"}


def reference() -> str:
    """Return the page."""
    parts = [_HEAD, _table(), *(_section(definition) for definition in DEFINITIONS.values()), _chain()]
    return "\n".join(parts)


def _table() -> str:
    rows = [
        f"| [{entry.title}](#{entry.key}) | {entry.unit.value} | {_WAYS[entry.better]} |"
        for entry in DEFINITIONS.values()
    ]
    return "\n".join(["| figure | unit | |", "| --- | --- | --- |", *rows]) + "\n"


def _section(entry: Definition) -> str:
    return f"""\
<a id="{entry.key}"></a>

## {entry.title}

`{entry.key}`, {entry.unit.value}, {_WAYS[entry.better]}. {entry.meaning}

- How it is counted: {entry.formula}
- Unknown: {entry.unknown}
"""


def _chain() -> str:
    rows = "\n".join(f"| `{name}` | {title} | {whose.value} |" for name, title, whose in LINKS)
    return f"""\
## The links of the chain

| link | from, to | whose time it is |
| --- | --- | --- |
{rows}
"""


if __name__ == "__main__":
    sys.stdout.write(reference())
