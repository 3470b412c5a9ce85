# Two commands: `make acceptance` runs the suite, `make test` everything CI checks.
# Both set up .venv themselves. ARGS goes to behave: make acceptance ARGS="-D postgres=embedded -n ORGANIC"

SHELL := /bin/bash
BIN := .venv/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# Workers of pytest, each with a server of its own: half of a test is waiting.
WORKERS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))

# Every migration there is, as `behave -D subject=` calls it.
SUBJECTS = $(basename $(notdir $(filter-out %_down.sql %_look.sql, $(wildcard migrations/0[1-9]_*.sql))))

.PHONY: acceptance test lint types unit alone embedded docker axe picture bench-live clean

# Ours come after ARGS, as behave gives its -o files to the first formatters; the verdict is the last line.
acceptance: .venv/suite
	@$(BIN)/behave $(ARGS) -f informe -f github -f consola

# Every stage, also after one that failed.
test: .venv/dev
	@$(MAKE) --no-print-directory --keep-going lint types unit alone embedded docker

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

types: .venv/dev
	$(BIN)/mypy

unit: .venv/dev
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not alone"

# What measures time, when nothing else runs.
alone: .venv/dev
	$(BIN)/pytest -m alone

embedded: $(SUBJECTS:%=embedded-%)
docker: $(SUBJECTS:%=docker-%)

embedded-%: .venv/dev
	$(BIN)/behave -D postgres=embedded -D subject=$*

docker-%: .venv/dev
	@if why=$$($(BIN)/python -m steps.support.postgres.docker); then \
	    $(BIN)/behave -D postgres=docker -D subject=$*; \
	else echo "$$why: the container path was not run."; fi

# What clinics feel, side by side with other ways to migrate. For a quiet machine.
bench-live: .venv/dev
	$(BIN)/python -m benchmarks.live $(ARGS)

# docs/informe.png: the report of a script that deletes a patient. Needs Chromium.
picture: .venv/suite
	mkdir -p build
	sed 's/^END \$$\$$;/  DELETE FROM public.patients WHERE id = (SELECT max(id) FROM public.patients);\n&/' \
	    migrations/01_meta_ads_columns.sql > build/loses_a_patient.sql
	-$(BIN)/behave -D postgres=embedded -D migration=build/loses_a_patient.sql -f informe
	chromium --headless --no-sandbox --hide-scrollbars --window-size=1000,1150 --screenshot=docs/informe.png \
	    file://$(CURDIR)/build/informe.html

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

# A stamp file a set of packages: nothing is installed again until what names them changes.
define install
if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed. Install it, or name it: make PYTHON=/path/to/python3 …"; exit 1; fi; \
[ -x $(BIN)/pip ] || { echo "Setting up .venv with $(PYTHON), once."; $(PYTHON) -m venv --clear .venv; } && \
echo "Installing the project into .venv: about a minute, 150 MB." && \
$(BIN)/python -m pip install $$([ -t 1 ] || echo --quiet) --disable-pip-version-check -c constraints.txt -e '$(1)' && touch $@
endef
