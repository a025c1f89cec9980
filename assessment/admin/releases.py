"""Releases: looked at, published, withdrawn and downloaded. What one holds is never edited."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone

from assessment import compiler, publishing, releases
from assessment.admin import differences
from assessment.models import Release

PUBLISH, WITHDRAW = "assessment.add_release", "assessment.change_release"
MAX_PROBLEMS = 30


class PublishForm(forms.Form):
    """What an editor says about a new release."""

    changes = forms.CharField(
        label="What changed",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5, "cols": 90}),
        help_text="In plain words, for those who read the list of releases later.",
    )


class WithdrawForm(forms.Form):
    """Why a release is withdrawn."""

    reason = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 90}),
        help_text="In a sentence.",
    )


@dataclass(frozen=True)
class DraftState:
    """How the editors' rows compare with the current release."""

    current: Release | None
    snapshot: dict[str, Any] | None
    """None when the draft can't be released."""
    problems: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """True when publishing would make a new release, or would if the draft were sound."""
        if self.snapshot is None or self.current is None:
            return True
        return compiler.digest(compiler.canonical(self.snapshot)) != self.current.sha256

    @property
    def problems_shown(self) -> tuple[str, ...]:
        """The first of the problems."""
        return _first(self.problems)


def draft_state() -> DraftState:
    """The draft as it is now."""
    current = Release.objects.usable().first()
    try:
        return DraftState(current, releases.draft_snapshot(), ())
    except compiler.CompileError as error:
        return DraftState(current, None, tuple(map(str, error.problems)))


def _first(problems: tuple[str, ...]) -> tuple[str, ...]:
    more = len(problems) - MAX_PROBLEMS
    return problems if more <= 0 else (*problems[:MAX_PROBLEMS], f"and {more} more problems")


