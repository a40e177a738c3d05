"""`user` and `token`: people, their roles, and the keys of their programs."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.context import DEFAULT_CONFIG, AsJson, AsName, ConfigFile, login_name, reading
from monitor.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(help="People and their roles.", no_args_is_help=True)
tokens = typer.Typer(help="Keys for programs.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Whom.")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="BRAND=ROLE", help="viewer, agent, approver, tuner, manager; *=admin. Repeat it."),
]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name, as it will stand beside what they do.")],
    role: Roles = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input; else a link is made.")
    ] = False,
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Add somebody. Without a password, prints a link by which they choose one."""
    arguments: dict[str, Any] = {"user": name, "roles": _roles(role)}
    if password_stdin:
        arguments["password"] = _password()
    _tell(_execute(config, "user-add", who, arguments), "made", config)


@app.command("list")
def show(json: AsJson = False, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """List people."""
    from monitor.desk.access import user_json  # noqa: PLC0415
    from monitor.notify.text import inert  # noqa: PLC0415

    with reading(config) as (_, store):
        users = store.users()
    if json:
        print_json([user_json(user) for user in users])
        return
    rows = [
        (
            inert(user.name),
            ", ".join(f"{brand}={role}" for brand, role in user.roles.items()),
            "disabled" if user.disabled_at else "active" if user.password_hash else "no password",
        )
        for user in users
    ]
    print_table(("NAME", "ROLES", "STATE"), rows, wide=("ROLES",))


@app.command("role")
def role(name: Name, role: Roles = None, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Give somebody these roles in place of all others; without one, none."""
    _tell(_execute(config, "user-role", who, {"user": name, "roles": _roles(role)}), "roles changed", config)


@app.command("password")
def password(name: Name, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Choose somebody's password: asked for, or read from standard input. Ends their logins."""
    _tell(_execute(config, "user-password", who, {"user": name, "password": _password()}), "password changed", config)


@app.command("link")
def link(name: Name, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Print a new link by which somebody chooses a password."""
    _tell(_execute(config, "user-link", who, {"user": name}), "invited", config)


@app.command("disable")
def disable(name: Name, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Let somebody in no more; ends their logins."""
    _tell(_execute(config, "user-disable", who, {"user": name}), "disabled", config)


@app.command("enable")
def enable(name: Name, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Let somebody in again."""
    _tell(_execute(config, "user-enable", who, {"user": name}), "enabled", config)


@tokens.command("add")
def add_token(
    name: Name,
    title: Annotated[str, typer.Option("--for", metavar="WORDS", help="What it is for.")],
    may: Annotated[
        list[str],
        typer.Option("--may", metavar="DEED", help="see, work, approve, tune, manage, administer. Repeat it."),
    ],
    brand: Annotated[
        list[str] | None, typer.Option("--brand", metavar="BRAND", help="Only for this brand. Repeat it.")
    ] = None,
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Make a token in somebody's name. Prints it, once."""
    made = _execute(config, "token-add", who, {"user": name, "title": title, "deeds": may, "brands": brand or []})
    say(f"token {made['token']}: {made['key']}")


@tokens.command("list")
def show_tokens(json: AsJson = False, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """List the tokens that have not ended."""
    from monitor.desk.access import token_json  # noqa: PLC0415
    from monitor.notify.text import inert  # noqa: PLC0415

    with reading(config) as (_, store):
        known = store.tokens()
    if json:
        print_json([token_json(token) for token in known])
        return
    rows = [
        (
            str(token.id),
            inert(token.user),
            inert(token.title),
            ", ".join(sorted(token.deeds)),
            ", ".join(sorted(token.brands)) or "all",
        )
        for token in known
    ]
    print_table(("TOKEN", "PERSON", "FOR", "MAY", "BRANDS"), rows, wide=("FOR",))


@tokens.command("end")
def end_token(
    token: Annotated[int, typer.Argument(metavar="TOKEN", min=1, help="Its number.")],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """End a token."""
    _execute(config, "token-end", who, {"token": token})
    say(f"token {token}: ended")


def _execute(config: "Path", name: str, who: str, arguments: dict[str, Any]) -> dict[str, Any]:
    from monitor.cli.gateway import execute  # noqa: PLC0415 - `--help` does without
    from monitor.desk import Command  # noqa: PLC0415 - `--help` does without

    return execute(config, Command(name, who or login_name(), arguments))


def _tell(made: dict[str, Any], done: str, config: "Path") -> None:
    """Print what was done, with the link where there is one."""
    from monitor.notify.text import inert  # noqa: PLC0415 - see above
    from monitor.steps.signs import WEB_META  # noqa: PLC0415 - see above

    name = inert(made["user"]["name"])
    if "link" not in made:
        say(f"{name}: {done}")
        return
    with reading(config) as (settings, store):
        base = settings.web.public_url or store.meta(WEB_META) or f"http://{settings.web.listen}"
    say(f"{name}: {done}; choose a password within 24 hours: {base}{made['link']}")


def _roles(given: list[str] | None) -> dict[str, str]:
    roles = {}
    for pair in given or []:
        brand, separator, role = pair.partition("=")
        if not separator or not brand or not role:
            raise typer.BadParameter(f"{pair!r} is no role; write lumo=agent, or *=admin")
        roles[brand] = role
    return roles


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline(1_000).rstrip("\n")
