# The same site as `python3 run.py`, as a small image that runs without root and with a read-only root folder:
#
#   docker build -t legs .
#   docker run --read-only --tmpfs /tmp -p 8000:8000 \
#     -e SECRET_KEY=... -e ALLOWED_HOSTS=legs.example -e DATABASE_URL=postgres://... -e RUN_MIGRATIONS=1 legs
#
# All settings: docs/settings.md. For a deployment, pin the base image by its digest.

FROM python:3.11-slim AS build
ENV PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-input --require-hashes -r requirements.lock
COPY . .
# The key is for this step only and protects nothing; the file list needs one to load the settings.
RUN SECRET_KEY="only while the image is built: 0123456789 abcdefghij" \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && /venv/bin/python -m compileall -q /app /venv/lib

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=legpain_site.settings \
    PATH=/venv/bin:$PATH \
    VAR_DIR=/var/lib/legs
RUN groupadd --gid 10001 legs \
    && useradd --uid 10001 --gid legs --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin legs \
    && install -d -o legs -g legs -m 750 /var/lib/legs
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
# SQLite and the local key, when no DATABASE_URL and SECRET_KEY are given.
VOLUME /var/lib/legs
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["/bin/sh", "/app/docker-entry.sh"]
CMD ["python", "-m", "gunicorn", "--config", "gunicorn.conf.py", "--bind", "0.0.0.0:8000"]
