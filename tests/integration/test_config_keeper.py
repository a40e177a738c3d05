"""Changing the config: what is refused changes nothing, what is cut off is finished or forgotten, never half done."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import keeper as keeping
from monitor.config.keeper import PENDING, Change, ConfigKeeper, finish_pending, keep_version
from monitor.config.load import LoadedConfig, load_config
from monitor.desk import Turn, apply_config, revert_config
from monitor.errors import ConfigError, MonitorError
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes
from tests.services import make_settings

ONE = "brands:\n  lumo:\n    watches: [{name: name, query: lumo}]  # ours\n"
TWO = ONE.replace("query: lumo", "query: lumos")
SPLIT = "include: brands.d/*.yaml\n"
BRAND = "watches: [{name: name, query: QUERY}]\n"


class Home:
    """A folder with a config, and a store that has accepted it."""

    def __init__(self, folder: Path, text: str = ONE) -> None:
        self.path = folder / "config.yaml"
        self.path.write_text(text)
        self.store = SqliteStore(None)
        self.refuses: Exception | None = None
        self.followed = 0

    def start(self, who: str = "start") -> LoadedConfig:
        finish_pending(self.store, self.path.parent)
        loaded = load_config(self.path, environ={})
        keep_version(self.store, loaded, who, NOW, who)
        return loaded

    def keeper(self, judge: Callable[[LoadedConfig], None] = lambda _: None) -> ConfigKeeper:
        return ConfigKeeper(self.path, {}, judge, self._follow)

    def turn(self, who: str = "ana") -> Turn:
        return Turn(self.store, make_settings(), who, NOW + minutes(1), keeper=self.keeper())

    def versions(self) -> list[tuple[str, str]]:
        return [(entry["who"], entry["action"]) for entry in self.store.config_history()]

    def _follow(self) -> None:
        if self.refuses:
            raise self.refuses
        self.followed += 1


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.start()
    return made


def split_home(tmp_path: Path) -> Home:
    (tmp_path / "brands.d").mkdir()
    for name in ("lumo", "nova"):
        (tmp_path / "brands.d" / f"{name}.yaml").write_text(BRAND.replace("QUERY", name))
    made = Home(tmp_path, SPLIT)
    made.start()
    return made


def test_a_text_takes_the_place_of_the_active_one_and_is_a_version(home: Home) -> None:
    home.path.chmod(0o600)
    answer = apply_config(home.turn(), TWO, '{"lost": 0}')
    assert (home.path.read_text(), home.path.stat().st_mode & 0o777, home.followed) == (TWO, 0o600, 1)
    newest = home.store.config_history()[0]
    assert (newest["hash"], newest["who"], newest["report"], newest["text"]) == (
        answer["hash"], "ana", '{"lost": 0}', TWO,
    )  # fmt: skip


def test_a_report_is_kept_without_the_words_of_posts(home: Home) -> None:
    line = {"text": "my lamp burns", "author": "eve", "permalink": "https://x.example/1", "score": 70, "native_id": "1"}
    apply_config(home.turn(), TWO, json.dumps({"lost": {"total": 1, "worst": [line]}}))
    kept = json.loads(home.store.config_history()[0]["report"])
    assert kept == {"lost": {"total": 1, "worst": [{"score": 70, "native_id": "1"}]}}
    with pytest.raises(MonitorError, match="is no JSON"):
        apply_config(home.turn(), ONE, "{half")


@pytest.mark.parametrize("bad", ["brands: [", "brnds: {}", ONE.replace("lumo}]", "'('}]"), ""])
def test_a_bad_text_is_refused_and_changes_nothing(home: Home, bad: str) -> None:
    with pytest.raises((ConfigError, MonitorError)):
        apply_config(Turn(home.store, make_settings(), "ana", NOW, keeper=home.keeper(_no_brands)), bad, None)
    assert (home.path.read_text(), home.versions(), home.store.meta(PENDING)) == (ONE, [("start", "start")], None)


def _no_brands(loaded: LoadedConfig) -> None:
    if not loaded.usable().brands:
        raise MonitorError("brands", "all are gone")


def test_what_the_daemon_does_not_take_up_is_taken_back(home: Home) -> None:
    home.refuses = MonitorError("reload", "a model is missing")
    with pytest.raises(MonitorError, match="a model is missing"):
        apply_config(home.turn(), TWO, None)
    assert (home.path.read_text(), home.versions()) == (ONE, [("start", "start")])


def test_reverting_goes_back_and_again_forth(home: Home) -> None:
    apply_config(home.turn(), TWO, None)
    revert_config(home.turn("ben"), None)
    assert (home.path.read_text(), home.versions()[0]) == (ONE, ("ben", "revert"))
    revert_config(home.turn("ben"), None)
    assert home.path.read_text() == TWO


def test_a_version_is_found_by_the_beginning_of_its_hash(home: Home) -> None:
    first = home.store.config_history()[0]["hash"]
    apply_config(home.turn(), TWO, None)
    revert_config(home.turn(), first[:8])
    assert home.path.read_text() == ONE
    with pytest.raises(MonitorError, match="no such version"):
        revert_config(home.turn(), "ffffffffffff")


def test_a_broken_file_on_disk_is_kept_aside_by_a_revert(home: Home) -> None:
    apply_config(home.turn(), TWO, None)
    home.path.write_text("brands: [half")
    answer = revert_config(home.turn(), home.store.config_history()[0]["hash"])
    assert home.path.read_text() == TWO
    assert answer["put_aside"] == ["config.yaml.replaced"]
    assert home.path.with_name("config.yaml.replaced").read_text() == "brands: [half"


def test_brand_files_go_back_with_the_main_file_and_new_ones_go_away(tmp_path: Path) -> None:
    home = split_home(tmp_path)
    (tmp_path / "brands.d" / "lumo.yaml").write_text(BRAND.replace("QUERY", "lumos"))
    (tmp_path / "brands.d" / "zeta.yaml").write_text(BRAND.replace("QUERY", "zeta"))
    apply_config(home.turn(), None, None)
    revert_config(home.turn(), None)
    assert (tmp_path / "brands.d" / "lumo.yaml").read_text() == BRAND.replace("QUERY", "lumo")
    assert not (tmp_path / "brands.d" / "zeta.yaml").exists()
    assert home.store.config_history()[0]["hash"] == home.store.config_history()[2]["hash"]


class PowerCut(BaseException):
    """Nothing after this is executed."""


def cut_after(monkeypatch: pytest.MonkeyPatch, replaced: int) -> None:
    """End the process, as it were, once so many files were replaced."""
    real, calls = keeping.replace_file, [0]

    def replace_file(file: Path, text: str | None) -> None:
        if calls[0] == replaced:
            raise PowerCut
        calls[0] += 1
        real(file, text)

    monkeypatch.setattr(keeping, "replace_file", replace_file)


@pytest.mark.parametrize("replaced", [0, 1, 2, 3])
def test_cut_off_anywhere_all_files_are_of_one_version_and_it_bears_the_right_name(
    tmp_path: Path, replaced: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = split_home(tmp_path)
    names = ("config.yaml", "brands.d/lumo.yaml", "brands.d/nova.yaml")
    old = {name: (tmp_path / name).read_text() for name in names}
    new = {name: f"# new\n{text}" for name, text in old.items()}
    with monkeypatch.context() as patched:
        cut_after(patched, replaced)
        patched.setattr(home, "_follow", lambda: (_ for _ in ()).throw(PowerCut))
        with pytest.raises(PowerCut):
            home.keeper().put(home.store, Change(new, "ana", "revert", "to x"), NOW)
    for _ in range(2):
        home.start()
    found = {name: (tmp_path / name).read_text() for name in names}
    assert found == (new if replaced else old)
    assert home.versions() == ([("ana", "revert")] if replaced else []) + [("start", "start")]


def test_what_somebody_edited_after_the_cut_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = split_home(tmp_path)
    names = ("config.yaml", "brands.d/lumo.yaml")
    new = {name: "# new\n" + (tmp_path / name).read_text() for name in names}
    with monkeypatch.context() as patched:
        cut_after(patched, 1)
        with pytest.raises(PowerCut):
            home.keeper().put(home.store, Change(new, "ana", "revert"), NOW)
    (tmp_path / "brands.d" / "lumo.yaml").write_text(BRAND.replace("QUERY", "mine"))
    home.start()
    assert "mine" in (tmp_path / "brands.d" / "lumo.yaml").read_text()


def test_a_file_that_cannot_be_written_says_so_and_stays(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(MonitorError, match=r"cannot be written: permission denied; make the change by hand"):
        apply_config(home.turn(), TWO, None)
    assert home.path.read_text() == ONE


def test_an_edit_is_refused_while_somebody_else_is_editing(home: Home) -> None:
    home.path.write_text(TWO)
    with pytest.raises(MonitorError, match="was changed and is not applied yet"):
        home.keeper().settled(home.store)


def test_an_edit_does_not_fail_for_a_secret_that_was_missing_before(tmp_path: Path) -> None:
    home = Home(tmp_path, ONE + "sources:\n  x: {kind: x, token: 'env:NOT_SET'}\n")
    home.start()
    with pytest.raises(ConfigError):
        apply_config(home.turn(), home.path.read_text() + "# more\n", None)
    home.keeper().put(home.store, Change({"config.yaml": home.path.read_text() + "# more\n"}, "ana", "edit"), NOW,
                      edit=True)  # fmt: skip
    assert home.path.read_text().endswith("# more\n")
