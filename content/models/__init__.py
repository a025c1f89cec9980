"""The rows that editors work on. Readers see a copy of the published ones (content/library.py)."""

from __future__ import annotations

from content.models.articles import FAQ, Cause, Condition, Mechanism, Tip
from content.models.base import Article, Rating, Status
from content.models.links import CauseTip, ConditionCause, ConditionTip, LookAlike
from content.models.records import ContentVersion, ShippedRow
from content.models.references import Reference

ARTICLES = (Cause, Condition, Tip, FAQ)
"""Every kind of article, in the order in which lists name them."""

ORDERED_LINKS = (CauseTip, ConditionCause, ConditionTip, LookAlike)
"""The links between articles whose order means something."""

KINDS = {model.KIND: model for model in ARTICLES}
"""The word for a kind in addresses and in the library's folders, and its model."""

__all__ = [
    "ARTICLES",
    "FAQ",
    "KINDS",
    "ORDERED_LINKS",
    "Article",
    "Cause",
    "CauseTip",
    "Condition",
    "ConditionCause",
    "ConditionTip",
    "ContentVersion",
    "LookAlike",
    "Mechanism",
    "Rating",
    "Reference",
    "ShippedRow",
    "Status",
    "Tip",
]
