#!/usr/bin/env python3
"""Sets the site up and serves it, or runs all tests. Needs Python 3.11 or newer, and nothing else.

    python3 run.py                      set up what is missing, and serve on http://127.0.0.1:8000/
    python3 run.py --port 9000          the same on another port (--host for another address)
    python3 run.py test                 all checks and tests, unit to browser (--full: the slow ones too)
    python3 run.py test tests/site -k x what follows goes to pytest
    python3 run.py check                only the checks: style, types, imports, templates, migrations, settings
    python3 run.py format               put code into the house style
    python3 run.py lock                 renew the locks after a change of the dependencies in pyproject.toml

Each can be run again at any time: what is done already is not done again.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
LEAST_PYTHON = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_PACKAGES = ("chromium", "fonts-dejavu-core")
PIP_QUIETLY = ("-qq", "--disable-pip-version-check", "--no-input")
SERVING_ENV = {"DJANGO_SETTINGS_MODULE": "legpain_site.settings", "PYTHONUNBUFFERED": "1"}


class Stop(Exception):
    """Ends the run with a sentence for the person at the keyboard."""


def say(text: str) -> None:
    """Print a line at once, so that it stands before what the next program prints."""
    print(text, flush=True)  # noqa: T201


def run(command: list[str | Path], *, hint: str = "") -> None:
    """Run a program in the checkout; when it fails, stop with `hint` or with what failed."""
    if subprocess.run([str(part) for part in command], cwd=ROOT).returncode:
        raise Stop(hint or f"This failed: {' '.join(map(str, command))}")


def manage(*words: str, hint: str = "") -> None:
    """Run a command of manage.py."""
    run([PYTHON, "manage.py", *words], hint=hint)


# --- Debian packages --------------------------------------------------------------------------------------


def apt_install(packages: tuple[str, ...], why: str) -> None:
    """Install Debian packages when this is Debian and we are root; otherwise stop with a sentence."""
    wanted = " ".join(packages)
    if not shutil.which("apt-get"):
        raise Stop(
            f"{why} Install it with this system's package manager (on Debian: {wanted}) and run this again."
        )
    if os.geteuid() != 0:
        raise Stop(
            f"{why} Install it and run this again: sudo apt-get install --no-install-recommends {wanted}"
        )
    say(f"{why} Installing {wanted} ...")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    # apt and dpkg look for their helpers in the folders for root, which a bare PATH may lack.
    env["PATH"] = f"{env.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        result = subprocess.run(
            ["apt-get", "-q", *command], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if result.returncode:
            raise Stop(f"{result.stdout[-3000:]}\n{why} apt-get could not install {wanted}; see above.")


def find_browser() -> str | None:
    """The path of a Chromium: the one that CHROMIUM names, or the first on the path."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    found = (shutil.which(name) for name in BROWSERS)
    return next((path for path in found if path), None)


def need_browser() -> str:
    """The path of a Chromium, installed where that is possible."""
    browser = find_browser()
    if browser:
        return browser
    if os.environ.get("CHROMIUM"):
        raise Stop(
            f"CHROMIUM names {os.environ['CHROMIUM']!r}, which is no program. Set it to the browser's path."
        )
    apt_install(BROWSER_PACKAGES, "The browser tests need Chromium, which is missing.")
    browser = find_browser()
    if not browser:
        raise Stop("Chromium was installed but can't be found on the path. Set CHROMIUM to its path.")
    return browser


# --- the virtual environment ------------------------------------------------------------------------------


def venv_works() -> bool:
    """True when .venv holds a Python that is new enough and has pip."""
    if not PYTHON.exists():
        return False
    # The prefix differs when the checkout was moved or copied together with its .venv.
    probe = "import sys, pip; print(sys.version_info >= (3, 11) and sys.prefix)"
    result = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True)
    return result.returncode == 0 and result.stdout.strip() == str(VENV)


def need_venv() -> None:
    """Make .venv unless a good one is there."""
    if venv_works():
        return
    say("Making the virtual environment .venv ...")
    # Asked in a new process, since one that was started before the package came would not find it.
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True).returncode:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        apt_install((package,), "This Python lacks its venv module.")
    command: list[str | Path] = [sys.executable, "-m", "venv", "--clear", VENV]
    run(command, hint="Python could not make the virtual environment .venv.")


