"""Inlines whose rows belong to the row that they stand on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


class PartOf:
    """An inline that whoever may change its owner may change too."""

    extra = 0

    def _may(self, request: HttpRequest, obj: Any) -> bool:
        owner = self.admin_site.get_model_admin(self.parent_model)  # type: ignore[attr-defined]
        return bool(owner.has_change_permission(request, obj) if obj else owner.has_add_permission(request))

    def has_add_permission(self, request: HttpRequest, obj: Any) -> bool:
        """True for those who may change the owner."""
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """True for those who may change the owner."""
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """True for those who may change the owner."""
        return self._may(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """True for those who may see the owner."""
        owner = self.admin_site.get_model_admin(self.parent_model)  # type: ignore[attr-defined]
        return bool(owner.has_view_permission(request, obj)) or self._may(request, obj)
