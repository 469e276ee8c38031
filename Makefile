# Secure Secret Sharer: make help lists the targets. Tools install themselves into the tree.
SHELL     := /bin/bash
VERSION   ?= $(shell git describe --tags --always --dirty --abbrev=12 2>/dev/null || echo dev)
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
BUILD     := go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"
PAGE      := web/dist/index.html
TAGS      := e2e,attack,bench,mutations,selfhost,infra
FUZZTIME  ?= 20s
PEERTIME  ?= 1m
BENCH     ?= .
DIST      := $(CURDIR)/dist
BIN       := $(CURDIR)/bin
HANDLER   := $(DIST)/handler
export DIST BIN HANDLER BENCH
export CGO_ENABLED ?= 0
include tools/tools.mk
.PHONY: help run build test e2e attack lint race proofs fuzz bench drill infra policy package selfhost figures clean

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'
run: $(PAGE) ## start the service on this machine: http://127.0.0.1:7071
	@$(BUILD) -o $(BIN)/ ./handler ./cmd/sss && exec $(BIN)/handler
build: $(PAGE) ## dist/ (the function app) and bin/sss (the command line), with the page inside
	@rm -rf $(DIST) && mkdir -p $(DIST) $(BIN) && $(BUILD) -o $(BIN)/ ./cmd/sss
	@GOOS=linux GOARCH=amd64 CGO_ENABLED=0 $(BUILD) -o $(HANDLER) ./handler && chmod 0755 $(HANDLER)
	@cp host.json $(DIST)/ && for f in functions/*/function.json; do d=$(DIST)/$$(basename $$(dirname $$f)); mkdir -p $$d && cp $$f $$d/; done
$(PAGE): web/package-lock.json $(shell find web/index.html web/public web/src web/vite.config.ts web/scripts/integrity.mjs -type f)
	@$(MAKE) -s $(WEB) && npm run build --prefix web --silent >/dev/null
test: build $(NODE) $(WEB) ## all tests but the long ones; under 10 minutes
	go test ./...
	npm test --prefix web --silent && node web/scripts/reproducible.mjs
e2e: build $(NODE) $(WEB) $(BROWSER) $(PYTHON) ## the real binaries with Azurite and a Key Vault double, the Python envelope, the page in Chromium
	go test -tags e2e -count=1 -timeout 30m ./envelope ./handler/internal/e2e
	npm test --prefix web/e2e --silent
attack: build $(NODE) ## hostile clients against the real binary, under 5 minutes; SHORT=-short: under 90 seconds
	go test -tags e2e,attack -count=1 -timeout 5m $(SHORT) -v -run '^TestAttack' ./handler/internal/e2e
lint: $(LINTER) $(ACTIONLINT) $(ZIZMOR) $(NODE) $(WEB) $(BROWSER) ## gofmt, golangci-lint, TypeScript, OpenAPI, Markdown, workflows
	@test -z "$$(gofmt -l .)" || (gofmt -l .; echo "not gofmt-ed"; exit 1)
	@go mod verify >/dev/null && go mod tidy -diff
	$(LINTER) run ./... && $(LINTER) run --build-tags $(TAGS) ./...
	$(WEB)/.bin/tsc -p web --noEmit && $(WEB)/.bin/tsc -p web/e2e --noEmit
	$(NODE)/.bin/redocly lint docs/openapi.yaml && $(NODE)/.bin/markdownlint-cli2 '*.md' 'docs/**/*.md' 'infra/**/*.md'
	$(ACTIONLINT) && $(ZIZMOR) --offline --no-progress --quiet --persona auditor .github
race: build $(NODE) ## the race detector on every package; needs a C compiler
	CGO_ENABLED=1 go test -race -timeout 30m ./...
proofs: build $(NODE) ## the long proofs: 400,000 schedules, the protocol without each rule, crashes and races
	go test -timeout 60m -count=1 -v -run TestEveryScheduleKeepsThePromises ./handler/internal/secret/simulation -schedules 400000
	go test -timeout 60m -count=1 -v -tags mutations -run TestEveryRuleIsNeeded ./handler/internal/secret/simulation
	ROUNDS=long go test -timeout 60m -count=1 -v -tags e2e ./handler/internal/{store/...,secret/interleaving,quarantine,e2e}
fuzz: $(WEB) ## fuzz every decoder for FUZZTIME, and compare Go with TypeScript for PEERTIME
	@$(WEB)/.bin/tsc -p web
	@set -e; grep -roE --include=*_test.go '^func Fuzz[A-Za-z0-9]+' . | while IFS=': ' read -r file _ target; do \
		time=$(FUZZTIME); [ $$target != FuzzTypeScriptAgrees ] || time=$(PEERTIME); \
		echo "== $$file $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $$time "$$(dirname "$$file")" </dev/null; done
drill: build ## freeze 10,000 secrets by an alert and release them; prints the timeline
	ROUNDS=long go test -tags e2e -count=1 -v -run TestDrill ./handler/internal/e2e
infra: policy $(CHECKOV) ## compile, predict, review and scan the Azure deployment, and find planted faults
	@test -x "$(BICEP)" || (echo "Bicep is needed, on the PATH or in BICEP: https://learn.microsoft.com/azure/azure-resource-manager/bicep/install"; exit 1)
	go test -tags infra -count=1 -timeout 30m -v ./infra/checks
policy: $(EVALUATE) ## test the Azure policies on compliant, faulty and predicted resources
	go test -tags infra -count=1 -v ./infra/policy
package: build $(CYCLONEDX) ## dist/handler.zip for Azure, dist/image.tar for containers, and an SBOM of each
	@release/package.sh $(DIST) $(VERSION) $(SOURCE_DATE_EPOCH)
selfhost: package $(CADDY) $(COMPOSE) ## the release as it is installed: image, unit, Caddy, compose file; needs root, runc and systemd
	go test -tags selfhost -count=1 -v ./release
	go test -tags selfhost -count=1 -v $(if $(filter-out 0,$(shell id -u)),-exec "sudo -E") ./handler/internal/e2e
bench: build $(NODE) $(WEB) $(BROWSER) ## the figures of docs/benchmarks.md; BENCH=pattern selects some
	go test -timeout 60m -tags bench -run '^$$' -bench '$(BENCH)' -benchtime 1x ./handler/internal/{bench,store/...,quarantine}
	go test -timeout 60m -run '^$$' -bench '$(BENCH)' ./envelope ./handler/internal/seal/...
	npm run bench --prefix web/e2e --silent
figures: ## the size of the code: product, test doubles, exported names, comments
	@go run ./tools/figures
clean: ## remove everything that was built or installed
	rm -rf bin dist .tools web/.build web/e2e/.build web/dist/* $(NODE) $(WEB) $(BROWSER)
