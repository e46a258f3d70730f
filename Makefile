# Two targets do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
UV := .tools/bin/uv
RUN := $(UV) run --frozen --no-sync
export UV_PYTHON_DOWNLOADS = never

.PHONY: demo test setup lint types proto proto-check format unit compose-check docker-secrets cli-docs wheel-check develop clean

demo: setup
	$(RUN) tacit demo --out demo-results

test: setup lint types proto-check compose-check unit

$(UV):
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'

# The project goes in as the wheel that users get, not as an editable tree: tests see what ships.
setup: $(UV)
	$(UV) sync --frozen --no-editable --reinstall-package tacit --quiet

# For working on the code: the same, but the tree itself is what runs.
develop: $(UV)
	$(UV) sync --frozen

lint:
	$(RUN) ruff check .
	$(RUN) ruff format --check .

format:
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

types:
	$(RUN) mypy

proto:
	$(RUN) python scripts/proto.py

proto-check:
	$(RUN) python scripts/proto.py --check

compose-check:
	$(RUN) check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

docker-secrets:
	docker/make-secrets.sh

# docs/cli.md is what the commands' own --help says; a test holds it to that.
cli-docs:
	$(RUN) python scripts/clidoc.py

wheel-check:
	$(RUN) python scripts/wheel.py

unit:
	$(RUN) pytest -n auto --dist worksteal

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis dist demo-results

# Encoding speed against clkhash; docs/evaluation.md holds the last figures.
.PHONY: bench-encode
bench-encode:
	$(RUN) python benchmarks/encode.py

# Comparison speed against anonlink; docs/evaluation.md holds the last figures.
.PHONY: bench-compare
bench-compare:
	$(RUN) python benchmarks/compare.py --rounds 9

# Accuracy against clkhash + anonlink and Splink, into docs/evaluation.md; `make bench-accuracy
# ONLY=dirty` does one data set. The other linkers go into an environment of their own.
.PHONY: bench-accuracy
bench-accuracy: export UV_PROJECT_ENVIRONMENT = .tools/benchmarks
bench-accuracy: $(UV)
	$(UV) run --frozen --no-default-groups --group benchmarks python benchmarks/accuracy --write $(if $(ONLY),--only $(ONLY))

# kill -9 at random moments, over SQLite and PostgreSQL; docs/evaluation.md holds the last figures.
.PHONY: kills
kills:
	$(RUN) python -W ignore tests/support/kill_loop.py --store sqlite $(if $(KILLS),--kills $(KILLS))
	$(RUN) python -W ignore tests/support/kill_loop.py --store postgresql $(if $(KILLS),--kills $(KILLS))

# Thirty nodes with 10,000 records each, on lines that drop connections, into one coordinator;
# every group is checked. Some twenty minutes; docs/evaluation.md holds the last figures.
.PHONY: coalition
coalition:
	$(RUN) python benchmarks/coalition/coalition_bench.py --members 30 --records 10000 --drop 0.1 --most 6

# A million and more wrong messages, files and answers; docs/evaluation.md holds the last figures.
# `make fuzz CASES=20000` does fewer of each, `make fuzz ONLY=wire` one surface. atheris, which goes
# by coverage, has an environment of its own.
.PHONY: fuzz
fuzz: export UV_PROJECT_ENVIRONMENT = .tools/fuzz
fuzz: $(UV)
	$(UV) run --frozen --group fuzz python tests/fuzz/fuzz_main.py --cases $(or $(CASES),250000) $(if $(ONLY),--surface $(ONLY))
	$(if $(ONLY),,$(UV) run --frozen --group fuzz python tests/fuzz/fuzz_guided.py all -max_total_time=$(or $(SECONDS),60))

# One check of the coordinator is taken out after the other, and a test must miss it; `make mutation
# ONLY=uploads,results` does some modules, JOBS=2 two at a time. docs/evaluation.md holds the last
# figures.
.PHONY: mutation
mutation:
	$(RUN) pytest tests/coordinator/test_policy_mutants.py -q
	$(RUN) python -W ignore scripts/mutation.py --jobs $(or $(JOBS),1) $(if $(ONLY),--only $(ONLY))
