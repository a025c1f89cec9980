"""The settings of the site, all from the environment, safe when nothing is set. docs/settings.md is their table."""

from __future__ import annotations

import os
from pathlib import Path

from legpain_site.env import Reader
from legpain_site.headers import CONTENT_SECURITY_POLICY  # noqa: F401 (django-csp reads it)
from legpain_site.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = Reader(os.environ)

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
"""What the site itself writes: the local database and the local secret key."""

# --- who may ask, and how -----------------------------------------------------------------------------
DEBUG = env.flag("DEBUG")
HTTPS = env.flag("HTTPS")
"""True when runners reach the site by https: then cookies are secure, http is redirected, and HSTS is sent."""
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", LOCAL_HOSTS)
# A site that answers only to this machine's own names, without https, is somebody trying it out. Anything
# else is in earnest, and must be given its key: one made here would differ between machines.
IS_LOCAL = not HTTPS and set(ALLOWED_HOSTS) <= set(LOCAL_HOSTS)
SECRET_KEY = env.secret_key("SECRET_KEY", local=IS_LOCAL, kept_in=VAR_DIR / "secret-key")
SECRET_KEY_FALLBACKS = env.listing("SECRET_KEY_FALLBACKS")
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
if DEBUG and not IS_LOCAL:
    env.problem("DEBUG is on for a site that is open to others, and would show its insides. Set DEBUG=0.")
if "*" in ALLOWED_HOSTS:
    env.problem(
        "ALLOWED_HOSTS holds '*'. Name the site's own hosts: ALLOWED_HOSTS=legs.example,www.legs.example"
    )

SECURE_SSL_REDIRECT = HTTPS
HSTS_SECONDS = int(env.number("HSTS_SECONDS", 31_536_000, least=0, most=126_144_000))
SECURE_HSTS_SECONDS = HSTS_SECONDS if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS")
SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains is the choice of whoever owns them: HSTS_SUBDOMAINS
    "security.W021",  # preload lists are joined by the owner of the whole domain, and hard to leave
]

# Only the staff has cookies, so they may be as strict as can be. `__Host-` ties them to this host and https.
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "legpain_site.errors.csrf_failure"
# One less cookie than the default, which tries a cookie first.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- what it is made of -------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "content",
    "assessment",
    "legpain_site",
]

# Sessions, log-ins, messages and CSRF are for the admin. They are lazy: as long as a public view touches none
# of them, no cookie is set and no `Vary: Cookie` is sent (tests/site/test_headers.py).
MIDDLEWARE = [
    "legpain_site.logs.RequestLogMiddleware",
    "legpain_site.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "legpain_site.health.HealthMiddleware",  # before any check of hosts: probes ask by address
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "legpain_site.urls"
WSGI_APPLICATION = "legpain_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",  # lazy; the admin needs it
                "django.contrib.messages.context_processors.messages",  # lazy; the admin needs it
                "legpain_site.context.site",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",  # memory-hard, and in the standard library
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# An editor's form with a row per option of every question is longer than Django's 1000 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- the database -------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # Readers never wait for a writer; a writer takes its turn at the start of its transaction
        # instead of failing in the middle of it, and waits up to `timeout` seconds for that turn.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Runners in mid-assessment need no database, so nobody should wait long for one that is gone.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LIVE_REFRESH_SECONDS = env.number("LIVE_REFRESH_SECONDS", 3, least=0, most=3600)
"""How often each process looks whether content or release has changed; 0 turns the look-out off."""

# --- words, times, files ------------------------------------------------------------------------------
EMERGENCY_NUMBER = env.text("EMERGENCY_NUMBER", "999 or 112")
if not any(character.isdigit() for character in EMERGENCY_NUMBER):
    env.problem(
        "EMERGENCY_NUMBER holds no number. Set it to what people should call, such as EMERGENCY_NUMBER=112"
    )
LANGUAGE_CODE = "en-gb"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG  # no collectstatic while working on the site
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

LOGGING = logging_settings(env.text("LOG_LEVEL", "INFO").upper(), env)

env.finish()
