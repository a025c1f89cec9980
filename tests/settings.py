"""The site's own settings, read from a fixed environment, so that a test run is the same on every machine."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTED = re.findall(
    r"^\| `([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE
)
ENVIRONMENT = {
    "SECRET_KEY": "a key for tests only, of no worth to anybody: 0123456789",
    "DATABASE_URL": "sqlite://:memory:",
    "LIVE_REFRESH_SECONDS": "0",
    "LOG_LEVEL": "INFO",
    "VAR_DIR": str(ROOT / "var" / "tests"),
    "STATIC_ROOT": str(ROOT / "var" / "tests" / "static"),
}

# What a developer has exported for the site must not reach the tests.
for name in DOCUMENTED:
    os.environ.pop(name, None)
os.environ.update(ENVIRONMENT)

from legpain_site.settings import *
from legpain_site.settings import STATIC_ROOT, STORAGES

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# No collectstatic before the tests: names without a hash. The browser tests use the real storage.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; of no worth outside tests
