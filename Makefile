# Two commands: `make run` and `make test`. Everything they need, they make; nothing outside the checkout but Debian packages.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PORT ?= 8000
SIZE ?= small
PY := .venv/bin/python
export DJANGO_SETTINGS_MODULE ?= config.settings.dev

.PHONY: help setup run test e2e lint fmt services-up services-down demo bench shell messages clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

setup:  ## virtual environment, locked dependencies, style and icons, system libraries
	@python3 scripts/setup.py

services-up: setup  ## the checkout's own PostgreSQL and Redis, roles and .local/env
	@python3 scripts/services.py up

services-down:  ## stop them
	@python3 scripts/services.py down

messages: setup  ## merge and compile the translations
	@$(PY) scripts/messages.py

run: messages  ## serve: web, worker and beat, with demo data the first time (PORT=8000)
	@exec $(PY) scripts/run.py --port $(PORT)

demo: services-up messages  ## demo data (SIZE=small|large)
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py demo --size $(SIZE)

test: services-up messages  ## the test suite, against the real PostgreSQL and Redis
	@DJANGO_SETTINGS_MODULE=config.settings.test .venv/bin/pytest -n 2 --dist loadfile -m "not e2e"

e2e: services-up messages  ## journeys in a real browser
	@DJANGO_SETTINGS_MODULE=config.settings.test .venv/bin/pytest -n 2 --dist loadfile -m e2e tests/e2e

lint: services-up messages  ## style, types, layers, migrations, deployment checks
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@$(PY) manage.py makemigrations --check --dry-run
	@bash scripts/check_deploy.sh

fmt: setup  ## format
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: services-up messages  ## measured speeds against plain SQL, appended to docs/measurements/
	@DJANGO_SETTINGS_MODULE=config.settings.test .venv/bin/python -m benchmarks

shell: services-up  ## Django's shell
	@$(PY) manage.py shell

clean: services-down  ## remove everything that was made here
	rm -rf .venv .local node_modules
