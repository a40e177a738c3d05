"""The diff of two versions of the config, as a page shows it: no secret that stands in a file itself."""

import pytest

from monitor.web.history_page import diff_of


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("token: abc123", "token: ***"),
        ("  reply_consumer_key: 'a b c'", "  reply_consumer_key: ***"),
        ("x: {token: abc, kind: x}", "x: {token: ***, kind: x}"),
        ('{"password": "p,w"}', '{"password": ***}'),
        ("url: https://name:pw@host.example/", "url: ***"),
        ("token: env:X_TOKEN", "token: env:X_TOKEN"),
        ("{secret: 'file:key'}", "{secret: 'file:key'}"),
        ("query: token OR password", "query: token OR password"),
    ],
)
def test_a_secret_is_hidden_and_its_reference_is_shown(line: str, shown: str) -> None:
    assert diff_of(None, {"files": {"config.yaml": line}})[-1] == f"+{shown}"
