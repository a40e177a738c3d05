from pathlib import Path

from monitor.config.load import load_config, settings_of_version


def test_an_accepted_version_is_read_again_with_the_brands_of_other_files(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("include: brands.d/*.yaml\n# --- a line of our own\nbrands: {own: {}}\n")
    (tmp_path / "brands.d").mkdir()
    (tmp_path / "brands.d" / "lumo.yaml").write_text("# --- notes\nwatches: [{name: name, query: lumo}]\n")
    (tmp_path / "brands.d" / "glowbe.yaml").write_text("watches: [{name: name, query: glowbe}]\n")
    loaded = load_config(config, environ={})
    again = settings_of_version(loaded.text, config, {})
    assert again is not None
    assert loaded.settings is not None
    assert again.brands == loaded.settings.brands
    assert set(again.brands) == {"own", "lumo", "glowbe"}


def test_a_version_without_its_secrets_keeps_its_sources(tmp_path: Path) -> None:
    text = "sources: {x: {kind: x, token: 'env:NOWHERE'}}\n"
    with_secrets = settings_of_version(text, tmp_path / "config.yaml", {})
    without = settings_of_version(text, tmp_path / "config.yaml", {}, secrets=False)
    assert with_secrets is not None
    assert without is not None
    assert (set(with_secrets.sources), set(without.sources)) == (set(), {"x"})


def test_a_version_that_cannot_be_read_any_more_is_none(tmp_path: Path) -> None:
    assert settings_of_version("brands: [unclosed\n", tmp_path / "config.yaml", {}) is None
    assert settings_of_version("stroe: x\n", tmp_path / "config.yaml", {}) is None
