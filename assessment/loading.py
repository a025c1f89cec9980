"""Brings the shipped knowledge and vignettes into the database, without ever undoing what an editor did there."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from assessment import compiler, drafts, shipped
from assessment.compiler import canonical, digest
from assessment.engine.knowledge import KnowledgeBase
from assessment.models import KnowledgeRecord, Question, Vignette
from assessment.vignettes import FOLDER as VIGNETTES
from assessment.vignettes import Loader, read_files

RECORD = 1


@dataclass(frozen=True)
class Loaded:
    """What became of the shipped knowledge."""

    state: str
    """`first` (the database had none), `same`, `draft` (new files became the editors' rows) or `kept` (an editor has changed rows)."""
    vignettes_new: int = 0
    vignettes_kept: int = 0
    """Left as an editor made them."""


def draft_hash(draft: shipped.Draft) -> str:
    """The SHA-256 of a draft."""
    return digest(canonical(dataclasses.asdict(draft)))


@transaction.atomic
def load(*, folder: Path = shipped.FOLDER, replace: bool = False) -> Loaded:
    """Load the shipped files. With `replace`, editors' changes are given up for them.

    Raises shipped.KnowledgeFileError or compiler.CompileError; then nothing is changed.
    """
    draft = shipped.read(folder)
    # Compiled without articles: what is unsound is named before anything is written.
    kb = KnowledgeBase.from_snapshot(compiler.compile_snapshot(draft))
    record = KnowledgeRecord.objects.filter(pk=RECORD).first()
    sha = draft_hash(draft)
    if record is None or not Question.objects.exists():
        state = "first"
    elif replace:
        state = "draft" if draft_hash(drafts.from_rows()) != sha else "same"
    elif record.shipped_sha256 == sha:
        state = "same"
    else:
        state = "draft" if draft_hash(drafts.from_rows()) == record.rows_sha256 else "kept"
    hashes = dict(record.vignettes) if record else {}
    new, kept = _load_vignettes(kb, folder / VIGNETTES.name, hashes)
    if state in ("first", "draft"):
        drafts.replace_rows(draft)
        rows_sha = draft_hash(drafts.from_rows())
        KnowledgeRecord.objects.update_or_create(
            pk=RECORD, defaults={"shipped_sha256": sha, "rows_sha256": rows_sha, "vignettes": hashes}
        )
    elif record is not None and hashes != record.vignettes:
        KnowledgeRecord.objects.filter(pk=RECORD).update(vignettes=hashes)
    return Loaded(state, new, kept)


def _load_vignettes(kb: KnowledgeBase, folder: Path, hashes: dict[str, str]) -> tuple[int, int]:
    """Write new and changed vignettes; (written, left because an editor changed or deleted them)."""
    paths = sorted(folder.glob("*.yaml"))
    _, mistakes = read_files(kb, paths)
    if mistakes:
        raise shipped.KnowledgeFileError("vignettes", "", "; ".join(mistakes))
    existing = {vignette.code: vignette for vignette in Vignette.objects.all()}
    written = kept = 0
    for path in paths:
        for row in yaml.load(path.read_text(encoding="utf-8"), Loader=Loader):  # noqa: S506 (a SafeLoader)
            fields = _fields(row)
            sha = _vignette_hash(fields)
            old = hashes.get(row["id"])
            if old == sha:
                continue
            mine = existing.get(row["id"])
            edited = mine is not None and old is not None and _vignette_hash(_current(mine)) != old
            deleted = mine is None and old is not None
            if edited or deleted or (mine is not None and old is None):
                kept += 1
                continue
            Vignette.objects.update_or_create(code=row["id"], defaults=fields)
            hashes[row["id"]] = sha
            written += 1
    return written, kept


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    source, expect = row.get("source") or {}, row["expect"]
    answers = {code: value if isinstance(value, list) else [value] for code, value in row["answers"].items()}
    return {
        "summary": row.get("summary", ""),
        "quality": row.get("quality", "high"),
        "safety": bool(row.get("safety", False)),
        "answers": [f"{code}: {', '.join(options)}" for code, options in answers.items()],
        "conditions": list(expect.get("conditions") or []),
        "causes": list(expect.get("causes") or []),
        "tier": expect["tier"],
        "tier_ok": list(expect.get("tier_ok") or []),
        "source_title": str(source.get("title", "")),
        "source_where": str(source.get("where", "")),
        "source_year": source.get("year"),
        "source_url": str(source.get("url", "")),
    }


def _current(vignette: Vignette) -> dict[str, Any]:
    names = _fields({"expect": {"tier": ""}, "answers": {}})
    return {name: getattr(vignette, name) for name in names}


def _vignette_hash(fields: dict[str, Any]) -> str:
    return digest(json.dumps(fields, sort_keys=True))
