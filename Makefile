# `make run` and `make test` need python3 (3.11 or newer) with venv, nothing else. The README has the same without make.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
SCENARIO ?= scenarios/qaidam.yaml
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test soak check lint format language lock bench validate sites claims docs wheel install clean

help:  ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

run: $(STAMP)  ## Plan the main scenario for a year and say where the report is
	$(BIN)/qaidam run $(SCENARIO)

test: $(STAMP)  ## Run the tests
	$(BIN)/python -m pytest

lint: $(STAMP)  ## Linter, format and type checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test  ## Everything that must be green before a push

format: $(STAMP)  ## Put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

language: $(STAMP)  ## Gather all texts that people read into optimizer/language, for translation
	$(BIN)/python -m optimizer.language.extraction

soak: $(STAMP)  ## Spoil 3,000 input files and as many scenarios and studies, then run 40 spoiled nights and 100 kills of the real nightly command (an hour)
	$(BIN)/python -m tests.soak_readers 3000 1
	$(BIN)/python -m tests.soak_scenarios 3000 1
	$(BIN)/python -m tests.soak
	$(BIN)/python -m tests.lawful_nights 60

bench: $(STAMP)  ## Measure build and solve times (with pypsa for comparison where it is installed)
	$(BIN)/python -m tests.benchmarks $(PART)

validate: $(STAMP)  ## Compare with measured data and other tools
	$(BIN)/python -m pip install --quiet --no-build-isolation -e '.[validate]'
	$(BIN)/python -m tests.validation

sites: $(STAMP)  ## Plan a year at every shipped site and put the table into scenarios/README.md
	$(BIN)/qaidam study scenarios/studies/sites.yaml --out out/sites
	$(BIN)/qaidam study table out/sites scenarios/README.md

CLAIMS := plateau-claims horinger-green-share clean-claims

claims: $(STAMP)  ## Put what is claimed of the sites to the test and write scenarios/claims.md
	for study in $(CLAIMS); do $(BIN)/qaidam study scenarios/studies/$$study.yaml --out out/$$study || exit; done
	$(BIN)/qaidam study claims $(CLAIMS:%=scenarios/studies/%.yaml) scenarios/claims.md

DOCS := out/docs

docs: $(STAMP)  ## Build the documentation site with all notebooks run, and refuse a broken link
	rm -rf $(DOCS)
	$(BIN)/python -m optimizer.distribution.pages $(DOCS)/pages
	$(BIN)/python -m nbconvert --execute --ExecutePreprocessor.timeout=600 --to html --output-dir $(DOCS)/pages/notebooks notebooks/*.ipynb
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet -f optimizer/distribution/mkdocs.yml
	@echo "$(DOCS)/site/index.html"

wheel: $(STAMP)  ## Build the wheel and the source distribution into out/dist, and run the main job from a wheel
	@mkdir -p out/dist
	$(BIN)/python -c 'from setuptools.build_meta import build_sdist; build_sdist("out/dist")' >/dev/null
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w out/dist .
	QAIDAM_WHEEL=1 $(BIN)/python -m pytest -n 0 tests/distribution/test_wheel.py
	@ls out/dist/*

install: $(STAMP)  ## Make .venv and install the pinned packages and the project

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed, $(PYTHON) is older; try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
		|| { echo "The venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing the pinned packages into .venv; the first time this takes some minutes"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $(STAMP)

# uv only writes the lock; it is not needed to install or run anything, so it gets an environment of its own.
lock:  ## Pin every dependency anew
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/python -m pip install --quiet 'uv>=0.9'
	.venv/lock/bin/uv pip compile pyproject.toml --extra notebooks --extra docs --extra xlsx --extra test --extra dev --universal \
		--generate-hashes --no-header --python-version 3.11 --upgrade -o requirements.lock

clean:  ## Remove the environment and all results
	rm -rf .venv out
