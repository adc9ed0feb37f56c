# The same names on a laptop and in CI. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# What users run: optimised, and without the toolchain's libraries. The tests build for debugging, with coverage.
SWIFT_BUILD := swift build -c release --static-swift-stdlib
BIN := .build/release
DATA ?= .build/demo-data
URL ?= http://127.0.0.1:8080
VERSION = $(shell sed -n 's/.*static let current = "\(.*\)"/\1/p' Sources/Server/Version.swift)

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
build: setup programs ## build server and command line

.PHONY: programs
programs:
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
seed-demo: build ## send 50 synthetic runs through the public API and train
	@scripts/seed-demo $(URL)

# The agent needs the C library and nothing else: the linker looks into this folder first and finds archives only.
AGENT_ARCHIVES := .build/static-libraries

.PHONY: build-agent
build-agent: setup agent-program ## build the static node agent in release mode

.PHONY: agent-program
agent-program:
	@mkdir -p $(AGENT_ARCHIVES)
	@for archive in libstdc++.a libz.a; do ln -sf "$$(gcc -print-file-name=$$archive)" $(AGENT_ARCHIVES)/; done
	@$(SWIFT_BUILD) --product inframind-agent -Xlinker -L$(AGENT_ARCHIVES) -Xswiftc -Xclang-linker -Xswiftc -static-libgcc
	@ls -l $(BIN)/inframind-agent

.PHONY: test
test: setup-tests ## every test, with coverage
	@scripts/test

.PHONY: test-agent-kernel
test-agent-kernel: build-agent ## the static agent on a real cgroup v2 kernel, in an emulated machine
	@scripts/agent-on-cgroup-v2

.PHONY: test-integrations
test-integrations: setup-tests $(if $(INFRAMIND_BIN_DIR),,build) ## tests of the integrations alone; `make test` has them, too
	@scripts/test-integrations

.PHONY: test-observability
test-observability: ## Prometheus' configuration, every alert, the dashboards
	@scripts/test-observability

.PHONY: manifests
manifests: ## deploy/k8s/inframind.yaml, the install in one file
	@scripts/manifests

.PHONY: test-deploy
test-deploy: ## manifests, compose file, Dockerfile, units, packages and workflows against the programs
	@scripts/test-deploy

.PHONY: test-checkov
test-checkov: ## checkov over manifests and Dockerfile
	@scripts/test-deploy --checkov

.PHONY: images
images: ## build the images of server, agent and command line with Docker
	@for target in server agent cli; do \
	    docker build --target $$target --tag inframind-$$target:$(VERSION) --build-arg VERSION=$(VERSION) \
	        --build-arg REVISION=$$(git rev-parse HEAD) --build-arg SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) . || exit 1; \
	done

.PHONY: deb
deb: build build-agent ## Debian packages of the three programs, in .build/deb
	@scripts/package-deb

.PHONY: test-packages
test-packages: deb ## what is in the packages: lintian, units, an installation in a folder of its own
	@scripts/test-packages

.PHONY: release
release: deb ## what a release consists of, in .build/release-files
	@scripts/release-files

.PHONY: test-images
test-images: build build-agent ## build every image, run it, and run the compose file; needs root, no Docker
	@scripts/test-images

.PHONY: test-browser
test-browser: setup-tests $(if $(INFRAMIND_BIN_DIR),,build) ## the dashboard in a real chromium, and the pictures of the README; `make test` has it, too
	@scripts/test-browser --pictures docs/images

.PHONY: bench-dashboard
bench-dashboard: build ## size and first byte of every page with 100,000 runs and a million steps
	@Benchmarks/dashboard/run

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
