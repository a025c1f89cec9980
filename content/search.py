"""Search in memory: by the beginnings of words, titles first, forgiving a slip of the finger."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

MAX_QUERY = 100
"""Characters of a query that are looked at."""
MIN_QUERY = 2
MAX_RESULTS = 40
MAX_WORDS = 8
# What a word weighs by where it stands, and what the beginning of a word weighs beside the whole.
TITLE, NAME, SUMMARY, TEXT = 12.0, 9.0, 4.0, 1.0
PREFIX, TYPO = 0.6, 0.4
_STOP = frozenset(
    re.findall(
        r"\w+",
        "a about after an and are as at be but by can do does for from get have hurt hurts i if in is it me my of on "
        "or pain run running that the to what when where which why will with you your",
    )
)


@dataclass(frozen=True)
class Document:
    """What can be found."""

    kind_label: str
    title: str
    url: str
    summary: str
    names: tuple[str, ...]
    """Other names, which count nearly as much as the title."""
    text: str


@dataclass(frozen=True)
class Result:
    """What was found."""

    kind_label: str
    title: str
    url: str
    summary: str


def tidy(query: str) -> str:
    """The query as it is shown and looked for: no control characters, single blanks, at most MAX_QUERY characters."""
    printable = "".join(
        " " if unicodedata.category(char)[0] in "CZ" else char for char in query[: 4 * MAX_QUERY]
    )
    return " ".join(printable.split())[:MAX_QUERY].strip()


def words_of(text: str) -> list[str]:
    """The words in small letters without accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", plain))


class Index:
    """Documents by the words in them."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = tuple(documents)
        weights: dict[str, dict[int, float]] = defaultdict(dict)
        for number, document in enumerate(self.documents):
            for weight, text in (
                (TEXT, document.text),
                (SUMMARY, document.summary),
                (NAME, " ".join(document.names)),
                (TITLE, document.title),
            ):
                for word in words_of(text):
                    weights[word][number] = max(weight, weights[word].get(number, 0))
        self._weights = dict(weights)
        self._words = sorted(self._weights)

    def search(self, query: str) -> tuple[Result, ...]:
        """What matches all words of the query, best first; if nothing does, what matches the most of them."""
        asked = list(dict.fromkeys(words_of(tidy(query))))
        # "Why does my leg hurt" is all small words but one; a query of nothing else is taken at its word.
        asked = ([word for word in asked if word not in _STOP] or asked)[:MAX_WORDS]
        scores: dict[int, float] = defaultdict(float)
        matched: dict[int, int] = defaultdict(int)
        for word in asked:
            for number, score in self._matches(word).items():
                scores[number] += score
                matched[number] += 1
        if not matched:
            return ()
        most = max(matched.values())
        best = sorted(
            (number for number in matched if matched[number] == most),
            key=lambda number: (-scores[number], number),
        )
        found = (self.documents[number] for number in best[:MAX_RESULTS])
        return tuple(Result(each.kind_label, each.title, each.url, each.summary) for each in found)

    def _matches(self, asked: str) -> dict[int, float]:
        """The documents with that word, with a word that begins so, or else with one that looks alike."""
        scores: dict[int, float] = {}
        exact = self._weights.get(asked, {})
        found = [(word, 1.0 if word == asked else PREFIX) for word in self._beginning(asked)]
        # "tendons" finds "tendon" as well.
        if asked.endswith("s") and asked[:-1] in self._weights:
            found.append((asked[:-1], 1.0))
        if not found and len(asked) > 3 and not exact:
            near = [word for word in self._words if abs(len(word) - len(asked)) <= 2 and word[0] == asked[0]]
            found = [(word, TYPO) for word in difflib.get_close_matches(asked, near, n=3, cutoff=0.75)]
        for word, factor in found:
            for number, weight in self._weights[word].items():
                scores[number] = max(weight * factor, scores.get(number, 0))
        return scores

    def _beginning(self, asked: str) -> list[str]:
        """The words that begin so. A single letter stands for itself."""
        if len(asked) < MIN_QUERY:
            return [asked] if asked in self._weights else []
        return [word for word in self._words if word.startswith(asked)]
