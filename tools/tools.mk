# Tools of the tests, the linters and the release, in pinned versions, and the
# rules that install them: Node packages beside their package.json, everything
# else in .tools. Nothing is installed outside the tree.
TOOLS := $(CURDIR)/.tools

NODE    := tools/node_modules
WEB     := web/node_modules
BROWSER := web/e2e/node_modules

PYTHON  := $(TOOLS)/venv/bin/python
CHECKOV := $(TOOLS)/checkov/bin/checkov
ZIZMOR  := $(TOOLS)/zizmor/bin/zizmor

LINTER     := $(TOOLS)/golangci-lint-2.15.0
ACTIONLINT := $(TOOLS)/actionlint-1.7.12
CYCLONEDX  := $(TOOLS)/cyclonedx-gomod-1.10.0
CADDY      := $(TOOLS)/caddy-2.11.9
COMPOSE    := $(TOOLS)/compose-go-2.16.2

EVALUATE := $(TOOLS)/evaluate
CARGO    ?= $(firstword $(shell command -v cargo) $(wildcard $(HOME)/.cargo/bin/cargo))
BICEP    ?= $(shell command -v bicep)

# Tests find the tools by these variables.
export PYTHON CHECKOV CYCLONEDX CADDY COMPOSE EVALUATE BICEP
export CYCLONEDX_SCHEMAS := $(shell go env GOMODCACHE)/github.com/!cyclone!d!x/cyclonedx-go@v0.9.3/schema

$(NODE) $(WEB) $(BROWSER): %/node_modules: %/package.json %/package-lock.json
	@npm ci --prefix $* --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@

# venv makes a virtual environment and installs exactly the wheels that the file of requirements lists, by their hashes.
venv = python3 -m venv $(1) && $(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r $(2)

$(PYTHON): envelope/testdata/requirements.txt
	@$(call venv,$(TOOLS)/venv,$<) && touch $@

$(CHECKOV): infra/checks/requirements.txt
	@$(call venv,$(TOOLS)/checkov,$<) && touch $@

$(ZIZMOR): tools/requirements.txt
	@$(call venv,$(TOOLS)/zizmor,$<) && touch $@

# gobuild installs a Go program at its version; the second argument is the name that Go gives it.
gobuild = mkdir -p $(TOOLS) && GOBIN=$(TOOLS) go install $(1) && mv $(TOOLS)/$(2) $@

$(LINTER):
	@$(call gobuild,github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0,golangci-lint)

$(ACTIONLINT):
	@$(call gobuild,github.com/rhysd/actionlint/cmd/actionlint@v1.7.12,actionlint)

$(CYCLONEDX):
	@$(call gobuild,github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0,cyclonedx-gomod)

$(CADDY):
	@$(call gobuild,github.com/caddyserver/caddy/v2/cmd/caddy@v2.11.9,caddy)

$(COMPOSE):
	@$(call gobuild,github.com/compose-spec/compose-go/v2/cmd@v2.16.2,cmd)

$(EVALUATE): $(addprefix infra/policy/evaluate/,Cargo.toml Cargo.lock) $(wildcard infra/policy/evaluate/src/*.rs)
	@test -x "$(CARGO)" || (echo "cargo 1.95 or later is needed, on the PATH or in CARGO: https://rustup.rs"; exit 1)
	@PATH="$(dir $(CARGO)):$$PATH" $(CARGO) build --quiet --locked --manifest-path $< --target-dir $(TOOLS)/evaluate.build && cp $(TOOLS)/evaluate.build/debug/evaluate $@
