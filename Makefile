# The two commands that do everything on a fresh machine: make run, make test. `make help` names the others.

VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
PORT ?= 8000
export PLENARY_HOME ?= $(CURDIR)/var
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help run test test-all test-postgres needs check lint types contracts migrations smoke messages screenshots picture docs lock clean
.NOTPARALLEL:

help:  ## what can be made here
	@sed -n 's/^\([a-z][a-z-]*\):.*##  *\(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do \
	  printf '  make %-14s %s\n' "$$name" "$$what"; done

run: $(VENV)/.runtime  ## set up the demonstration once, then serve it
	@$(BIN)/plenary demo --port $(PORT)

test: $(VENV)/.dev  ## the test suite on SQLite, with the browser where there is one; says what was left out
	@$(BIN)/pytest -m "not smoke" $(ARGS)

test-all: needs test test-postgres  ## the suite on SQLite and on PostgreSQL, and in the browser: demands all of it

test-postgres: $(VENV)/.dev  ## the suite on a PostgreSQL that is started for it and thrown away (what asks no database left out)
	@$(BIN)/python -m tests.postgres $(BIN)/pytest -m "not smoke and not browser" --ignore src/opinion $(ARGS)

needs:  ## is everything here that test-all demands?
	@$(PYTHON) tests/needs.py

check: lint types contracts migrations  ## everything that is not a test

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

types: $(VENV)/.dev
	@$(BIN)/mypy

contracts: $(VENV)/.dev
	@$(BIN)/lint-imports

migrations: $(VENV)/.dev
	@$(BIN)/plenary manage makemigrations --check --dry-run

smoke: $(VENV)/.dev  ## the installed commands, as a newcomer uses them
	@$(BIN)/pytest -m smoke tests src $(ARGS)

# Each environment is made from its lock file; a changed lock file makes it anew.
$(VENV)/.runtime: requirements/runtime.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  command -v $(PYTHON) >/dev/null && $(PYTHON) --version || echo "There is no $(PYTHON) here."; \
	  echo "Plenary needs Python 3.11 or newer."; \
	  echo "Install it (Debian 12 or newer: apt-get install python3 python3-venv), or name another one:"; \
	  echo "    make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv is missing. Install it (Debian: apt-get install python3-venv), then try again."; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing what Plenary needs into $(VENV) (once)…"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/runtime.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	@echo "Installing what the tests need into $(VENV) (once)…"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/dev.lock
	@touch $@

MODULE ?= *
messages: $(VENV)/.dev  ## bring the catalogues up to the source, then compile them (needs gettext); MODULE=one
	@for language in $(notdir $(wildcard src/plenary/kit/locale/*)); do for module in src/plenary/$(MODULE)/module.py; do \
	  catalogue=$$(dirname $$module)/locale/$$language/LC_MESSAGES/django.po; \
	  test -f $$catalogue || { mkdir -p $$(dirname $$catalogue); \
	    sed '/^$$/q' src/plenary/kit/locale/$$language/LC_MESSAGES/django.po > $$catalogue; }; done; done
	@for module in src/plenary/$(MODULE)/locale; do (cd $$module/.. && $(CURDIR)/$(BIN)/django-admin makemessages --all \
	  --no-wrap --no-location --no-obsolete --ignore 'tests/*' --verbosity 0); done
	@for catalogue in src/plenary/$(MODULE)/locale/*/LC_MESSAGES/django.po; do \
	  msgattrib --no-wrap --clear-fuzzy --empty --clear-previous -o $$catalogue $$catalogue; \
	  msgfmt --check-format -o $${catalogue%.po}.mo $$catalogue; done

screenshots: $(VENV)/.dev  ## pictures of every kind of page in three languages, into var/screenshots (needs Chromium)
	@$(BIN)/python -m e2e.screenshots $(ARGS)

picture: $(VENV)/.dev  ## the README's picture, taken anew from the demonstration (needs Chromium)
	@$(BIN)/python -m e2e.picture

docs: $(VENV)/.dev  ## write the rule table of docs/access.md anew
	@DJANGO_SETTINGS_MODULE=plenary.site.settings $(BIN)/python -c "import django; django.setup(); \
	  from plenary.kit import access; from pathlib import Path; page = Path('docs/access.md'); \
	  head = page.read_text('utf-8').split('| address |')[0]; page.write_text(head + access.as_page(), 'utf-8')"

lock:  ## resolve the dependencies of pyproject.toml anew (needs uv)
	uv pip compile --quiet pyproject.toml --extra postgres --group build --generate-hashes --no-header \
	  --no-emit-index-url --universal --python-version 3.11 -o requirements/runtime.lock
	uv pip compile --quiet pyproject.toml --all-extras --group dev --generate-hashes --no-header \
	  --no-emit-index-url --universal --python-version 3.11 -o requirements/dev.lock

clean:
	rm -rf $(VENV) build *.egg-info src/*.egg-info
