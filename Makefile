# make demo    a demo house at an address it prints; everything under var/
# make test    the whole suite on real PostgreSQL, Valkey and SeaweedFS
# make check   style, types, import contracts, and the quick tests that need no server: rules, services on SQLite,
#              the most telling pages; what draws, binds, signs, starts processes or comes by the hundred is left to
#              make test, see tests/order.py
# make install only what the house needs to run; then .venv/bin/bespoke
# make timings how fast it is, as a table and JSON
# make messages  the texts for people, collected anew into bespoke/translations
# make contact-sheet  the running pages as pictures in build/contact/, beside mock-ups where MOCKUPS=folder has them
# make docs-pictures  the pictures of the docs anew from the running demo house; look at them before committing
# make lock    the locks anew from pyproject.toml
.PHONY: demo messages contact-sheet docs-pictures test check check-types check-behaviour install install-dev timings lock clean
.DEFAULT_GOAL := demo

BIN := .venv/bin
# without a terminal's colours, and not confused by another virtual environment or another Python's path; children find what they import compiled
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE

demo: install
	@$(BIN)/bespoke demo

install:
	@scripts/system-packages.sh runtime
	@scripts/environment.sh runtime

install-dev:
	@scripts/system-packages.sh test
	@scripts/environment.sh dev

# by file, so that what a file prepares once is prepared once; in the order of tests/order.py
BY_FILE := -n 2 --dist loadfile --no-loadscope-reorder

test: install-dev
	@$(BIN)/pytest $(BY_FILE)

check: install-dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@told=$$($(BIN)/lint-imports 2>&1) || { echo "$$told"; exit 1; }
	@$(MAKE) --no-print-directory -j 2 --output-sync=target check-types check-behaviour

check-types:
	@$(BIN)/mypy

check-behaviour:
	@$(BIN)/pytest $(BY_FILE) -m "not services and not slow and not browser"

timings: install-dev
	@$(BIN)/python -m tests.timings

contact-sheet: install-dev
	@$(BIN)/python scripts/contact_sheet.py

docs-pictures: install-dev
	@$(BIN)/python scripts/docs_pictures.py

messages: install-dev
	@$(BIN)/python scripts/messages.py

lock: install-dev
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements-dev.lock
	@echo "uv" | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate - -o requirements-uv.lock

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis
