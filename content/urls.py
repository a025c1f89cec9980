"""The addresses of the articles."""

from django.urls import path

from content import views

urlpatterns = [
    path("causes/", views.cause_list, name="cause_list"),
    path("causes/<slug:slug>/", views.cause, name="cause"),
    path("conditions/", views.condition_list, name="condition_list"),
    path("conditions/<slug:slug>/", views.condition, name="condition"),
    path("tips/", views.tip_list, name="tip_list"),
    path("tips/<slug:slug>/", views.tip, name="tip"),
    path("faq/", views.faq, name="faq"),
    path("search/", views.search, name="search"),
    path("preview/<str:kind>/<slug:slug>/", views.article_preview, name="article_preview"),
]
