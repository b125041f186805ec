# `make test` checks everything that CI checks. The other targets are its parts.

CARGO ?= cargo
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bazaar
SUBMAKE = $(MAKE) --no-print-directory

.PHONY: help test check fmt lint docs deny bench-small tests bench servers advisories

help: ## What there is
	@awk -F ': ## ' '/^[a-z-]+: ## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The tests come last, so that what they say is the last thing seen.
test: ## Check everything, with private copies of the servers the tests need
	@scripts/with-servers $(SUBMAKE) check

check:
	@$(SUBMAKE) fmt
	@$(SUBMAKE) lint
	@$(SUBMAKE) docs
	@$(SUBMAKE) deny
	@$(SUBMAKE) bench-small
	@$(SUBMAKE) tests

fmt: ## Check how the code is laid out
	$(CARGO) fmt --all -- --check

lint: ## Check the code with clippy, warnings denied
	$(CARGO) clippy --locked --all-targets -- --deny warnings

docs: ## Build the documentation, warnings denied
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --locked --no-deps --document-private-items

deny: ## Check bans, licences and sources of the dependencies
	scripts/cargo-deny check --hide-inclusion-graph bans licenses sources

advisories: ## Check the dependencies for known faults (asks the network)
	scripts/cargo-deny check advisories

bench-small: ## Run every bench once, so that none rots
	$(if $(wildcard benches/*.rs),$(CARGO) test --locked --bench '*',@echo 'there are no benches')

tests: ## Run the tests with the servers that the environment names
	$(CARGO) test --locked --no-fail-fast
	$(if $(BAZAAR_TEST_MONGO_URI),BAZAAR_TEST_STORE=mongo $(CARGO) test --locked --no-fail-fast --test http)

bench: ## Measure
	$(CARGO) bench --locked

servers: ## A shell with private copies of the servers
	scripts/with-servers $${SHELL:-bash} -i </dev/tty
