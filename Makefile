# Circles. `make` lists what there is; `make run` is where to begin.
PYTHON ?= python3
# Makes .venv when it is missing or old, then becomes the program that follows.
IN_VENV = $(PYTHON) -m launcher.bootstrap
CIRCLES = $(IN_VENV) python -m launcher
SUPPLY = .circles/supply
TSC = .circles/typescript/node_modules/.bin/tsc
DASHBOARD = .circles/dashboard
PAGE = tests/observability/page
ARGS ?=
TTL ?= 86400
URL ?= http://localhost:$(or $(CIRCLES_PORT),8080)

.DEFAULT_GOAL := help
.PHONY: help run test test-unit test-integration test-scenarios screenshots observability-pictures token \
	check lint format types types-web imports faults faults-selftest bench capacity openapi asyncapi \
	freeze-events event-compatibility contract-fuzz fuzz event-catalogue access audit sbom migrate \
	topology-check psql status rabbitmqctl replay erase export backup restore doctor logs infra env up down clean

ifeq ($(shell command -v $(PYTHON)),)
$(error $(PYTHON) is missing. Install Python 3.11 or later, or name it: make run PYTHON=/path/to/python)
endif

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{ printf "  make %-22s %s\n", $$1, $$2 }'

run: ## the whole system, with its app, at http://localhost:8080; REPLICAS=3 for three notifiers, CIRCLES_PORT=… for another port
	@$(CIRCLES) run

test: ## every test, on servers of its own; ARGS="-k word -x" goes to pytest
	@$(CIRCLES) test $(ARGS)

test-unit: ## rules only, no servers
	@$(IN_VENV) pytest tests/unit $(ARGS)

test-integration: ## each service on real PostgreSQL and RabbitMQ
	@$(CIRCLES) test tests/integration $(ARGS)

contract-fuzz: ## made-up requests from the contract, for MINUTES=10
	@FUZZ_MINUTES="$(or $(MINUTES),10)" $(CIRCLES) test tests/scenarios/test_made_up_requests_break_nothing.py $(ARGS)

fuzz: ## malformed input of every kind, for SECONDS=600; figures into docs/security/fuzzing.md
	@FUZZ_SECONDS="$(or $(SECONDS),600)" $(CIRCLES) test tests/fuzz -n 0 -s $(ARGS)

test-scenarios: ## the whole system, as its users see it
	@$(CIRCLES) test tests/scenarios $(ARGS)

screenshots: ## pictures of the app, into docs/screenshots
	@$(CIRCLES) test tests/browser/screenshots.py

$(DASHBOARD)/installed: $(PAGE)/package.json
	@mkdir -p $(DASHBOARD) && cp $< $(DASHBOARD)
	@npm install --prefix $(DASHBOARD) --no-package-lock --no-audit --no-fund --silent --ignore-scripts
	@touch $@

observability-pictures: $(DASHBOARD)/installed ## the dashboard under traffic and one message's trace, into docs/observability
	@$(DASHBOARD)/node_modules/.bin/tsc -p $(PAGE)
	@NODE_PATH=$(DASHBOARD)/node_modules $(DASHBOARD)/node_modules/.bin/esbuild $(PAGE)/page.tsx --bundle \
		--minify --outdir=$(DASHBOARD) --loader:.ttf=empty --log-level=warning
	@$(CIRCLES) test tests/observability/pictures.py

token: ## a token: USER=alice NAME=Alice TTL=3600
	@$(if $(filter command line,$(origin USER)),,echo 'Say whose: make token USER=alice NAME=Alice' >&2; exit 1;) \
	$(CIRCLES) token --user "$$USER" --name "$(if $(filter command line,$(origin NAME)),$$NAME)" --ttl "$(TTL)"

check: lint types imports event-compatibility ## lint, types, import rules, published events

lint: ## ruff: mistakes and format
	@$(IN_VENV) ruff check .
	@$(IN_VENV) ruff format --check .

format: ## ruff: put right what it can
	@$(IN_VENV) ruff check --fix .
	@$(IN_VENV) ruff format .

types: ## mypy --strict
	@$(IN_VENV) mypy

types-web: ## the browser client's types, by TypeScript from the npm registry
	@test -x $(TSC) || npm install --prefix .circles/typescript --no-save --no-audit --no-fund --silent \
		--ignore-scripts typescript@7.0.2
	@$(TSC) -p web/tsconfig.json

imports: ## who may import whom
	@$(IN_VENV) lint-imports --no-cache

faults: ## break things under traffic and count what was kept; QUICK=1, RUNS=n, MINUTES=n, ONLY=name, SOURCE=folder
	@$(IN_VENV) python -m tests.faults

faults-selftest: ## break one guarantee after the other, and see that the faults notice; ONLY=name
	@$(IN_VENV) python -m tests.faults.selftest

bench: ## speed beside peers, on servers of its own: QUICK=1, ONLY=word
	@$(IN_VENV) python -m bench $(ARGS)

capacity: ## docs/scaling.md, from the figures of the last whole benchmark
	@$(IN_VENV) python -m bench.capacity

asyncapi: ## docs/asyncapi.json, from the registered events and the stream's
	@$(IN_VENV) python -m contracts

freeze-events: ## write down new versions and new optional fields of events; refuses breaches
	@$(IN_VENV) python -m contracts.compatibility --freeze

event-compatibility: ## is every published event kept as it was? AGAINST=commit
	@$(IN_VENV) python -m contracts.compatibility $(AGAINST)

openapi: ## docs/openapi.json and docs/api, from the doors that serve
	@$(IN_VENV) python -m contracts

access: ## docs/security/access.md, from the table of who may do what
	@$(IN_VENV) python -m tests.access

event-catalogue: ## docs/events.md, from the registered events
	@$(IN_VENV) python -m shared.events.catalogue > docs/events.md.new
	@mv docs/events.md.new docs/events.md

$(SUPPLY)/tools.lock: supply/tools.lock
	@$(PYTHON) -m venv $(SUPPLY)
	@$(SUPPLY)/bin/pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all: -r supply/tools.lock
	@cp supply/tools.lock $(SUPPLY)/tools.lock

audit: $(SUPPLY)/tools.lock ## known weaknesses of the packages; AUDIT_SERVICE=pypi|osv
	@$(PYTHON) -m supply.audit $(SUPPLY)/bin/pip-audit

sbom: $(SUPPLY)/tools.lock ## the bill of materials, CycloneDX, into .circles/circles.cdx.json
	@$(IN_VENV) python -m supply > $(SUPPLY)/circles.cdx.json
	@$(SUPPLY)/bin/python -m supply.validate $(SUPPLY)/circles.cdx.json
	@mv $(SUPPLY)/circles.cdx.json .circles/circles.cdx.json
	@echo .circles/circles.cdx.json

migrate: ## new migrations, and what the broker needs, for the running system
	@$(CIRCLES) migrate

topology-check: ## are the broker's queues and bindings as declared? exit code 1 if not
	@$(CIRCLES) topology --check

psql: ## a database of the running system: service=groups|chat|notifier, admin=1 as the administrator
	@$(CIRCLES) psql $(if $(admin),--admin) "$(service)"

status: ## where each replica of the running system listens, and whether it is ready
	@$(CIRCLES) status

rabbitmqctl: ## RabbitMQ's tool for the running system: ARGS="list_queues --vhost circles name messages"
	@$(CIRCLES) rabbitmqctl $(ARGS)

replay: ## events of the log to a service again: service=notifier|chat from=first|2026-11-01T00:00Z
	@$(if $(service),,echo 'Say to whom: make replay service=notifier from=first' >&2; exit 1;) \
	$(if $(from),,echo 'Say from when: make replay service=notifier from=first' >&2; exit 1;) \
	$(CIRCLES) replay --service "$(service)" --from "$(from)" $(ARGS)

erase: ## a person, out of all services: PERSON=bob
	@$(if $(PERSON),,echo 'Say whom: make erase PERSON=bob' >&2; exit 1;) \
	$(CIRCLES) erase "$(PERSON)" $(ARGS)

export: ## everything that the services hold of a person, as JSON: PERSON=bob
	@$(if $(PERSON),,echo 'Say whose: make export PERSON=bob' >&2; exit 1;) \
	$(CIRCLES) export "$(PERSON)" $(ARGS)

backup: ## databases and secrets of the running system: TO=folder
	@$(CIRCLES) backup $(TO)

restore: ## what a backup holds, while nothing runs: FROM=folder ARGS=--overwrite
	@$(if $(FROM),,echo 'Say from where: make restore FROM=folder' >&2; exit 1;) \
	$(CIRCLES) restore "$(FROM)" $(ARGS)

doctor: ## what do the proxies before URL=https://… do to streams?
	@$(IN_VENV) circles doctor "$(URL)" $(ARGS)

logs: ## follow every log
	@tail -n 20 -F $(or $(CIRCLES_STATE),.circles)/logs/*.log

infra: ## servers for tests, kept running
	@$(CIRCLES) infra

env: ## .env with new secrets for docker compose, unless there is one
	@$(CIRCLES) env

up: env ## the system in containers
	docker compose up --build --detach --wait

down: ## stop the containers; data stay
	docker compose down

clean: ## remove .venv, data, logs and secrets
	@$(IN_VENV) python -m launcher clean
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
