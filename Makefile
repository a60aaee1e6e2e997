# make run     sell tickets on this machine            make run PORT=9000 WORKERS=2
# make test    everything that must hold
# make bench   measure it against yardsticks   make bench ONLY=hot-date   make bench PAIRS=3 SECONDS=4
#              ... GENERATOR=k6 sends the load with k6, as where wrk and h2load are missing
# make simulate  clients from seeds on three services, and an auditor   make simulate SEEDS=200 OPERATIONS=500
#              ... SEED=17 plays one of them again; make simulate-defects has it find services that are wrong on purpose
# make web     build the page            make web-dev    serve it by Vite, which shows each change at once, beside make run
# make lighthouse   the page's median of five runs     make screenshots  pictures of every view  FOLDER=.pictures
# make openapi keep the API's document for the page, and make its client anew
# make format  lay the code out                        make lock  choose the newest versions that pyproject.toml allows
# make clean   throw the environment away, keep the data

BIN := .venv/bin
# Compiled at install: where Python is told not to write bytecode, starting would take many times as long.
COMPILE := $(BIN)/python -m compileall -q src
INSTALL := scripts/uv pip install --quiet --require-hashes --compile-bytecode
LOCK := scripts/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# Node and npm of the environment, where nothing else is found first.
# Node trusts the certificates that this system trusts.
IN_WEB := cd web && NODE_USE_SYSTEM_CA=1 PATH="$(CURDIR)/$(BIN):$$PATH"
PAGE := web/dist/.built
PAGE_SOURCES := $(wildcard web/*.html web/*.json web/*.ts) web/.npmrc $(shell find web/src web/scripts)

PICTURES := $(abspath $(or $(FOLDER),.pictures))

.PHONY: run test test-code test-web lighthouse screenshots bench simulate simulate-defects web web-if-possible web-dev openapi format lock clean
.DELETE_ON_ERROR:

# The page is built while the environment is installed; each of them takes most of its time waiting.
run: .venv/.uv
	@$(MAKE) --no-print-directory --silent --jobs 2 .venv/.installed web-if-possible
	@$(COMPILE)
	@exec $(BIN)/boxoffice run

web: $(PAGE)

# Tickets are sold without the page too.
web-if-possible:
	@$(MAKE) --no-print-directory --silent web || echo "THE PAGE COULD NOT BE BUILT. The service starts without it, or with an older one." >&2

# BOXOFFICE_URL names another service than the one of `make run`.
web-dev: web/node_modules/.installed
	@$(IN_WEB) BOXOFFICE_URL="$${BOXOFFICE_URL:-http://127.0.0.1:$${PORT:-8000}}" npm run --silent dev

openapi: .venv/.installed web/node_modules/.installed
	@$(BIN)/boxoffice openapi > web/openapi.json
	@$(IN_WEB) npm run --silent generate

# What only reads the code is done at the same time, on a core each.
test: .venv/.installed-dev web/node_modules/.installed $(PAGE)
	@$(COMPILE)
	@$(MAKE) --no-print-directory --jobs 2 test-code test-web
	$(BIN)/pytest --numprocesses 2

test-code: .venv/.installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

test-web: web/node_modules/.installed $(PAGE)
	@$(IN_WEB) npm run --silent check
	@$(IN_WEB) npm run --silent check-generated
	@$(IN_WEB) npm run --silent test

# `make test` has Lighthouse look once where that is enough.
lighthouse: .venv/.installed-dev web/node_modules/.installed $(PAGE)
	@LIGHTHOUSE_RUNS=5 $(BIN)/pytest tests/browser/test_page.py -k lighthouse

# Those that the documents show are made anew in docs/pictures/ besides.
screenshots: .venv/.installed-dev web/node_modules/.installed $(PAGE)
	@mkdir -p $(PICTURES)
	@PICTURES=$(PICTURES) $(BIN)/pytest tests/browser/pictures.py
	@echo "Look at $(PICTURES)"

# docs/benchmark.md names the rows, and what sends the load: wrk and h2load, or k6 where they are missing.
bench: .venv/.installed
	@$(COMPILE) bench
	@exec $(BIN)/python -m bench $(addprefix --only=,$(ONLY)) $(if $(PAIRS),--pairs=$(PAIRS)) \
		$(if $(SECONDS),--seconds=$(SECONDS)) $(if $(WORKERS),--workers=$(WORKERS)) \
		$(if $(GENERATOR),--generator=$(GENERATOR))

# docs/proof.md says what is played and what is compared.
simulate: .venv/.installed-dev
	@$(COMPILE) tests/simulation
	@exec $(BIN)/python -m tests.simulation $(if $(SEEDS),--seeds=$(SEEDS)) $(if $(SEED),--seed=$(SEED)) \
		$(if $(FIRST),--first=$(FIRST)) $(if $(OPERATIONS),--operations=$(OPERATIONS)) $(if $(AT_ONCE),--at-once=$(AT_ONCE))

simulate-defects: .venv/.installed-dev
	@$(COMPILE) tests/simulation
	@exec $(BIN)/python -m tests.simulation defects $(if $(ONLY),--only="$(ONLY)") \
		$(if $(SEEDS),--seeds=$(SEEDS)) $(if $(OPERATIONS),--operations=$(OPERATIONS))

format: .venv/.installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: .venv/.uv
	$(LOCK) --group installer --output-file requirements-uv.txt
	$(LOCK) --group generator --output-file requirements-k6.txt
	$(LOCK) --group page --output-file requirements-node.txt
	$(LOCK) pyproject.toml --group build --output-file requirements.txt
	$(LOCK) pyproject.toml --group build --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf .venv web/node_modules web/dist

.venv/.uv: requirements-uv.txt
	@echo "Making the environment in .venv/ ..."
	@python3 -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-uv.txt
	@touch $@

.venv/.installed: .venv/.uv requirements.txt pyproject.toml
	@$(INSTALL) --requirement requirements.txt
	@scripts/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.txt
	@$(INSTALL) --requirement requirements-dev.txt
	@touch $@

.venv/.node: .venv/.uv requirements-node.txt
	@$(INSTALL) --requirement requirements-node.txt
	@touch $@

# Node is asked for only here, where there is something to build.
$(PAGE): $(PAGE_SOURCES)
	@$(MAKE) --no-print-directory web/node_modules/.builds
	@echo "Building the page ..."
	@$(IN_WEB) npm run --silent build -- --logLevel warn
	@touch $@

# What building needs, and what working on the page needs besides.
web/node_modules/.builds: web/package.json web/package-lock.json .venv/.node
	@$(IN_WEB) npm ci --ignore-scripts --omit dev --loglevel error > /dev/null
	@touch $@

web/node_modules/.installed: web/package.json web/package-lock.json .venv/.node
	@$(IN_WEB) npm ci --ignore-scripts --loglevel error > /dev/null
	@touch web/node_modules/.builds $@
