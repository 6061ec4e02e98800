# Haihe. `make help` lists what can be done; Python >= 3.11 and a package registry are all that is assumed.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && exit; \
	done; echo python3)
INSTALL := $(PYTHON) -I haihe/ops/install.py
TOOLS := .venv/bin/python -P -m
UV ?= uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-build \
	--no-header --no-emit-index-url --no-emit-find-links

# Tests are shared by so many processes, a file at a time and in their order (0: all in one); each has its own server and city.
WORKERS ?= 2
PYTEST_SHARED := $(TOOLS) pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := run
.PHONY: help run phone test prove lint format dev install browser clean lock advisories

help:  ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: install  ## start the demo city on http://127.0.0.1:8000 (HAIHE_PORT, HAIHE_HOME)
	@exec .venv/bin/haihe serve

phone: install  ## the same city on the local network with TLS and a QR, for a real phone
	@exec .venv/bin/haihe phone

test: lint browser  ## every check, test and browser journey
	@$(PYTEST_SHARED) $(PYTEST)

prove: dev browser  ## the long runs: histories, faults, every page in every form, Lighthouse
	@$(INSTALL) --prove
	@HAIHE_PROVE=1 $(PYTEST_SHARED) --timeout 3600 $(PYTEST)

lint: dev  ## format, style, types and the order of imports
	@$(TOOLS) ruff format --check .
	@$(TOOLS) ruff check .
	@$(TOOLS) mypy
	@.venv/bin/python -P -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

format: dev  ## put the sources in shape
	@$(TOOLS) ruff check --fix-only --quiet .
	@$(TOOLS) ruff format .

dev: install  ## install what the tests need
	@$(INSTALL) --dev

install:
	@$(INSTALL)

browser:
	@$(PYTHON) -I tests/browser.py

clean: install  ## remove the city: the home, and its data in the system's state directory
	@.venv/bin/haihe clean

advisories: dev  ## take the snapshot of known faults anew: FROM=<checkout of github.com/pypa/advisory-database>
	@$(TOOLS) tests.sources.advisories $(FROM)

lock:  ## write the locks anew (needs uv and npm; only for changing dependencies)
	@$(COMPILE) $(UPGRADE) requirements.in -o requirements.lock
	@$(COMPILE) $(UPGRADE) requirements-dev.in -o requirements-dev.lock
	@$(COMPILE) $(UPGRADE) requirements-node.in -o requirements-node.lock
	@for folder in assets assets/dev assets/prove; do (cd $$folder && npm install --package-lock-only \
		--ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error); done
