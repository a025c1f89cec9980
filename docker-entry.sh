#!/bin/sh
# Brings the database up to date when RUN_MIGRATIONS=1 (set it on one machine only), then becomes the command.
set -eu
if [ "${RUN_MIGRATIONS:-0}" = "1" ]; then
    python manage.py migrate --noinput --verbosity 0
    python manage.py bootstrap
fi
exec "$@"
