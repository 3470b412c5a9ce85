# Two commands: `make acceptance` runs the suite, `make test` everything CI checks.
# Both set up .venv themselves. ARGS goes to behave: make acceptance ARGS="-D postgres=embedded -n ORGANIC"

SHELL := /bin/bash
BIN := .venv/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# Workers of pytest, each with a server of its own: half of a test is waiting.
WORKERS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))

SUBJECTS = $(basename $(notdir $(filter-out %_down.sql %_before.sql, $(wildcard migrations/0[1-9]_*.sql))))

.PHONY: acceptance isolated test lint types unit alone embedded docker drifts orders leaks axe bench bench-live \
    bench-evidence clean

# Ours come after ARGS, as behave gives its -o files to the first formatters; the verdict is the last line.
acceptance: .venv/suite
	$(BIN)/behave $(ARGS) -f informe -f github -f consola

# Whether Postgres keeps every table with tenant_id to its clinic: DATABASE=postgresql://… Changes nothing; names what it does not.
isolated: .venv/suite
	@PGOPTIONS="-c migration.verify=yes" $$($(BIN)/python -c 'from steps.support.postgres import embedded; print(embedded.psql())') \
	    --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=migrations/02_tenant_isolation.sql "$(DATABASE)"

test: lint types unit alone embedded docker

bench: bench-live bench-evidence

# ROWS=1000000 for a smaller machine.
bench-evidence: .venv/dev
	$(BIN)/python -m benchmarks.evidence $(if $(ROWS),--rows $(ROWS))

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev
	$(BIN)/mypy

unit: .venv/dev
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not alone"

# What measures time, when nothing else runs.
alone: .venv/dev
	$(BIN)/pytest -m alone

# Five hundred tables composed at random, and the faults planted in the script; DRIFTS=SEED for those of a seed.
drifts: .venv/dev
	DRIFTS=$(DRIFTS) $(BIN)/pytest -s tests/live/test_composed.py

# Two hundred orders of what goes on beside the migration; ORDERS=SEED for those of a seed.
orders: .venv/dev
	ORDERS=$(ORDERS) $(BIN)/pytest -s tests/live/test_orders.py

# Ten thousand uses of a clinic's session, against the other clinic; LEAKS=SEED for those of a seed.
leaks: .venv/dev
	LEAKS=$(LEAKS) $(BIN)/pytest -s tests/tenancy/test_no_leak.py

# The scenarios of every migration there is.
embedded: .venv/dev
	for subject in $(SUBJECTS); do $(BIN)/behave -D postgres=embedded -D subject=$$subject || exit 1; done

docker: .venv/dev
	@if why=$$($(BIN)/python -m steps.support.postgres.engine); then \
	    $(BIN)/behave -D postgres=docker; \
	else echo "$$why: the container path was not run."; fi

bench-live: .venv/bench
	$(BIN)/python -m benchmarks.live $(ARGS)

# Accessibility of the report in a browser. Needs npm and Chromium, so it is not part of `make test`.
axe: .venv/dev
	$(BIN)/pytest tests/report/accessibility.py

clean:
	rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache

.venv/suite: pyproject.toml constraints.txt
	@$(call install,.[suite])

.venv/dev: pyproject.toml constraints.txt
	@$(call install,.[dev])
	@touch .venv/suite

.venv/bench: pyproject.toml constraints.txt
	@$(call install,.[bench])
	@touch .venv/dev .venv/suite

# A stamp file a set of packages: nothing is installed again until what names them changes.
define install
if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed. Install it, or name it: make PYTHON=/path/to/python3 …"; exit 1; fi; \
[ -x $(BIN)/python ] || { echo "Setting up .venv with $(PYTHON), once."; $(PYTHON) -m venv .venv; } && \
echo "Installing the project into .venv." && \
$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '$(1)' && touch $@
endef
