"""Reading the library's files: what is sound, and how each mistake is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from content.shipped import LibraryError, read
from tests.content.make import BODY, SMITH, Folder


def problems(folder: Folder) -> list[str]:
    """What is wrong with the folder."""
    with pytest.raises(LibraryError) as error:
        read(folder.path)
    return [str(problem) for problem in error.value.problems]


def test_a_sound_library(folder: Folder) -> None:
    rows = read(folder.path)
    assert {kind: list(rows[kind]) for kind in rows} == {
        "references": ["smith-2021"],
        "causes": ["overtraining"],
        "conditions": ["calf-strain"],
        "tips": ["get-stronger"],
        "faq": ["why-do-legs-hurt"],
    }
    cause = rows["causes"]["overtraining"]
    assert cause.fields["body"] == BODY
    assert cause.references == ["smith-2021"]
    assert cause.links == {"tips": ["get-stronger"]}
    assert cause.mechanisms[0]["note"] == ""


def test_the_hash_is_of_the_content_and_not_of_its_form(folder: Folder) -> None:
    before = read(folder.path)["tips"]["get-stronger"].hash
    path = folder.article("tips")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    assert read(folder.path)["tips"]["get-stronger"].hash == before
    folder.article("tips", do="Do more squats.")
    assert read(folder.path)["tips"]["get-stronger"].hash != before


def test_links_and_references_are_in_the_hash(folder: Folder) -> None:
    before = read(folder.path)["conditions"]["calf-strain"].hash
    folder.article("conditions", tips=[])
    assert read(folder.path)["conditions"]["calf-strain"].hash != before


def test_a_tip_that_names_a_cause_is_linked_once_and_after_the_cause_s_own(folder: Folder) -> None:
    folder.article("tips", "rest-well", order=3, causes=["overtraining"])
    folder.article("tips", "sleep-well", order=2, causes=["overtraining"])
    rows = read(folder.path)
    assert rows["causes"]["overtraining"].links["tips"] == ["get-stronger", "sleep-well", "rest-well"]
    assert rows["tips"]["rest-well"].links == {}


Break = Callable[[Folder], Any]
BROKEN: list[tuple[str, Break, str]] = [
    ("no front matter", lambda f: f.raw("tips", "x", "Words."), "tips/x.md: must begin with front matter"),
    (
        "open front matter",
        lambda f: f.raw("tips", "x", "---\ntitle: x\n"),
        "tips/x.md: must begin with front matter",
    ),
    (
        "bad YAML",
        lambda f: f.raw("tips", "x", "---\ntitle: x\nsummary: a: b\n---\n"),
        "tips/x.md, line 3: YAML can't be read",
    ),
    (
        "a key twice",
        lambda f: f.raw("tips", "x", "---\ntitle: x\ntitle: y\n---\n"),
        "tips/x.md, line 3: YAML can't be read: 'title' is there twice",
    ),
    (
        "YAML that would run code",
        lambda f: f.raw("tips", "x", "---\ntitle: !!python/object/apply:os.getcwd []\n---\n"),
        "tips/x.md, line 2: YAML can't be read",
    ),
    ("a list", lambda f: f.raw("tips", "x", "---\n- x\n---\n"), "tips/x.md: must be keys with values"),
    ("empty", lambda f: f.raw("tips", "x", "---\n{}\n---\n"), "tips/x.md, title: is missing"),
    (
        "not UTF-8",
        lambda f: f.raw("tips", "x", "").write_bytes(b"---\ntitle: \xff\n---\n"),
        "tips/x.md: is not in UTF-8",
    ),
    ("missing key", lambda f: f.article("tips", do=None), "tips/get-stronger.md, do: is missing"),
    (
        "unknown key",
        lambda f: f.article("tips", colour="red"),
        "get-stronger.md, colour: is no key that is known",
    ),
    ("wrong type", lambda f: f.article("tips", title=3), "get-stronger.md, title: must be a text"),
    (
        "true as a number",
        lambda f: f.article("tips", order=True),
        "get-stronger.md, order: must be a whole number",
    ),
    ("text as a list", lambda f: f.article("conditions", avoid="Hills"), "avoid: must be a list of texts"),
    ("numbers in a list", lambda f: f.article("conditions", avoid=[1]), "avoid: must be a list of texts"),
    ("twice in a list", lambda f: f.article("conditions", avoid=["A", "A"]), "avoid: names something twice"),
    ("unknown word", lambda f: f.article("conditions", region="arm"), "calf-strain.md, region: Value 'arm'"),
    ("unknown tier", lambda f: f.article("conditions", usual_tier="never"), "usual_tier: Value 'never'"),
    ("unknown rating", lambda f: f.article("tips", evidence_rating="sure"), "evidence_rating: Value 'sure'"),
    ("too long", lambda f: f.article("tips", do="x" * 161), "do: Ensure this value has at most 160"),
    ("long line", lambda f: f.article("conditions", avoid=["x" * 301]), "avoid: Line 1 has 301 characters"),
    ("bad slug", lambda f: f.article("tips", "Rest_Well"), "tips/Rest_Well.md, slug: Use small letters"),
    (
        "other slug",
        lambda f: f.article("tips", "rest", title="x").rename(f.path / "tips" / "rest-2.md"),
        "tips/rest-2.md, slug: is 'rest', but the file is named rest-2.md",
    ),
    (
        "unknown tip",
        lambda f: f.article("conditions", tips=["fly"]),
        "calf-strain.md, tips: 'fly' is not among the tips",
    ),
    (
        "itself",
        lambda f: f.article("conditions", look_alikes=["calf-strain"]),
        "look_alikes: names the article itself",
    ),
    (
        "unknown reference",
        lambda f: f.article("tips", references=["smith-2021", "jones-1"]),
        "references: 'jones-1' is not in references.yaml",
    ),
    (
        "cited, not listed",
        lambda f: f.article("tips", body=BODY + " [@jones-1]"),
        "get-stronger.md, references: the text cites [@jones-1], which is not listed",
    ),
    (
        "listed, not cited",
        lambda f: f.article("tips", body="Words."),
        "references: 'smith-2021' is listed, but never",
    ),
    (
        "no reference",
        lambda f: f.article("tips", body="Words.", references=[]),
        "body: A published article needs at",
    ),
    (
        "citation in plain text",
        lambda f: f.article("tips", do="Rest [@smith-2021]."),
        "do: Citations are not possible",
    ),
    (
        "no text",
        lambda f: f.article("faq", body=""),
        "faq/why-do-legs-hurt.md, body: A published article needs a text",
    ),
    (
        "no first aid",
        lambda f: f.article("conditions", first_aid=[]),
        "first_aid: A published condition says this",
    ),
    (
        "claim alone",
        lambda f: f.article("faq", article_claim="So."),
        "evidence_says: A claim needs beside it",
    ),
    (
        "mechanism without text",
        lambda f: f.article("causes", mechanisms=[{"title": "x"}]),
        "mechanisms 1, text: is missing",
    ),
    (
        "mechanism as text",
        lambda f: f.article("causes", mechanisms=["x"]),
        "mechanisms 1: must be keys with values",
    ),
    (
        "mechanism with an odd rating",
        lambda f: f.article(
            "causes",
            mechanisms=[{"title": "x", "text": "y", "example": "z", "rating": "odd"}],
            evidence_says="[@smith-2021]",
        ),
        "causes/overtraining.md, mechanisms 1, rating: Value 'odd'",
    ),
    ("references as words", lambda f: f.references("none"), "references.yaml: must be a list of references"),
    ("no references file", lambda f: (f.path / "references.yaml").unlink(), "references.yaml: can't be read"),
    (
        "a reference twice",
        lambda f: f.references([SMITH, SMITH]),
        "references.yaml, smith-2021: the key is there twice",
    ),
    (
        "reference without title",
        lambda f: f.references([SMITH, {"key": "x"}]),
        "references.yaml, x, title: is missing",
    ),
    (
        "reference as text",
        lambda f: f.references([SMITH, "x"]),
        "references.yaml, entry 2: must be keys with values",
    ),
    (
        "reference with a script",
        lambda f: f.references([{**SMITH, "url": "javascript:x"}]),
        "references.yaml, smith-2021, url: Enter a valid URL",
    ),
    (
        "odd year",
        lambda f: f.references([{**SMITH, "year": "2021"}]),
        "smith-2021, year: must be a whole number",
    ),
]


@pytest.mark.parametrize(("spoil", "said"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_mistake_is_told_with_file_place_and_reason(folder: Folder, spoil: Break, said: str) -> None:
    spoil(folder)
    assert any(said in problem for problem in problems(folder)), problems(folder)


def test_all_mistakes_are_told_at_once(folder: Folder) -> None:
    folder.article("tips", do=None)
    folder.article("conditions", region="arm")
    folder.article("faq", tips=["fly"])
    told = "\n".join(problems(folder))
    for part in (
        "tips/get-stronger.md, do",
        "conditions/calf-strain.md, region",
        "faq/why-do-legs-hurt.md, tips",
    ):
        assert part in told


def test_an_empty_folder_is_a_mistake(tmp_path: Any) -> None:
    (tmp_path / "references.yaml").write_text("[]")
    with pytest.raises(LibraryError, match="holds no articles"):
        read(tmp_path)
