# Everything here is done by scripts/, which needs nothing but Python's standard library.
PYTHON ?= python3
ONLY ?=
ROUNDS ?= 1
export ONLY ROUNDS

.DEFAULT_GOAL := help
.PHONY: help run test lint bench lock links clean python

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: python ## Set up what is missing and start Kindred (HOST, PORT and DATA_DIR choose where)
	@exec $(PYTHON) -m scripts run

test: python ## Set up and test everything, or a part: make test ONLY=browser (ROUNDS=5 tries harder)
	@exec $(PYTHON) -m scripts test

lint: python ## Check formatting, types and the direction of imports
	@ONLY=lint exec $(PYTHON) -m scripts test

bench: python ## Measure the figures that the documents report
	@exec $(PYTHON) -m scripts bench

lock: python ## Pin the newest allowed versions in requirements*.txt and package-lock.json
	@exec $(PYTHON) -m scripts lock

links: python ## Renew the list of known scam addresses that the client ships
	@exec $(PYTHON) -m scripts links

clean: python ## Remove what was built and installed here, but no data
	@exec $(PYTHON) -m scripts clean

python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing. Install it: apt-get install python3 python3-venv" >&2; exit 1; }
