"""Settings come from the environment; a wrong one stops the start and says how to set it."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from legpain_site import settings as read_settings
from legpain_site.checks import published_is_seen_at_once
from legpain_site.env import Reader
from tests.settings import DOCUMENTED

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"
SHOW = """
import json
from legpain_site import settings
print(json.dumps({name: value for name, value in vars(settings).items() if name.isupper()}, default=str))
"""


def start(tmp_path: Path, **environment: str) -> dict[str, Any]:
    """The settings of a process with that environment, and nothing else in it; its complaint as ImproperlyConfigured."""
    result = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise ImproperlyConfigured(result.stderr.partition("ImproperlyConfigured: ")[2] or result.stderr)
    values: dict[str, Any] = json.loads(result.stdout)
    return values


def test_nothing_set_is_safe_and_local(tmp_path: Path) -> None:
    values = start(tmp_path)
    assert values["DEBUG"] is False
    assert values["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert values["DATABASES"]["default"]["NAME"] == str(tmp_path / "db.sqlite3")
    assert values["LIVE_REFRESH_SECONDS"] == 3
    assert values["EMERGENCY_NUMBER"] == "999 or 112"
    assert (values["TIME_ZONE"], values["USE_TZ"], values["LANGUAGE_CODE"]) == ("UTC", True, "en-gb")


def test_the_local_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:  # four first starts at once end with one key
        keys = {values["SECRET_KEY"] for values in pool.map(lambda _: start(tmp_path), range(4))}
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    kept = tmp_path / "secret-key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_https_makes_everything_strict(tmp_path: Path) -> None:
    values = start(tmp_path, SECRET_KEY=GOOD_KEY, ALLOWED_HOSTS="legs.example, www.legs.example", HTTPS="1")
    assert values["ALLOWED_HOSTS"] == ["legs.example", "www.legs.example"]
    assert (values["SESSION_COOKIE_NAME"], values["CSRF_COOKIE_NAME"]) == (
        "__Host-sessionid",
        "__Host-csrftoken",
    )
    assert values["SESSION_COOKIE_SECURE"]
    assert values["CSRF_COOKIE_SECURE"]
    assert values["SECURE_SSL_REDIRECT"]
    assert values["SECURE_HSTS_SECONDS"] == 31_536_000
    assert not (tmp_path / "secret-key").exists()


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"ALLOWED_HOSTS": "legs.example"}, "SECRET_KEY is not set"),
        ({"HTTPS": "1"}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is too short or too simple"),
        ({"SECRET_KEY": GOOD_KEY, "ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS holds '*'"),
        ({"SECRET_KEY": GOOD_KEY, "ALLOWED_HOSTS": "legs.example", "DEBUG": "1"}, "DEBUG is on"),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'. Set DEBUG=1 for yes or DEBUG=0 for no."),
        (
            {"LIVE_REFRESH_SECONDS": "often"},
            "LIVE_REFRESH_SECONDS is 'often'. Set it to a number from 0 to 3600",
        ),
        ({"LIVE_REFRESH_SECONDS": "-1"}, "LIVE_REFRESH_SECONDS is '-1'"),
        ({"LIVE_REFRESH_SECONDS": "nan"}, "LIVE_REFRESH_SECONDS is 'nan'"),
        ({"DATABASE_URL": "mysql://me:hunter2@host/name"}, "DATABASE_URL begins with 'mysql'"),
        ({"DATABASE_URL": "postgres://host:port/name"}, "DATABASE_URL can't be read"),
        ({"DATABASE_URL": "postgres://host/"}, "DATABASE_URL names no database"),
        ({"CSRF_TRUSTED_ORIGINS": "legs.example"}, "CSRF_TRUSTED_ORIGINS holds 'legs.example'"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'LOUD'. Set it to one of DEBUG, INFO"),
        ({"EMERGENCY_NUMBER": "call us"}, "EMERGENCY_NUMBER holds no number"),
        ({"VAR_DIR": "/dev/null/var"}, "SECRET_KEY is not set, and a key could not be kept in /dev/null/var"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_says_how_to_set_it(
    tmp_path: Path, environment: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as stopped:
        start(tmp_path, **environment)
    assert complaint in str(stopped.value)
    assert "hunter2" not in str(stopped.value)


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured) as stopped:
        start(tmp_path, HTTPS="maybe", LOG_LEVEL="loud", LIVE_REFRESH_SECONDS="x")
    assert len(str(stopped.value).strip().splitlines()) == 3


def test_manage_py_prints_the_sentence_without_a_traceback(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "HTTPS": "1"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("SECRET_KEY is not set")
    assert "Traceback" not in result.stderr


def test_sqlite_is_set_up_for_readers_beside_a_writer(tmp_path: Path) -> None:
    database = start(tmp_path)["DATABASES"]["default"]
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]
    assert "synchronous=NORMAL" in database["OPTIONS"]["init_command"]
    assert database["OPTIONS"]["timeout"] == 20


def test_postgres_is_read_from_its_address(tmp_path: Path) -> None:
    database = start(tmp_path, DATABASE_URL="postgres://me:p%40ss@db.example:5433/legs")["DATABASES"][
        "default"
    ]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["USER"], database["PASSWORD"]) == ("me", "p@ss")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 5433, "legs")
    assert database["CONN_HEALTH_CHECKS"] is True


def test_the_table_of_settings_is_complete() -> None:
    assert read_settings.env.names <= set(DOCUMENTED)
    read_elsewhere = {"WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "RUN_MIGRATIONS", "CHROMIUM"}
    assert set(DOCUMENTED) == read_settings.env.names | read_elsewhere


def test_the_environment_is_read_in_one_place() -> None:
    """Only the settings read the environment, so the table can't miss one."""
    for room in ("assessment", "content", "legpain_site"):
        for path in (ROOT / room).rglob("*.py"):
            found = re.search(
                r"os\.(environ\b(?!\.setdefault\(\"DJANGO_SETTINGS)|getenv)", path.read_text(encoding="utf-8")
            )
            assert not found or path.name == "settings.py", path


@pytest.mark.parametrize("word", ["1", "true", "Yes", " on "])
def test_yes_in_many_words(word: str) -> None:
    assert Reader({"X": word}).flag("X") is True


@pytest.mark.parametrize("word", ["0", "false", "No", "off", " "])
def test_no_in_many_words(word: str) -> None:
    assert Reader({"X": word}).flag("X") is False


@pytest.mark.parametrize(("seconds", "warned"), [(0, True), (0.5, False), (5, False), (6, True)])
def test_a_slow_look_out_is_warned_of(seconds: float, warned: bool) -> None:
    with override_settings(LIVE_REFRESH_SECONDS=seconds):
        assert bool(published_is_seen_at_once(None)) is warned
