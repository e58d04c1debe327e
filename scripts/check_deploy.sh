#!/usr/bin/env bash
# Django's deployment checks under production settings, with safe values made up for the occasion.
set -euo pipefail
cd "$(dirname "$0")/.."
random() { head -c "$1" /dev/urandom | base64 -w0; }
env DJANGO_SETTINGS_MODULE=config.settings.prod \
    SECRET_KEY="$(random 64)" \
    MASTER_KEY="$(random 32)" \
    AUDIT_SIGNING_KEY="$(random 32)" \
    DATABASE_URL=postgresql://mithaq_app@db.example/mithaq \
    DATABASE_OWNER_URL=postgresql://mithaq_owner@db.example/mithaq \
    REDIS_URL=redis://cache.example \
    MITHAQ_ALLOWED_HOSTS=collections.example \
    MITHAQ_PUBLIC_URL=https://collections.example \
    .venv/bin/python manage.py check --deploy --fail-level WARNING
