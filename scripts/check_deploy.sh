#!/usr/bin/env bash
# Django's deployment checks under production settings, with safe values made up for the occasion.
set -euo pipefail
cd "$(dirname "$0")/.."
export SECRET_KEY MASTER_KEY
SECRET_KEY=$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')
MASTER_KEY=$(.venv/bin/python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')
MITHAQ_ALLOWED_HOSTS=collections.example MITHAQ_DEMO=no DJANGO_SETTINGS_MODULE=config.settings.prod \
    .venv/bin/python manage.py check --deploy --fail-level WARNING
