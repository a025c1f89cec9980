"""How articles are asked for. Public reads go through `published()`."""

from __future__ import annotations

import datetime
from typing import Any, Self

from django.db import models


class VersionedQuerySet(models.QuerySet):
    """Also tells the other processes of bulk writes, which send no signal."""

    def update(self, **kwargs: Any) -> int:
        """As Django's; true to its word, the number of rows matched."""
        from content.version import bump

        count = super().update(**kwargs)
        if count:
            bump()
        return count

    update.alters_data = True

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list:
        """As Django's."""
        from content.version import bump

        made = super().bulk_create(objs, *args, **kwargs)
        if made:
            bump()
        return made

    bulk_create.alters_data = True


class ArticleQuerySet(VersionedQuerySet):
    """Articles by where they stand in the editors' workflow."""

    def published(self) -> Self:
        """What readers may see. The only way that public pages read."""
        return self.filter(status="published")

    def in_review(self) -> Self:
        """What waits for somebody to read and publish it."""
        return self.filter(status="in_review")

    def unreviewed(self) -> Self:
        """What no clinician has put their name to yet."""
        return self.filter(reviewed_on__isnull=True)

    def due_for_review(self, today: datetime.date) -> Self:
        """Reviewed articles whose next review should have happened before `today`."""
        return self.filter(review_due__lt=today)
