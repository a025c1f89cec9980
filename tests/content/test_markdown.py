"""Markdown to safe HTML: what is allowed, what is not, citations and anchors."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from content.markdown import (
    MAX_LENGTH,
    Numbering,
    cited_keys,
    joined,
    plain,
    render,
    sections,
    slug_of,
    words,
)

ALLOWED = {
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "sup"),
    *("blockquote", "code", "pre", "hr", "br"),
}
ATTRIBUTES = {("a", "href"), ("a", "aria-label"), ("h2", "id"), ("h3", "id"), ("h4", "id"), ("ol", "start")}
ATTRIBUTES.add(("sup", "class"))


class Looker(HTMLParser):
    """Fails on any element, attribute or address that is not allowed."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        for name, value in attrs:
            assert (tag, name) in ATTRIBUTES, (tag, name)
            if name == "href":
                assert re.match(r"(https?://|mailto:|tel:|/(?![/\\])|#)", value or "", re.IGNORECASE), value

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration")


def html(text: str, *keys: str) -> str:
    rendered = render(text, Numbering(frozenset(keys)))
    assert isinstance(rendered, SafeString)
    Looker().feed(rendered)
    return rendered


def test_what_editors_use() -> None:
    made = html(
        "## Rest\n\nBe **calm** and *slow*.\n\n- one\n- two\n\n3. three\n\n> said\n\n[NHS](https://www.nhs.uk/a?b=1&c=2)"
    )
    for part in (
        '<h2 id="s-rest">Rest</h2>',
        "<strong>calm</strong>",
        "<em>slow</em>",
        "<li>two</li>",
        '<ol start="3">',
        "<blockquote>",
        '<a href="https://www.nhs.uk/a?b=1&amp;c=2">NHS</a>',
    ):
        assert part in made
    assert '<a href="/tips/get-stronger/">x</a>' in html("[x](/tips/get-stronger/)")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example></ScRiPt>",
        '<img src=x onerror="alert(1)">',
        "<svg/onload=alert(1)>",
        '<a href="javascript:alert(1)" onclick="x()">x</a>',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\nscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](//evil.example)",
        "[x](/\\evil.example)",
        "<javascript:alert(1)>",
        "![x](https://evil.example/x.png)",
        "![x](x 'onerror=alert(1)')",
        "[x]: javascript:alert(1)\n\n[x]",
        '[x](https://a.example "t\\" onmouseover=alert(1)")',
        "<!-- comment --><!DOCTYPE html><style>*{}</style>",
        '<iframe src="https://evil.example"></iframe>',
        '</p></div><form action="https://evil.example"><input name=a></form>',
        '`` <b onclick=x> ``\n\n```html"><script>\n<script>x</script>\n```',
        "## <img src=x onerror=y>",
        '[@smith-2021"><script>]',
        "<b/style=x:expression(alert(1))>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<x " + "a=" * 500 + ">",
    ],
)
def test_hostile_text_stays_text(hostile: str) -> None:
    made = html(hostile, "smith-2021")
    assert "<script" not in made.lower()


@pytest.mark.parametrize(
    "huge",
    [
        "> " * 3000 + "x",
        "- " * 3000 + "x",
        "[" * MAX_LENGTH,
        "[x](" * (MAX_LENGTH // 4),
        "*a " * (MAX_LENGTH // 3),
        "**a_" * (MAX_LENGTH // 4),
        "`" * MAX_LENGTH,
        "[@a]" * (MAX_LENGTH // 4),
        "<" * MAX_LENGTH,
        "x" * (10 * MAX_LENGTH) + "<script>",
    ],
    ids=lambda text: text[:6],
)
def test_huge_and_deep_text_is_done_in_time(huge: str) -> None:
    started = time.process_time()
    html(huge, "a")
    cited_keys(huge)
    plain(huge)
    sections(huge, Numbering(frozenset()))
    assert time.process_time() - started < 10


@given(
    st.text(
        alphabet=st.sampled_from("[]()<>@!#*_`-\\/:\"'&; \n\tajsvcript0=.%\x00\u202e\u2028é"), max_size=200
    )
)
def test_nothing_that_can_be_typed_gets_through(text: str) -> None:
    html(text, "a")
    Looker().feed(joined(sections(text, Numbering(frozenset({"a"})))))


@given(st.text(max_size=300))
def test_any_text_at_all(text: str) -> None:
    html(text)
    assert words(text) >= 0


def test_citations_are_numbered_in_their_order_and_once() -> None:
    numbering = Numbering(frozenset({"a-1", "b-2"}))
    first = render("One [@b-2], two [@a-1], again [@b-2].", numbering)
    assert numbering.numbers == {"b-2": 1, "a-1": 2}
    assert first.count('href="#ref-1"') == 2
    assert '<sup class="cite"><a href="#ref-2" aria-label="Reference 2">[2]</a></sup>' in first
    assert '<a href="#ref-2"' in render("[@a-1]", numbering)


def test_an_unknown_citation_stays_as_typed_and_takes_no_number() -> None:
    numbering = Numbering(frozenset())
    assert render("So [@no-one].", numbering) == "<p>So [@no-one].</p>\n"
    assert numbering.numbers == {}


def test_what_is_no_citation() -> None:
    assert cited_keys("`[@a]`, \\[@b], [@C], [@d e], [@-f], [g](@h)") == ()
    assert cited_keys("> [@a] and **[@b]**\n\n- [@a]") == ("a", "b")
    assert cited_keys("[words [@a]](https://x.example)") == ("a",)


def test_anchors_are_prefixed_and_differ() -> None:
    numbering = Numbering(frozenset(), prefix="why-")
    made = render("## Why?\n\n### Why?\n\n# *Top* é!\n\n###### low", numbering)
    assert re.findall(r'<(h\d) id="([^"]+)"', made) == [
        ("h2", "why-s-why"),
        ("h3", "why-s-why-2"),
        ("h2", "why-s-top-e"),
        ("h4", "why-s-low"),
    ]
    assert slug_of("日本") == "part"


def test_sections_follow_the_headings() -> None:
    numbering = Numbering(frozenset({"a", "b"}))
    order: list[dict[str, int]] = []
    parts = sections(
        "Before [@b].\r\n\r\n## One\r\nText [@a].\n\n```\n## no heading\n```\n\n### Below\n\n## Two\n",
        numbering,
        after_first=lambda: order.append(dict(numbering.numbers)),
    )
    assert [(part.heading, part.anchor) for part in parts] == [("", ""), ("One", "s-one"), ("Two", "s-two")]
    assert '<h3 id="s-below">' in parts[1].html
    assert order == [{"b": 1}]
    assert '<h2 id="s-one">One</h2>' in joined(parts)
    assert sections("", numbering) == ()


def test_words_are_counted_without_marks() -> None:
    assert words("## Two words\n\nAnd **three** more [@a].\n- [one](https://x.example)") == 7
    assert plain("a *b*\nc") == "a b c"
