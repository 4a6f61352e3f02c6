# `make demo`: interpret, train and evaluate; `make test`: everything that CI checks. Both set up .venv first.
PYTHON ?= python3
BIN := .venv/bin
# The demo's folder and data: simulated, or DATA=/path/to/ptb-xl. On Linux, PyPI's torch brings CUDA; to save gigabytes:
# make demo PIP_OPTIONS='--extra-index-url https://download.pytorch.org/whl/cpu'
PIP_OPTIONS ?=
DEMO ?= demo
DATA ?=
MODEL ?= smigiel-conv
TESTS ?= tests
# What the viewer's page and the port of bundles are checked with: package.json. It needs Node 18 or later with npm.
NODE_BIN := node_modules/.bin

# What `make lock` locks: for every platform and every Python that is supported, from wheels only.
LOCK := $(BIN)/python -m uv pip compile --quiet --no-config --universal --python-version 3.11 --only-binary :all: \
  --no-emit-index-url --custom-compile-command 'make lock'

.PHONY: demo demo-note test lint types docs unit unit-viewer coverage wheel lock sbom clean

$(BIN)/.installed: pyproject.toml requirements/dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet $(PIP_OPTIONS) --constraint requirements/dev.txt --editable '.[dev]'
	touch $@

node_modules/.installed: package.json package-lock.json
	@command -v npm > /dev/null || { echo "The checks of the viewer need Node and npm. Install them: apt install nodejs npm"; exit 1; }
	npm ci --no-audit --no-fund --loglevel error
	touch $@

# What training and evaluation need, without the tools for development.
$(BIN)/.demo: pyproject.toml requirements/dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -f $(BIN)/.installed || \
	  $(BIN)/python -m pip install --quiet $(PIP_OPTIONS) --constraint requirements/dev.txt --editable '.[train]'
	touch $@

demo-note:
	@echo "make demo takes 1 to 4 minutes on two cores: it installs into .venv (1.8 GB, with PyTorch for the CPU),"
	@echo "interprets a sample, then simulates, trains and evaluates in $(DEMO)/ (0.2 GB)."

demo: demo-note $(BIN)/.demo
	mkdir -p $(DEMO)
	$(BIN)/einthoven interpret --sample inferior-infarct
	$(BIN)/einthoven interpret --sample inferior-infarct --explain MI --report $(DEMO)/report.svg > $(DEMO)/report.txt
	rm -rf $(DEMO)/run
ifeq ($(DATA),)
	$(BIN)/einthoven data simulate $(DEMO)/simulated --records 3000
	$(BIN)/einthoven train --data $(DEMO)/simulated --model $(MODEL) --epochs 10 --out $(DEMO)/run
else
	$(BIN)/einthoven data check "$(DATA)"
	$(BIN)/einthoven train --data "$(DATA)" --model $(MODEL) --out $(DEMO)/run
endif
	$(BIN)/einthoven evaluate $(DEMO)/run
	@echo "Open these pages in a browser:"
	@echo "  $(DEMO)/report.svg                 the report of the sample, with its explanation"
	@echo "  $(DEMO)/run/results/results.html   the results of the trained model"

test: lint types docs unit

lint: $(BIN)/.installed node_modules/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(NODE_BIN)/biome check --error-on-warnings

types: $(BIN)/.installed node_modules/.installed
	$(BIN)/mypy
	$(NODE_BIN)/tsc

# The viewer's arithmetic and texts, in a second; the rest of `unit` runs the page in a browser.
unit-viewer: node_modules/.installed
	node --test --test-reporter spec $(wildcard tests/serve/viewer/*.test.js)

# build/docs: the documentation as a site. A broken link, anchor or reference fails.
docs: $(BIN)/.installed
	$(BIN)/python -m zensical build --clean --strict

# One thread a worker: two workers on two cores leave none for a second thread.
unit: $(BIN)/.installed unit-viewer
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(TESTS)

# build/coverage/html: which lines the tests run, in worker processes too. A figure to read, not a threshold.
coverage: $(BIN)/.installed
	mkdir -p build/coverage
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --cov --cov-report term --cov-report html $(TESTS)

# dist/: the wheel and the source distribution, the same bytes each time.
wheel: $(BIN)/.installed
	$(BIN)/python -m hatchling build

# Keeps the versions that are locked; `make lock UPGRADE=--upgrade` takes the latest ones.
# dev.txt has no hashes: torch 2.13.0 is installed from more than one build, for the CPU or for CUDA.
lock: $(BIN)/.installed
	$(LOCK) $(UPGRADE) --generate-hashes --extra serve --extra report --output-file requirements/serve.txt pyproject.toml
	$(LOCK) $(UPGRADE) --generate-hashes --group build --output-file requirements/build.txt
	$(LOCK) $(UPGRADE) --no-annotate --extra dev --constraint constraints.txt --output-file requirements/dev.txt pyproject.toml

# build/service/sbom.cdx.json, and the service that it describes.
sbom:
	deploy/install.sh build/service

clean:
	rm -rf .venv node_modules dist build/docs build/service $(DEMO) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis
