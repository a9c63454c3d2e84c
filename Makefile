# Few names: setup makes everything that runs, test checks it; the rest is for whoever works on the project.
PYTHON ?= python3
HOST := .venv/bin/python
ENVIRONMENTS := main numpy1
STRICT :=

.PHONY: setup test check test-environments test-host soak bench evaluate docs

setup:
	@$(PYTHON) bridges/build.py setup $(STRICT)

test:
	@$(PYTHON) bridges/build.py setup --dev $(STRICT)
	@$(MAKE) --no-print-directory check test-environments test-host

check:
	$(HOST) -m ruff format --check .
	$(HOST) -m ruff check .
	$(HOST) -m mypy
	.venv/bin/lint-imports

# The plugins of an environment are tested inside it; an environment that could not be built is named and left out.
test-environments:
	@rm -f .coverage .coverage.*
	@set -e; for name in $(ENVIRONMENTS); do \
		if [ ! -x envs/$$name/.venv/bin/pytest ]; then echo "envs/$$name is not built: its tests are left out"; \
		elif [ -d tests/plugins/$$name ]; then echo "in envs/$$name:"; \
			COVERAGE_FILE=.coverage.$$name envs/$$name/.venv/bin/python -m coverage run -m pytest tests/plugins/$$name; fi; \
	done

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
