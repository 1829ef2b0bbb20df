# Everything a developer does here. `make test` and `make demo` need Go, git and make only, and no root.
SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS   += --no-print-directory
.DEFAULT_GOAL := help

GO      ?= go
TOOLS   := $(CURDIR)/.tools
NOT_RUN := $(TOOLS)/not-run
TESTS   ?= ./...
# The tests of what containers and packages consume: modules of their own, with the modules of Helm, BuildKit and others.
DEPLOY  := deploy/test deploy/test/release
IMAGE   ?= foresight:latest
BENCH   ?= .

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
BRANCH   ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)
V        := github.com/prometheus/common/version
LDFLAGS  := -s -w -X $(V).Version=$(VERSION) -X $(V).Revision=$(REVISION) -X $(V).Branch=$(BRANCH)

# The race detector needs a C compiler; where there is none, it is named among what was not run.
CC_FOUND := $(shell command -v $(or $(CC),cc))
RACE     := $(if $(CC_FOUND),-race)

# Python runs two of the linters only.
PYTHON       := $(shell python3 -c 'import ensurepip, venv' 2>/dev/null && echo python3)
PYTHON_TOOLS := $(if $(PYTHON),$(TOOLS)/python)

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z%-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## Build ./foresight, static and stripped.
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o foresight ./cmd/foresight

.PHONY: demo
demo: ## Run the demo.
	$(GO) run ./cmd/foresight demo

.PHONY: test
test: tools-prometheus tools-alertmanager tools-node_exporter ## Run all tests, those against real servers included.
	@rm -f $(NOT_RUN)
	@echo "==> go test $(RACE) $(TESTS)"
	@$(if $(RACE),,echo 'the race detector: no C compiler' >> $(NOT_RUN))
	@FORESIGHT_TOOLS=$(TOOLS) FORESIGHT_NOT_RUN=$(NOT_RUN) $(GO) test $(RACE) -shuffle=on -timeout 30m $(TESTS)
	@$(if $(filter ./...,$(TESTS)),for module in $(DEPLOY); do echo "==> go test ./... in $$module"; $(GO) test -C $$module -timeout 30m ./...; done)
	@if [ -s $(NOT_RUN) ]; then echo '==> NOT RUN:'; sort -u $(NOT_RUN) | sed 's/^/    /'; \
	  if [ "$${CI:-}" = true ]; then exit 1; fi; \
	else echo '==> all tests passed, nothing was left out'; fi

.PHONY: test-short
test-short: ## Run the tests of the packages only, without race detector and servers.
	$(GO) test -short $$($(GO) list ./... | grep -v /e2e)

.PHONY: test-presets
test-presets: tools-prometheus tools-alertmanager ## Run presets against the exporters and servers that Debian has.
	@rm -f $(NOT_RUN)
	@FORESIGHT_TOOLS=$(TOOLS) FORESIGHT_NOT_RUN=$(NOT_RUN) $(GO) test -count=1 -tags exporters -timeout 10m -v -run '^TestExporters$$' ./e2e
	@if [ -s $(NOT_RUN) ]; then echo '==> NOT RUN:'; sort -u $(NOT_RUN) | sed 's/^/    /'; if [ "$${CI:-}" = true ]; then exit 1; fi; fi

.PHONY: scale
scale: ## Run the 10,000-series test in full size: memory, evaluation, scrape.
	FORESIGHT_SCALE=10000 $(GO) test -count=1 -timeout 30m -v -run '^TestScale$$' ./e2e

.PHONY: soak
soak: ## Run Foresight under load for SOAK (1h): memory, goroutines, descriptors and alarms stay flat.
	FORESIGHT_SOAK=$(SOAK) $(GO) test -count=1 -timeout 0 -v -run '^TestSoak$$' ./e2e

.PHONY: bench
bench: ## Run the Go benchmarks; BENCH=regexp and TESTS=./models/... narrow them down.
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem $(TESTS)

# What a release is made of, on any machine; the image needs docker, and where there is none, that is said.
FUZZTIME ?= 5m
SOAK     ?= 1h

.PHONY: fuzz
fuzz: ## Run each fuzz test for FUZZTIME (5m).
	@for package in $$($(GO) list ./...); do \
	  for test in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    echo "==> $$test in $$package"; $(GO) test -run "^$$test\$$" -fuzz "^$$test\$$" -fuzztime $(FUZZTIME) $(FUZZFLAGS) $$package; done; done

.PHONY: cross
cross: ## Build and vet for every platform of a release.
	@for arch in amd64 arm64; do echo "==> linux/$$arch"; \
	  CGO_ENABLED=0 GOOS=linux GOARCH=$$arch $(GO) build -o /dev/null ./cmd/foresight && CGO_ENABLED=0 GOOS=linux GOARCH=$$arch $(GO) vet ./...; done

