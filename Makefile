# The front door: every target works on a fresh machine; what is missing is installed first (scripts/deps).
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
SCENARIO ?= scenarios/baseline.yaml

.PHONY: all deps run test test-long tables kernels bench fuzz format lint install clean

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

# Packages are looked at when the list changes and when there is no build yet, not on every call.
$(BUILD)/build.ninja: scripts/packages.txt scripts/deps
	@scripts/deps
	@if [ -f $@ ]; then touch $@; else meson setup $(BUILD) --buildtype=release --prefix=$(abspath $(PREFIX)); fi

deps:
	@scripts/deps

run: all
	@$(BUILD)/civitas run $(SCENARIO)

test: all
	@scripts/test

test-long: all
	@CIV_LONG=1 scripts/test

# Tables of the documentation that the program prints itself.
tables: all
	@scripts/tables $(BUILD)/civitas

# What self-play ships: both kernels, the compiled tests of every exploit of the naive one, and the outputs its pages show.
kernels: all
	@scripts/kernels $(BUILD)/civitas
	@scripts/outputs $(BUILD)/civitas

bench: all
	@$(BUILD)/bench/bench

fuzz: deps
	@scripts/fuzz

format: deps
	@scripts/format

lint: all
	@scripts/lint

install: all
	@meson configure $(BUILD) --prefix=$(abspath $(PREFIX))
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) build-*
