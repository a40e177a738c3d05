"""Whether the accounts that answer customers can, as `doctor --online` and `check` tell."""

from pathlib import Path

from connectors.connector import Sent, Traits
from connectors.errors import Forbidden, Unreachable
from connectors.mention import Mention
from monitor.config.load import load_config
from monitor.service.doctor import Health
from monitor.service.voices import examine_voices
from tests.services import FakeConnector

CONFIG = """
brands: {{lumo: {{handles: {{x: [{handle}]}}, watches: [{{name: lumo, query: lumo}}]}}}}
sources:
  birds: {{kind: x, token: t, reply_as: lumo, reply_consumer_key: a, reply_consumer_secret: b,
           reply_access_token: c, reply_access_secret: d}}
"""


class Voice(FakeConnector):
    """A connector that answers as @lumo; `error` is what its credentials bring."""

    def __init__(self, error: Forbidden | Unreachable | None = None) -> None:
        super().__init__()
        self.traits = Traits(replies_as="lumo")
        self.error = error

    def may_reply(self, mention: Mention, *, to_ours: bool = False) -> str | None:
        return None

    def reply(self, mention: Mention, text: str, key: str) -> Sent:
        raise AssertionError("nothing is posted by looking")

    def check_voice(self) -> str:
        if self.error is not None:
            raise self.error
        return "lumo"


def test_each_voice_is_asked_and_none_speaks() -> None:
    voices = {
        "good": Voice(),
        "mute": Voice(Forbidden("mute", "may only read")),
        "gone": Voice(Unreachable("gone", "no answer")),
        "reader": FakeConnector(),
    }
    found = [(one.name, one.health, one.detail) for one in examine_voices(voices)]
    assert found == [
        ("answering good", Health.GREEN, "may answer as lumo"),
        ("answering mute", Health.RED, "may only read"),
        ("answering gone", Health.YELLOW, "no answer"),
    ]


def test_a_machine_that_answers_nobody_is_healthy() -> None:
    (only,) = examine_voices({"reader": FakeConnector()})
    assert (only.health, only.detail) == (Health.GREEN, "no source answers from here")


def test_check_warns_of_an_account_that_is_no_handle_of_a_brand(tmp_path: Path) -> None:
    def warnings(handle: str) -> list[str]:
        (tmp_path / "config.yaml").write_text(CONFIG.format(handle=handle))
        loaded = load_config(tmp_path / "config.yaml", environ={}, secrets=False)
        return [str(one) for one in loaded.warnings if "no handle of a brand" in str(one)]

    assert warnings("lumo") == warnings("'@Lumo'") == []
    (told,) = warnings("somebody")
    assert "is no handle of a brand, so it answers nobody" in told
