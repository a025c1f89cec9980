"""The four kinds of articles in the admin."""

from __future__ import annotations

from django.contrib import admin

from content.admin.base import ArticleAdmin, PartOfArticle
from content.models import (
    FAQ,
    Cause,
    CauseTip,
    Condition,
    ConditionCause,
    ConditionTip,
    LookAlike,
    Mechanism,
    Tip,
)

CLAIM = ("The popular article", ("article_claim", "evidence_says"))


class MechanismInline(PartOfArticle, admin.StackedInline):
    """The mechanisms of a cause, below each other."""

    model = Mechanism
    fields = ("order", "title", "text", "example", "rating", "note")


class CauseTipInline(PartOfArticle, admin.TabularInline):
    """The tips of a cause."""

    model = CauseTip
    fields = ("position", "tip")
    autocomplete_fields = ("tip",)
    verbose_name_plural = "tips that help, the most useful first"


class ConditionCauseInline(PartOfArticle, admin.TabularInline):
    """The causes behind a condition."""

    model = ConditionCause
    fields = ("position", "cause")
    autocomplete_fields = ("cause",)
    verbose_name_plural = "causes, the strongest first"


class ConditionTipInline(PartOfArticle, admin.TabularInline):
    """The tips of a condition."""

    model = ConditionTip
    fields = ("position", "tip")
    autocomplete_fields = ("tip",)
    verbose_name_plural = "tips that help, the most useful first"


class LookAlikeInline(PartOfArticle, admin.TabularInline):
    """What a condition is taken for."""

    model = LookAlike
    fk_name = "condition"
    fields = ("position", "other")
    autocomplete_fields = ("other",)
    verbose_name_plural = "look-alikes"


@admin.register(Cause)
class CauseAdmin(ArticleAdmin):
    """Causes."""

    inlines = (MechanismInline, CauseTipInline)
    PARTS = (CLAIM,)


@admin.register(Condition)
class ConditionAdmin(ArticleAdmin):
    """Conditions."""

    list_display = ("title", "region", "usual_tier", "status", "evidence_rating", "review", "review_due")
    list_filter = ("status", *ArticleAdmin.list_filter[1:], "region", "usual_tier")
    inlines = (ConditionCauseInline, ConditionTipInline, LookAlikeInline)
    TEXT = ("title", "slug", "also_known_as", "summary", "body")
    PARTS = (
        ("Where and how urgent", ("region", "usual_tier")),
        ("In short: on the page and in results", ("first_aid", "avoid", "be_seen", "recovery")),
    )


@admin.register(Tip)
class TipAdmin(ArticleAdmin):
    """Tips."""

    list_display = ("title", "phase", "from_article", "status", "evidence_rating", "review", "review_due")
    list_filter = (*ArticleAdmin.list_filter, "phase", "from_article")
    TEXT = ("title", "slug", "summary", "do", "phase", "body", "example")
    PARTS = ((CLAIM[0], ("from_article", *CLAIM[1])),)


@admin.register(FAQ)
class FAQAdmin(ArticleAdmin):
    """Questions and answers."""

    list_display = ("title", "from_article", "status", "evidence_rating", "review", "review_due")
    list_filter = (*ArticleAdmin.list_filter, "from_article")
    autocomplete_fields = ("references", "causes", "conditions", "tips")
    PARTS = (
        (CLAIM[0], ("from_article", *CLAIM[1])),
        ("Read on", ("causes", "conditions", "tips")),
    )
