"""The addresses of the walk and of the pages beside it."""

from __future__ import annotations

from django.urls import path

from assessment import accuracy_page, views

urlpatterns = [
    path("assessment/", views.start, name="assessment"),
    path("assessment/<str:token>/", views.step, name="assessment_step"),
    path("assessment/<str:token>/review/", views.review, name="assessment_review"),
    path("assessment/<str:token>/result/", views.result, name="assessment_result"),
    path("assessment/<str:token>/change/<slug:code>/", views.change, name="assessment_change"),
    path("assessment/<str:token>/back/", views.back, name="assessment_back"),
    path("assessment/<str:token>/resume/", views.resume, name="assessment_resume"),
    path("assessment/<str:token>/more/", views.more, name="assessment_more"),
    path("assessment/<str:token>/go-on/", views.go_on, name="assessment_go_on"),
    path("get-help/", views.get_help, name="get_help"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("accuracy/", accuracy_page.page, name="accuracy"),
    path("how-it-works/", views.how_it_works, name="how_it_works"),
]
