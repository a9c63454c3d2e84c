# Few names: setup makes everything that runs, test checks it; the rest is for whoever works on the project.
PYTHON ?= python3
HOST := .venv/bin/python
ENVIRONMENTS := main numpy1
# --strict: an environment that cannot be built is an error
STRICT ?=
# All that is measured in one test run, whatever process measured it.
MEASURED := $(CURDIR)/.coverage-data

.PHONY: setup test check test-environments test-host soak bench evaluate docs

setup:
	@$(PYTHON) bridges/build.py setup $(STRICT)

test:
	@$(PYTHON) bridges/build.py setup --dev $(STRICT)
	@rm -rf $(MEASURED) && mkdir $(MEASURED)
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory test-environments
	@$(MAKE) --no-print-directory test-host

check:
	$(HOST) -m ruff format --check .
	$(HOST) -m ruff check .
	$(HOST) -m mypy
	.venv/bin/lint-imports

# The plugins of an environment are tested inside it. One that could not be built is named and left out.
test-environments: export COVERAGE_FILE := $(MEASURED)/.coverage
test-environments:
	@set -e; for name in $(ENVIRONMENTS); do \
		python=envs/$$name/.venv/bin/python; \
		if [ ! -x $$python ]; then echo "the environment $$name is not built: its tests are left out"; \
		elif [ -d tests/plugins/$$name ]; then \
			echo "in the environment $$name:"; \
			$$python -m coverage run -m pytest --confcutdir=tests/plugins tests/plugins/$$name; \
		fi; \
	done

# Last, so that a run closes with pytest's own line.
test-host: export COVERAGE_FILE := $(MEASURED)/.coverage
test-host: export HEMIOLA_COVERAGE := $(MEASURED)
test-host:
	$(HOST) -m pytest --cov --cov-append

soak:
	$(HOST) -m pytest -m soak

bench:
	$(HOST) -m evaluation.bench

evaluate:
	.venv/bin/hemiola evaluate

docs:
	$(HOST) -m pytest tests/docs
