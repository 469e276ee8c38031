# Secure Secret Sharer: what a newcomer runs, and what CI runs.
SHELL   := /bin/bash
VERSION ?= $(shell git describe --tags --always --dirty --abbrev=12 2>/dev/null || echo dev)
DIST    := dist
BIN     := bin
TOOLS   := $(CURDIR)/.tools
NODE    := tools/node_modules
WEB     := web/node_modules
BROWSER := web/e2e/node_modules
PAGE    := web/dist/index.html
PYTHON  := $(TOOLS)/venv/bin/python
LINTER  := $(TOOLS)/golangci-lint-2.15.0
ACTIONLINT := $(TOOLS)/actionlint-1.7.12
ZIZMOR  := $(TOOLS)/zizmor-1.32.0/bin/zizmor
BICEP   ?= $(shell command -v bicep)
CARGO   ?= $(firstword $(shell command -v cargo) $(wildcard $(HOME)/.cargo/bin/cargo))
EVALUATE := $(TOOLS)/evaluate
CHECKOV := $(TOOLS)/checkov/bin/checkov
GOFLAGS_BUILD := -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
CYCLONEDX := $(TOOLS)/cyclonedx-gomod-1.10.0
CADDY   := $(TOOLS)/caddy-2.11.9
COMPOSE := $(TOOLS)/compose-go-2.16.2
FUZZTIME ?= 20s
BENCH ?= .

export CGO_ENABLED ?= 0

.PHONY: run build test e2e lint race fuzz bench drill infra policy package selfhost clean help

help: ## list the targets
	@grep -E '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: build ## start the service on this machine: http://127.0.0.1:7071
	@go build $(GOFLAGS_BUILD) -o $(BIN)/handler ./handler && exec $(BIN)/handler

build: $(PAGE) ## lay out dist/ (the function app) and bin/sss (the command line), with the page inside
	@rm -rf $(DIST) && mkdir -p $(DIST) $(BIN)
	@GOOS=linux GOARCH=amd64 CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o $(DIST)/handler ./handler
	@go build $(GOFLAGS_BUILD) -o $(BIN)/sss ./cmd/sss
	@cp host.json $(DIST)/ && for f in functions/*/function.json; do d=$(DIST)/$$(basename $$(dirname $$f)); mkdir -p $$d && cp $$f $$d/; done
	@chmod 0755 $(DIST)/handler

test: build $(NODE) $(WEB) ## all tests but the long ones; under 15 minutes
	go test ./...
	npm test --prefix web --silent
	node web/scripts/reproducible.mjs

e2e: build $(NODE) $(WEB) $(BROWSER) $(PYTHON) ## the real binaries: Functions host, Azurite, Key Vault, Python's own envelopes, Chromium
	PYTHON=$(PYTHON) DIST=$(abspath $(DIST)) BIN=$(abspath $(BIN)) go test -tags e2e -count=1 ./envelope ./handler/internal/e2e
	HANDLER=$(CURDIR)/$(DIST)/handler npm test --prefix web/e2e --silent

lint: $(LINTER) $(ACTIONLINT) $(ZIZMOR) $(NODE) $(WEB) $(BROWSER) ## formatting, vet, golangci-lint, TypeScript, OpenAPI, docs
	@test -z "$$(gofmt -l .)" || (gofmt -l .; echo "not gofmt-ed"; exit 1)
	@go mod verify >/dev/null && go mod tidy -diff
	$(LINTER) run ./...
	$(LINTER) run --build-tags e2e,bench,mutations,selfhost,infra ./...
	$(WEB)/.bin/tsc -p web --noEmit
	$(WEB)/.bin/tsc -p web/e2e --noEmit
	$(NODE)/.bin/redocly lint docs/openapi.yaml
	$(ACTIONLINT)
	$(ZIZMOR) --offline --no-progress --quiet --persona auditor .github
	$(NODE)/.bin/markdownlint-cli2 '*.md' 'docs/**/*.md' 'infra/**/*.md'

race: build $(NODE) ## the long proofs: races, crashes, every schedule of the protocol, every rule taken out
	CGO_ENABLED=1 go test -race -timeout 30m ./handler/... ./envelope/... ./client/... ./cmd/...
	go test -timeout 60m -count=1 -v -run TestEveryScheduleKeepsThePromises ./handler/internal/secret/simulation -schedules 400000
	go test -timeout 60m -count=1 -v -tags mutations -run TestEveryRuleIsNeeded ./handler/internal/secret/simulation
	ROUNDS=long go test -timeout 60m -count=1 -v ./handler/internal/store/... ./handler/internal/secret/interleaving ./handler/internal/quarantine
	ROUNDS=long go test -timeout 60m -count=1 -v -tags e2e ./handler/internal/e2e

fuzz: ## every decoder for FUZZTIME each
	@set -e; for target in $$(grep -rhoE --include=*_test.go '^func Fuzz[A-Za-z0-9]+' . | sed 's/func //'); do \
		dir=$$(grep -rlE --include=*_test.go "^func $$target\(" . | head -n 1 | xargs dirname); \
		echo "== $$target in $$dir"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$dir; done

drill: build ## raise an alarm over 10,000 secrets, time it, and lose none of them
	ROUNDS=long go test -tags e2e -count=1 -v -run TestDrill ./handler/internal/e2e

