# Everything a newcomer needs: make run, make test. The virtual environment is made on first use.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
CONFIG ?=
ARGS := $(if $(CONFIG),--config $(CONFIG))
# A file's tests stay together: they share a browser, a store. In the order of the folders, so that the long
# ones of tests/browser and tests/crash don't come last, on one core.
ALL_CORES := -n auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder

.PHONY: run test lint bench soak install clean

run: $(VENV)/.run
	@$(PY) -m device $(ARGS) demo

test: $(VENV)/.test
	@sh tests/install_packages.sh
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(PY) -m pytest $(ALL_CORES)

lint: $(VENV)/.test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

bench: $(VENV)/.test
	@sh tests/install_packages.sh
	$(PY) -m pip install -q --disable-pip-version-check -e '.[bench]'
	$(PY) -m tests.bench

soak: $(VENV)/.test
	@sh tests/install_packages.sh
	$(PY) -m pytest --soak tests/crash tests/uplink tests/flows tests/domain/test_points.py

install:
	sh systemd/install.sh

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.run: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.run
	@sh tests/install_packages.sh
	$(PY) -m pip install -q --disable-pip-version-check -e '.[test]'
	@touch $@
