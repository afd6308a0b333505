# Bare `make` prints what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
MUNIMENT := $(BIN)/muniment
# Airflow would compile every module again in every process.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup check test test-all bench drill demo up down lock docs

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready ## make the virtual environment from the lock; asks nothing

.venv/.ready: requirements-dev.txt pyproject.toml
	@echo "setting up .venv (the first time takes a minute or two)"
	@$(PYTHON) -m venv .venv || { echo "install Python's venv module first: on Debian and Ubuntu, the package python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(BIN)/uv pip install --quiet --require-hashes --compile-bytecode --python $(BIN)/python -r requirements-dev.txt
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	@touch $@

check: setup ## format, lint, types, import rules, generated documents, document tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/docs

test: setup ## the tests; no network, no Docker
	$(BIN)/python -m pytest -m "not real" -n 3 --dist loadfile --durations 10

test-all: setup ## every test, with Ceph, Redis and Celery, a browser; installs them on Debian when root
	deploy/install-test-servers
	MUNIMENT_REQUIRE_REAL=1 $(BIN)/python -m pytest --hypothesis-profile thorough --durations 20

bench: setup ## capture to seal beside its floors and a peer; due lists, holds and changes as the archive grows
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.retention
	$(BIN)/python -m benchmarks.changes
	$(BIN)/python -m benchmarks.policy

drill: setup ## live twenty scripted months at speed and score what was found of what happened; no keys
	$(BIN)/python -m drills --seeds 20

demo: setup ## have Airflow capture the demonstration city twice, and prove what it sealed
	$(MUNIMENT) demo

up: setup ## start everything and say how to sign in
	$(MUNIMENT) up

down: setup ## stop what `make up` started
	$(MUNIMENT) down

docs: setup ## write the generated documents anew
	$(BIN)/python docs/generate.py

lock: setup ## write requirements.txt and requirements-dev.txt anew from pyproject.toml
	$(BIN)/uv pip compile -q pyproject.toml --extra production --generate-hashes --no-header --python-version 3.11 -o requirements.txt
	$(BIN)/uv pip compile -q pyproject.toml --extra production --extra embedded --group dev -c requirements.txt --generate-hashes --no-header --python-version 3.11 -o requirements-dev.txt
