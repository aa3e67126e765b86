# Every command of the course. `make` alone lists them.
#
# Each makes the virtual environment .venv when it is missing and installs into it only when
# pyproject.toml or constraints.txt changed since. Without make, see README.md: the same in plain Python.

# Another Python: make lab PYTHON=python3.12
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && exit; done; echo python3)

ifeq ($(OS),Windows_NT)
  BIN := .venv/Scripts
else
  BIN := .venv/bin
endif
PY := $(BIN)/python
DONE := .venv/.installed
NEEDS := pyproject.toml constraints.txt
INSTALL = $(PY) -m pip install --disable-pip-version-check -q -c constraints.txt -e

.DEFAULT_GOAL := help
.PHONY: help lab torch test verify book pdf serve notebook notebooks handout classroom slides grade assignment graded bench mutants lint format address clean distclean

help: ## this list
	@echo "The course's commands:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: $(DONE)-lab ## open JupyterLab on the course's start page
	$(PY) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks/README.md \
	  --LabApp.app_settings_dir="$(CURDIR)/tools/jupyterlab" $(ARGS)

torch: $(DONE)-torch ## add PyTorch for the notebooks that use it (`make test` brings it, too)

test: $(DONE)-dev ## run every test: package, notebooks, exercises, book
	$(PY) -m pytest $(ARGS)

verify: $(DONE)-dev ## run the notebooks one by one and record it for the book; nothing else should run
	$(PY) -m pytest notebooks -n0 --forbid-skips --record-verified

book: $(DONE)-dev ## build the book and say where it is
	$(BIN)/jupyter-book build . --config book/_config.yml --toc book/_toc.yml --path-output book \
	  -W -n --keep-going
	@echo "The book is in book/_build/html/index.html; make serve shows it."

pdf: $(DONE)-dev ## print the book into build/book.pdf (needs Chromium)
	@test -f book/_build/html/index.html || $(MAKE) book
	$(PY) tools/pdf.py $(ARGS)

serve: ## show the built book at http://localhost:8000 (another port: PORT=8001)
	@test -f book/_build/html/index.html || $(MAKE) book
	$(PY) -m http.server --directory book/_build/html --bind 127.0.0.1 $(or $(PORT),8000)

notebook: $(DONE)-dev ## run a notebook again in place, here the second: make notebook N=02
	@test -n "$(N)" || { echo "which one? for instance: make notebook N=02"; exit 2; }
	$(PY) tools/run_notebooks.py $(N)
	$(PY) tools/start_page.py

notebooks: $(DONE)-dev ## run all notebooks again in place
	$(PY) tools/run_notebooks.py --all
	$(PY) tools/start_page.py

handout: $(DONE)-dev ## student versions without solutions, and keys: make handout (all) or N=05
	$(PY) tools/handout.py $(N) $(if $(TO),--to "$(TO)")

classroom: $(DONE)-dev ## one archive for a class without internet (see tools/classroom.py)
	@test -f book/_build/html/index.html || $(MAKE) book
	$(PY) tools/classroom.py $(ARGS)

slides: $(DONE)-dev ## slides for the classroom, with the notebooks' figures: make slides (all) or N=05
	$(PY) tools/slides.py $(N) $(if $(TO),--to "$(TO)") $(ARGS)

grade: $(DONE)-dev ## grade a folder of submissions: make grade FOLDER=submissions N=05
	@test -n "$(FOLDER)" || { echo "which folder? for instance: make grade FOLDER=submissions"; exit 2; }
	$(PY) tools/grade.py "$(FOLDER)" $(N) $(if $(GRADED),--graded "$(GRADED)") $(if $(MARKS),--marks "$(MARKS)") $(if $(TO),--to "$(TO)") $(ARGS)

assignment: $(DONE)-dev ## make an nbgrader assignment: make assignment N=05 (GRADED="your seed")
	@test -n "$(N)" || { echo "which one? for instance: make assignment N=05"; exit 2; }
	$(PY) tools/assignment.py $(N) $(if $(GRADED),--graded "$(GRADED)") $(if $(TO),--to "$(TO)")

graded: $(DONE)-dev ## draw a graded set from your seed: make graded N=02 SEED="any text"
	@test -n "$(N)" -a -n "$(SEED)" || { echo 'for instance: make graded N=02 SEED="our class, spring, 7291"'; exit 2; }
	$(PY) tools/graded_set.py $(N) --seed "$(SEED)" $(if $(TO),--to "$(TO)")

bench: $(DONE)-dev ## measure imports, checks and notebooks, then the engine against PyTorch
	$(PY) tools/bench.py
	$(PY) benchmarks/engine.py

mutants: $(DONE)-dev ## try the exercise checks on mutated answers: make mutants ARGS="margin 05"
	$(PY) tools/mutants.py $(ARGS)

lint: $(DONE)-dev ## check the form of code, of the notebooks' code cells and of the workflows
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

format: $(DONE)-dev ## put code and the notebooks' code cells into form
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

address: $(DONE)-dev ## check that one repository address stands everywhere (to set it: tools/stamp.py)
	$(PY) tools/stamp.py --check

clean: ## delete what was built (the environment stays)
	rm -rf build dist book/_build book/_static/vendor jupyter_execute .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name .venv -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -exec rm -rf {} +

distclean: clean ## delete the environment as well
	rm -rf .venv *.egg-info

# The environment. Each file $(DONE)-... says that its set is installed as pyproject.toml now asks.

$(DONE)-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "The course needs Python 3.11 or later; $(PYTHON) is" \
	    "$$($(PYTHON) --version 2>/dev/null || echo 'not there')."; \
	  echo "Install one from python.org, or name one you have: make $(or $(MAKECMDGOALS),lab) PYTHON=python3.12"; \
	  exit 2; }
	@$(PY) -c '' 2>/dev/null || { echo "Making the environment .venv ..."; $(PYTHON) -m venv .venv; } || { rm -rf .venv; \
	  echo "That failed. On Debian and Ubuntu: sudo apt install python3-venv"; exit 2; }
	@touch $@

$(DONE)-lab: $(NEEDS) | $(DONE)-venv
	@echo "Installing JupyterLab and what the notebooks need (about 0.6 GB, some minutes the first time) ..."
	@$(INSTALL) '.[lab]'
	@touch $@

$(DONE)-torch: $(NEEDS) | $(DONE)-lab
	@echo "Installing PyTorch ..."
	@$(INSTALL) '.[lab,torch]'
	@touch $(DONE)-lab $@

$(DONE)-dev: $(NEEDS) | $(DONE)-venv
	@echo "Installing all that tests and book need (about 2 GB with PyTorch, some minutes the first time) ..."
	@$(INSTALL) '.[dev]'
	@touch $(DONE)-lab $(DONE)-torch $@
