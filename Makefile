# TrialKin: set-up and checks. `make demo` and `make test` do all the set-up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STORE ?= store
PORT ?= 8000
READY := $(VENV)/.ready
ASSETS := web/static/vendor/.ready
SCALE ?= build/scale
SIZES ?= 10000 100000 580000
GRAPH_KIN ?= 20

.PHONY: setup assets demo test test-slow test-browser lint bench bench-scale clean

setup: $(READY) assets

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25"
	@# torch first and by its exact version: an open range would fetch a build for accelerators
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

# Fonts, editor and graph library of the pages. Without npm the pages work, in the system's fonts.
assets:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(ASSETS); else \
	    echo "npm is missing: the pages go without their fonts, editor and interactive graph" >&2; fi

$(ASSETS): web/package.json web/package-lock.json $(wildcard web/*.mjs)
	npm ci --prefix web --ignore-scripts --no-audit --no-fund --silent
	npm run --prefix web --silent assets

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

# Hours and some 90 GB of disk for the largest, 60 with GRAPH_KIN=5; what is measured already is not measured again.
bench-scale: setup
	$(BIN)/python -m tests.bench.scale.measure --folder $(SCALE) --sizes $(SIZES) --graph-kin $(GRAPH_KIN)

clean:
	rm -rf $(VENV) build dist *.egg-info store web/node_modules web/static/vendor
