# The verbs of the house. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
MEMBERS := protos libs/servicekit services/shared-identity services/incubator services/coworking services/portal cli
WORKERS ?= 2
SOURCES := libs services cli tests bench

export GROUPEMENT_HOME ?= $(CURDIR)/var
export PORT ?= 8000
export UV_NO_PROGRESS = 1
export UV_PYTHON_DOWNLOADS = never

.PHONY: help
help: ## Lists the verbs
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

##@ To use
.PHONY: run
run: .venv/.installed ## Runs the whole groupement with its demo (PORT, GROUPEMENT_HOME)
	@exec $(BIN)/groupement up

.PHONY: doctor
doctor: .venv/.installed ## Looks for what is wrong, and says what mends it
	@$(BIN)/groupement doctor

##@ To build
.PHONY: setup
setup: .venv/.installed-dev browser ## Installs everything that building and testing need

.PHONY: test
test: setup ## Runs every test of every height, PostgreSQL and browser included; whole houses last, alone
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --ignore tests/journeys
	@$(BIN)/python -m pytest tests/journeys

.PHONY: lint
lint: .venv/.installed-dev ## Checks style, types, who imports whom, and the protos
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@cd protos && ../$(BIN)/buf lint && ../$(BIN)/buf format --diff --exit-code

.PHONY: protos
protos: .venv/.installed-dev ## Writes the generated code from the protos
	@VENV_BIN=$(CURDIR)/$(BIN) sh protos/generate.sh

.PHONY: protos-check
protos-check: protos ## Fails when the committed generated code is not what the protos say
	@git diff --exit-code --stat -- protos/gen && test -z "$$(git status --porcelain -- protos/gen)"

.PHONY: breaking
breaking: .venv/.installed-dev ## Fails when the protos break what the last release said (SINCE=git ref, default the last tag)
	@cd protos && ../$(BIN)/buf breaking --against "$(CURDIR)/.git#ref=$(or $(SINCE),$(shell git describe --tags --abbrev=0 2>/dev/null || git rev-parse HEAD)),subdir=protos"

.PHONY: bench
bench: .venv/.installed-dev ## Measures, as ratios to each limit, into docs/performance.md
	@$(BIN)/python -m bench

.PHONY: lock
lock: .venv/.uv ## Renews requirements.lock and requirements-dev.lock
	@rm -f uv.lock
	@$(BIN)/uv export -q --all-packages --no-emit-workspace --no-header --no-annotate --no-dev -o requirements.lock
	@$(BIN)/uv export -q --all-packages --no-emit-workspace --no-header --no-annotate -o requirements-dev.lock
	@rm -f uv.lock

.PHONY: clean
clean: ## Removes the environment and the caches; leaves the data
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.PHONY: browser
browser:
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || sh deploy/local/install-browser.sh

.venv/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 or newer is needed: name one with PYTHON=/path/to/python3" >&2; exit 3; }
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 \
		|| { rm -rf .venv; echo "Python's venv module is needed: apt install python3-venv" >&2; exit 3; }
	@echo "Installing, once; this takes a minute or two" >&2
	@$(BIN)/python -m pip install -q --disable-pip-version-check "uv==$(UV_VERSION)"
	@touch $@

.venv/.installed: .venv/.uv requirements.lock $(MEMBERS:%=%/pyproject.toml)
	@$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation $(MEMBERS:%=-e %)
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@
