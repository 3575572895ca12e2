# Two commands do everything on a fresh machine with Python 3.11 or newer: `make demo` and `make test`.
# They keep to a virtual environment of their own (.venv), or to the one that is active.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= $(if $(VIRTUAL_ENV),$(VIRTUAL_ENV),.venv)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Where there is uv, it installs: the same locks, held to the same hashes, in a tenth of the time.
UV ?= uv
# How many tests run side by side.
WORKERS ?= auto
NODE := $(if $(WAYMARK_TEST_NODE),$(WAYMARK_TEST_NODE),build/node)

# Twilio's own description of its API and its own calculator, and what judges the pages: for the tests alone.
NODE_PACKAGES := @stoplight/prism-cli@5.14.2 axe-core@4.14.1 sms-segments-calculator@1.3.0
# Of this one the description alone is read: not one of the 230 packages it would run with.
NODE_DESCRIPTION := @twilio/cli-core@8.3.2

# The rules of the DfE's collection as others wrote them down: for the tests alone, in an environment of its own, since it
# wants old versions of pandas and numpy, which no Python newer than 3.11 takes.
VALIDATOR := $(if $(WAYMARK_TEST_VALIDATOR),$(WAYMARK_TEST_VALIDATOR),build/validator)
VALIDATOR_PACKAGES := csc-validator-be-903==0.1.17 pandas==1.5.3 numpy==1.24.4

RUNS := $(VENV)/.waymark-runs
TESTS := $(VENV)/.waymark-tests

.PHONY: help demo test check check-code environment bench screenshots listening-report format node validator lock check-format check-lint check-types check-imports check-flows check-house

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "make %-16s %s\n", $$1, $$2}'

demo: $(RUNS) ## an invented service on this machine: no account, no network
	@$(BIN)/python -m bot demo $(ARGS)

test: $(TESTS) ## the whole suite; ARGS="tests/flows -k lock" for a part
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

check: check-code check-house ## format, lint, types, import contracts, flows and catalogues, house rules

# All but the rules that are tests: those run with the others.
check-code: check-types check-flows check-imports check-format check-lint

environment: $(TESTS) ## what the tests need from the lock, into the virtual environment

screenshots: $(TESTS) $(NODE)/.waymark ## every page on a telephone and a desk, by day and night, into build/pictures
	@WAYMARK_TEST_PICTURES=build/pictures WAYMARK_TEST_NODE=$(NODE) $(BIN)/python -m pytest --quiet -n0 tests/browser/test_desk.py tests/browser/test_record.py tests/browser/test_access.py $(ARGS)

bench: $(TESTS) ## how fast it is, beside its limits and its peers
	@$(BIN)/python -m tests.bench $(ARGS)

catalogues: $(TESTS) ## the texts of now into every catalogue; what is translated and signed stays
	@$(BIN)/python -m tests.locales.writing

listening-report: $(TESTS) ## what listening hears of the labelled corpus; ARGS="--ordinary DIR" adds everyday text
	@$(BIN)/python -m tests.listening.report $(ARGS)

format: $(TESTS) ## lay the code out and mend what can be mended
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

node: $(NODE)/.waymark ## the tests' tools from npm, into build/node

validator: $(VALIDATOR)/.waymark ## the DfE's rules for the tests, into build/validator

lock: ## read the newest fitting versions into the locks (needs uv)
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	    --extra postgres --extra ics --extra oidc --extra xlsx --extra pdf --extra sentences --output-file requirements.lock pyproject.toml
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	    --extra postgres --extra ics --extra oidc --extra xlsx --extra pdf --extra sentences --group dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

check-format: $(TESTS)
	$(BIN)/ruff format --check .

check-lint: $(TESTS)
	$(BIN)/ruff check .

check-types: $(TESTS)
	$(BIN)/mypy

check-imports: $(TESTS)
	$(BIN)/lint-imports --no-logo

check-flows: $(TESTS)
	$(BIN)/python -m bot check

check-house: $(TESTS)
	$(BIN)/python -m pytest --quiet tests/test_house.py tests/test_architecture.py $(wildcard tests/test_docs.py)

# --- the virtual environment: made once, brought up to its lock when the lock has changed ---

$(BIN)/python:
	@set -e; \
	for each in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	    if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo 'Waymark needs Python 3.11 or newer, and found none: install python3, or name one: make PYTHON=...' >&2; exit 2; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$python cannot make a virtual environment: apt-get install python3-venv" >&2; exit 2; \
	fi; \
	"$$python" -m venv $(VENV)

$(RUNS): requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements.lock)
	@touch $@

$(TESTS): requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements-dev.lock)
	@touch $@ $(RUNS)

define install
	@if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	    echo 'The environment in $(VENV) has no working Python 3.11 or newer: remove it and run make again' >&2; exit 2; \
	fi
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@echo 'Installing what stands in $(1) into $(VENV): once, about a minute'
	@{ command -v $(UV) >/dev/null && $(UV) pip install --quiet --require-hashes --python $(BIN)/python -r $(1); } \
	    || $(PIP) install --require-hashes -r $(1)
	@{ command -v $(UV) >/dev/null && $(UV) pip install --quiet --no-deps --python $(BIN)/python -e .; } \
	    || $(PIP) install --no-deps -e .
endef

# No install scripts: none of these needs what such a script would download.
$(NODE)/.waymark: Makefile
	@mkdir -p $(NODE)
	@npm install --prefix $(NODE) --ignore-scripts --no-audit --no-fund --no-save --loglevel error $(NODE_PACKAGES)
	@mkdir -p $(NODE)/node_modules/@twilio/cli-core
	@cd $(NODE) && packed=$$(npm pack --silent $(NODE_DESCRIPTION)) \
	    && tar -xzf "$$packed" -C node_modules/@twilio/cli-core --strip-components=1 && rm "$$packed"
	@touch $@

$(VALIDATOR)/.waymark: Makefile
	@set -e; \
	for each in $(or $(PYTHON),python3.11 python3.10 python3); do \
	    if "$$each" -c 'import sys; sys.exit(not (3, 9) <= sys.version_info < (3, 12))' 2>/dev/null; then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo 'The validator of the DfE rules needs Python 3.9 to 3.11, and found none: make validator PYTHON=python3.11' >&2; exit 2; \
	fi; \
	"$$python" -m venv $(VALIDATOR)
	@$(UV) pip install --quiet --python $(VALIDATOR)/bin/python $(VALIDATOR_PACKAGES) 2>/dev/null \
	    || $(VALIDATOR)/bin/python -m pip --disable-pip-version-check --quiet install $(VALIDATOR_PACKAGES)
	@touch $@
