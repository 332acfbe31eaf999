# One word to run, one to test. Needs python3 (3.11 or later), make and nothing else.

VENV   := .venv
PYTHON := $(VENV)/bin/python
FLASK  := $(PYTHON) -m flask --app app
PIP    := $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes
UV     := uv==0.13.9
PIN     = $(VENV)/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header $(ARGS)
HOST   ?= 127.0.0.1
PORT   ?= 8000

.DEFAULT_GOAL := help
.PHONY: help install run test faults soak bench speed check audit pins picture screenshots
.DELETE_ON_ERROR:

help: ## What one can say here
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/run.stamp ## Install what it needs, and nothing else

run: $(VENV)/run.stamp ## Set everything up, then serve on http://127.0.0.1:8000 (HOST, PORT); Ctrl-C stops it
	@$(FLASK) migrate
	@if [ "$$SONOFOLIO_ENV" != production ]; then $(FLASK) seed-demo --if-empty; fi
	@echo "Sonofolio is on http://$(HOST):$(PORT)  (Ctrl-C stops it)"
	@HOST='$(HOST)' PORT='$(PORT)' MALLOC_ARENA_MAX=1 $(FLASK) work --beside $$$$ & \
		HOST='$(HOST)' PORT='$(PORT)' exec $(PYTHON) serve.py

test: $(VENV)/test.stamp ## Run every test, on SQLite and PostgreSQL (ARGS="-k sector" for some, --database sqlite for one)
	@$(PYTHON) -m scripts.chromium
	@$(PYTHON) -m scripts.postgres
	@$(PYTHON) -m pytest -n auto --dist worksteal --durations 20 $(ARGS)

.PHONY: test-fast
test-fast: $(VENV)/test.stamp ## Rules, workflows and pages on SQLite, in a minute: no browser, kills, tours of every route, slow tests
	@$(PYTHON) -m pytest -n auto --dist worksteal --database sqlite -m "not faults and not slow" \
		$(addprefix --ignore tests/,browser faults security demo) $(ARGS)

faults: $(VENV)/test.stamp ## The long fault and race runs, in full
	@$(PYTHON) -m scripts.postgres
	@SONOFOLIO_FAULTS=full $(PYTHON) -m pytest -m "faults or hypothesis or sample or both_in_full" $(ARGS)

soak: $(VENV)/test.stamp ## A course at work, a worker killed each minute: memory, log, answers (ARGS="--minutes 20")
	@$(PYTHON) -m tests.faults.soak $(ARGS)

bench: $(VENV)/test.stamp ## What it costs beside a bare Flask, into docs/performance.md (ARGS="--sizes 6000", --help)
	@$(PYTHON) -m bench $(ARGS)

speed: $(VENV)/test.stamp ## How quick it is in the hand, and Lighthouse, into docs/performance.md
	@$(PYTHON) -m scripts.chromium
	@$(PYTHON) -m bench.speed

check: $(VENV)/test.stamp ## Formatter, linter, templates, types, the ASVS sheet, the SBOM, known faults in what we depend on
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/djlint --lint --quiet templates
	$(VENV)/bin/mypy
	@$(PYTHON) -m scripts.asvs
	@$(PYTHON) -m scripts.sbom
	@$(MAKE) --no-print-directory audit

audit: $(VENV)/bin/uv
	@$(PYTHON) -m scripts.audit

pins: $(VENV)/bin/uv ## Write requirements*.txt from requirements*.in, with hashes (ARGS=--upgrade for newer ones)
	$(PIN) -o requirements.txt requirements.in
	$(PIN) -o requirements-dev.txt requirements-dev.in

.PHONY: sbom
sbom: $(VENV)/test.stamp ## Write docs/sbom.cdx.json, what the product is made of, from the pins and the vendored files
	@$(PYTHON) -m scripts.sbom --write

picture: $(VENV)/test.stamp ## Take docs/picture.png from the running product
	@$(PYTHON) -m scripts.picture

screenshots: $(VENV)/test.stamp ## Take static/screenshots/, which a browser shows before it installs
	@$(PYTHON) -m scripts.screenshots

# A stamp is newer than the pins that it was installed from, so nothing is installed twice.
$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/pip
	@echo "Installing what Sonofolio needs ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing what the tests need ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(VENV)/bin/pip:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Sonofolio needs Python 3.11 or later; python3 is $$(python3 -V 2>&1)."; exit 1; }
	@python3 -m venv $(VENV) || { echo "python3 cannot make $(VENV). Debian, Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/bin/uv: | $(VENV)/bin/pip
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check $(UV)
