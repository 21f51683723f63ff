# The two commands a newcomer needs are `make run` and `make test`; `make help` lists the others.
PYTHON := $(shell scripts/find-python)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

IMAGE := build/image/generic/card.img
IMAGE_SOURCES := $(shell git ls-files edgecam image pyproject.toml 2>/dev/null)
PAGE := edgecam/web/static/index.html
PAGE_SOURCES := $(shell find web -name node_modules -prune -o -type f -print)
NODE_MODULES := web/node_modules/.package-lock.json

.PHONY: help image bundle image-raspberrypi image-test image-reproducible run page wheel setup test check test-long torture bench fleet fuzz clean

help:
	@echo 'make run [FOR=20] [SOURCE=scene:street]  set up on first use, then record, watch and report'
	@echo 'make page                                build the page on the camera (needs Node; run and test do it)'
	@echo 'make wheel                               a wheel with the page in it, in dist/'
	@echo 'make test                                everything that proves it, in a few minutes'
	@echo 'make test-long                           the same with the slow suites'
	@echo 'make torture [KILLS=1000]                kill the recorder at random instants, and look what is left'
	@echo 'make fuzz [FOR=60]                       break what decodes commands, guided by coverage'
	@echo 'make check                               lint, types, layers and the units of the page'
	@echo 'make image                               the image to flash, for any arm64 machine that Debian runs on'
	@echo 'make bundle                              an update from it, signed'
	@echo 'make image-raspberrypi                   the same for Raspberry Pi'
	@echo 'make image-test                          boot it in QEMU: ten power cuts, updates, factory reset and more'
	@echo 'make image-reproducible                  build its root twice, and say where the two differ'
	@echo 'make bench                               what it costs, measured against its peers'
	@echo 'make fleet [CAMERAS=11720]               a city of cameras on one Mosquitto, on this machine'

run: $(VENV)/.installed
	@$(MAKE) --no-print-directory page || echo 'recording without a page' >&2
	@test -f edgecam.toml || $(BIN)/edgecam setup
	@$(BIN)/edgecam run $(if $(FOR),--for $(FOR)) $(if $(SOURCE),--source '$(SOURCE)')

page: $(PAGE)

$(PAGE): $(NODE_MODULES) $(PAGE_SOURCES)
	@echo 'building the page …'
	@npm --prefix web run --silent build -- --logLevel warn
	@touch $@

$(NODE_MODULES): web/package.json web/package-lock.json
	@scripts/need-node
	@npm --prefix web ci --silent --no-audit --no-fund
	@touch $@

wheel: $(VENV)/bin/python $(PAGE)
	@$(PIP) wheel --no-deps --wheel-dir dist .

image: $(IMAGE)

$(IMAGE): $(VENV)/bin/python $(PAGE) $(IMAGE_SOURCES)
	@scripts/image-packages
	@PYTHON=$(abspath $(BIN))/python image/build generic

bundle: $(IMAGE)
	@image/bundle generic "$$(cat build/image/generic/version)" build/image/generic/boot.vfat \
		build/image/generic/work/root.ext4 "build/image/generic/edgecam-$$(cat build/image/generic/version).raucb"

image-raspberrypi: $(VENV)/bin/python $(PAGE)
	@scripts/image-packages
	@PYTHON=$(abspath $(BIN))/python image/build raspberrypi

image-test: $(VENV)/.test-installed $(IMAGE)
	@$(BIN)/pytest -q -s tests/image

image-reproducible: $(VENV)/bin/python $(PAGE)
	@scripts/image-packages
	@PYTHON=$(abspath $(BIN))/python image/reproducible

test: check
	@$(BIN)/pytest -m 'not long and not boots' -q -n 2 --dist loadfile
	@$(BIN)/pytest -m boots -q

test-long: check
	@$(BIN)/pytest -q

torture: $(VENV)/.test-installed
	@EDGECAM_KILLS=$(or $(KILLS),1000) $(BIN)/pytest -q -s tests/torture

fuzz: $(VENV)-fuzz/.installed
	@$(VENV)-fuzz/bin/python scripts/fuzz_commands.py -max_total_time=$(or $(FOR),60)

check: $(VENV)/.test-installed $(PAGE)
	@scripts/debian-packages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy edgecam tests benchmarks
	@$(BIN)/mypy docs/design/read_ring.py
	@$(BIN)/lint-imports --no-logo
	@npm --prefix web run --silent types
	@npm --prefix web run --silent test

bench: $(VENV)/.test-installed
	@$(BIN)/edgecam bench pipeline

fleet: $(VENV)/.test-installed
	@EDGECAM_BENCH_CAMERAS=$(CAMERAS) $(BIN)/edgecam bench fleet

$(VENV)/bin/python:
	@test -n '$(PYTHON)' || { echo 'edgecam needs Python 3.11, 3.12 or 3.13 with venv (Debian: apt install python3-venv)' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	@echo 'installing edgecam into $(VENV) …'
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.test-installed: $(VENV)/.installed
	@$(PIP) install --editable '.[test]'
	@touch $@

$(VENV)-fuzz/.installed: pyproject.toml
	@$(PYTHON) -m venv $(VENV)-fuzz
	@$(VENV)-fuzz/bin/pip --disable-pip-version-check --quiet install --editable . 'atheris>=3.0,<3.1'
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-fuzz build dist edgecam/web/static web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
