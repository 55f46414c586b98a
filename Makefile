# Two commands do everything on a fresh machine with Python 3.11+, git and make:
#   make run    set up, then tune the sample app on the embedded model
#   make test   set up, then lint, type-check and test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup run test lint docs soak clean
setup: $(STAMP)

# torch comes first: installed by itself it is the CPU build where one is at hand, and nothing later replaces it.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[local,train,dev]'
	touch $@

run: setup
	$(BIN)/harness run

# Tests also wait, for git, a disk or a timeout, so there are three at a time for two cores; threads of torch that vie for
# the cores only spin.
test: setup lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist worksteal

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What the docs take from the code: the reference, and what the commands of the tutorial print.
docs: setup
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.walk docs/tutorial.md --write

# Long proofs; each prints a table. See benchmarks/README.md for what they take.
soak: setup
	$(BIN)/python -m benchmarks.false_keeps
	$(BIN)/python -m benchmarks.power
	$(BIN)/python -m benchmarks.kills
	$(BIN)/python -m benchmarks.composing
	$(BIN)/python -m benchmarks.aa_loop
	$(BIN)/python -m benchmarks.aa_loop --world stochastic --size small --runs 400
	$(BIN)/python -m benchmarks.seeds

clean:
	rm -rf $(VENV) build dist *.egg-info
