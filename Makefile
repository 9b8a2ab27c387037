# Everything a person or a machine does with the checkout. Needs make and Python 3.11 or newer with
# venv and pip (Debian: python3-venv), nothing else; all of it lives in .venv, which `make clean` removes.

PYTHON ?= python3
VENV   ?= .venv
TORCH  ?=

BIN     := $(VENV)/bin
STAMPS  := $(VENV)/stamps
LOCALE  := src/backlight/language/locale
PIP     := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install -qq --constraint constraints.txt --editable
EXTRAS  := plot,study,digits,docs,test
INPUTS  := pyproject.toml constraints.txt
comma   := ,

# What torch needs besides itself. torch is never resolved here: with it would come several GB of
# CUDA packages that are pinned for every machine; but what it shares with us must fit together.
TORCH_NEEDS   := filelock fsspec jinja2 networkx setuptools sympy typing-extensions
TORCH_VERSION  = $(shell sed -n 's/.*"torch==\([0-9.]*\)".*/\1/p' pyproject.toml)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test browser-deps check lint docs coverage bench messages constraints clean

help: ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  PYTHON=python3.12   the interpreter that a new .venv is built with"
	@echo "  TORCH=1 | TORCH=0   install PyTorch whatever its size, or never; otherwise where a CPU build is at hand"
	@echo "  ARGS='-k xor -x'    more options for the tests"

setup: $(STAMPS)/all $(if $(filter 1,$(TORCH)),$(STAMPS)/torch) ## build .venv with everything, test tools included

run: $(STAMPS)/base ## run the exercise and draw course.svg
	@$(BIN)/backlight run course --plot course.svg

test: setup ## run the tests that need no system package, and say what was skipped and why
	@$(BIN)/python -m pytest -n auto --dist worksteal --doctest-modules $(if $(NOTHING_SKIPPED),-p tests.nothing_skipped) src tests $(ARGS)

browser-deps: ## install the system packages that some tests need (apt-get, as root)
	@.ci/browser-deps

check: lint docs ## format, lint, types, contracts, docs, and the tests with nothing skipped
	@$(MAKE) --no-print-directory test NOTHING_SKIPPED=1

lint: setup ## format, lint, types and contracts only
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

docs: setup ## build the documentation into docs/_build/html (its examples are played by the tests)
	@$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

coverage: setup ## run the tests and say which lines and branches they leave out
	@rm -rf .coverage
	@mkdir .coverage
	@$(BIN)/coverage run -m pytest -n auto --dist worksteal --doctest-modules src tests $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

bench: setup ## run every program in benchmarks/; each writes its own table
	@set -e; for program in benchmarks/[!_]*.py; do echo "== $$program"; $(BIN)/python "$$program"; done

messages: setup ## collect the texts to translate, update the Chinese catalogue and compile it
	@$(BIN)/pybabel --quiet extract --keyword marked --no-wrap --add-location file --project backlight --version 0 \
		--copyright-holder "The backlight authors" --output $(VENV)/backlight.pot src/backlight
	@$(BIN)/pybabel --quiet update --domain backlight --locale zh --init-missing --no-wrap --no-fuzzy-matching \
		--ignore-obsolete --ignore-pot-creation-date --input-file $(VENV)/backlight.pot --output-dir $(LOCALE)
	@$(BIN)/pybabel compile --statistics --domain backlight --directory $(LOCALE)

constraints: $(STAMPS)/uv ## resolve the newest versions for every Python and system into constraints.txt
	@printf '%s\n' $(TORCH_NEEDS) | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
		--no-header --no-annotate $(foreach extra,$(subst $(comma), ,$(EXTRAS)),--extra $(extra)) \
		--output-file constraints.txt pyproject.toml -

clean: ## remove .venv and whatever was generated
	@rm -rf $(VENV) .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist docs/_build docs/_generated
	@rm -f course.svg
	@find src tests docs benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# ---- the stamps: each says that a part of .venv is as pyproject.toml and constraints.txt want it ----

$(STAMPS)/venv:
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "backlight: needs Python 3.11 or newer with venv; \"$(PYTHON)\" is not"; \
		echo "  try       apt-get install python3-venv   or   make PYTHON=python3.12 ..."; exit 2; } >&2
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/base: $(INPUTS) | $(STAMPS)/venv
	@echo "setting up $(VENV): backlight and its plots (once, under a minute)" >&2
	@$(INSTALL) '.[plot]'
	@touch $@

$(STAMPS)/all: $(INPUTS) | $(STAMPS)/venv
	@echo "setting up $(VENV): everything, test tools included (once, a minute or two)" >&2
	@$(INSTALL) '.[$(EXTRAS)]'
	@if [ "$(TORCH)" = 1 ]; then :; \
	elif [ "$(TORCH)" = 0 ]; then \
		echo "skipped torch, as TORCH=0 asks: the autograd engine and its tests need it" >&2; \
	elif $(PIP) index versions torch 2>/dev/null | grep -qF '$(TORCH_VERSION)+cpu'; then \
		$(MAKE) --no-print-directory $(STAMPS)/torch; \
	else \
		echo "skipped torch: no CPU build of $(TORCH_VERSION) is at hand, and any other is several GB;" >&2; \
		echo "  the autograd engine and its tests need it: make setup TORCH=1" >&2; \
	fi
	@touch $(STAMPS)/base $@

$(STAMPS)/torch: $(INPUTS) | $(STAMPS)/venv
	@echo "setting up $(VENV): torch $(TORCH_VERSION)" >&2
	@$(INSTALL) '.[torch]'
	@touch $@

$(STAMPS)/uv: | $(STAMPS)/venv
	@$(PIP) install -qq uv
	@touch $@
