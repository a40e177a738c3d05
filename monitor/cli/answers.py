"""`answer …`: what is said to customers, and who looks at it before. Only `send` posts, and only words seen."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.context import (
    DEFAULT_CONFIG,
    AsJson,
    AsName,
    CaseNumber,
    ConfigFile,
    clock,
    known_brands,
    local_zone,
    login_name,
    reading,
)
from monitor.cli.output import Cell, print_json, print_table, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from monitor.answering.draft import Draft
    from monitor.answering.lint import Finding
    from monitor.store.answers import Answer

app = typer.Typer(
    help="Answers: write them, have them approved, open the post.", no_args_is_help=True, rich_markup_mode=None
)

Seen = Annotated[
    int | None, typer.Option("--version", metavar="N", min=1, help="The version that you saw; refused if it changed.")
]

_QUOTE, _INPUT_LIMIT = 120, 100_000


@app.command("list")
def list_answers(
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
    brand: Annotated[str | None, typer.Option(metavar="BRAND", help="Only this brand.")] = None,
    case: Annotated[int | None, typer.Option(metavar="CASE", min=1, help="Every answer of this case instead.")] = None,
) -> None:
    """List the answers that wait for an approval, the longest waiting first."""
    from monitor.desk import known_case  # noqa: PLC0415

    now = clock()
    with reading(config) as (settings, store):
        known_brands(settings, [brand] if brand else [])
        if case is not None:
            found = store.answers_of_case(known_case(store, case).id)
        else:
            found = store.waiting_answers([brand] if brand else [])
    if as_json:
        print_json([answer.to_json() for answer in found])
    elif not found:
        say("no answer waits for an approval" if case is None else f"case {case} has no answer yet")
    else:
        columns = ["CASE", "KIND", "STATE", "VERSION", "BY", "SINCE", "TEXT"]
        print_table(columns, [_row(answer, now, local_zone()) for answer in found], wide=["TEXT"])


@app.command("lint")
def lint(
    case: CaseNumber,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="The answer; - or nothing reads it from stdin.")] = "-",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Look at the words of an answer before they are sent; exit 1 where something must be mended first."""
    from monitor.answering.lint import stopped  # noqa: PLC0415
    from monitor.desk.answers import lint_for  # noqa: PLC0415

    words = sys.stdin.read(_INPUT_LIMIT).rstrip("\n") if text == "-" else text
    with reading(config) as (settings, store):
        findings = lint_for(store, settings, case, words, clock())
    if as_json:
        print_json([finding.to_json() for finding in findings])
    else:
        for line in _lint_lines(words, findings) or ["nothing to mend"]:
            say(line)
    if stopped(findings):
        raise typer.Exit(1)


