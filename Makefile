# TrialKin: set-up and checks. `make demo` and `make test` do all the set-up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STORE ?= store
PORT ?= 8000
READY := $(VENV)/.ready

.PHONY: setup demo test test-slow test-browser lint bench clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25"
	@# torch first and by its exact version: an open range would fetch a build for accelerators
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

demo: setup
	$(BIN)/trialkin status --store $(STORE) >/dev/null 2>&1 || \
	    $(BIN)/trialkin build data/msc_trials.ndjson.gz --store $(STORE)
	$(BIN)/trialkin serve --store $(STORE) --port $(PORT)

test: setup
	$(BIN)/python -m pytest

test-slow: setup
	$(BIN)/python -m pytest -m slow

test-browser: setup
	@command -v chromium >/dev/null || { \
	    echo "chromium is missing; on Debian: apt-get install chromium" >&2; exit 1; }
	$(BIN)/python -m pytest -m browser

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m pytest -m bench -s

clean:
	rm -rf $(VENV) build dist *.egg-info store
