"""The documents tell the truth: links lead somewhere, commands exist, every page can be found."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from monitor.cli.commands import app

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs" / "index.md"
TOPS = ("docs", "bench", "connectors", "models", "monitor", "packaging", "tests")
PAGES = sorted([*ROOT.glob("*.md"), *(page for top in TOPS for page in (ROOT / top).rglob("*.md"))])
GENERATED = {ROOT / "docs" / "reference" / "cli.md"}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"^(?:sudo )?(?:[\w./-]*/)?complaint-monitor\s+(.*)$")
ENDS = re.compile(r"\s(?:#|\||>|<|&&|;|2>)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def prose(page: Path) -> str:
    """Return a page without its code blocks and code spans: what looks like a link in them is none."""
    return SPAN.sub("", FENCE.sub("", page.read_text("utf-8")))


def links(page: Path) -> Iterator[tuple[bool, str, str]]:
    """Give (whether it is a picture, its words, where to) of each link that stays in the repository."""
    for picture, words, target in LINK.findall(prose(page)):
        if not re.match(r"[a-z]+:", target):
            yield bool(picture), words, target


def anchors(page: Path) -> set[str]:
    """Return the names under which the headings of a page, and places that name themselves, can be linked."""
    text = FENCE.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    named = {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
    return named | set(re.findall(r'^<a id="(\w+)"></a>$', text, re.MULTILINE))


def commands(page: Path) -> Iterator[str]:
    """Give the arguments of each quoted `complaint-monitor …`, of code blocks and of spans."""
    text = page.read_text("utf-8")
    lines = [line.strip() for _, block in FENCE.findall(text) for line in block.splitlines()]
    for line in [*lines, *SPAN.findall(FENCE.sub("", text))]:
        parts = [line.removeprefix("$ "), *re.split(r"&& |\| |; ", line)[1:]]
        for part in parts:
            found = COMMAND.match(part.strip())
            if found:
                yield ENDS.split(f" {found[1]}")[0].strip()


def problem(arguments: str) -> str | None:
    """Return what is wrong with a command line, by the real commands; None where it can be given."""
    command: Any = get_command(app)
    is_value = False
    for word in shlex.split(arguments):
        if is_value:
            is_value = False
            continue
        if re.fullmatch(r"[A-Z][A-Z-]*|…", word) and hasattr(command, "commands"):
            return None
        if word.startswith("-"):
            known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
            if word.partition("=")[0] not in {*known, "-h", "--help"}:
                return f"{arguments!r}: no option {word}"
            is_value = any(word in option.opts and not getattr(option, "is_flag", True) for option in command.params)
        elif hasattr(command, "commands"):
            unknown = [name for name in word.split("/") if name not in command.commands]
            if unknown:
                return f"{arguments!r}: no command {unknown[0]}"
            command = command.commands[word.split("/")[0]]
    return None


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    dead = []
    for _, _, target in links(page):
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            dead.append(target)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_stay_within_the_repository(page: Path) -> None:
    places = [(page.parent / target.partition("#")[0]).resolve() for _, _, target in links(page)]
    assert [place for place in places if not place.is_relative_to(ROOT)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pictures_say_in_words_what_they_show(page: Path) -> None:
    assert [target for picture, words, target in links(page) if picture and not words.strip()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page not in GENERATED], ids=name_of)
def test_quoted_commands_exist_with_their_options(page: Path) -> None:
    assert [found for arguments in commands(page) if (found := problem(arguments))] == []


def test_the_check_of_commands_finds_mistakes() -> None:
    assert problem("queue list --json") is None
    assert problem("--debug COMMAND …") is None
    assert problem("queue lst") is not None
    assert problem("queue list --jsn") is not None
    assert problem("report --month 2026-11 --brand lumo") is None
    assert problem("report --brand lumo fixs") is not None
    assert next(commands(ROOT / "README.md")) == "queue list"


def test_every_page_is_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [INDEX]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = [(page.parent / target.partition("#")[0]).resolve() for _, _, target in links(page)]
        waiting += [target for target in targets if target.suffix == ".md" and target.is_file()]
    assert {name_of(page) for page in PAGES if page.is_relative_to(ROOT / "docs")} <= {
        name_of(page) for page in reached
    }


def test_the_readme_opens_with_the_two_commands() -> None:
    title, _, rest = (ROOT / "README.md").read_text("utf-8").partition("\n")
    assert title == "# complaint-monitor"
    assert rest.lstrip().startswith("```console\nmake run")
    first = FENCE.search(rest)
    assert first is not None
    lines = first[2].splitlines()
    assert [line.split("#")[0].strip() for line in lines] == ["make run", ".venv/bin/complaint-monitor queue list"]


def test_pictures_fetch_nothing() -> None:
    pictures = {name_of(page): page.read_text("utf-8") for page in (ROOT / "docs").rglob("*.svg")}
    assert pictures
    assert [name for name, text in pictures.items() if re.search(r"url\(\"?http|href=\"http|<script", text)] == []