@app.command("write")
def write(
    case: CaseNumber,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The words of the answer; - reads them from stdin.")],
    who: AsName = "",
    version: Seen = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Keep the words of an answer; new words need a new approval."""
    words = sys.stdin.read(_INPUT_LIMIT).rstrip("\n") if text == "-" else text
    _act(config, "answer-write", who, as_json, case=case, text=words, version=version)


@app.command("ask")
def ask(
    case: CaseNumber,
    who: AsName = "",
    version: Seen = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Ask a second person to approve the answer; they are told until somebody decides."""
    _act(config, "answer-ask", who, as_json, case=case, version=version)


@app.command("approve")
def approve(
    case: CaseNumber,
    who: AsName = "",
    version: Seen = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Approve exactly the words that wait; not those that you wrote."""
    _act(config, "answer-approve", who, as_json, case=case, version=version)


@app.command("reject")
def reject(
    case: CaseNumber,
    reason: Annotated[str, typer.Argument(metavar="REASON", help="What should be different.")],
    who: AsName = "",
    version: Seen = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Reject the words that wait, and say why."""
    _act(config, "answer-reject", who, as_json, case=case, reason=reason, version=version)


@app.command("open")
def open_post(
    case: CaseNumber,
    who: AsName = "",
    version: Seen = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Print the words to copy and the address of the post; you send them, then record it by `queue reply`."""
    _act(config, "answer-open", who, as_json, case=case, version=version)


@app.command("hold")
def hold(case: CaseNumber, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Print the holding reply of a grave case: agreed on beforehand, so that nobody else has to look at it."""
    _act(config, "answer-hold", who, as_json, case=case)


@app.command("send")
def send(
    case: CaseNumber,
    who: AsName = "",
    version: Seen = None,
    holding: Annotated[bool, typer.Option("--holding", help="The holding reply in place of the answer.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Post the answer as your account, where the platform allows it; without --version only show what would go out."""
    kind = "holding" if holding else "answer"
    if version is None:
        _show_what_goes_out(config, case, kind)
        return
    _act(config, "answer-send", who, as_json, case=case, kind=kind, version=version)


@app.command("is-there")
def is_there(
    case: CaseNumber,
    link: Annotated[str | None, typer.Option("--link", metavar="URL", help="Where the answer stands.")] = None,
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say that an answer which was perhaps sent stands on the platform."""
    _act(config, "answer-is-there", who, as_json, case=case, permalink=link)


@app.command("is-not-there")
def is_not_there(
    case: CaseNumber, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False
) -> None:
    """Say that an answer which was perhaps sent is not on the platform; it can be sent again then."""
    _act(config, "answer-is-not-there", who, as_json, case=case)


@app.command("withdraw")
def withdraw(
    case: CaseNumber,
    who: AsName = "",
    version: Seen = None,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Give an answer up; whoever was asked to approve it hears of it."""
    _act(config, "answer-withdraw", who, as_json, case=case, version=version)


def print_drafts(drafts: "Sequence[Draft]") -> None:
    """Print the texts that are offered for a case, each with why; the words can be copied as they stand."""
    from monitor.notify.text import inert, visible  # noqa: PLC0415

    for draft in drafts:
        limit = f" of {draft.limit:,}" if draft.limit is not None else ""
        say(f"{draft.name}: {inert(draft.why)}; {draft.length:,}{limit} characters")
        if draft.problem:
            say(f"  {inert(draft.problem)}")
        for line in visible(draft.text, newlines=True).split("\n") if draft.text else ():
            say(f"  {line}")
        if draft.unfilled:
            say(f"  to fill in: {', '.join(inert(name) for name in draft.unfilled)}")


def _show_what_goes_out(config: Any, case_id: int, kind: str) -> None:
    """Print the words, the account, and how to send exactly these."""
    from monitor.answering.state import AnswerKind  # noqa: PLC0415
    from monitor.app import open_sources  # noqa: PLC0415
    from monitor.desk import known_case  # noqa: PLC0415
    from monitor.desk.voices import speaker_for  # noqa: PLC0415
    from monitor.errors import MoveRefused  # noqa: PLC0415
    from monitor.notify.text import inert, visible  # noqa: PLC0415

    with reading(config) as (settings, store):
        answer = store.live_answer(known_case(store, case_id).id, AnswerKind(kind))
        if answer is None:
            raise MoveRefused(f"case {case_id}", f"has no {kind} in work", "write one first")
        opened = {name: source.connector for name, source in open_sources(settings)[0].items()}
        try:
            speaker, reason = speaker_for(store, settings, opened, known_case(store, case_id))
        finally:
            for connector in opened.values():
                connector.close()
    if speaker is None:
        raise MoveRefused(f"case {case_id}", f"cannot be answered from here: {reason}", "copy the words, open the post")
    say(visible(answer.text, newlines=True))
    option = " --holding" if kind == "holding" else ""
    say(f"nothing was sent; as {inert(speaker.account)}: "
        f"`complaint-monitor answer send {case_id}{option} --version {answer.version}`")  # fmt: skip


def _act(config: Any, name: str, who: str, as_json: bool, **arguments: Any) -> None:
    from monitor.cli.gateway import execute  # noqa: PLC0415
    from monitor.desk import Command  # noqa: PLC0415

    done = execute(config, Command(name, who or login_name(), arguments))
    if as_json:
        print_json(done)
        return
    _print_done(done)


def _print_done(done: dict[str, Any]) -> None:
    from monitor.notify.text import inert, safe_link, visible  # noqa: PLC0415

    answer = done["answer"]
    by = f" by {inert(answer['approved_by'])}" if answer["state"] == "approved" else ""
    say(f"case {answer['case_id']}: {answer['kind']} {answer['state']}{by} (version {answer['version']})")
    if "sending" in done:
        attempt = done["sending"]
        say(
            f"{attempt['state']} as {inert(attempt['account'])}"
            + (f": {inert(attempt['problem'])}" if attempt["problem"] else "")
        )
        if attempt["state"] == "perhaps sent":
            say("look at the post, then say `answer is-there` or `answer is-not-there`")
    if "url" in done:
        say(visible(done["text"], newlines=True))
        link = safe_link(done["url"])
        say(f"post: {link}" if link else "the platform gives no address of the post")
        say(f"then record it: `complaint-monitor queue reply {answer['case_id']} --link URL`")


def _lint_lines(text: str, findings: "Sequence[Finding]") -> list[str]:
    from monitor.notify.text import excerpt, inert  # noqa: PLC0415

    return [
        f"{finding.gravity}: {finding.rule}: {inert(excerpt(text[finding.start : finding.end], 60))}: {finding.advice}"
        for finding in findings
    ]


def _row(answer: "Answer", now: "datetime", zone: "tzinfo") -> tuple[str | Cell, ...]:
    from monitor.notify.text import ago, excerpt, inert  # noqa: PLC0415

    return (
        str(answer.case_id),
        answer.kind.value,
        answer.state.value,
        str(answer.version),
        inert(excerpt(answer.author, 20)),
        ago(answer.asked_at or answer.written_at, now, zone),
        inert(excerpt(answer.text, _QUOTE)) or "(erased)",
    )
