"""The editors' workbench for the knowledge: every page, publishing and withdrawing, who may do what, bad input."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessment import releases
from assessment.admin import differences
from assessment.admin.words import sentence
from assessment.models import (
    Evidence,
    Finding,
    FindingLink,
    KnowledgeRecord,
    ModelSettings,
    Option,
    Question,
    RedFlag,
    Release,
    Vignette,
)
from content.models import Condition

pytestmark = pytest.mark.django_db

MODELS = (Question, Option, Finding, Evidence, RedFlag, ModelSettings, Release, Vignette)
SEARCHED = (Question, Option, Finding, Evidence, RedFlag, Release, Vignette)
QUERIES = 25
"""For a list, its filters and who is asking; far fewer than there are rows."""

PUBLISH = "/admin/assessment/release/publish/"
DIFFERENCES = "/admin/assessment/release/differences/"


@pytest.fixture(autouse=True)
def _filled(bootstrapped: None) -> None:
    """Each test begins with all that ships."""


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:assessment_{model._meta.model_name}_{page}", args=args)


def text(response: HttpResponse) -> str:
    return response.content.decode()


def said(response: HttpResponse) -> list[str]:
    """The messages that a response leaves or shows."""
    return [str(message) for message in get_messages(response.wsgi_request)] or [
        str(message) for message in (response.context or {}).get("messages", ())
    ]


def filled_in(form: BaseForm) -> dict[str, Any]:
    """What a browser would send for a form that nobody has touched."""
    data = {}
    for bound in form:
        value = bound.value()
        if bound.field.disabled or value is None or value is False:
            continue
        value = bound.field.prepare_value(value)
        data[bound.html_name] = "on" if value is True else value
    return data


def sent(response: HttpResponse, **changes: Any) -> dict[str, Any]:
    """What a browser would send for an admin page with its inlines, but for the changes."""
    data = filled_in(response.context["adminform"].form)
    for inline in response.context["inline_admin_formsets"]:
        data |= filled_in(inline.formset.management_form)
        for form in inline.formset.forms:
            data |= filled_in(form)
    return {**data, **changes}


@pytest.fixture
def staff(client: Client) -> Callable[..., Client]:
    """Logs in a member of staff with the named permissions only."""

    def log_in(*codenames: str) -> Client:
        user = User.objects.create_user("ruth", password="x", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        assert user.user_permissions.count() == len(codenames)
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def weaker() -> Evidence:
    """A row of evidence that says something else than in release 1."""
    row = Evidence.objects.filter(says="strong for").order_by("pk")[0]
    row.says = "moderate for"
    row.save()
    return row


# --- pages ------------------------------------------------------------------------------------------------


def test_every_model_that_people_work_with_is_registered() -> None:
    registered = {model for model in admin.site._registry if model._meta.app_label == "assessment"}
    assert registered == set(MODELS)
    assert KnowledgeRecord not in registered


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_open_with_few_queries(
    model: Any, admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(QUERIES + (15 if model is Release else 0)):
        page = admin_client.get(url(model, "changelist"))
    assert page.status_code == 200
    assert page.context["cl"].result_count >= 1


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_forms_open_with_few_queries(
    model: Any, admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    for row in (model.objects.order_by("pk").first(), model.objects.order_by("pk").last()):
        with django_assert_max_num_queries(30):
            page = admin_client.get(url(model, "change", row.pk))
        assert page.status_code == 200
        assert admin_client.get(url(model, "history", row.pk)).status_code == 200


@pytest.mark.parametrize("model", (Question, Finding, Evidence, RedFlag, Vignette))
def test_empty_forms_open_and_say_what_is_missing(model: Any, admin_client: Client) -> None:
    page = admin_client.get(url(model, "add"))
    assert page.status_code == 200
    answer = admin_client.post(url(model, "add"), sent(page, _save="1"))
    assert answer.status_code == 200
    assert answer.context["errors"]


@pytest.mark.parametrize("model", (Question, Finding, RedFlag, ModelSettings, Vignette))
def test_saving_a_form_untouched_changes_nothing(model: Any, admin_client: Client) -> None:
    for row in (model.objects.order_by("pk").first(), model.objects.order_by("pk").last()):
        address = url(model, "change", row.pk)
        answer = admin_client.post(address, sent(admin_client.get(address), _save="1"))
        assert answer.status_code == 302, answer.context["errors"]
    assert releases.current().snapshot == releases.draft_snapshot()


def test_what_ships_keeps_the_rules_of_its_forms() -> None:
    for model in (Question, Option, Finding, FindingLink, RedFlag, ModelSettings, Vignette):
        for row in model.objects.all():
            row.full_clean()


@pytest.mark.parametrize("row", ("many clauses", "many answers"))
def test_the_queries_of_a_form_follow_its_own_rows_only(
    row: str, admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    if row == "many answers":
        address = url(Question, "change", Question.objects.get(code="site").pk)
    else:
        flag = max(RedFlag.objects.prefetch_related("clauses"), key=lambda f: len(f.clauses.all()))
        address = url(RedFlag, "change", flag.pk)
    with django_assert_max_num_queries(45):
        assert admin_client.get(address).status_code == 200


@pytest.mark.parametrize("model", SEARCHED, ids=lambda model: model.__name__)
@pytest.mark.parametrize("q", ("calf", "a 'b\" %_\\ ;--", "\x00", "1" * 300, "\U0001f9b5", "(" * 40))
def test_any_search_gives_a_page(model: Any, q: str, admin_client: Client) -> None:
    assert admin_client.get(url(model, "changelist"), {"q": q}).status_code == 200


def test_search_finds_by_words(admin_client: Client) -> None:
    for model, word in ((Question, "calf"), (Finding, "Calf strain"), (Evidence, "calf"), (RedFlag, "calf")):
        found = admin_client.get(url(model, "changelist"), {"q": word}).context["cl"].result_count
        assert 0 < found < model.objects.count()


@pytest.mark.parametrize(
    ("model", "filters"),
    (
        (Question, {"stage__exact": "safety"}),
        (Finding, {"kind__exact": "cause"}),
        (Evidence, {"direction": "for"}),
        (Evidence, {"direction": "against"}),
        (Evidence, {"published": "no"}),
        (Evidence, {"says__exact": "strong for"}),
        (RedFlag, {"tier__exact": "emergency"}),
        (Vignette, {"tier__exact": "urgent", "quality__exact": "high"}),
    ),
)
def test_filters_narrow_the_list(model: Any, filters: dict[str, str], admin_client: Client) -> None:
    page = admin_client.get(url(model, "changelist"), filters)
    assert page.status_code == 200
    assert 0 < page.context["cl"].result_count < model.objects.count()


@pytest.mark.parametrize("model", SEARCHED, ids=lambda model: model.__name__)
def test_nonsense_in_an_address_gives_no_fault(model: Any, admin_client: Client) -> None:
    for query in (
        "p=999999",
        "p=x",
        "o=99.-98",
        "finding__id__exact=x",
        "nonsense=1",
        "direction=x&published=x",
    ):
        assert admin_client.get(f"{url(model, 'changelist')}?{query}").status_code in (200, 302)
    for pk in ("999999", "9" * 40, "x", "_00", "-1"):
        assert admin_client.get(url(model, "change", pk)).status_code == 302


# --- questions and findings -------------------------------------------------------------------------------


def test_codes_stay_once_they_are_saved(admin_client: Client) -> None:
    question = Question.objects.get(code="side")
    address = url(Question, "change", question.pk)
    option = question.options.first()
    page = admin_client.get(address)
    data = sent(page, _save="1", code="other", **{"options-0-code": "other", "options-0-text": "Elsewhere"})
    answer = admin_client.post(address, data)
    assert answer.status_code == 302, answer.context["errors"]
    question.refresh_from_db()
    assert question.code == "side"
    assert question.options.get(code=option.code).text == "Elsewhere"
    for model in (Finding, RedFlag, Vignette):
        row = model.objects.first()
        name = "slug" if model is Finding else "code"
        assert name not in admin_client.get(url(model, "change", row.pk)).context["adminform"].form.fields


def test_a_question_is_added_with_its_answers_and_clause(admin_client: Client) -> None:
    page = admin_client.get(url(Question, "add"))
    pick = Option.objects.filter(question__code="site").first()
    answers = {
        "options-TOTAL_FORMS": 2,
        "options-0-code": "yes",
        "options-0-text": "Yes",
        "options-0-base": "0.5",
        "options-0-order": 0,
        "options-1-code": "no",
        "options-1-text": "No",
        "options-1-base": "0.5",
        "options-1-order": 1,
    }
    clause = {
        "visible_if-TOTAL_FORMS": 1,
        "visible_if-0-picks": [pick.pk],
        "visible_if-0-at_least": 2,
        "visible_if-0-order": 0,
    }
    fields = {"code": "new_one", "text": "Is it new?", "short": "New", "kind": "one", "stage": "adaptive"}
    fields |= {"phase": "You", "page": "new", "group": "new", "order": 99}
    wrong = admin_client.post(url(Question, "add"), sent(page, **fields, **answers, **clause))
    assert "Only 1 answers are named." in text(wrong)
    clause["visible_if-0-at_least"] = 1
    done = admin_client.post(url(Question, "add"), sent(page, **fields, **answers, **clause))
    assert done.status_code == 302, done.context["errors"]
    question = Question.objects.get(code="new_one")
    assert [o.code for o in question.options.all()] == ["yes", "no"]
    assert [*question.visible_if.get().picks.all()] == [pick]
    assert "asked only when" in differences._questions(releases.draft_snapshot(), {})["new_one"][1]


def test_answers_are_searched_for_by_their_words(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    address = reverse("admin:assessment_option_answers")
    names = {"app_label": "assessment", "model_name": "redflagclause", "field_name": "picks"}
    with django_assert_max_num_queries(6):
        found = admin_client.get(address, {"term": "calf muscle", **names}).json()["results"]
    assert {"id", "text"} == set(found[0])
    assert any(row["text"] == "Where: Calf muscle" for row in found)
    assert admin_client.get(address, {"term": "x"}).status_code == 403
    page = text(admin_client.get(url(Evidence, "change", Evidence.objects.filter(option__code="calf")[0].pk)))
    assert address in page
    assert re.search(r"<option value=\"\d+\" selected>Where: ", page)


def test_the_list_of_findings_names_the_articles(admin_client: Client) -> None:
    finding = Finding.objects.get(slug="calf-strain")
    page = text(admin_client.get(url(Finding, "changelist"), {"q": "calf-strain"}))
    article = Condition.objects.get(slug="calf-strain")
    evidence = f"{url(Evidence, 'changelist')}?finding__id__exact={finding.pk}"
    assert article.title in page
    assert reverse("admin:content_condition_change", args=[article.pk]) in page
    assert f'<a href="{evidence}">{finding.evidence.count()}</a>' in page
    assert admin_client.get(evidence).context["cl"].result_count == finding.evidence.count()
    article.delete()
    assert "(no article)" in text(admin_client.get(url(Finding, "changelist"), {"q": "calf-strain"}))


def test_a_condition_has_links_and_a_cause_has_none(admin_client: Client) -> None:
    for kind, count in (("condition", 1), ("cause", 0)):
        finding = Finding.objects.filter(kind=kind).first()
        page = admin_client.get(url(Finding, "change", finding.pk))
        assert len(page.context["inline_admin_formsets"]) == count


def test_an_impossible_prior_is_named(admin_client: Client) -> None:
    cause = Finding.objects.filter(kind="cause").first()
    address = url(Finding, "change", cause.pk)
    for prior in ("2", "nan", "inf", "1e999", "-1", "x"):
        answer = admin_client.post(address, sent(admin_client.get(address), prior=prior))
        assert answer.status_code == 200, prior
        assert answer.context["adminform"].form.errors["prior"]


@pytest.mark.parametrize("model", (Question, Finding))
def test_deleting_shows_what_goes_with_it(model: Any, admin_client: Client) -> None:
    row = model.objects.order_by("pk").last()
    rows = row.evidence.count()
    assert rows
    page = text(admin_client.get(url(model, "delete", row.pk)))
    assert "Are you sure" in page
    assert re.search(rf"evidence: {rows}\b", page, re.IGNORECASE)
    assert admin_client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 302
    assert not model.objects.filter(pk=row.pk).exists()
    assert not Evidence.objects.filter(**{model._meta.model_name: row.pk}).exists()


# --- evidence ---------------------------------------------------------------------------------------------


def list_form(page: HttpResponse) -> dict[str, Any]:
    formset = page.context["cl"].formset
    data = filled_in(formset.management_form)
    for form in formset.forms:
        data |= filled_in(form)
    return {**data, "_save": "Save"}


def test_the_strength_is_changed_in_the_list(admin_client: Client) -> None:
    finding = Finding.objects.get(slug="calf-strain")
    address = f"{url(Evidence, 'changelist')}?finding__id__exact={finding.pk}"
    data = list_form(admin_client.get(address))
    pk = data["form-0-id"]
    now = Evidence.objects.get(pk=pk).says
    other = "weak for" if now != "weak for" else "strong for"
    assert admin_client.post(address, {**data, "form-0-says": other}).status_code == 302
    assert Evidence.objects.get(pk=pk).says == other
    assert Evidence.objects.filter(finding=finding, says=now).exists()


@pytest.mark.parametrize(
    ("says", "words"), (("", "There is no published ratio"), ("enormous", "Select a valid choice"))
)
def test_the_list_refuses_what_can_not_be(says: str, words: str, admin_client: Client) -> None:
    address = url(Evidence, "changelist")
    answer = admin_client.post(address, {**list_form(admin_client.get(address)), "form-0-says": says})
    assert answer.status_code == 200
    assert words in text(answer)


def test_a_published_ratio_is_not_overwritten_in_the_list(admin_client: Client) -> None:
    row = Evidence.objects.filter(option__isnull=False)[0]
    Evidence.objects.filter(pk=row.pk).update(says="", ratio=4.2)
    address = f"{url(Evidence, 'changelist')}?published=yes"
    data = list_form(admin_client.get(address))
    index = next(n for n in range(int(data["form-TOTAL_FORMS"])) if data[f"form-{n}-id"] == row.pk)
    answer = admin_client.post(address, {**data, f"form-{index}-says": "weak for"})
    assert "This row has a published ratio" in text(answer)


def test_a_list_form_without_its_numbers_gives_no_fault(admin_client: Client) -> None:
    answer = admin_client.post(url(Evidence, "changelist"), {"_save": "Save", "form-TOTAL_FORMS": "x"})
    assert answer.status_code == 200


def test_wrong_evidence_is_named(admin_client: Client) -> None:
    row = Evidence.objects.filter(option__isnull=False, ratio=None).first()
    elsewhere = Option.objects.exclude(question=row.question).first()
    address = url(Evidence, "change", row.pk)
    page = admin_client.get(address)
    for changes, words in (
        ({"option": elsewhere.pk}, "This option belongs to another question."),
        ({"sources": ""}, "Name the source"),
        ({"says": ""}, "one of the two"),
        ({"ratio": "3"}, "one of the two"),
        ({"option": "999999"}, "Select a valid choice"),
        ({"option": "x\x00"}, "Select a valid choice"),
        ({"question": "x"}, "Select a valid choice"),
        ({"finding": "9" * 40}, "Select a valid choice"),
        ({"finding": ""}, "This field is required"),
        ({"note": "x\x00"}, "Null characters are not allowed"),
        ({"sources": "a\x00"}, "cannot be printed"),
        ({"note": "x" * 301}, "at most 300 characters"),
    ):
        answer = admin_client.post(address, sent(page, **changes))
        assert answer.status_code == 200, changes
        assert words in text(answer), changes
    other = Evidence.objects.filter(finding=row.finding, option__isnull=False).exclude(pk=row.pk).first()
    double = admin_client.post(address, sent(page, question=other.question_id, option=other.option_id))
    assert "already exists" in text(double)


def test_evidence_is_added(admin_client: Client) -> None:
    finding = Finding.objects.get(slug="calf-strain")
    option = Option.objects.exclude(evidence__finding=finding).first()
    fields = {"finding": finding.pk, "question": option.question_id, "option": option.pk, "says": "weak for"}
    fields |= {"sources": "nhs-heat-exhaustion", "order": 0}
    answer = admin_client.post(url(Evidence, "add"), fields)
    assert answer.status_code == 302, answer.context["errors"]
    assert Evidence.objects.get(finding=finding, option=option).sources == ["nhs-heat-exhaustion"]


# --- red flags and numbers --------------------------------------------------------------------------------


def test_a_red_flag_is_read_back_in_words(admin_client: Client) -> None:
    flag = RedFlag.objects.get(title="Hot joint with fever")
    words = sentence("Fires when", flag.clauses.all())
    assert words == (
        "Fires when: “Danger signs in the leg: A joint that is hot, red and swollen”, and "
        "“Danger signs in the body: Fever, chills or feeling ill together with the leg pain”."
    )
    assert words in text(admin_client.get(url(RedFlag, "changelist")))
    assert words in text(admin_client.get(url(RedFlag, "change", flag.pk)))
    flag.clauses.all().delete()
    assert "It has no clause" in text(admin_client.get(url(RedFlag, "change", flag.pk)))


def test_several_answers_are_read_back_in_words() -> None:
    flag = RedFlag.objects.get(title="Hot joint with fever")
    clause = flag.clauses.first()
    clause.picks.set(Option.objects.filter(question__code="side"))
    a, b, c = (f"“{o.question.short}: {o.text}”" for o in Option.objects.filter(question__code="side"))
    assert sentence("Fires when", [clause]) == f"Fires when: {a}; {b} or {c}."
    clause.at_least = 2
    assert sentence("Fires when", [clause]) == f"Fires when: at least 2 of ({a}; {b}; {c})."


def test_there_is_one_row_of_numbers(admin_client: Client) -> None:
    row = ModelSettings.objects.get()
    assert admin_client.get(url(ModelSettings, "add")).status_code == 403
    assert admin_client.post(url(ModelSettings, "delete", row.pk), {"post": "yes"}).status_code == 403
    fields = set(admin_client.get(url(ModelSettings, "change", row.pk)).context["adminform"].form.fields)
    assert fields == set(row.as_dict())
    row.delete()
    assert admin_client.get(url(ModelSettings, "add")).status_code == 200


# --- vignettes --------------------------------------------------------------------------------------------


def test_a_vignette_is_written_line_by_line(admin_client: Client) -> None:
    longest = max(Vignette.objects.all(), key=lambda v: len(v.answers))
    assert len(longest.answers) > 12
    address = url(Vignette, "change", longest.pk)
    page = admin_client.get(address)
    assert longest.answers[0] in text(page)
    for answers, words in (
        ("site", "is not of the form"),
        ("nowhere: x", "unknown question"),
        ("site: nowhere", "unknown option"),
        ("site: calf\n" * 101, "Use at most 100 lines"),
        ("site: calf\x00", "cannot be printed"),
    ):
        answer = admin_client.post(address, sent(page, answers=answers))
        assert answer.status_code == 200, answers
        assert words in text(answer), answers
    lines = "\r\n".join([*longest.answers[:12], "", *longest.answers[12:]])
    assert admin_client.post(address, sent(page, answers=lines, summary="Told anew.")).status_code == 302
    told = Vignette.objects.get(pk=longest.pk)
    assert (told.answers, told.summary) == (longest.answers, "Told anew.")


# --- releases ---------------------------------------------------------------------------------------------


def test_publishing_makes_the_next_release_once(
    weaker: Evidence, admin_client: Client, admin_user: User, django_capture_on_commit_callbacks: Any
) -> None:
    assert "The draft differs from Release 1" in text(admin_client.get(url(Release, "changelist")))
    assert "The draft differs from Release 1" in text(admin_client.get(PUBLISH))
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.post(PUBLISH, {"changes": "One row is weaker."})
    assert answer.status_code == 302
    assert said(answer) == ["Release 2 is published."]
    release = Release.objects.get(number=2)
    assert (release.published_by, release.changes) == (admin_user, "One row is weaker.")
    assert releases.current().number == 2
    again = admin_client.post(PUBLISH, {"changes": "Again."}, follow=True)
    assert "Nothing to publish. Release 2 holds this already." in text(again)
    assert Release.objects.count() == 2
    page = text(admin_client.get(url(Release, "changelist")))
    assert "The draft is the same as Release 2" in page
    assert ">current<" in page
    assert ">earlier<" in page
    assert "Published." in text(admin_client.get(url(Release, "history", release.pk)))


def test_publishing_asks_what_changed(weaker: Evidence, admin_client: Client) -> None:
    for changes in ("", "   ", "x" * 2001, "\x00"):
        answer = admin_client.post(PUBLISH, {"changes": changes})
        assert answer.status_code == 200
        assert "errorlist" in text(answer)
    assert Release.objects.count() == 1


def test_an_unsound_draft_is_not_published(admin_client: Client) -> None:
    flag = RedFlag.objects.first()
    flag.clauses.all().delete()
    Condition.objects.filter(slug="calf-strain").delete()
    problem = f"red flag {flag.code}: has no clause, and would always fire"
    for address in (url(Release, "changelist"), PUBLISH, DIFFERENCES):
        page = admin_client.get(address)
        assert page.status_code == 200
        assert problem in text(page)
    answer = admin_client.post(PUBLISH, {"changes": "An unsound rule."})
    assert answer.status_code == 200
    assert said(answer)[1] == problem
    assert text(answer).lower().count(problem) == 1
    assert "An unsound rule." in text(answer)
    assert Release.objects.count() == 1


def test_a_finding_without_an_article_is_not_published(admin_client: Client) -> None:
    Condition.objects.filter(slug="calf-strain").delete()
    answer = admin_client.post(PUBLISH, {"changes": "No article."})
    assert said(answer)[1:] == ["finding calf-strain: has no published article"]
    assert Release.objects.count() == 1


def test_publishing_needs_the_token_of_the_form(weaker: Evidence, admin_user: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)
    assert strict.post(PUBLISH, {"changes": "x"}).status_code == 403
    assert 'name="csrfmiddlewaretoken"' in text(strict.get(PUBLISH))
    assert Release.objects.count() == 1


def test_the_page_of_differences_names_rows(weaker: Evidence, admin_client: Client) -> None:
    Question.objects.filter(code="side").update(text="Which of the legs hurts?")
    Option.objects.filter(question__code="side", code="left").update(text="The left leg")
    Evidence.objects.filter(finding__slug="muscle-cramp").first().delete()
    flag = RedFlag.objects.order_by("pk").last()
    flag.title = "A new <b>title</b>"
    flag.save()
    ModelSettings.objects.update(max_questions=33)
    page = admin_client.get(DIFFERENCES)
    sections = {section.title: section for section in page.context["sections"]}
    assert list(sections) == ["Questions", "Evidence", "Red flags", "Numbers of the model"]
    [changed] = sections["Evidence"].changed
    assert [(d.name, d.before, d.after) for d in changed.details] == [("says", "strong for", "moderate for")]
    assert len(sections["Evidence"].removed) == 1
    assert "Which of the legs hurts?" in text(page)
    assert "A new &lt;b&gt;title&lt;/b&gt;" in text(page)
    assert "33" in text(page)


def test_the_differences_of_added_and_moved_rows() -> None:
    old = releases.draft_snapshot()
    new = json.loads(json.dumps(old))
    assert differences.between(old, new) == ()
    new["questions"].reverse()
    new["evidence"][0]["finding"] = "elsewhere"
    new["red_flags"][0]["clauses"][0]["at_least"] = 1
    for row in new["evidence"][5:300]:
        row["note"] = "changed"
    sections = {section.title: section for section in differences.between(old, new)}
    assert sections["Questions"].reordered
    assert not sections["Questions"].changed
    assert len(sections["Evidence"].added) == len(sections["Evidence"].removed) == 1
    assert len(sections["Evidence"].changed) == differences.MAX_ROWS
    assert sections["Evidence"].more == 295 - differences.MAX_ROWS


def test_no_difference_is_said_to_be_none(admin_client: Client) -> None:
    page = admin_client.get(DIFFERENCES)
    assert page.context["sections"] == ()
    assert "There is nothing to publish." in text(page)


def test_the_snapshot_is_downloaded_as_it_is(admin_client: Client) -> None:
    release = Release.objects.get()
    answer = admin_client.get("/admin/assessment/release/1/snapshot.json")
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"].startswith('attachment; filename="release-1-')
    assert hashlib.sha256(answer.content).hexdigest() == release.sha256
    for number in ("2", "9" * 30):
        assert admin_client.get(f"/admin/assessment/release/{number}/snapshot.json").status_code == 404


def test_a_release_is_withdrawn_with_a_reason(
    weaker: Evidence, admin_client: Client, admin_user: User
) -> None:
    admin_client.post(PUBLISH, {"changes": "One row is weaker."})
    address = "/admin/assessment/release/2/withdraw/"
    assert admin_client.get(address).status_code == 200
    for reason in ("", " \n ", "x" * 301, "\x00"):
        answer = admin_client.post(address, {"reason": reason})
        assert answer.status_code == 200
        assert "errorlist" in text(answer)
    assert admin_client.post(address, {"reason": "A wrong strength."}).status_code == 302
    release = Release.objects.get(number=2)
    assert (release.withdrawn_by, release.withdrawn_reason) == (admin_user, "A wrong strength.")
    page = text(admin_client.get(url(Release, "changelist")))
    assert "withdrawn: A wrong strength." in page
    assert "The draft differs from Release 1" in page
    again = admin_client.post(address, {"reason": "Once more."}, follow=True)
    assert "Release 2 is withdrawn already." in text(again)
    assert address not in text(admin_client.get(url(Release, "change", release.pk)))


def test_the_only_release_is_not_withdrawn(admin_client: Client) -> None:
    answer = admin_client.post("/admin/assessment/release/1/withdraw/", {"reason": "None left."})
    assert "This is the only release in use." in text(answer)
    assert Release.objects.get().withdrawn_at is None
    for number in ("7", "9" * 30):
        assert admin_client.get(f"/admin/assessment/release/{number}/withdraw/").status_code == 404


def test_a_release_is_never_edited(admin_client: Client) -> None:
    release = Release.objects.get()
    page = admin_client.get(url(Release, "change", release.pk))
    assert not page.context["adminform"].form.fields
    assert "36 questions, 47 conditions, 9 causes" in text(page)
    assert admin_client.post(url(Release, "change", release.pk), {"number": 9}).status_code == 403
    assert admin_client.post(url(Release, "delete", release.pk), {"post": "yes"}).status_code == 403
    assert admin_client.get(url(Release, "add")).status_code == 403
    action = {"action": "delete_selected", "_selected_action": release.pk, "post": "yes"}
    admin_client.post(url(Release, "changelist"), action)
    assert Release.objects.get().sha256 == release.sha256


def test_the_pages_of_releases_ask_little(
    weaker: Evidence, admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    for address in (PUBLISH, DIFFERENCES):
        with django_assert_max_num_queries(35):
            assert admin_client.get(address).status_code == 200


def test_a_site_without_a_release_is_told_so(admin_client: Client) -> None:
    Release.objects.update(withdrawn_at=timezone.now(), withdrawn_reason="None is good.")
    assert "No release is in use." in text(admin_client.get(url(Release, "changelist")))
    assert admin_client.get(DIFFERENCES).status_code == 200


# --- who may do what --------------------------------------------------------------------------------------


def test_staff_without_permission_is_turned_away(weaker: Evidence, staff: Callable[..., Client]) -> None:
    client = staff()
    for model in MODELS:
        assert client.get(url(model, "changelist")).status_code == 403
        assert client.get(url(model, "change", model.objects.first().pk)).status_code == 403
    release = "/admin/assessment/release/"
    for page in ("publish/", "differences/", "1/withdraw/", "1/snapshot.json"):
        assert client.get(release + page).status_code == 403
        assert client.post(release + page, {"changes": "x", "reason": "x"}).status_code == 403
    assert client.get(reverse("admin:assessment_option_answers")).status_code == 403
    assert Release.objects.filter(withdrawn_at=None).count() == 1


def test_a_reader_reads_releases_and_does_nothing(weaker: Evidence, staff: Callable[..., Client]) -> None:
    client = staff("view_release")
    page = text(client.get(url(Release, "changelist")))
    assert PUBLISH not in page
    assert DIFFERENCES in page
    assert client.get("/admin/assessment/release/1/snapshot.json").status_code == 200
    assert client.get("/admin/assessment/release/1/withdraw/").status_code == 403
    assert client.post(PUBLISH, {"changes": "x"}).status_code == 403
    assert Release.objects.count() == 1


def test_publishing_and_withdrawing_are_two_rights(weaker: Evidence, staff: Callable[..., Client]) -> None:
    client = staff("add_release")
    assert client.post(PUBLISH, {"changes": "x"}).status_code == 302
    assert Release.objects.count() == 2
    assert client.post("/admin/assessment/release/2/withdraw/", {"reason": "x"}).status_code == 403
    client.logout()
    user = User.objects.create_user("wim", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_release"))
    client.force_login(user)
    assert client.post("/admin/assessment/release/2/withdraw/", {"reason": "x"}).status_code == 302
    assert client.get(PUBLISH).status_code == 403


def test_who_may_change_a_question_may_change_its_answers(staff: Callable[..., Client]) -> None:
    client = staff("change_question", "view_question")
    question = Question.objects.get(code="side")
    address = url(Question, "change", question.pk)
    page = client.get(address)
    data = sent(page, **{"options-0-text": "Left, I think"})
    assert client.post(address, data).status_code == 302
    assert question.options.first().text == "Left, I think"
    assert client.get(url(Question, "add")).status_code == 403


def test_who_may_only_see_a_finding_changes_nothing(staff: Callable[..., Client]) -> None:
    client = staff("view_finding")
    finding = Finding.objects.get(slug="calf-strain")
    page = client.get(url(Finding, "change", finding.pk))
    assert page.status_code == 200
    assert client.post(url(Finding, "change", finding.pk), {"prior": "1"}).status_code == 403
    assert FindingLink.objects.filter(condition=finding).exists()


def test_strangers_are_asked_to_log_in(client: Client) -> None:
    for address in (url(Question, "changelist"), PUBLISH, "/admin/assessment/release/1/snapshot.json"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


def test_own_pages_have_nothing_inline(weaker: Evidence, admin_client: Client) -> None:
    for address in (
        url(Release, "changelist"),
        PUBLISH,
        DIFFERENCES,
        "/admin/assessment/release/1/withdraw/",
    ):
        page = text(admin_client.get(address))
        assert not re.search(r"<style\b|<[^>]*\s(style|on[a-z]+)\s*=", page)
        assert all("src=" in script for script in re.findall(r"<script\b[^>]*>", page))
