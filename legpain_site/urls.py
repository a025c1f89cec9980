"""The routes of the site. /healthz and /readyz are answered by legpain_site.health before they get here."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

handler400 = "legpain_site.errors.bad_request"
handler403 = "legpain_site.errors.permission_denied"
handler404 = "legpain_site.errors.page_not_found"
handler500 = "legpain_site.errors.server_error"

admin.site.site_header = "Why do my legs hurt? For editors"
admin.site.site_title = "Editors"
admin.site.index_title = "What would you like to work on?"

urlpatterns = [path("admin/", admin.site.urls)]

# Each of the two writes its full paths: "causes/", "assessment/<str:token>/", "get-help/".
for room in ("assessment", "content"):
    if find_spec(f"{room}.urls"):
        urlpatterns.append(path("", include(f"{room}.urls")))
if find_spec("assessment.views"):
    from assessment import views

    if hasattr(views, "home"):
        urlpatterns.append(path("", views.home, name="home"))
