# The two commands that do everything on a fresh machine: make run, make test.

VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
PORT ?= 8000
export PLENARY_HOME ?= $(CURDIR)/var
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test check lint types contracts migrations smoke messages docs lock clean

run: $(VENV)/.runtime  ## set up the demonstration once, then serve it
	@$(BIN)/plenary demo --port $(PORT)

test: $(VENV)/.dev  ## the test suite
	@$(BIN)/pytest -m "not smoke" $(ARGS)

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
	@test -f $(VENV)/bin/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv)"; exit 1; }
	@echo "Installing what Plenary needs into $(VENV) (once)…"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/runtime.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	@echo "Installing what the tests need into $(VENV) (once)…"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/dev.lock
	@touch $@

messages: $(VENV)/.dev  ## bring the catalogues up to the source, then compile them (needs gettext)
	@for module in src/plenary/*/locale; do (cd $$module/.. && $(CURDIR)/$(BIN)/django-admin makemessages --all \
	  --no-wrap --no-location --no-obsolete --ignore 'tests/*' --verbosity 0); done
	@for catalogue in src/plenary/*/locale/*/LC_MESSAGES/django.po; do \
	  msgfmt --check-format -o $${catalogue%.po}.mo $$catalogue; done

docs: $(VENV)/.dev  ## write the rule table of docs/access.md anew
	@DJANGO_SETTINGS_MODULE=plenary.site.settings $(BIN)/python -c "import django; django.setup(); \
	  from plenary.kit import access; from pathlib import Path; page = Path('docs/access.md'); \
	  head = page.read_text('utf-8').split('| address |')[0]; page.write_text(head + access.as_page(), 'utf-8')"

lock:  ## resolve the dependencies of pyproject.toml anew (needs uv)
	uv pip compile --quiet pyproject.toml --extra postgres --group build --generate-hashes --no-header \
	  --no-emit-index-url --universal --python-version 3.11 -o requirements/runtime.lock
	uv pip compile --quiet pyproject.toml --extra postgres --group dev --generate-hashes --no-header \
	  --no-emit-index-url --universal --python-version 3.11 -o requirements/dev.lock

clean:
	rm -rf $(VENV) build *.egg-info src/*.egg-info
