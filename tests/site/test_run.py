"""The parts of run.py. The whole of it is tried by .ci/run itself, and by hand on a bare machine."""

from __future__ import annotations

import ast
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import run

ROOT = Path(__file__).resolve().parent.parent.parent


def test_an_old_python_can_read_it_and_is_told_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    with pytest.raises(run.Stop, match=r"needs Python 3\.11 or newer"):
        run.main([])


def test_it_needs_the_standard_library_only() -> None:
    for node in ast.walk(ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert all(name.split(".")[0] in sys.stdlib_module_names for name in names)


@pytest.mark.parametrize("lock", [run.LOCK, run.DEV_LOCK], ids=lambda lock: lock.name)
def test_a_lock_names_hashes_and_no_registry(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert run.pins(lock)
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", entry)
        assert "--hash=sha256:" in entry


def test_the_tests_run_on_the_versions_that_are_served() -> None:
    assert run.pins(run.LOCK) <= run.pins(run.DEV_LOCK)


def test_the_locks_hold_every_dependency() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for lock, wanted in (
        (
            run.LOCK,
            project["project"]["dependencies"] + project["project"]["optional-dependencies"]["postgres"],
        ),
        (run.DEV_LOCK, project["dependency-groups"]["dev"]),
    ):
        locked = {re.split(r"[=\[]", pin)[0] for pin in run.pins(lock)}
        assert {re.split(r"[>=<\[]", line)[0].lower() for line in wanted} <= locked


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """run.py with its .venv in a scratch folder; the commands that it would run."""
    commands: list[list[str]] = []
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "run", lambda command, hint="": commands.append([str(part) for part in command]))
    return commands


def test_a_lock_is_installed_once_and_again_when_it_changes(
    elsewhere: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "requirements.lock"
    monkeypatch.setattr(run, "LOCK", lock)
    lock.write_text("a==1\n")
    run.install(lock)
    run.install(lock)
    assert len(elsewhere) == 1
    assert "--require-hashes" in elsewhere[0]
    lock.write_text("a==2\n")
    run.install(lock)
    assert len(elsewhere) == 2


def test_the_lock_of_the_tests_covers_the_other(elsewhere: list[list[str]]) -> None:
    run.install(run.DEV_LOCK)
    run.install(run.LOCK)
    assert len(elsewhere) == 1


def test_a_failed_installation_is_tried_again(
    elsewhere: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[Any], hint: str = "") -> None:
        raise run.Stop(hint)

    with monkeypatch.context() as broken, pytest.raises(run.Stop, match="Is this machine online"):
        broken.setattr(run, "run", fail)
        run.install(run.LOCK)
    run.install(run.LOCK)
    assert len(elsewhere) == 1


def test_a_taken_port_is_said_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(run.Stop, match="Choose another port"):
            run.check_port("127.0.0.1", port)
    run.check_port("127.0.0.1", port)


def test_without_root_the_command_to_type_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(run.os, "geteuid", lambda: 1000)
    with pytest.raises(run.Stop, match=r"sudo apt-get install --no-install-recommends chromium"):
        run.apt_install(run.BROWSER_PACKAGES, "Chromium is missing.")


def test_without_apt_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    with pytest.raises(run.Stop, match=r"package manager \(on Debian: python3\.11-venv\)"):
        run.apt_install(("python3.11-venv",), "No venv.")


def test_a_missing_browser_stops_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    with pytest.raises(run.Stop, match="CHROMIUM names '/no/such/browser', which is no program"):
        run.need_browser()
    monkeypatch.delenv("CHROMIUM")
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    with pytest.raises(run.Stop, match="Chromium, which is missing"):
        run.need_browser()


def test_apt_that_fails_says_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def apt(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 100, "E: no network")

    monkeypatch.setattr(run.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(run.os, "geteuid", lambda: 0)
    monkeypatch.setattr(run.subprocess, "run", apt)
    with pytest.raises(run.Stop, match="E: no network"):
        run.apt_install(("chromium",), "Missing.")
    assert asked == [["apt-get", "-q", "update"]]


def test_static_files_are_collected_again_only_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def manage(*words: str, hint: str = "") -> None:
        done.append(words[0])
        (tmp_path / "out").mkdir(exist_ok=True)

    monkeypatch.setenv("STATIC_ROOT", str(tmp_path / "out"))
    monkeypatch.setattr(run, "manage", manage)
    run.collect_static()
    run.collect_static()
    assert done == ["collectstatic"]
    monkeypatch.setattr(run, "static_state", lambda: "changed")
    run.collect_static()
    assert len(done) == 2


@pytest.mark.parametrize("words", [["--prot"], ["serve", "--prot=9000"], ["check", "--prot"]])
def test_unknown_words_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(words)
    assert "--prot" in capsys.readouterr().err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["--help"])
    out = capsys.readouterr().out
    for word in ("test", "check", "format", "lock", "--port"):
        assert word in out


def test_words_after_test_go_to_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []
    monkeypatch.setattr(run, "test", given.append)
    run.main(["test", "--full", "-k", "x", "tests/site"])
    assert given == [["--full", "-k", "x", "tests/site"]]


def test_the_gate_is_the_test_command() -> None:
    assert 'exec python3 run.py test "$@"' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
