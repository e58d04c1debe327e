# Two commands: `make run` and `make test`. All they need, they make, inside the checkout; as root also Debian packages.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PORT ?= 8000
SIZE ?= small
EXAMPLES ?= 400
STEPS ?= 25
PY := .venv/bin/python
# The databases are made anew: what an interrupted run or an edited migration left would be believed otherwise.
PYTEST := DJANGO_SETTINGS_MODULE=config.settings.test .venv/bin/pytest -n 2 --dist worksteal --create-db
LOCK := .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links
export DJANGO_SETTINGS_MODULE ?= config.settings.dev

.PHONY: help setup run test e2e lint fmt services-up services-down demo bench bench-nights bench-figures bench-rollups bench-posting bench-import bench-orders bench-reports bench-complaints machine authority credit complaints kpis faults migrations shell messages lock reset clean

help:  ## what there is
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: messages  ## serve: web, worker and beat, with demo data the first time (PORT=8000)
	@exec $(PY) scripts/run.py --port $(PORT)

test: services-up messages  ## the test suite, against the real PostgreSQL and Redis (ARGS= for pytest)
	@$(PYTEST) -m "not e2e and not faults" $(ARGS)

e2e: services-up messages  ## journeys in a real browser
	@$(PYTEST) --dist loadfile -m e2e tests/e2e $(ARGS)

lint: services-up messages  ## style, types, layers, migrations, Arabic, templates, deployment checks
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PY) scripts/messages.py --check
	@$(PY) scripts/check_templates.py
	@bash scripts/check_deploy.sh

fmt: setup  ## format
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

setup:  ## virtual environment, locked dependencies, style and icons, system libraries
	@python3 scripts/setup.py

services-up: setup  ## the checkout's own PostgreSQL and Redis, roles and .local/env
	@python3 scripts/services.py up

services-down:  ## stop them
	@python3 scripts/services.py down

messages: setup  ## merge and compile the translations
	@$(PY) scripts/messages.py

demo: services-up messages  ## demo data (SIZE=small|large)
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) scripts/static_files.py
	@$(PY) manage.py demo --size $(SIZE)

bench: services-up messages  ## measured speeds against plain SQL, appended to docs/measurements/ (ARGS=--rows 200000)
	@$(PY) scripts/static_files.py
	@$(PY) -m benchmarks $(ARGS)

bench-nights: services-up messages  ## the night over large books beside a full scan by hand (ARGS=--rows 1000000)
	@$(PY) -m benchmarks.nights $(ARGS)

bench-figures: services-up messages  ## ageing of a past day beside the sum of the ledger (ARGS=--rows 1000000)
	@$(PY) -m benchmarks.figures $(ARGS)

bench-rollups: services-up messages  ## a night's counting of days over many clients beside one group-by (ARGS="--rows 1000000 --clients 500")
	@$(PY) -m benchmarks.rollups $(ARGS)

bench-posting: services-up messages  ## payments into a large book, on time and back-dated (ARGS=--rows 5000000)
	@$(PY) -m benchmarks.posting $(ARGS)

bench-import: services-up messages  ## an import beside the same work written by hand in SQL (ARGS=--rows 1000000)
	@$(PY) -m benchmarks.importing $(ARGS)

bench-orders: services-up messages  ## how long an order waits for its answer in a large portfolio (ARGS=--customers 100000)
	@$(PY) -m benchmarks.orders $(ARGS)

bench-reports: services-up messages  ## weekly reports on one and on two processes: seconds and memory (ARGS=--clients 40)
	@$(PY) -m benchmarks.reports $(ARGS)

bench-complaints: services-up messages  ## pages, figures and clocks of a large register of complaints (ARGS="--matters 100000")
	@$(PY) -m benchmarks.complaints $(ARGS)

machine: services-up messages  ## the book against its model, at length (EXAMPLES=, STEPS=); appended to docs/measurements/
	@MACHINE_EXAMPLES=$(EXAMPLES) MACHINE_STEPS=$(STEPS) DJANGO_SETTINGS_MODULE=config.settings.test .venv/bin/pytest -q -n 0 --create-db \
		tests/scenarios/test_machine.py tests/scenarios/test_arrival.py tests/scenarios/test_four_hundred_days.py \
		tests/scenarios/test_nightly.py $(ARGS)

authority: services-up messages  ## random lives of legal authorisations against an oracle (EXAMPLES=10000); appended to docs/measurements/
	@AUTHORITY_EXAMPLES=$(EXAMPLES) DJANGO_SETTINGS_MODULE=config.settings.test .venv/bin/pytest -q -n 0 --create-db \
		legal/tests/test_timelines.py $(ARGS)

credit: services-up messages  ## random lives of trade credit against its model (EXAMPLES=5000); appended to docs/measurements/
	@CREDIT_EXAMPLES=$(EXAMPLES) DJANGO_SETTINGS_MODULE=config.settings.test .venv/bin/pytest -q -n 0 --create-db \
		credit/tests/test_lives_random.py $(ARGS)

complaints: services-up messages  ## random lives of complaints, learning and disputes against their models (EXAMPLES=400)
	@COMPLAINTS_EXAMPLES=$(EXAMPLES) DJANGO_SETTINGS_MODULE=config.settings.test .venv/bin/pytest -q -n 2 --dist worksteal --create-db \
		complaints/tests/test_handling_sequences.py complaints/tests/test_learning_sequences.py complaints/tests/test_dispute_orders.py $(ARGS)

kpis: services-up messages  ## random lives of books and matters against the model of KPIs (EXAMPLES=400)
	@KPI_EXAMPLES=$(EXAMPLES) DJANGO_SETTINGS_MODULE=config.settings.test .venv/bin/pytest -q -n 2 --dist worksteal --create-db \
		reporting/tests/test_kpi_lives.py reporting/tests/test_kpi_matters.py $(ARGS)

faults: setup messages  ## kill workers and PostgreSQL at named points, on servers of its own; appended to docs/measurements/
	@$(PY) -m tests.faults $(ARGS)

migrations: services-up  ## is a new database the same with and without fastmig (a minute)
	@$(PY) scripts/check_migrations.py

shell: services-up  ## Django's shell
	@$(PY) manage.py shell

lock: setup  ## resolve requirements*.in anew into the locks with hashes (ARGS=--upgrade for newer versions)
	@$(LOCK) $(ARGS) requirements.in -o requirements.txt
	@$(LOCK) $(ARGS) requirements-servers.in -o requirements-servers.txt

reset: services-down  ## begin anew with an empty database
	rm -rf .local/postgres .local/redis .local/media

clean: services-down  ## remove everything that was made here
	rm -rf .venv .local node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
