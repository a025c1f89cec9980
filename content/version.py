"""One row that changes whenever any article does, so that asking 'is my copy still right?' is one cheap query.

Counting rows or looking at the newest `updated_at` would miss a deleted row or a changed link.
"""

from __future__ import annotations

import uuid

from django.contrib.auth import get_user_model
from django.db import connections, router, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from content.live import refresh_all

ROW = 1


def stamp() -> str:
    """What the content stands at now; one query. Empty when nothing was ever written."""
    from content.models import ContentVersion

    return ContentVersion.objects.filter(pk=ROW).values_list("stamp", flat=True).first() or ""


def bump() -> None:
    """Say that content has changed: other processes see it at their next look, this one after the commit."""
    from content.models import ContentVersion

    # A random value, not a count: after a restored backup a count could meet an old one again.
    new = uuid.uuid4().hex
    if not ContentVersion.objects.filter(pk=ROW).update(stamp=new):
        ContentVersion.objects.update_or_create(pk=ROW, defaults={"stamp": new})
    using = router.db_for_write(ContentVersion)
    # One renewal per transaction is enough, however many rows it wrote.
    if not any(entry[1] is refresh_all for entry in connections[using].run_on_commit):
        transaction.on_commit(refresh_all, using=using, robust=True)


def _changed(sender, **kwargs) -> None:
    bump()


def _links_changed(sender, action, **kwargs) -> None:
    if action.startswith("post_"):
        bump()


def _user_saved(sender, update_fields=None, created=False, **kwargs) -> None:
    # A reviewer's name is printed on pages. Logging in saves `last_login` only, which nobody prints.
    if not created and (update_fields is None or {"first_name", "last_name"} & set(update_fields)):
        bump()


def connect() -> None:
    """Listen to every write of a content model. Called once, when the app is ready."""
    from content.models import ARTICLES, ORDERED_LINKS, Mechanism, Reference

    for model in (*ARTICLES, *ORDERED_LINKS, Mechanism, Reference):
        post_save.connect(_changed, sender=model, dispatch_uid=f"content-save-{model.__name__}")
        post_delete.connect(_changed, sender=model, dispatch_uid=f"content-delete-{model.__name__}")
        for field in model._meta.many_to_many:
            through = field.remote_field.through
            m2m_changed.connect(
                _links_changed, sender=through, dispatch_uid=f"content-m2m-{through.__name__}"
            )
    post_save.connect(_user_saved, sender=get_user_model(), dispatch_uid="content-user-save")
