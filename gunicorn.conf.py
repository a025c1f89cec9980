"""How gunicorn serves the site. What may differ between machines is in docs/settings.md."""

import os
from pathlib import Path

from legpain_site.logs import formatters

wsgi_app = "legpain_site.wsgi"
bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or min(4, os.cpu_count() or 1))
threads = 4
timeout = 30
graceful_timeout = 20
# Workers are renewed now and then, not all at once, so that a slow leak never matters.
max_requests = 20_000
max_requests_jitter = 2_000
# Where the workers' heartbeat files lie: memory, so that a busy disk never makes a worker look dead, and a
# read-only container has a place for them.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
# The site writes its own line per request, without answers; gunicorn's would show the address as it was asked.
accesslog = None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": formatters(),
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "redacting"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}


def when_ready(server):
    """Say where the site is, once it listens."""
    for listener in server.LISTENERS:
        server.log.info("The site is at %s/ (Ctrl-C stops it)", listener)