def pins(lock: Path) -> set[str]:
    """The name==version of each library in a lock."""
    return set(re.findall(r"^([a-z0-9._\[\],-]+==[^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def stamp_of(lock: Path) -> tuple[Path, str]:
    """The file that says which state of a lock is installed, and what it must say for the lock's state now."""
    return VENV / f".installed-{lock.stem}", hashlib.sha256(lock.read_bytes()).hexdigest()


def install(lock: Path) -> None:
    """Install exactly what a lock says, checked by hash, unless that is what was installed last."""
    stamp, state = stamp_of(lock)
    if stamp.exists() and stamp.read_text() == state:
        return
    say(f"Installing the libraries of {lock.name} (about 20 seconds) ...")
    for old in VENV.glob(".installed-*"):
        old.unlink()
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", *PIP_QUIETLY, "--require-hashes", "-r", lock]
    hint = (
        f"pip could not install {lock.name}; see above. Is this machine online? Running this again goes on."
    )
    run(command, hint=hint)
    stamp.write_text(state)
    if lock == DEV_LOCK and pins(LOCK) <= pins(DEV_LOCK):
        serving_stamp, serving_state = stamp_of(LOCK)
        serving_stamp.write_text(serving_state)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """While this holds, no other run.py of this checkout changes the environment or the database."""
    import fcntl

    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "run.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another run.py in this checkout ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def set_up(*locks: Path) -> None:
    """A virtual environment with the libraries of these locks."""
    need_venv()
    for lock in locks:
        install(lock)


# --- serve ------------------------------------------------------------------------------------------------


def static_state() -> str:
    """A fingerprint of everything that collectstatic would collect."""
    digest = hashlib.sha256(LOCK.read_bytes())
    for folder in (ROOT / "static", *sorted(ROOT.glob("*/static"))):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(f"{path.relative_to(ROOT)} ".encode() + path.read_bytes())
    return digest.hexdigest()


def collect_static() -> None:
    """Bring the files to serve up to date; skipped when none has changed."""
    folder = Path(os.environ.get("STATIC_ROOT") or ROOT / "staticfiles")
    stamp, state = folder / ".state", static_state()
    if stamp.exists() and stamp.read_text() == state:
        return
    manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
    stamp.write_text(state)


def prepare_site() -> None:
    """Tables, what ships, static files: everything between the libraries and the server."""
    say("Bringing the database up to date ...")
    manage("migrate", "--noinput", "--verbosity", "0", hint="The site is not set up rightly; see above.")
    if any(ROOT.glob("*/management/commands/bootstrap.py")):
        manage("bootstrap", hint="What ships could not be loaded; see above.")
    collect_static()


def check_port(host: str, port: int) -> None:
    """Stop with a sentence when nothing can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Stop(
                f"Can't listen on {host} port {port} ({error.strerror}). "
                f"Choose another port: python3 run.py --port {port + 1 if port < 65535 else 8000}"
            ) from None


def serve(host: str, port: int) -> None:
    """Set up what is missing, then become gunicorn."""
    check_port(host, port)
    os.environ.update(SERVING_ENV)
    with alone():
        set_up(LOCK)
        prepare_site()
    if host not in ("127.0.0.1", "localhost", "::1") and not os.environ.get("ALLOWED_HOSTS"):
        say("Others will be refused until you set ALLOWED_HOSTS to this machine's name (docs/settings.md).")
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "gunicorn", "--config", "gunicorn.conf.py", "--bind", bind])  # noqa: S606


# --- check and test ---------------------------------------------------------------------------------------

PRODUCTION = {
    "SECRET_KEY": "for the deploy check only: 0123456789 abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "legs.example",
    "HTTPS": "1",
    "DEBUG": "0",
    "LOG_LEVEL": "WARNING",
}


def checks(python: Path) -> dict[str, list[str]]:
    """The commands of `check`, by name."""
    tool = [str(python), "-m"]
    manage = [str(python), "-W", "error", "manage.py"]
    return {
        "style (ruff check)": [*tool, "ruff", "check", "--quiet", "."],
        "layout (ruff format)": [*tool, "ruff", "format", "--quiet", "--check", "."],
        "types (mypy)": [*tool, "mypy"],
        "imports (import-linter)": [str(python.with_name("lint-imports"))],
        "templates (djlint)": [*tool, "djlint", "--lint", "--quiet", "templates"],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "settings for production": [*manage, "check", "--deploy", "--fail-level", "WARNING"],
    }


def check() -> None:
    """Run every check at once; print what failed; stop if any did."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        env = {**os.environ, **SERVING_ENV, **PRODUCTION, "VAR_DIR": scratch}
        env["DATABASE_URL"] = f"sqlite:///{scratch}/db.sqlite3"
        env["PATH"] = f"{VENV / 'bin'}:{env.get('PATH', '/usr/bin:/bin')}"
        running = {
            name: subprocess.Popen(
                command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            for name, command in checks(PYTHON).items()
        }
        failed = []
        for name, process in running.items():
            output = process.communicate()[0]
            say(f"{'ok    ' if process.returncode == 0 else 'FAILED'} {name}")
            if process.returncode:
                failed.append(name)
                say(output)
    if failed:
        raise Stop(f"Checks that failed: {', '.join(failed)}. Layout is put right by: python3 run.py format")
    say(f"All checks passed in {time.monotonic() - started:.0f} seconds.")


def test(arguments: list[str]) -> None:
    """Set up what the tests need, run the checks, then become pytest."""
    with alone():
        set_up(DEV_LOCK)
        browser = need_browser()
    check()
    os.chdir(ROOT)
    os.environ.update({"CHROMIUM": browser, "PYTHONUNBUFFERED": "1"})
    os.execv(PYTHON, [str(PYTHON), "-m", "pytest", "-n", "auto", "--dist", "worksteal", *arguments])  # noqa: S606


# --- for developers ---------------------------------------------------------------------------------------


def format_code() -> None:
    """Put the code into the house style, and mend what ruff can mend by itself."""
    run([PYTHON, "-m", "ruff", "check", "--fix", "--quiet", "."])
    run([PYTHON, "-m", "ruff", "format", "--quiet", "."])


def lock(upgrade: bool) -> None:
    """Write both locks from pyproject.toml: names, versions and hashes, and no registry's address."""
    run([PYTHON, "-m", "pip", "install", *PIP_QUIETLY, "uv"])
    compile_: list[str | Path] = [
        PYTHON,
        "-m",
        "uv",
        "pip",
        "compile",
        "pyproject.toml",
        "--extra",
        "postgres",
    ]
    compile_ += ["--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate"]
    compile_ += ["--upgrade"] if upgrade else []
    run([*compile_, "--output-file", LOCK])
    # Held to the first lock, so that the tests run on the versions that are served.
    run([*compile_, "--constraint", LOCK, "--group", "pyproject.toml:dev", "--output-file", DEV_LOCK])
    say("The locks are written. Look at the difference, then run: python3 run.py test")


def main(arguments: list[str]) -> None:
    """Do what the arguments ask."""
    if sys.version_info < LEAST_PYTHON:
        raise Stop(
            f"This needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}). "
            f"Run it with a newer one, such as: python3.11 run.py"
        )
    if os.name != "posix":
        raise Stop("This runs on Linux and macOS. On Windows, use it inside WSL.")
    words = argparse.ArgumentParser(
        prog="run.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = words.add_subparsers(dest="command", metavar="{serve,test,check,format,lock}")
    for parser in (words, commands.add_parser("serve", help="set up and serve (also without any word)")):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    commands.add_parser("test", help="run checks and tests; further words go to pytest", add_help=False)
    commands.add_parser("check", help="run the checks only")
    commands.add_parser("format", help="put code into the house style")
    commands.add_parser("lock", help="renew the locks").add_argument("--upgrade", action="store_true")
    chosen, rest = words.parse_known_args(arguments)
    if rest and chosen.command != "test":
        words.error(f"unknown: {' '.join(rest)}")

    if chosen.command == "test":
        test(arguments[arguments.index("test") + 1 :])
    elif chosen.command in ("check", "format", "lock"):
        with alone():
            set_up(DEV_LOCK)
        if chosen.command == "lock":
            lock(chosen.upgrade)
        else:
            {"check": check, "format": format_code}[chosen.command]()
    else:
        serve(chosen.host, chosen.port)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Stop as stop:
        sys.exit(str(stop))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
