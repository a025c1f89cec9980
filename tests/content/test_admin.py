"""The editors' workbench: lists, forms, state, review, preview, and who may do what."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.forms import BaseFormSet
from django.test import Client
from django.utils import timezone

from content import live
from content.admin.base import next_review
from content.loading import load
from content.models import ARTICLES, FAQ, Cause, Condition, Reference, Status, Tip
from tests.content import make

pytestmark = pytest.mark.django_db
MAKE = {Cause: make.cause, Condition: make.condition, Tip: make.tip, FAQ: make.faq}
MODELS = (*ARTICLES, Reference)


def at(model: Any, what: str = "") -> str:
    """The address of a model's list, or of a page below it."""
    return f"/admin/content/{model._meta.model_name}/{what}"


def name(model: Any) -> str:
    return str(model._meta.model_name)


def member(*permissions: str, username: str = "ada", full_name: str = "Ada Byron") -> Client:
    """A browser logged in as a member of staff with these permissions."""
    first, _, last = full_name.partition(" ")
    user = User.objects.create_user(username, is_staff=True, first_name=first, last_name=last)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def form_of(client: Client, path: str) -> dict[str, Any]:
    """What a browser would send if it saved the form at once."""
    response = client.get(path)
    assert response.status_code == 200, path
    data: dict[str, Any] = {}

    def add(form: Any) -> None:
        for field in form:
            value = field.value()
            value = field.field.prepare_value(value) if hasattr(field.field, "prepare_value") else value
            if hasattr(value, "all") or isinstance(value, list):
                value = [getattr(each, "pk", each) for each in value]
            if isinstance(value, bool):
                if value:
                    data[field.html_name] = "on"
            elif value is not None:
                data[field.html_name] = value

    add(response.context["adminform"].form)
    for inline in response.context["inline_admin_formsets"]:
        formset: BaseFormSet = inline.formset
        add(formset.management_form)
        for form in formset.forms:
            add(form)
    return data


def save(client: Client, path: str, **changes: Any) -> Any:
    """Save the form at that address with some changes; the response, or a failure with what the form said."""
    data = {**form_of(client, path), **changes}
    response = client.post(path, {key: value for key, value in data.items() if value is not None})
    if response.status_code != 302:
        context = response.context
        errors = (
            dict(context["adminform"].form.errors)
            if context and "adminform" in context
            else response.status_code
        )
        raise AssertionError(errors)
    return response


def status(client: Client, path: str) -> int:
    """The status of a public page, after this process has noticed what was published."""
    live.refresh_all()  # a test's transaction is never committed, which is when it would notice
    return int(client.get(path).status_code)


