# `make` lists what there is. PORT and VAR (the folder for the database, uploads and all else that is not code) are
# taken as variables (`make run PORT=8001 VAR=var2`), from the environment or from .env; forum/settings.py has the defaults.

# The first of these that Forum can use. Name another with `make PYTHON=…`.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& echo "$$python" && break; done)
# One that is too old says so itself.
VENV = $(or $(PYTHON),python3) bin/venv
COMPILE = .venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--custom-compile-command "make requirements"

.DEFAULT_GOAL := help
.PHONY: help run stop demo test audit bench bench-scale storm lint format requirements

help: ## List the commands.
	@echo "Forum. Usage: make COMMAND [PORT=8000] [VAR=var]"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 16

run: ## Start the site with its worker, and, without DATABASE_URL, a database and a demonstration. Ctrl-C ends it.
	@$(VENV)
	@exec .venv/bin/python manage.py serve

stop: ## End what `make run` started, or left behind when it was killed.
	@if [ -x .venv/bin/python ]; then exec .venv/bin/python manage.py stop; else echo "Nothing is running."; fi

demo: ## Load the demonstration; into the database that DATABASE_URL names, too.
	@$(VENV)
	@.venv/bin/python manage.py migrate --verbosity 0
	@.venv/bin/python manage.py demo

test: ## Run every gate and test. `make test ARGS="-k search"` runs the gates and some of the tests.
	@$(VENV) dev
	@exec bin/check $(ARGS)

audit: ## Ask Lighthouse and others about readers' pages, and write their figures into docs/quality.md. Needs Node and Chromium.
	@$(VENV) dev
	@exec .venv/bin/python -m bench.audit $(ARGS)

bench: ## Measure pages against bare bytes on the same server, and write it into docs/performance.md. Needs wrk; nginx where it is.
	@$(VENV) dev
	@exec .venv/bin/python -m bench.speed $(ARGS)

bench-scale: ## Measure pages and searches at 10,000 to 1,000,000 generated pieces. Takes a good hour and 15 GB the first time. ARGS="10000 100000" for less.
	@$(VENV) dev
	@exec .venv/bin/python -m bench.scale $(ARGS)

storm: ## Edit, kill and cut for half a minute, and see whether any reader gets what is not true any more.
	@$(VENV) dev
	@exec .venv/bin/python -m bench.storm $(ARGS)

lint: ## Run the gates without the tests.
	@$(VENV) dev
	@exec bin/check --gates-only

format: ## Put Python and templates into shape.
	@$(VENV) dev
	@.venv/bin/ruff check --quiet --fix-only .
	@.venv/bin/ruff format .
	@find templates -name '*.html' -exec .venv/bin/djade --target-version 5.2 {} +

requirements: ## Pin what requirements*.in ask for. `make requirements ARGS=--upgrade` takes newer releases.
	@$(VENV) dev
	$(COMPILE) $(ARGS) requirements.in -o requirements.txt
	$(COMPILE) $(ARGS) requirements-embedded.in -o requirements-embedded.txt
	$(COMPILE) $(ARGS) requirements-s3.in -o requirements-s3.txt
	$(COMPILE) $(ARGS) requirements-dev.in -o requirements-dev.txt