@admin.register(Release)
class ReleaseAdmin(admin.ModelAdmin):
    """The list of releases, and what can be done with them."""

    list_display = ("__str__", "state", "published_at", "publisher", "changes", "short_hash")
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter), "published_at")
    list_select_related = ("published_by", "withdrawn_by")
    list_per_page = 100
    search_fields = ("=number", "sha256", "changes", "job", "withdrawn_reason")
    actions = None
    fieldsets = (
        (None, {"fields": ("number", "state", "changes")}),
        ("Published", {"fields": ("published_at", "published_by", "job", "sha256", "holds")}),
        ("Withdrawn", {"fields": ("withdrawn_at", "withdrawn_by", "withdrawn_reason")}),
    )
    readonly_fields = ("state", "holds")

    # --- what can't be done -------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        """False: a release is published from the draft, never typed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False: a release never changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False: results name their release, so it stays."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """True for those who may see, publish or withdraw releases."""
        return any(request.user.has_perm(p) for p in ("assessment.view_release", PUBLISH, WITHDRAW))

    # --- list and form ------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the long snapshots; with the number of the current release."""
        newest = Release.objects.usable().values("number")[:1]
        rows = super().get_queryset(request).select_related("published_by", "withdrawn_by")
        return rows.defer("snapshot").annotate(current_number=Subquery(newest))

    @admin.display(description="state")
    def state(self, obj: Any) -> str:
        """Current, earlier or withdrawn."""
        if obj.withdrawn_at:
            return f"withdrawn: {obj.withdrawn_reason}"
        return "current" if obj.number == obj.current_number else "earlier"

    @admin.display(description="published by", ordering="published_by")
    def publisher(self, obj: Release) -> str:
        """The person or the system job."""
        if obj.published_by is None:
            return f"{obj.job} (system)"
        return obj.published_by.get_full_name() or obj.published_by.get_username()

    @admin.display(description="content hash", ordering="sha256")
    def short_hash(self, obj: Release) -> str:
        """The beginning of the content hash."""
        return obj.sha256[:12]

    @admin.display(description="holds")
    def holds(self, obj: Release) -> str:
        """How much it holds."""
        snapshot = json.loads(obj.snapshot)
        names = ("questions", "conditions", "causes", "evidence", "red_flags", "tips", "references")
        return ", ".join(f"{len(snapshot.get(name, ()))} {name.replace('_', ' ')}" for name in names)

    def _may(self, request: HttpRequest) -> dict[str, bool]:
        return {
            "may_publish": request.user.has_perm(PUBLISH),
            "may_withdraw": request.user.has_perm(WITHDRAW),
        }

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; says whether the draft differs from the current release."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"draft": draft_state(), **self._may(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One release, for reading."""
        context = {**self._may(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    # --- what can be done ---------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Also: publish, differences, withdraw, download."""
        wrap = self.admin_site.admin_view
        return [
            path("publish/", wrap(self.publish_view), name="assessment_release_publish"),
            path("differences/", wrap(self.differences_view), name="assessment_release_differences"),
            path("<int:number>/withdraw/", wrap(self.withdraw_view), name="assessment_release_withdraw"),
            path("<int:number>/snapshot.json", wrap(self.snapshot_view), name="assessment_release_snapshot"),
            *super().get_urls(),
        ]

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            **self._may(request),
            **context,
        }
        return TemplateResponse(request, f"admin/assessment/release/{template}.html", context)

    def _to_list(self) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:assessment_release_changelist"))

    def publish_view(self, request: HttpRequest) -> HttpResponse:
        """Publishes the draft when posted; otherwise asks what changed."""
        if not request.user.has_perm(PUBLISH):
            raise PermissionDenied
        form = PublishForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                release = publishing.publish(by=request.user, changes=form.cleaned_data["changes"])
            except releases.NothingChanged as same:
                self.message_user(request, f"Nothing to publish. {same}", messages.INFO)
                return self._to_list()
            except compiler.CompileError as error:
                self.message_user(request, "Nothing was published. Put these right first:", messages.ERROR)
                for problem in _first(tuple(map(str, error.problems))):
                    self.message_user(request, problem, messages.ERROR)
            except ValueError as error:
                self.message_user(request, f"Nothing was published. {error}", messages.ERROR)
            else:
                self.log_addition(request, release, "Published.")
                self.message_user(request, f"{release} is published.", messages.SUCCESS)
                return self._to_list()
        # After a failed attempt the messages say what is wrong; saying it twice helps nobody.
        draft = None if request.method == "POST" else draft_state()
        return self._page(request, "publish", "Publish the draft", form=form, draft=draft)

    def differences_view(self, request: HttpRequest) -> HttpResponse:
        """What the draft would change, row by row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        draft = draft_state()
        sections: tuple[differences.Section, ...] = ()
        if draft.snapshot is not None and draft.current is not None and draft.differs:
            sections = differences.between(json.loads(draft.current.snapshot), draft.snapshot)
        return self._page(
            request,
            "differences",
            "What differs from the current release",
            draft=draft,
            sections=sections,
            max_rows=differences.MAX_ROWS,
        )

    def _release(self, number: int) -> Release:
        release = Release.objects.filter(number=number).first()
        if release is None:
            raise Http404("There is no such release.")
        return release

    def withdraw_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Takes a release out of use when posted with a reason; otherwise asks for it."""
        if not request.user.has_perm(WITHDRAW):
            raise PermissionDenied
        release = self._release(number)
        if release.withdrawn_at:
            self.message_user(request, f"{release} is withdrawn already.", messages.INFO)
            return self._to_list()
        form = WithdrawForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                release = releases.withdraw(number, by=request.user, reason=form.cleaned_data["reason"])
            except (releases.ReleaseUnknown, ValueError) as error:
                self.message_user(request, f"Nothing was withdrawn. {error}", messages.ERROR)
            else:
                self.log_change(request, release, f"Withdrawn: {release.withdrawn_reason}")
                self.message_user(request, f"{release} is withdrawn.", messages.SUCCESS)
                return self._to_list()
        return self._page(request, "withdraw", f"Withdraw {release}", form=form, release=release)

    def snapshot_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """The frozen knowledge as a file; its SHA-256 is the content hash."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        release = self._release(number)
        name = f"release-{release.number}-{timezone.localtime(release.published_at):%Y-%m-%d}.json"
        return HttpResponse(
            release.snapshot,
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
