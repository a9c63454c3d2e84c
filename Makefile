# Few names: run is all a newcomer needs, setup makes everything that runs, test checks it; the rest is for whoever works on the project.
PYTHON ?= python3
HOST := .venv/bin/python
ENVIRONMENTS := main numpy1 neural evaluation
# --strict: an environment that cannot be built is an error
STRICT ?=
# All that is measured in one test run, whatever process measured it.
MEASURED := $(CURDIR)/.coverage-data

define test_inside
(if [ -x envs/$(1)/.venv/bin/pytest ]; then echo "in the environment $(1):"; \
exec envs/$(1)/.venv/bin/python -m coverage run -m pytest --confcutdir=$(CONFTEST_$(1)) $(2); \
else echo "the environment $(1) is not built: its tests are left out"; fi)
endef

.PHONY: setup run test check test-environments test-host soak bench evaluate train docs

setup:
	@$(PYTHON) bridges/build.py setup $(STRICT)

# What is there already takes a second. An environment that cannot be built is named; the server runs without it.
run:
	@$(PYTHON) bridges/build.py setup $(STRICT)
	@exec .venv/bin/hemiola serve

test:
	@$(PYTHON) bridges/build.py setup --dev $(STRICT)
	@$(PYTHON) bridges/build.py setup evaluation --dev $(STRICT)
	@rm -rf $(MEASURED) && mkdir $(MEASURED) && cp tests/workers.ini $(MEASURED)
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory test-environments
	@$(MAKE) --no-print-directory test-host

check:
	$(HOST) -m ruff format --check .
	$(HOST) -m ruff check .
	$(HOST) -m mypy
	.venv/bin/lint-imports

# The plugins of an environment are tested inside it, decoding inside main, training inside neural. An environment
# that could not be built is named and left out. The conftest.py of tests/ needs what only the host has.
TESTS_main := tests/plugins/main tests/bridges/tasks tests/exports
TESTS_numpy1 := tests/plugins/numpy1
TESTS_neural := tests/plugins/neural tests/training
TESTS_evaluation := tests/evaluation
CONFTEST_main := tests/plugins
CONFTEST_numpy1 := tests/plugins
CONFTEST_neural := tests/plugins
CONFTEST_evaluation := tests/evaluation
# All at the same time, each with one thread; the first one's tests are seen as they run, the others' when they are through.
FIRST := $(firstword $(ENVIRONMENTS))
OTHERS := $(filter-out $(FIRST),$(ENVIRONMENTS))
test-environments: export COVERAGE_FILE := $(MEASURED)/.coverage
test-environments: export OMP_NUM_THREADS := 1
test-environments:
	@mkdir -p $(MEASURED); running=; failed=0; trap 'kill $$running' INT TERM; \
	$(foreach name,$(OTHERS),$(call test_inside,$(name),$(TESTS_$(name))) \
	>$(MEASURED)/$(name).log 2>&1 & $(name)=$$!; running="$$running $$!";) \
	$(call test_inside,$(FIRST),$(TESTS_$(FIRST))) || failed=1; \
	$(foreach name,$(OTHERS),wait $$$(name) || failed=1; cat $(MEASURED)/$(name).log;) exit $$failed

# Last, so that a run closes with pytest's own line.
test-host: export COVERAGE_FILE := $(MEASURED)/.coverage
test-host: export HEMIOLA_COVERAGE := $(MEASURED)
test-host:
	$(HOST) -m pytest --cov --cov-append

soak:
	$(HOST) -m pytest -m soak
	HEMIOLA_EXAMPLES=1000 $(HOST) -m pytest tests/sandbox/test_frames.py tests/sandbox/test_results.py

bench:
	$(HOST) -m evaluation.benchmarks

# The recordings with truth lie beside the checkout, where there are any.
SETS = builtin $(wildcard ../shared/eval)
evaluate:
	.venv/bin/hemiola evaluate $(SETS) --peer madmom --peer essentia --peer librosa

# Hours on two cores; stopped, it goes on where it was. What it learns from is made, and kept, in training/.
train:
	envs/neural/.venv/bin/python -m evaluation.training
	envs/neural/.venv/bin/python -m evaluation.training.drums

docs:
	$(HOST) -m pytest tests/docs
