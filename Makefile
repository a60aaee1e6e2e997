# make run     sell tickets on this machine            make run PORT=9000 WORKERS=2
# make test    everything that must hold
# make bench   measure it against yardsticks   make bench ONLY=hot-date   make bench PAIRS=3 SECONDS=4
#              ... GENERATOR=k6 sends the load with k6, as where wrk and h2load are missing
# make format  lay the code out                        make lock  choose the newest versions that pyproject.toml allows
# make clean   throw the environment away, keep the data

BIN := .venv/bin
# Compiled at install: where Python is told not to write bytecode, starting would take many times as long.
COMPILE := $(BIN)/python -m compileall -q src
INSTALL := scripts/uv pip install --quiet --require-hashes --compile-bytecode
LOCK := scripts/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

.PHONY: run test bench format lock clean
.DELETE_ON_ERROR:

run: .venv/.installed
	@$(COMPILE)
	@exec $(BIN)/boxoffice run

test: .venv/.installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(COMPILE)
	$(BIN)/pytest --numprocesses 2

# docs/benchmark.md names the rows, and what sends the load: wrk and h2load, or k6 where they are missing.
bench: .venv/.installed
	@$(COMPILE) bench
	@exec $(BIN)/python -m bench $(addprefix --only=,$(ONLY)) $(if $(PAIRS),--pairs=$(PAIRS)) \
		$(if $(SECONDS),--seconds=$(SECONDS)) $(if $(WORKERS),--workers=$(WORKERS)) \
		$(if $(GENERATOR),--generator=$(GENERATOR))

format: .venv/.installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: .venv/.uv
	$(LOCK) --group installer --output-file requirements-uv.txt
	$(LOCK) --group generator --output-file requirements-k6.txt
	$(LOCK) pyproject.toml --group build --output-file requirements.txt
	$(LOCK) pyproject.toml --group build --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf .venv

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
