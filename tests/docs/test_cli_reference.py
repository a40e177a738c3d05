from pathlib import Path

from monitor.cli.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"


def test_the_page_is_what_the_commands_say() -> None:
    """Mend with `python -m monitor.cli.reference > docs/reference/cli.md`."""
    assert PAGE.read_text("utf-8") == reference()


def test_every_promised_command_is_there() -> None:
    page = reference()
    promised = (
        "init,check,run,match,classify,explain,digest,export,backup,restore,forget,doctor,send-test,eval,coverage,sources,"
        "queue list,queue show,queue claim,queue assign,queue release,queue snooze,queue reply,queue resolve,"
        "queue dismiss,queue reopen,queue escalate,queue note,config apply,config show,config history,silence add,"
        "silence list,outbox list,outbox replay,alerts status"
    )
    missing = [name for name in promised.split(",") if f"\n## complaint-monitor {name}\n" not in page]
    assert missing == []


def test_every_command_and_option_says_what_it_is_for() -> None:
    undescribed = [
        line
        for line in reference().splitlines()
        if line.startswith("  -") and len(line.split("  ")) < 3 and "--" in line
    ]
    assert undescribed == []
