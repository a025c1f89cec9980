"""What the import contracts in pyproject.toml can't say, and the rules for templates."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ENGINE = sorted((ROOT / "assessment" / "engine").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
IMPURE = {
    *(
        "asyncio",
        "datetime",
        "http",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "secrets",
    ),
    *("shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid"),
}
"""Parts of the standard library by which files, network, clock or chance would enter the engine."""


def imports(path: Path) -> set[str]:
    """The full names of the modules that a file imports; relative ones begin with a dot."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.name)
def test_the_engine_imports_the_standard_library_and_itself(path: Path) -> None:
    for name in imports(path):
        if name.startswith("assessment.engine") or re.match(r"\.\w*$", name):
            continue
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names, f"{path.name} imports {name}"
        assert top not in IMPURE, f"{path.name} imports {name}, which is no pure computation"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_nothing_inline_and_nothing_from_elsewhere(path: Path) -> None:
    text = re.sub(
        r"{#.*?#}|{% comment .*?{% endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    assert not re.search(r"<style\b", text), "a style element: the policy refuses it"
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)\s*=", text), (
        "an inline style or handler: the policy refuses it"
    )
    for script in re.findall(r"<script\b[^>]*>", text):
        assert re.search(r"\bsrc=|type=\"application/(ld\+)?json\"", script), f"an inline script: {script}"
    for tag in re.findall(r"<(?:script|link|img|iframe|source|use)\b[^>]*>", text):
        assert not re.search(r"(src|href)\s*=\s*[\"'](https?:)?//", tag), (
            f"something from another site: {tag}"
        )
    assert "|safe" not in text, "HTML is marked safe in content/markdown.py only"


def test_every_room_has_its_readme() -> None:
    for room in ("assessment", "content", "legpain_site", "tests"):
        assert (ROOT / room / "README.md").is_file(), f"{room}/README.md is missing"


def test_links_in_our_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    documents += [ROOT / room / "README.md" for room in ("assessment", "content", "legpain_site", "tests")]
    for document in documents:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (document.parent / target).exists(), f"{document.relative_to(ROOT)} links to {target}"
