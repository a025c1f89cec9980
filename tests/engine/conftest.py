"""The shipped knowledge, compiled once; no database."""

from __future__ import annotations

import pytest

from assessment import compiler, shipped
from assessment.engine.knowledge import KnowledgeBase


@pytest.fixture(scope="session")
def kb() -> KnowledgeBase:
    """The knowledge base that ships."""
    return KnowledgeBase.from_snapshot(compiler.compile_snapshot(shipped.read()))
