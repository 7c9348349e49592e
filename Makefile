# Two commands: `make book` and `make test`.  README.md says what else there is.

# the first of these on the path; whatever is said goes first
PYTHON ?= $(firstword $(foreach one,python3.11 python3.12 python3.13,$(if $(shell command -v $(one)),$(one))) python3)
VENV ?= .venv
PROFILE ?= tiny
WORLD_SEED ?= 0
TORCH_INDEX ?=

comma := ,
SHELL := /bin/sh
BIN := $(VENV)/bin
# of another Python a new environment is made, and of other pins
MINOR := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
STAMP := $(VENV)/ready-$(MINOR)-$(firstword $(shell cksum < pyproject.toml))
PEERS := _build/peers
PEERS_STAMP := $(PEERS)/ready-$(MINOR)-$(firstword $(shell cat pyproject.toml benchmarks/requirements.txt 2>/dev/null | cksum))
SNAKEMAKE := _build/snakemake
SNAKEMAKE_STAMP := $(SNAKEMAKE)/ready-$(MINOR)-$(firstword $(shell cksum < workflow/requirements.txt 2>/dev/null))
TORCH := $(shell sed -n 's/.*"\(torch==[^"]*\)".*/\1/p' pyproject.toml)

# names of folders are text: neither make nor the shell may read them as code
override PROFILE := $(value PROFILE)
override WORLD_SEED := $(value WORLD_SEED)
override MODELS := $(value MODELS)
export PROFILE WORLD_SEED MODELS
export OMP_NUM_THREADS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# settings of the user's that would install elsewhere than in $(VENV)
export PIP_USER := 0
unexport PIP_TARGET PIP_PREFIX

.PHONY: book book-full test test-slow faults batch-environment pages environment zoo bench clean help
.DEFAULT_GOAL := help

# $(call step,headline,command): the headline, the command, its seconds; stop with a clear line if it fails
define step
	@printf '\n== %s\n' "$(1)"; begun=$$(date +%s); \
	if $(2); then printf '   %s: %s s\n' "$(1)" "$$(( $$(date +%s) - begun ))"; \
	else printf '\nmake: "%s" failed after %s s; what is wrong stands above this line\n' \
	  "$(1)" "$$(( $$(date +%s) - begun ))" >&2; exit 1; fi
endef

# a clear line if Python or its venv module is not there
define check_python
	@case "$(MINOR)" in 3.11|3.12|3.13) ;; *) \
	  echo "make: the book needs Python 3.11, 3.12 or 3.13, but \"$(PYTHON)\" is none of them: install one or say make PYTHON=/path/to/python3.12" >&2; \
	  exit 1;; esac
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "make: \"$(PYTHON)\" cannot make virtual environments: install its venv module (Debian: python$(MINOR)-venv)" >&2; \
	  exit 1; }
endef

help:
	@echo "make book    run every notebook and build the book in _build/html (WORLD_SEED=, PROFILE=, PYTHON=)"
	@echo "make test    linters, types, tests, the numbers of the committed pages, the committed book, in Chromium too"
	@echo "make test-slow  what takes minutes: notebooks with the wheel alone, Sphinx alone, the site in Chromium, little memory, a Slurm of two nodes, SmolLM2 where it was fetched"
	@echo "make faults  kill runs, damage artefacts, fill disks, and store what came of it"
	@echo "make pages   run every notebook and refresh the committed pages"
	@echo "make book-full  run everything on each registered world seed (and MODELS=, folders): hours, said before"
	@echo "make batch-environment  Snakemake in an environment of its own, for more than one machine"
	@echo "make bench   measure times and memory beside the peers, in an environment of its own (an hour, best alone)"
	@echo "make clean   delete _build/, with the trained SAEs"

book: zoo
	$(call step,notebooks and book,$(BIN)/python -m saecore book --profile "$$PROFILE" --world-seed "$$WORLD_SEED")

pages: PROFILE := tiny
pages: WORLD_SEED := 0
pages: zoo
	$(call step,committed pages,$(BIN)/python -m saecore pages)

book-full: $(STAMP)
	$(call step,whole runs,$(BIN)/python -m saecore full --profile "$$PROFILE" --models $$MODELS)

zoo: $(STAMP)
	$(call step,trained SAEs,$(BIN)/python -m saecore zoo --profile "$$PROFILE" --world-seed "$$WORLD_SEED")

test: PROFILE := tiny
test: WORLD_SEED := 0
test: $(STAMP)
	$(call step,linter,$(BIN)/ruff check . && $(BIN)/ruff format --check .)
	$(call step,layers,$(BIN)/lint-imports)
	$(call step,types and unit tests,$(BIN)/pytest -n 2 --dist loadfile -m "not slow and not site" tests)
	$(call step,trained SAEs,$(BIN)/python -m saecore zoo)
	$(call step,numbers of the committed pages,$(BIN)/pytest --nbval -n 2 --dist loadfile book/notebooks)
	$(call step,book from the committed pages,$(BIN)/python -m saecore book --committed)
	$(call step,the book in Chromium,SAECORE_BUILT=_build/committed/_build/html $(BIN)/pytest -n 2 -m site tests/book)

test-slow: $(STAMP) $(SNAKEMAKE_STAMP)
	$(call step,slow tests,$(BIN)/pytest -m "slow or site" tests)

faults: $(STAMP)
	$(call step,faults,$(BIN)/python -m faults)

environment: $(STAMP)

batch-environment: $(STAMP) $(SNAKEMAKE_STAMP)

$(SNAKEMAKE_STAMP):
	$(check_python)
	$(call step,environment with Snakemake in $(SNAKEMAKE),$(PYTHON) -m venv $(SNAKEMAKE) \
	  && $(SNAKEMAKE)/bin/python -m pip install -qq -r workflow/requirements.txt \
	  && rm -f $(SNAKEMAKE)/ready-* && touch $@)

# modules are compiled as they are imported: all of them would take a minute
$(STAMP):
	$(check_python)
	$(call step,environment in $(VENV) (2 GB$(comma) some minutes),$(PYTHON) -m venv $(if $(wildcard $(VENV)/ready-*),--clear) $(VENV) \
	  && $(BIN)/python -m pip install -qq --no-compile $(if $(TORCH_INDEX),--index-url "$(TORCH_INDEX)") $(TORCH) \
	  && $(BIN)/python -m pip install -qq --no-compile -e ".[book$(comma)dev]" \
	  && $(BIN)/python -c 'import matplotlib.font_manager' \
	  && touch $@)

bench: $(PEERS_STAMP)
	$(call step,benchmarks,$(PEERS)/bin/python benchmarks/run.py)
	$(call step,goals,$(PEERS)/bin/python benchmarks/report.py)

$(PEERS_STAMP):
	$(check_python)
	$(call step,environment with the peers in $(PEERS),$(PYTHON) -m venv $(PEERS) \
	  && $(PEERS)/bin/python -m pip install -qq $(if $(TORCH_INDEX),--index-url "$(TORCH_INDEX)") $(TORCH) \
	  && $(PEERS)/bin/python -m pip install -qq -e ".[book]" -r benchmarks/requirements.txt \
	  && $(PEERS)/bin/python -m pip uninstall -qq -y torchvision \
	  && rm -f $(PEERS)/ready-* && touch $@)

clean:
	rm -rf _build