infra: policy $(CHECKOV) ## what would be deployed to Azure: compiled, predicted, reviewed, scanned, broken on purpose
	@test -x "$(BICEP)" || (echo "The Bicep compiler is needed: https://learn.microsoft.com/azure/azure-resource-manager/bicep/install, then on the PATH or in BICEP."; exit 1)
	BICEP="$(BICEP)" CHECKOV=$(CHECKOV) go test -tags infra -count=1 -timeout 30m -v ./infra/checks

policy: $(EVALUATE) ## the Azure policies, on resources that comply, that do not, and that would be deployed
	EVALUATE=$(EVALUATE) go test -tags infra -count=1 -v ./infra/policy

package: build $(CYCLONEDX) ## dist/handler.zip for Azure, dist/image.tar for containers, and what is in them (CycloneDX)
	@GOOS=linux GOARCH=amd64 CGO_ENABLED=0 $(CYCLONEDX) app -json -licenses -std -noserial -notimestamp -main handler -output $(DIST)/modules.json .
	@go run -C release/roots . >$(DIST)/roots.pem
	@go run ./release -dist $(DIST) -version $(VERSION) -epoch $(SOURCE_DATE_EPOCH) -modules $(DIST)/modules.json -roots $(DIST)/roots.pem
	@rm $(DIST)/modules.json $(DIST)/roots.pem && cd $(DIST) && sha256sum handler.zip image.tar handler.cdx.json image.cdx.json

selfhost: package $(CADDY) $(COMPOSE) ## run what was packaged: the image under runc, the binary behind Caddy, the unit and the compose file
	DIST=$(abspath $(DIST)) CYCLONEDX=$(CYCLONEDX) CYCLONEDX_SCHEMAS="$$(go env GOMODCACHE)/github.com/!cyclone!d!x/cyclonedx-go@v0.9.3/schema" \
		go test -tags selfhost -count=1 -v ./release
	DIST=$(abspath $(DIST)) BIN=$(abspath $(BIN)) CADDY=$(CADDY) COMPOSE=$(COMPOSE) \
		go test -tags selfhost -count=1 -v $(if $(filter-out 0,$(shell id -u)),-exec "sudo -E") ./handler/internal/e2e

bench: build $(NODE) $(WEB) $(BROWSER) ## the figures of docs/benchmarks.md; BENCH=pattern picks some
	go test -timeout 60m -tags bench -run '^$$' -bench '$(BENCH)' -benchtime 1x ./handler/internal/bench
	go test -timeout 60m -run '^$$' -bench '$(BENCH)' ./envelope ./handler/internal/seal
	go test -timeout 60m -run '^$$' -bench '$(BENCH)' -benchtime 1x ./handler/internal/store/... ./handler/internal/quarantine
	HANDLER=$(CURDIR)/$(DIST)/handler BENCH='$(BENCH)' npm run bench --prefix web/e2e --silent

$(NODE) $(WEB) $(BROWSER): %/node_modules: %/package.json %/package-lock.json
	@npm ci --prefix $* --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@

$(PAGE): $(WEB) $(shell find web/index.html web/public web/src web/vite.config.ts web/scripts/integrity.mjs -type f)
	@npm run build --prefix web --silent >/dev/null

$(PYTHON): envelope/testdata/requirements.txt
	@python3 -m venv $(TOOLS)/venv && $(PYTHON) -m pip install --quiet --disable-pip-version-check -r $< && touch $(PYTHON)

$(EVALUATE): $(addprefix infra/policy/evaluate/,Cargo.toml Cargo.lock) $(wildcard infra/policy/evaluate/src/*.rs)
	@test -x "$(CARGO)" || (echo "cargo 1.95 or later is needed: https://rustup.rs, or Debian's cargo-web and rustc-web, then on the PATH or in CARGO."; exit 1)
	@PATH="$(dir $(CARGO)):$$PATH" $(CARGO) build --quiet --locked --manifest-path $< --target-dir $(TOOLS)/evaluate.build && cp $(TOOLS)/evaluate.build/debug/evaluate $@

$(CHECKOV): infra/checks/requirements.txt
	@python3 -m venv $(TOOLS)/checkov && $(TOOLS)/checkov/bin/python -m pip install --quiet --disable-pip-version-check -r $< && touch $@

$(LINTER):
	@mkdir -p $(TOOLS) && GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 && mv $(TOOLS)/golangci-lint $@

$(ACTIONLINT):
	@mkdir -p $(TOOLS) && GOBIN=$(TOOLS) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 && mv $(TOOLS)/actionlint $@

$(ZIZMOR):
	@python3 -m venv $(TOOLS)/zizmor-1.32.0 && $(TOOLS)/zizmor-1.32.0/bin/python -m pip install --quiet --disable-pip-version-check zizmor==1.32.0

$(CYCLONEDX):
	@mkdir -p $(TOOLS) && GOBIN=$(TOOLS) go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 && mv $(TOOLS)/cyclonedx-gomod $@

$(CADDY):
	@mkdir -p $(TOOLS) && GOBIN=$(TOOLS) go install github.com/caddyserver/caddy/v2/cmd/caddy@v2.11.9 && mv $(TOOLS)/caddy $@

$(COMPOSE):
	@mkdir -p $(TOOLS) && GOBIN=$(TOOLS) go install github.com/compose-spec/compose-go/v2/cmd@v2.16.2 && mv $(TOOLS)/cmd $@

clean: ## remove what was built and installed
	rm -rf bin dist .tools web/.build web/e2e/.build web/dist/* $(NODE) $(WEB) $(BROWSER)
