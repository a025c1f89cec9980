"""Fixtures of the tests of content."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.loading import load
from tests.content.make import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A small sound library."""
    return Folder(tmp_path)


@pytest.fixture
def loaded(db: None) -> None:
    """The database holds the shipped articles."""
    load()
