# The same names on a laptop and in CI. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# What users run: optimised, and without the toolchain's libraries. The tests build for debugging, with coverage.
SWIFT_BUILD := swift build -c release --static-swift-stdlib
BIN := .build/release
DATA ?= .build/demo-data
URL ?= http://127.0.0.1:8080

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what is missing: Debian packages, LightGBM
	@scripts/setup

.PHONY: setup-tests
setup-tests: ## and what tests of the integrations run beside
	@scripts/setup --tests

.PHONY: build
build: setup ## build the three programs
	@$(SWIFT_BUILD) --product inframind-server
	@$(SWIFT_BUILD) --product inframind

.PHONY: demo
demo: build ## the whole loop on a real C++ project: measure, learn, recommend, build again
	@scripts/demo

.PHONY: up
up: build ## start the server on 127.0.0.1:8080 in the background
	@scripts/server up

.PHONY: down
down: ## stop the server that `make up` or `make demo` started
	@scripts/server down

.PHONY: seed-demo
seed-demo: up ## send 50 synthetic runs through the public API and train
	@$(BIN)/inframind seed-demo --server $(URL)

# The agent needs the C library and nothing else: the linker looks into this folder first and finds archives only.
AGENT_ARCHIVES := .build/static-libraries

.PHONY: build-agent
build-agent: setup ## build the static node agent in release mode
	@mkdir -p $(AGENT_ARCHIVES)
	@for archive in libstdc++.a libz.a; do ln -sf "$$(gcc -print-file-name=$$archive)" $(AGENT_ARCHIVES)/; done
	@$(SWIFT_BUILD) --product inframind-agent -Xlinker -L$(AGENT_ARCHIVES) -Xswiftc -Xclang-linker -Xswiftc -static-libgcc
	@ls -l $(BIN)/inframind-agent

.PHONY: test
test: setup-tests ## every test, with coverage
	@scripts/test

.PHONY: test-integrations
test-integrations: setup-tests $(if $(INFRAMIND_BIN_DIR),,build) ## tests of the integrations alone; `make test` has them, too
	@scripts/test-integrations

.PHONY: test-observability
test-observability: ## Prometheus' configuration, every alert, the dashboards
	@scripts/test-observability

.PHONY: lint
lint: ## formatting, declared imports, names and paths
	@scripts/lint

.PHONY: format
format: ## format the Swift sources
	@swift format --in-place --recursive --parallel --configuration .swift-format Package.swift Sources Tests

.PHONY: check
check: lint test ## everything a change must pass

.PHONY: bench
bench: build ## overhead of the wrapper as ratios, speed of a decision
	@Benchmarks/run
	@swift run -c release --package-path Benchmarks/decision DecisionBenchmark .build/vendor/lightgbm/lib_lightgbm.so

.PHONY: bench-agent
bench-agent: build-agent ## the node agent beside node_exporter: CPU, memory and time of a scrape
	@Benchmarks/agent/run

.PHONY: clean
clean: down ## remove build products
	@swift package clean
