# Every target does its own set-up in .venv; nothing is installed by hand.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check -q
# What was compiled once is kept: tests start many processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo test lint fmt bench soak docs lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

install: $(VENV)/.run ## set up .venv with what running needs
demo: $(VENV)/.run ## the whole story on loopback, from SFTP to a confirmed import and grades back
	$(BIN)/rosterway demo --exit
	@echo "Keep it open and look around: $(BIN)/rosterway demo"

test: $(VENV)/.dev ## all tests
	$(BIN)/pytest $(PYTEST_ARGS)

lint: $(VENV)/.dev ## style, types, arrows, fresh reference pages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/python docs/generate.py --check

fmt: $(VENV)/.dev ## format and mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.dev ## speed beside the bare tools, as ratios, with peak memory
	$(BIN)/python -m bench

soak: $(VENV)/.dev ## the long tests
	$(BIN)/pytest -m soak $(PYTEST_ARGS)

docs: $(VENV)/.dev ## write the reference pages from the data
	$(BIN)/python docs/generate.py

lock: $(VENV)/.dev ## resolve the dependencies anew: names, versions, hashes, no addresses
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) requirements/build.in -o requirements/build.txt
	$(LOCK) --group dev -c requirements/run.txt -c requirements/build.txt pyproject.toml -o requirements/dev.txt
LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate -c requirements/held.txt

clean: ## remove what the targets made
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .import_linter_cache
	find src tests bench docs -name __pycache__ -prune -exec rm -r {} +

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --require-hashes -r requirements/build.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
