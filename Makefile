# Everything the project needs is installed by these targets into .venv (and Debian's chromium for the
# browser tests, LibreOffice and Java, through apt, when they are not on the machine).
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: run test lint bench docs lock shots browser office java clean

run: $(RUN_STAMP)
	$(BIN)/recsys-roi app

test: lint browser office java
	$(BIN)/python -m pytest

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV_STAMP)
	$(BIN)/python -m bench

docs: $(DEV_STAMP)
	$(BIN)/python -m docs.making

# The same versions with the hashes of their files, for every system: after any change of constraints.txt.
lock: $(DEV_STAMP)
	$(BIN)/uv pip compile pyproject.toml --quiet --extra login --extra build -c constraints.txt --universal \
	  --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements.lock

shots: $(DEV_STAMP) browser office
	$(BIN)/python -m tests.browser.shots docs/pictures
	$(BIN)/python -m tests.pack.shots docs/pictures

browser:
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 \
	  || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends chromium; }

# LibreOffice without a screen, about 200 MB: opens the deck and calculates the workbook in the tests.
office:
	@command -v soffice >/dev/null 2>&1 \
	  || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends \
	       libreoffice-calc-nogui libreoffice-impress-nogui fonts-liberation; }

# A Java without a screen, about 200 MB: what Spark runs on in the tests.
java:
	@command -v java >/dev/null 2>&1 \
	  || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends \
	       default-jre-headless; }

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || command -v python3 >/dev/null 2>&1 \
	  || { echo "Python 3.11 or newer is needed (looked for $(PYTHON) and python3)."; exit 1; }
	@$$(command -v $(PYTHON) || command -v python3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed."; exit 1; }
	$$(command -v $(PYTHON) || command -v python3) -m venv $(VENV)

$(RUN_STAMP): $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEV_STAMP): $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@ $(RUN_STAMP)

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
