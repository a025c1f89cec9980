"""The clinical safety documents name only files and tests that exist, and the hazard log is whole."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "docs" / "clinical-safety"
LOG = FOLDER / "hazard-log.md"
COLUMNS = [
    *("id", "hazard", "cause", "effect", "control and file"),
    *("S", "L before", "R before", "L after", "R after", "proof"),
]
RISK = {
    5: (3, 4, 4, 5, 5),
    4: (2, 3, 3, 4, 5),
    3: (2, 2, 3, 3, 4),
    2: (1, 2, 2, 3, 4),
    1: (1, 1, 2, 2, 3),
}
"""Likelihood -> the risk at severity 1 to 5, as the log's own matrix has it."""


@cache
def log() -> str:
    """The text of the hazard log."""
    return LOG.read_text(encoding="utf-8")


def table(first: str) -> list[list[str]]:
    """The cells of the rows below the header whose first cell is `first`."""
    lines = log().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [rows[0], *rows[2:]]


def hazards() -> list[list[str]]:
    """The rows of the hazard log, without its header."""
    return table("id")[1:]


@cache
def functions_named_test(path: Path) -> frozenset[str]:
    """The names of the test functions in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def section(heading: str) -> str:
    """The text below a heading, up to the next one."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", log(), re.MULTILINE | re.DOTALL)
    assert found, f"the hazard log has no section '{heading}'"
    return found[1]


def test_the_log_is_whole() -> None:
    assert table("id")[0] == COLUMNS
    rows = hazards()
    assert len(rows) >= 20
    assert [row[0] for row in rows] == [f"HZ-{number:02}" for number in range(1, len(rows) + 1)]
    for row in rows:
        assert len(row) == len(COLUMNS), row[0]
        assert all(row), f"{row[0]} has an empty cell"


def test_the_matrix_is_the_one_that_is_reckoned_with() -> None:
    printed = {int(row[0].split()[0]): tuple(map(int, row[1:])) for row in table("likelihood")[1:]}
    assert printed == RISK


@pytest.mark.parametrize("row", hazards(), ids=lambda row: row[0])
def test_a_hazard_is_reckoned_and_names_what_exists(row: list[str]) -> None:
    severity, before, risk_before, after, risk_after = map(int, row[5:10])
    assert risk_before == RISK[before][severity - 1]
    assert risk_after == RISK[after][severity - 1]
    assert after <= before
    controls = [name for name in re.findall(r"`([^`]+)`", row[4]) if "/" in name]
    assert controls, "names no file that implements the control"
    for name in controls:
        assert (ROOT / name).is_file(), f"{name} is not there"
    proofs = re.findall(r"`([^`]+)`", row[10])
    assert proofs or row[10].startswith("None"), "names no test; then it must begin with 'None'"
    assert not (proofs and row[10].startswith("None")), "names a test, and says that there is none"
    for proof in proofs:
        path, _, test = proof.partition("::")
        assert (ROOT / path).is_file(), f"{path} is not there"
        assert test in functions_named_test(ROOT / path), f"{path} has no test {test}"


def test_what_has_no_automated_proof_is_said_aloud() -> None:
    missing = {row[0] for row in hazards() if row[10].startswith("None")}
    partly = {row[0] for row in hazards() if row[10].startswith("Partly")}
    said = section("Without an automated proof")
    assert set(re.findall(r"HZ-\d\d", said)) == missing
    assert set(re.findall(r"HZ-\d\d", section("Proved in part only"))) == partly


def test_every_risk_of_four_or_five_that_remains_is_an_open_risk() -> None:
    high = {row[0] for row in hazards() if int(row[9]) >= 4}
    assert high <= set(re.findall(r"HZ-\d\d", section("Open risks")))


@pytest.mark.parametrize("document", sorted(FOLDER.glob("*.md")), ids=lambda path: path.name)
def test_the_documents_name_no_file_or_test_that_is_not_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name in re.findall(
        r"`((?:assessment|content|docs|legpain_site|static|templates|tests)/[^`\s]+)`", text
    ):
        path, _, test = name.partition("::")
        assert (ROOT / path).exists(), f"{path} is not there"
        assert not test or test in functions_named_test(ROOT / path), f"{path} has no test {test}"


def test_the_estimates_say_that_nobody_has_reviewed_them() -> None:
    for document in FOLDER.glob("*.md"):
        assert "not been reviewed by a clinical safety officer" in " ".join(
            document.read_text(encoding="utf-8").split()
        )
