from pathlib import Path

import pytest

from monitor.config.secret import SecretMissing, is_reference, resolve


def ask(value: str, base: Path, **environ: str) -> str:
    return resolve(value, environ=environ, base=base)


def test_an_environment_variable_is_read_and_stripped(tmp_path: Path) -> None:
    assert ask("env:TOKEN", tmp_path, TOKEN=" canary\n") == "canary"


def test_a_private_file_is_read_relative_to_the_config(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("canary\n")
    (tmp_path / "token").chmod(0o600)
    assert ask("file:token", tmp_path) == "canary"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "token").write_text("canary")
    (tmp_path / "token").chmod(mode)
    with pytest.raises(SecretMissing, match="can be read by others") as caught:
        ask("file:token", tmp_path)
    assert caught.value.hint == "chmod 600 token"
    assert "canary" not in str(caught.value)


def test_a_credential_comes_from_the_service(tmp_path: Path) -> None:
    (tmp_path / "x-token").write_text("canary")
    assert ask("credential:x-token", tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path)) == "canary"


@pytest.mark.parametrize("name", ["../shadow", "a/b", ""])
def test_a_credential_name_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SecretMissing, match="one word"):
        ask(f"credential:{name}", tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path))


@pytest.mark.parametrize("value", ["env:TOKEN", "file:none", "file:.", "credential:x", "env:", "file:"])
def test_a_reference_that_leads_nowhere_says_what_to_do(tmp_path: Path, value: str) -> None:
    with pytest.raises(SecretMissing) as caught:
        ask(value, tmp_path, TOKEN="  ")
    assert caught.value.cause
    assert caught.value.hint


def test_other_text_is_the_secret_itself(tmp_path: Path) -> None:
    assert ask("plain", tmp_path) == "plain"
    assert not is_reference("https://example.com/env:x")