.PHONY: vulnerabilities
vulnerabilities: tools-nightly ## Look for known vulnerabilities in what the binary calls; says so where their database can't be reached.
	.ci/vulnerabilities $(TOOLS)/govulncheck

.PHONY: bench-release
bench-release: tools-nightly ## Compare the Go benchmarks with those of the last release.
	.ci/bench-release $(TOOLS)/benchstat

.PHONY: snapshot
snapshot: tools-goreleaser tools-sbom ## Build all artefacts of a release into dist/: tarballs, packages, checksums, bills of materials, chart, image.
	PATH=$(TOOLS):$$PATH goreleaser check
	PATH=$(TOOLS):$$PATH RELEASE=$(shell cat VERSION) goreleaser release --snapshot --clean --skip=publish
	@$(MAKE) chart
	@if docker buildx version >/dev/null 2>&1; then $(MAKE) image; \
	else echo '==> NOT BUILT: the container image, for want of docker buildx'; [ "$${CI:-}" != true ]; fi

.PHONY: release
release: tools-goreleaser tools-sbom ## Publish what snapshot builds, but chart and image, for the tag that is checked out.
	PATH=$(TOOLS):$$PATH goreleaser release --clean

.PHONY: chart
chart: tools-helm ## Package the Helm chart into dist/; CHART_REPOSITORY=oci://... pushes it.
	@mkdir -p dist
	$(TOOLS)/helm package deploy/helm/foresight --destination dist
	$(if $(CHART_REPOSITORY),$(TOOLS)/helm push dist/foresight-$(shell cat VERSION).tgz $(CHART_REPOSITORY))

.PHONY: image
image: ## Build the container image for amd64 and arm64; IMAGE=name:tag names it, PUSH=true pushes it and writes dist/image.json.
	@mkdir -p dist
	docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) \
	  --tag $(IMAGE) $(if $(PUSH),--push --sbom=true --provenance=mode=max --metadata-file dist/image.json) .

.PHONY: licenses
licenses: tools-licenses ## Collect the licences of what the binary holds into licenses/.
	.ci/licenses $(TOOLS)/go-licenses licenses

.PHONY: lint
lint: tools-lint tools-actionlint $(PYTHON_TOOLS) ## Run the linters: of Go, of workflows, of YAML, of spelling.
	@echo '==> golangci-lint'
	@$(TOOLS)/golangci-lint run --allow-parallel-runners
	@for module in $(DEPLOY); do (cd $$module && $(TOOLS)/golangci-lint run --allow-parallel-runners); done
	@echo '==> go mod tidy'
	@$(GO) mod tidy -diff
	@echo '==> actionlint'
	@$(TOOLS)/actionlint -shellcheck= -pyflakes=
ifneq ($(PYTHON),)
	@echo '==> yamllint, typos'
	@$(PYTHON_TOOLS)/bin/yamllint --strict .
	@$(PYTHON_TOOLS)/bin/typos
else
	@echo '==> NOT RUN: yamllint and typos, for want of Python with its venv module'; [ "$${CI:-}" != true ]
endif

# yamllint and typos come from PyPI, into a folder of their own.
$(TOOLS)/python: tools/python/requirements.txt
	@mkdir -p $(TOOLS) && rm -rf $@ && $(PYTHON) -m venv $@ && $@/bin/pip install --quiet --disable-pip-version-check --requirement $<

.PHONY: schema
schema: ## Write the JSON Schema of the configuration anew.
	$(GO) run ./internal/config/generate docs/configuration.md docs/foresight.schema.json

.PHONY: presets
presets: ## Write the pages of the presets anew.
	$(GO) run ./internal/presets/generate docs

.PHONY: fmt
fmt: tools-lint ## Format the code.
	$(TOOLS)/golangci-lint fmt

.PHONY: tools
tools: tools-prometheus tools-alertmanager tools-node_exporter tools-lint ## Build the pinned tools into .tools/.

# Each tool is pinned in a module of its own, because their dependencies conflict. It is built anew when that module or
# the Go version changes; the stamp holds what it was built from. awk counts packages and lets errors through.
.PHONY: tools-%
tools-%:
	@source() { $(GO) env GOVERSION; cat tools/$*/go.mod tools/$*/go.sum; }; \
	if ! source | cmp -s - $(TOOLS)/$*.stamp; then \
	  echo '==> building the tools of tools/$* (the first time takes minutes)'; \
	  mkdir -p $(TOOLS); \
	  CGO_ENABLED=0 $(GO) build -C tools/$* -v -ldflags '-s -w' -o $(TOOLS)/ tool 2>&1 | \
	    awk '/^[A-Za-z0-9._~\/-]+$$/ { if (++n % 100 == 0) print "    " n " packages"; next } { print } fflush()'; \
	  source > $(TOOLS)/$*.stamp; \
	fi

.PHONY: clean
clean: ## Delete what was built.
	rm -rf foresight dist $(TOOLS)
