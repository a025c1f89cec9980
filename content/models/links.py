"""Links between articles whose order means something: the most useful tip first, the likeliest cause first."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from content.querysets import VersionedQuerySet


class Link(models.Model):
    """A place in a list of links."""

    position = models.PositiveSmallIntegerField(default=0, help_text="Small numbers come first.")

    objects = VersionedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return f"link {self.pk}"


class CauseTip(Link):
    """A tip that helps against a cause."""

    cause = models.ForeignKey("content.Cause", on_delete=models.CASCADE, related_name="tip_links")
    tip = models.ForeignKey("content.Tip", on_delete=models.CASCADE, related_name="cause_links")

    class Meta(Link.Meta):
        verbose_name = "tip"
        constraints = (models.UniqueConstraint(fields=["cause", "tip"], name="cause_tip_once"),)


class ConditionCause(Link):
    """A cause that often lies behind a condition."""

    condition = models.ForeignKey("content.Condition", on_delete=models.CASCADE, related_name="cause_links")
    cause = models.ForeignKey("content.Cause", on_delete=models.CASCADE, related_name="condition_links")

    class Meta(Link.Meta):
        verbose_name = "cause"
        constraints = (models.UniqueConstraint(fields=["condition", "cause"], name="condition_cause_once"),)


class ConditionTip(Link):
    """A tip that helps with a condition."""

    condition = models.ForeignKey("content.Condition", on_delete=models.CASCADE, related_name="tip_links")
    tip = models.ForeignKey("content.Tip", on_delete=models.CASCADE, related_name="condition_links")

    class Meta(Link.Meta):
        verbose_name = "tip"
        constraints = (models.UniqueConstraint(fields=["condition", "tip"], name="condition_tip_once"),)


class LookAlike(Link):
    """A condition that is easily taken for another."""

    condition = models.ForeignKey(
        "content.Condition", on_delete=models.CASCADE, related_name="look_alike_links"
    )
    other = models.ForeignKey("content.Condition", on_delete=models.CASCADE, related_name="looked_like_links")

    class Meta(Link.Meta):
        verbose_name = "look-alike"
        constraints = (
            models.UniqueConstraint(fields=["condition", "other"], name="look_alike_once"),
            models.CheckConstraint(
                condition=~Q(condition=F("other")),
                name="look_alike_is_another",
                violation_error_message="A condition can't look like itself.",
            ),
        )
