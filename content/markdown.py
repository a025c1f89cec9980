"""Markdown to HTML, for every text that editors write. The only place that marks HTML as safe.

CommonMark without raw HTML, then an allow-list of elements and attributes, so that a hole in one of the two
is closed by the other. Two things are added: headings get anchors, and [@key] becomes a numbered link to the
list of references.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MAX_LENGTH = 30_000
"""Characters of one text. Forms refuse more, and what is longer is shown as plain text instead of being parsed."""

_CITATION = re.compile(r"\[@([a-z0-9]+(?:-[a-z0-9]+)*)\]")
_TAGS = {
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "sup"),
    *("blockquote", "code", "pre", "hr", "br"),
}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),  # without this, nh3 lets `title` and `lang` through everywhere
    "a": {"href", "aria-label"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "ol": {"start"},
    "sup": {"class"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_SAFE_LINK = re.compile(r"(?i)^(https?://|mailto:|tel:|[/#](?![/\\]))")


@dataclass
class Numbering:
    """The numbers of the references of one page, in the order in which its texts cite them."""

    known: frozenset[str]
    """Keys of the references that exist; any other stays as it was typed."""
    prefix: str = ""
    """Goes before every anchor, so that several articles can stand on one page."""
    numbers: dict[str, int] = field(default_factory=dict)
    anchors: set[str] = field(default_factory=set)

    def number(self, key: str) -> int | None:
        """The number of a reference, given at its first use; None when there is no such reference."""
        if key not in self.known:
            return None
        return self.numbers.setdefault(key, len(self.numbers) + 1)

    def reference_anchor(self, number: int) -> str:
        """Where the entry of that number stands on the page."""
        return f"{self.prefix}ref-{number}"

    def anchor(self, words: str) -> str:
        """An anchor for a heading, different from all others of the page."""
        base = f"{self.prefix}s-{slug_of(words)}"
        anchor, count = base, 1
        while anchor in self.anchors:
            count += 1
            anchor = f"{base}-{count}"
        self.anchors.add(anchor)
        return anchor


def slug_of(words: str) -> str:
    """The words in small letters with hyphens, for an anchor; 'part' when nothing is left."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "part"


def _citation(state: StateInline, silent: bool) -> bool:
    """The inline rule for [@key]."""
    if state.src[state.pos] != "[":
        return False
    found = _CITATION.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.content = found[1]
    state.pos = found.end()
    return True


def _render_citation(tokens: Sequence[Token], index: int, options: Any, env: dict[str, Any]) -> str:
    """The number as a link; the key as typed when there is no such reference."""
    key = tokens[index].content
    numbering: Numbering = env["numbering"]
    number = numbering.number(key)
    if number is None:
        return escape(f"[@{key}]")
    return (
        f'<sup class="cite"><a href="#{numbering.reference_anchor(number)}" '
        f'aria-label="Reference {number}">[{number}]</a></sup>'
    )


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    # Pictures would have to come from somewhere; the policy of the site allows none from elsewhere.
    parser.disable(["image", "html_block", "html_inline", "autolink"])
    parser.inline.ruler.before("link", "citation", _citation)
    parser.add_render_rule("citation", lambda renderer, *args: _render_citation(*args))
    parser.validateLink = lambda url: bool(_SAFE_LINK.match(url.strip()))  # type: ignore[method-assign]
    return parser


_MARKDOWN = _parser()


def _visible_text(token: Token) -> str:
    """The words of an inline token, without marks and citations."""
    return "".join(child.content for child in token.children or () if child.type in ("text", "code_inline"))


@lru_cache(maxsize=2048)
def cited_keys(text: str) -> tuple[str, ...]:
    """The keys that a text cites, each once, in their order. Those in code are not citations."""
    if "[@" not in text or len(text) > MAX_LENGTH:
        return ()
    tokens = [child for token in _MARKDOWN.parse(text) for child in token.children or ()]
    return tuple(dict.fromkeys(token.content for token in tokens if token.type == "citation"))


def words(text: str) -> int:
    """How many words a reader would count, citations and marks left out."""
    return len(plain(text).split())


def plain(text: str) -> str:
    """The words of a text without any Markdown, for search and counting."""
    if len(text) > MAX_LENGTH:
        return text
    parts = []
    for token in _MARKDOWN.parse(text):
        if token.type == "inline":
            parts.append(
                "".join(
                    " " if child.type in ("softbreak", "hardbreak") else child.content
                    for child in token.children or ()
                    if child.type in ("text", "code_inline", "softbreak", "hardbreak")
                )
            )
        elif token.type in ("code_block", "fence"):
            parts.append(token.content)
    return "\n".join(parts)


def _as_one_level_down(tokens: list[Token], numbering: Numbering) -> None:
    """Give headings their anchors, and keep them between h2 and h4: the page's own title is the only h1."""
    for index, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            level = min(max(int(token.tag[1]), 2), 4)
            token.tag = f"h{level}"
            if token.type == "heading_open":
                token.attrSet("id", numbering.anchor(_visible_text(tokens[index + 1])))


def _clean(html: str) -> SafeString:
    """The HTML, as far as it is on the list."""
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel=None,
        strip_comments=True,
    )
    return mark_safe(cleaned)  # noqa: S308 (sanitised in the line above; the one place that does so)


def render(text: str, numbering: Numbering) -> SafeString:
    """The text as HTML that may be printed as it is; numbers are given to what it cites for the first time."""
    if len(text) > MAX_LENGTH:
        return _clean(f"<p>{escape(text)}</p>")
    tokens = _MARKDOWN.parse(text)
    _as_one_level_down(tokens, numbering)
    return _clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {"numbering": numbering}))


@dataclass(frozen=True)
class Section:
    """A part of a text under a heading of the second level. The words before the first one have no heading."""

    heading: str
    anchor: str
    html: SafeString


def split(text: str) -> list[tuple[str, str]]:
    """The text as pairs of a heading of the second level and the Markdown below it."""
    if len(text) > MAX_LENGTH:
        return [("", text)]
    # As the parser counts lines: str.splitlines knows more ends of lines than it does.
    lines = re.sub(r"\r\n?", "\n", text).split("\n")
    tokens = _MARKDOWN.parse(text)
    starts = [
        (token.map[0], token.map[1], _visible_text(tokens[index + 1]))
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2") and token.map
    ]
    ends = [start[0] for start in starts] + [len(lines)]
    parts = [("", "\n".join(lines[: ends[0]]))]
    for (_, begin, heading), end in zip(starts, ends[1:], strict=True):
        parts.append((heading, "\n".join(lines[begin:end])))
    return [(heading, part) for heading, part in parts if heading or part.strip()]


def sections(
    text: str, numbering: Numbering, after_first: Callable[[], None] | None = None
) -> tuple[Section, ...]:
    """The text as sections, rendered in their order; `after_first` runs when the first has its numbers."""
    made = []
    for heading, part in split(text):
        anchor = numbering.anchor(heading) if heading else ""
        made.append(Section(heading, anchor, render(part, numbering)))
        if len(made) == 1 and after_first:
            after_first()
    return tuple(made)


def joined(parts: Sequence[Section]) -> SafeString:
    """Sections as one piece of HTML, with their headings."""
    return _clean(
        "".join(
            (f'<h2 id="{escape(part.anchor)}">{escape(part.heading)}</h2>' if part.heading else "")
            + part.html
            for part in parts
        )
    )
