# Everything here needs Go, git and make only, except `kernel`, which says what it needs.
GO ?= go
FUZZTIME ?= 20s
PACKAGES ?= ./...
VERSION ?=
LDFLAGS = -s -w $(if $(VERSION),-X github.com/sumlint/sumlint/cmd/internal/cli.version=$(VERSION))

.DEFAULT_GOAL := help
.PHONY: help build test lint race cover fuzz bench table golden kernel

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build ./sumlint; VERSION=1.2.3 names the version
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o sumlint ./cmd/sumlint

test: ## Run all tests, the Rego tests among them
	$(GO) test $(PACKAGES)

lint: ## Check gofmt, go vet, staticcheck and the shell scripts
	@files=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')) || exit 1; \
	if [ -n "$$files" ]; then echo "not gofmt'ed:"; echo "$$files"; exit 1; fi
	$(GO) vet $(PACKAGES)
	$(GO) tool staticcheck $(PACKAGES)
	bash -n .ci/run
	if command -v shellcheck >/dev/null; then shellcheck .ci/run .github/actions/*/*.sh; fi

race: ## Run all tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race $(PACKAGES)

cover: ## Write coverage.out and print the total
	$(GO) test -coverpkg=./... -coverprofile=coverage.out $(PACKAGES)
	$(GO) tool cover -func=coverage.out | tail -n 1

fuzz: ## Run each fuzz target for FUZZTIME (20s)
	@set -e; for package in $$($(GO) list $(PACKAGES)); do \
		for target in $$($(GO) test -list '^Fuzz' "$$package" | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package"; \
		done; \
	done

bench: table ## Run the benchmarks, and `table`
	$(GO) test -run '^$$' -bench . -benchmem $(PACKAGES)

table: ## Measure whole runs of the program, and hold them to their limits
	SUMLINT_BENCH=1 $(GO) test -count=1 -v -run '^TestTable$$' ./policies/bench

golden: ## Write the golden files anew; look at the difference before you commit it
	@set -e; for package in $$($(GO) list -f '{{.ImportPath}} {{.Dir}}' $(PACKAGES) | \
		while read -r path dir; do grep -qs 'flag.Bool("update"' "$$dir"/*_test.go && echo "$$path"; done; true); do \
		$(GO) test "$$package" -update; \
	done
	git diff --stat -- '*testdata*' fixtures

kernel: ## Compare with the real kernel (Linux, root, iptables, ipset and iproute2)
	$(GO) test -count=1 -v -timeout 30m ./policies/kernel -kernel
