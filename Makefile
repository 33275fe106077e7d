# The front door. Every target does its own set-up; nothing is written outside this directory but
# the caches of the tools. PYTHON chooses the interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
WORKERS ?= auto

.PHONY: demo test test-fast lint tables bench torture court clean

demo: $(STAMP) ## the story, played in a throw-away world; make demo KEEP=1 keeps it
	@$(BIN)/safeinstall demo $(if $(KEEP),--keep)

test: $(STAMP) ## every test, on real tools
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

test-fast: $(STAMP) ## what needs no conda world and no terminal, in less than a minute
	$(BIN)/python -m pytest -n $(WORKERS) -m "not world and not terminal and not slow" \
	  --hypothesis-profile=fast $(ARGS)

lint: $(STAMP) ## layers, types, style, shell code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/safeinstall init bash | cat - shell/guards.bash shell/guards.sh | shellcheck -s bash -
	$(BIN)/safeinstall completion bash | shellcheck -s bash -
	shfmt -d -ln bash -i 2 -ci shell/bash.sh shell/complete.bash shell/guards.bash shell/guards.sh shell/define.sh src/safeinstall/sandbox/content
	shfmt -d -ln posix -i 2 -ci shell/shim.sh shell/sh.sh shell/blocks/posix.sh shell/blocks/shims.sh
	shellcheck -s sh shell/shim.sh
	zsh -n shell/zsh.zsh shell/guards.zsh
	fish --no-execute shell/fish.fish shell/complete.fish

tables: $(STAMP) ## the tables of rules in README.md and docs/policy.md, after the table in the code
	$(BIN)/python tools/rule_tables.py

bench: $(STAMP) ## what the guard costs, as ratios within one run
	$(BIN)/python bench/run.py
	$(BIN)/python -m bench.shells
	$(BIN)/python -m bench.doors

torture: $(STAMP) ## all tests, with the long ones and the long versions of others
	SAFEINSTALL_TORTURE=1 $(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

SEQUENCES ?= 300
SEED ?= 1

court: $(STAMP) ## does the guard stop what breaks, and only that? make court SEQUENCES=300 SEED=1
	$(BIN)/python -m tests.court --seed $(SEED) $(if $(ONLY),--first $(ONLY) --sequences 1 \
	  --verbose,--sequences $(SEQUENCES)) $(ARGS)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[sandbox]" --group test --group lint
	@touch $@
