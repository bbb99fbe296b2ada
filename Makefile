# What CI runs, as a developer runs it. PYTHON is the interpreter; `make develop` installs all that the others need.
PYTHON ?= python
SECONDS ?= 60
SEED ?= 1
LIBRARY = $(shell gcc -print-file-name=$(1))

.PHONY: develop build test lint format types workflows sdist wheel sanitize fuzz races interop spark import-time docs figures bench clean

develop: ## install this folder, in place
	$(PYTHON) -m pip install -e '.[dev]'

build: ## what has changed, in place
	$(PYTHON) setup.py --quiet build_ext --inplace

test: build
	$(PYTHON) -m pytest

lint:
	ruff check .
	ruff format --check .
	cython-lint fastemb/kernels
	$(PYTHON) .ci/kernel_hints.py

format:
	ruff check --fix .
	ruff format .

types: ## also that the stubs are what was compiled
	mypy
	$(PYTHON) -P -m mypy.stubtest fastemb.kernels --mypy-config-file pyproject.toml --allowlist .ci/stubtest.txt --ignore-unused-allowlist

workflows:
	check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	zizmor --offline --persona=pedantic .github

sdist:
	$(PYTHON) -m build --sdist

wheel: ## dist/*.whl, from the sdist
	$(PYTHON) -m build

sanitize: ## tests under AddressSanitizer and UndefinedBehaviorSanitizer, then rebuild without
	FASTEMB_SANITIZE=address,undefined $(PYTHON) setup.py --quiet build_ext --inplace --force
	$(SANITIZED) -m pytest -p no:cacheprovider
	$(PYTHON) setup.py --quiet build_ext --inplace --force

SANITIZED = ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 PYTHONMALLOC=malloc PYTHONPATH=$(CURDIR) \
	LD_PRELOAD="$(call LIBRARY,libasan.so) $(call LIBRARY,libubsan.so)" $(PYTHON)
FUZZ = --seconds $(SECONDS) --seed $(SEED)

fuzz: ## SECONDS each: damaged files and random calls, sanitized; the same without, for memory; atheris, if it is there
	FASTEMB_SANITIZE=address,undefined $(PYTHON) setup.py --quiet build_ext --inplace --force
	$(SANITIZED) tests/fuzz_formats.py $(FUZZ)
	$(SANITIZED) tests/fuzz_calls.py $(FUZZ)
	$(PYTHON) setup.py --quiet build_ext --inplace --force
	PYTHONPATH=$(CURDIR) $(PYTHON) tests/fuzz_formats.py $(FUZZ)
	PYTHONPATH=$(CURDIR) $(PYTHON) tests/fuzz_calls.py $(FUZZ)
	! $(PYTHON) -c "import atheris" || PYTHONPATH=$(CURDIR) $(PYTHON) tests/fuzz_parsers.py $(FUZZ)

races: ## what threads do, under ThreadSanitizer; tests/hogwild.supp says which races are meant
	FASTEMB_SANITIZE=thread $(PYTHON) setup.py --quiet build_ext --inplace --force
	TSAN_OPTIONS="suppressions=tests/hogwild.supp history_size=4" LD_PRELOAD="$(call LIBRARY,libtsan.so)" \
		PYTHONPATH=$(CURDIR) setarch -R $(PYTHON) tests/races.py
	$(PYTHON) setup.py --quiet build_ext --inplace --force

interop: build ## gensim's own tests, packages that use it or fasttext under the patches, readers of encoders, scikit-learn's checks
	FASTEMB_TEST_PACKAGES=1 $(PYTHON) -m pytest -s tests/test_gensim_suite.py tests/test_packages.py \
		tests/test_fasttext_packages.py tests/test_encoder_packages.py tests/test_sklearn.py

spark: build ## fastemb.spark on real executors, some of which are killed; needs fastemb[spark] and Java
	FASTEMB_TEST_SPARK=1 $(PYTHON) -m pytest -s tests/test_spark_smoke.py tests/test_spark_cluster.py tests/test_spark_sessions.py

import-time: ## of fastemb beyond NumPy, in milliseconds of processor time
	$(PYTHON) .ci/import_time.py

docs: $(if $(wildcard fastemb/kernels/*.so fastemb/kernels/*.pyd),build) ## build/docs/index.html; a warning is an error
	$(PYTHON) -P -m sphinx --fail-on-warning --keep-going --nitpicky --quiet docs build/docs

figures: ## the chart and the tables of the README, from the runs in bench/*.json
	$(PYTHON) bench/chart.py

bench: ## CORPUS is a text file
	$(PYTHON) bench/train.py $(CORPUS) --runs 3 --json bench.json

clean:
	rm -rf build dist wheelhouse fastemb/kernels/openblas fastemb/kernels/*.c fastemb/kernels/sgd/*.c fastemb/kernels/text/*.c fastemb/kernels/graphs/*.c
	find fastemb -name "*.so" -delete