def act(client: Client, model: Any, action: str, *rows: Any) -> str:
    """Run an action on rows; the page that follows."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], "index": 0}
    return str(client.post(at(model), data, follow=True).content.decode())


# --- every page opens ------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_every_page_of_every_model_opens(admin_client: Client, loaded: None, model: Any) -> None:
    row = model.objects.first()
    for path in ("", "add/", f"{row.pk}/change/", f"{row.pk}/history/", f"{row.pk}/delete/", "?q=calf"):
        response = admin_client.get(at(model, path))
        # What is published or cited can't be deleted.
        kept = "delete" in path and (model is not Reference or row.cited_by())
        assert response.status_code == (403 if kept else 200), path


@pytest.mark.parametrize("model", MODELS)
def test_lists_cost_a_fixed_number_of_queries(
    admin_client: Client, loaded: None, model: Any, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(8):
        assert admin_client.get(at(model)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_forms_cost_a_bounded_number_of_queries(
    admin_client: Client, loaded: None, model: Any, django_assert_max_num_queries
) -> None:
    row = model.objects.first()
    with django_assert_max_num_queries(25):
        admin_client.get(at(model, f"{row.pk}/change/"))


@pytest.mark.parametrize("model", ARTICLES)
def test_filters(admin_client: Client, loaded: None, model: Any) -> None:
    extra = {Condition: ["region__exact=knee", "usual_tier__exact=soon"], Tip: ["phase__exact=today"]}.get(
        model, []
    )
    for query in [
        "review=none",
        "review=done",
        "review=soon",
        "review=overdue",
        "status__exact=published",
        *extra,
    ]:
        assert admin_client.get(at(model, f"?{query}")).status_code == 200, query


def test_the_review_filter_finds_what_it_says(admin_client: Client) -> None:
    today, user = timezone.localdate(), User.objects.get()
    reviewed = today - datetime.timedelta(days=400)
    for slug, due in (
        ("late", today - datetime.timedelta(days=1)),
        ("soon", today),
        ("far", next_review(today)),
    ):
        make.tip(slug, reviewed_by=user, reviewed_on=reviewed, review_due=due)
    make.tip("fresh")
    for value, slugs in (
        ("none", {"fresh"}),
        ("done", {"late", "soon", "far"}),
        ("soon", {"soon"}),
        ("overdue", {"late"}),
    ):
        found = admin_client.get(at(Tip, f"?review={value}")).context["cl"].queryset
        assert {row.slug for row in found} == slugs


def test_references_tell_their_use(admin_client: Client) -> None:
    make.cause()
    make.tip()
    make.tip("other")
    make.reference("free-1")
    page = admin_client.get(at(Reference)).content.decode()
    assert "3 articles" in page
    assert "0 articles" in page
    for value, keys in (("cited", ["smith-2021"]), ("unused", ["free-1"])):
        found = admin_client.get(at(Reference, f"?use={value}")).context["cl"].queryset
        assert [row.key for row in found] == keys
    page = admin_client.get(at(Reference, f"{make.reference().pk}/change/")).content.decode()
    assert f'href="{at(Tip)}' in page


def test_references_are_chosen_by_search(admin_client: Client) -> None:
    make.reference("jones-1", title="On shins")
    make.reference("brown-1")
    path = "/admin/autocomplete/?app_label=content&model_name=tip&field_name=references&term=shins"
    assert [each["text"] for each in admin_client.get(path).json()["results"]] == ["jones-1: On shins"]


@pytest.mark.parametrize("model", ARTICLES)
def test_nothing_inline_in_a_form(admin_client: Client, model: Any) -> None:
    page = admin_client.get(at(model, f"{MAKE[model]().pk}/change/")).content.decode()
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert not re.search(r"<[^>]+\son[a-z]+=", page)
    assert not re.search(r"<script(?![^>]*(\ssrc=|type=\"application/json\"))", page)
    assert "content/admin.css" in page
    assert "shipped_hash" not in page
    assert "[@key]" in page


# --- writing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ARTICLES)
def test_saving_a_shipped_article_unchanged_is_no_edit(
    admin_client: Client, loaded: None, model: Any
) -> None:
    for row in model.objects.all()[:3]:
        save(admin_client, at(model, f"{row.pk}/change/"))
    assert load().edited == []


def test_an_article_is_written_and_published(admin_client: Client, client: Client) -> None:
    make.reference()
    values = {"title": "Stretch", "slug": "stretch", "summary": "S.", "do": "Stretch.", "phase": "always"}
    save(admin_client, at(Tip, "add/"), **values, evidence_rating="limited", status="draft")
    tip = Tip.objects.get()
    assert status(client, "/tips/stretch/") == 404
    assert "needs at least one reference" in act(admin_client, Tip, "publish", tip)
    save(admin_client, at(Tip, f"{tip.pk}/change/"), body="Words [@smith-2021].", contested="Unsure.")
    assert "1 tip published." in act(admin_client, Tip, "publish", tip)
    # The cited reference has linked itself.
    assert [each.key for each in tip.references.all()] == ["smith-2021"]
    assert status(client, "/tips/stretch/") == 200


def test_what_a_mechanism_cites_is_linked_too(admin_client: Client) -> None:
    cause = make.cause()
    make.reference("jones-1")
    new = {
        "order": 1,
        "title": "Load",
        "text": "Too much [@jones-1].",
        "rating": "limited",
        "example": "",
        "note": "",
    }
    changes: dict[str, Any] = {f"mechanisms-0-{key}": value for key, value in new.items()}
    save(admin_client, at(Cause, f"{cause.pk}/change/"), **changes, **{"mechanisms-TOTAL_FORMS": 1})
    assert {each.key for each in cause.references.all()} == {"smith-2021", "jones-1"}


def test_lines_are_typed_one_per_line(admin_client: Client) -> None:
    row = make.condition()
    path = at(Condition, f"{row.pk}/change/")
    save(admin_client, path, first_aid="- Rest.\r\n\r\n* Cool it.  \r\n", avoid="Hills.")
    row.refresh_from_db()
    assert (row.first_aid, row.avoid) == (["Rest.", "Cool it."], ["Hills."])
    assert form_of(admin_client, path)["first_aid"] == "Rest.\nCool it."


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"body": "[@nobody-1]"}, "body"),
        ({"contested": ""}, "contested"),
        ({"body": "No source.", "references": []}, "body"),
        ({"summary": "x" * 401}, "summary"),
        ({"evidence_rating": "sure"}, "evidence_rating"),
    ],
)
def test_mistakes_are_told_at_their_field(admin_client: Client, changes: dict[str, Any], field: str) -> None:
    row = make.tip()
    with pytest.raises(AssertionError, match=field):
        save(admin_client, at(Tip, f"{row.pk}/change/"), **changes)
    assert Tip.objects.get().body == row.body


def test_an_address_is_given_once(admin_client: Client) -> None:
    tip = make.tip()
    path = at(Tip, f"{tip.pk}/change/")
    assert "slug" not in form_of(admin_client, path)
    save(admin_client, path, slug="other")
    assert Tip.objects.get().slug == "get-stronger"


def test_a_draft_leads_to_its_preview_and_a_published_one_to_its_page(admin_client: Client) -> None:
    tip = make.tip()
    path = at(Tip, f"{tip.pk}/change/")
    assert 'href="/tips/get-stronger/"' in admin_client.get(path).content.decode()
    Tip.objects.update(status=Status.DRAFT)
    assert 'href="/preview/tips/get-stronger/"' in admin_client.get(path).content.decode()


# --- review -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ARTICLES)
def test_a_clinician_puts_their_own_name_to_a_text(model: Any, client: Client) -> None:
    row = MAKE[model]()
    page = act(member(f"view_{name(model)}", f"review_{name(model)}"), model, "mark_reviewed", row)
    assert "marked as reviewed by you" in page
    row.refresh_from_db()
    today = timezone.localdate()
    assert (row.reviewed_by.username, row.reviewed_on, row.review_due) == ("ada", today, next_review(today))
    assert LogEntry.objects.get().change_message == "Reviewed."


def test_a_reviewer_without_a_name_is_told(client: Client) -> None:
    page = act(member("view_tip", "review_tip", full_name=""), Tip, "mark_reviewed", make.tip())
    assert "has no name" in page


def test_the_next_review_is_two_years_later() -> None:
    assert next_review(datetime.date(2026, 3, 1)) == datetime.date(2028, 3, 1)
    assert next_review(datetime.date(2028, 2, 29)) == datetime.date(2030, 2, 28)


def test_nobody_signs_for_somebody_else(admin_client: Client) -> None:
    row, other = make.tip(), User.objects.create_user("other")
    save(admin_client, at(Tip, f"{row.pk}/change/"), reviewed_by=other.pk, reviewed_on="2026-01-01")
    assert Tip.objects.get().reviewed_by is None


def test_a_change_by_somebody_else_ends_a_review(admin_client: Client) -> None:
    reviewer = member("change_tip", "publish_tip", "review_tip", "view_tip")
    row = make.tip()
    path = at(Tip, f"{row.pk}/change/")
    act(reviewer, Tip, "mark_reviewed", row)
    save(reviewer, path, do="Do lunges.")  # the reviewer's own change
    save(admin_client, path)  # no change
    save(admin_client, path, status="in_review")  # no change of what it says
    row.refresh_from_db()
    assert row.reviewed_on
    response = save(admin_client, path, do="Do squats.")
    assert "counts as not reviewed" in admin_client.get(response.headers["Location"]).content.decode()
    row.refresh_from_db()
    assert (row.reviewed_by, row.reviewed_on, row.review_due, row.do) == (None, None, None, "Do squats.")


def test_a_changed_mechanism_ends_a_review_too(admin_client: Client) -> None:
    cause = make.cause()
    cause.mechanisms.create(title="Load", text="x", rating="limited")
    act(member("view_cause", "review_cause"), Cause, "mark_reviewed", cause)
    save(admin_client, at(Cause, f"{cause.pk}/change/"), **{"mechanisms-0-text": "y"})
    assert Cause.objects.get().reviewed_on is None


# --- who may do what -----------------------------------------------------------------------------------------


def test_actions_are_offered_to_those_who_may(client: Client) -> None:
    make.tip()
    page = member("view_tip", "change_tip").get(at(Tip)).content.decode()
    assert "mark_reviewed" not in page
    assert 'value="publish"' not in page
    page = member("view_tip", "publish_tip", username="eve").get(at(Tip)).content.decode()
    assert 'value="publish"' in page
    assert 'value="unpublish"' in page


@pytest.mark.parametrize("action", ["mark_reviewed", "publish", "unpublish"])
def test_an_action_that_was_not_offered_does_nothing(action: str) -> None:
    row = make.tip(status=Status.PUBLISHED if action == "unpublish" else Status.DRAFT)
    act(member("view_tip", "change_tip"), Tip, action, row)
    after = Tip.objects.get()
    assert (after.status, after.reviewed_on) == (row.status, None)


def test_a_writer_works_on_drafts_only(client: Client) -> None:
    writer = member("view_tip", "add_tip", "change_tip", "view_reference")
    row = make.tip(status=Status.DRAFT)
    path = at(Tip, f"{row.pk}/change/")
    save(writer, path, do="Do lunges.", status="in_review")
    with pytest.raises(AssertionError, match="status"):
        save(writer, path, status="published")
    row.refresh_from_db()
    assert (row.do, row.status) == ("Do lunges.", "in_review")
    Tip.objects.update(status=Status.PUBLISHED)
    assert writer.get(path).context["has_change_permission"] is False
    assert writer.post(path, {"do": "x"}).status_code == 403


def test_a_writer_needs_no_extra_right_for_mechanisms_and_links(client: Client) -> None:
    row = make.cause(status=Status.DRAFT)
    new = {"order": 1, "title": "Load", "text": "Words.", "rating": "limited", "example": "", "note": ""}
    changes: dict[str, Any] = {f"mechanisms-0-{key}": value for key, value in new.items()}
    writer = member("view_cause", "change_cause")
    save(writer, at(Cause, f"{row.pk}/change/"), **changes, **{"mechanisms-TOTAL_FORMS": 1})
    assert row.mechanisms.get().title == "Load"


def test_a_publisher_withdraws_and_publishes(client: Client) -> None:
    publisher = member("view_condition", "publish_condition")
    row = make.condition()
    assert "1 condition withdrawn." in act(publisher, Condition, "unpublish", row)
    assert status(client, "/conditions/calf-strain/") == 404
    assert "1 condition published." in act(publisher, Condition, "publish", row)
    assert status(client, "/conditions/calf-strain/") == 200
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == ["Withdrawn.", "Published."]


def test_a_published_article_is_not_deleted(admin_client: Client) -> None:
    row = make.tip()
    assert admin_client.post(at(Tip, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
    page = act(admin_client, Tip, "delete_selected", row)
    assert "is published. Withdraw it first." in page
    data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(at(Tip), data)
    assert Tip.objects.exists()
    act(admin_client, Tip, "unpublish", row)
    admin_client.post(at(Tip, f"{row.pk}/delete/"), {"post": "yes"})
    assert not Tip.objects.exists()


def test_a_cited_reference_is_not_deleted(admin_client: Client) -> None:
    make.tip()
    row, free = make.reference(), make.reference("free-1")
    assert admin_client.post(at(Reference, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
    assert "is cited in 1 article." in act(admin_client, Reference, "delete_selected", row)
    for each in (row, free):
        admin_client.post(
            at(Reference), {"action": "delete_selected", "_selected_action": [each.pk], "post": "yes"}
        )
    assert [each.key for each in Reference.objects.all()] == ["smith-2021"]


def test_a_visitor_sees_no_workbench(client: Client) -> None:
    for model in MODELS:
        assert client.get(at(model)).status_code == 302
