"""Typed readers of the environment. A wrong or missing setting stops the start and says how to set it.

Each reader notes what is wrong and goes on with a harmless value, so that one start reports every mistake;
`Reader.finish` then raises. Every name read here is explained in docs/settings.md (a test compares the two).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})
DATABASE_SCHEMES = {
    "sqlite": "django.db.backends.sqlite3",
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
}


class Reader:
    """Reads settings from `environment` and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []
        self.names: set[str] = set()
        """Every name that was asked for."""

    def problem(self, sentence: str) -> None:
        """Note a mistake, to be reported by `finish`."""
        self.problems.append(sentence)

    def text(self, name: str, default: str = "") -> str:
        """The value without surrounding blanks; `default` when it is not set or empty."""
        self.names.add(name)
        return self._environment.get(name, "").strip() or default

    def flag(self, name: str, default: bool = False) -> bool:
        """True for 1, true, yes or on; false for 0, false, no or off."""
        value = self.text(name).lower()
        if not value:
            return default
        if value in TRUE_WORDS:
            return True
        if value not in FALSE_WORDS:
            self.problem(f"{name} is {value!r}. Set {name}=1 for yes or {name}=0 for no.")
        return default

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        """A number between `least` and `most`."""
        value = self.text(name)
        if not value:
            return default
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if least <= number <= most:
            return number
        self.problem(
            f"{name} is {value!r}. Set it to a number from {least:g} to {most:g}, such as {name}={default:g}."
        )
        return default

    def listing(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """The values between commas; `default` when there is none."""
        values = [part.strip() for part in self.text(name).split(",")]
        return [value for value in values if value] or list(default)

    def origins(self, name: str) -> list[str]:
        """Origins such as https://legs.example, between commas."""
        values = self.listing(name)
        for value in values:
            if not value.startswith(("https://", "http://")) or value.count("/") != 2:
                self.problem(
                    f"{name} holds {value!r}. Write each origin with its scheme and no path: https://legs.example"
                )
        return values

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Django's settings for the database address in `name`."""
        value = self.text(name, default)
        scheme = value.partition(":")[0]
        how = (
            f"Set {name} to sqlite:////full/path/db.sqlite3 or postgres://user:password@host:5432/name, "
            f"or leave it out to use a file in var/."
        )
        if scheme not in DATABASE_SCHEMES:
            # The value may hold a password, so only its scheme is repeated.
            self.problem(f"{name} begins with {scheme!r}, which is no database that this site knows. {how}")
            return environ.Env.db_url_config(default)
        try:
            config: dict[str, Any] = environ.Env.db_url_config(value)
        except ValueError:
            self.problem(f"{name} can't be read as a database address. {how}")
            return environ.Env.db_url_config(default)
        config["ENGINE"] = DATABASE_SCHEMES[scheme]
        if not config.get("NAME"):
            self.problem(f"{name} names no database. {how}")
        return config

    def secret_key(self, name: str, *, local: bool, kept_in: Path) -> str:
        """The secret key. On a local start without one, a key is made once and kept in the file `kept_in`."""
        value = self.text(name)
        how = (
            f"Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(50))' "
            f"and set {name} to it. Keep it secret, and the same on every machine."
        )
        if value:
            if len(value) < 40 or len(set(value)) < 10:
                self.problem(f"{name} is too short or too simple to protect answers and log-ins. {how}")
            return value
        if not local:
            self.problem(f"{name} is not set, and this site is set up for more than this machine. {how}")
            return "unset"
        try:
            return _kept_key(kept_in)
        except OSError as error:
            self.problem(
                f"{name} is not set, and a key could not be kept in {kept_in} ({error.strerror}). {how}"
            )
            return "unset"

    def finish(self) -> None:
        """Raise ImproperlyConfigured with every problem noted so far, if there is one."""
        if self.problems:
            raise ImproperlyConfigured("\n".join(self.problems))


def _kept_key(path: Path) -> str:
    """The key in the file, which is made, readable by its owner only, when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(2):
        key = path.read_text(encoding="ascii").strip() if path.exists() else ""
        if key:
            return key
        # Written whole beside the file and then linked, so that of two processes that start at once
        # one wins and both use the same key.
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50) + "\n")
        try:
            if path.exists():
                beside.replace(path)
            else:
                os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()
