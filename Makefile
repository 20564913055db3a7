# `make demo` shows what quell is for; `make test` proves it. Both install what
# they need on Debian and Ubuntu as root, and elsewhere name what is missing.

PREFIX ?= /usr/local
# Debian's own, for it is the one that sees Debian's Python packages.
PYTHON ?= /usr/bin/python3
TARGET := $(or $(CARGO_TARGET_DIR),target)
STAGE := $(TARGET)/stage
QBACKUP := $(TARGET)/qbackup/qbackup
VSS_SIMULATOR := $(TARGET)/vss-simulator
# Bare metal's port on a host: no member of the workspace, whose features it
# would change.
BARE := --quiet --locked --manifest-path core/tests/bare/Cargo.toml --target-dir $(TARGET)/bare

.PHONY: help demo vss-demo test check bench header format install conformance firmware dist sizes qbackup loom clean

help:
	@echo "make demo         a backup tool, cancelled at every interesting moment"
	@echo "make vss-demo     requesters of VSS, well-behaved and careless, under a scripted VSS (Wine)"
	@echo "make test         everything: host, sanitizers, models, bare metal, Windows, the tool, the demo"
	@echo "make check        the fast loop: format, lints, host tests"
	@echo "make bench        ratios to the floor and to peers, instruction counts, a plot"
	@echo "make conformance  the tables and sequences, replayed in every front"
	@echo "make firmware     bare metal: six targets built, and their programs run on emulated boards"
	@echo "make dist         a package for each bare-metal target, in dist/"
	@echo "make sizes        FIGURES.md: flash, memory, stack, instructions, masked interrupts"
	@echo "make header       include/quell.h from ffi/"
	@echo "make format       rustfmt and clang-format"
	@echo "make install      libraries, headers, CMake and pkg-config files to PREFIX=$(PREFIX)"

demo:
	scripts/install-deps.sh demo
	$(MAKE) --no-print-directory -s qbackup
	$(PYTHON) -B examples/backup/demo.py --qbackup $(QBACKUP) --work $(TARGET)/demo

vss-demo:
	scripts/install-deps.sh vss-demo
	examples/vss-simulator/build.sh >/dev/null
	$(PYTHON) -B examples/vss-simulator/demo.py --built $(VSS_SIMULATOR) --prefix $(TARGET)/wine --work $(VSS_SIMULATOR)/reports

qbackup:
	scripts/install.sh $(STAGE) >/dev/null
	cmake -S examples/backup -B $(TARGET)/qbackup -G Ninja -DCMAKE_BUILD_TYPE=Release \
	    -DCMAKE_PREFIX_PATH=$(abspath $(STAGE)) >$(TARGET)/qbackup.log || { cat $(TARGET)/qbackup.log; exit 1; }
	cmake --build $(TARGET)/qbackup >$(TARGET)/qbackup.log || { cat $(TARGET)/qbackup.log; exit 1; }

test:
	scripts/install-deps.sh test
	$(MAKE) --no-print-directory check
	QUELL_RACES=200000 cargo test --quiet --release -p quell --test races_engine -- --test-threads=1
	scripts/loom.sh
	c-tests/run.sh
	$(MAKE) --no-print-directory firmware
	c-tests/windows/run.sh
	$(MAKE) --no-print-directory conformance
	$(MAKE) --no-print-directory qbackup
	$(PYTHON) -B -m pytest -q -p no:cacheprovider examples/backup/tests --qbackup $(QBACKUP)
	$(MAKE) --no-print-directory demo
	examples/vss-simulator/build.sh >/dev/null
	$(PYTHON) -B -m pytest -q -p no:cacheprovider examples/vss-simulator/tests --built $(VSS_SIMULATOR) --prefix $(TARGET)/wine
	@echo "make test: everything passed"

check:
	scripts/lint.sh
	cargo clippy --quiet --workspace --all-targets --features quell-ffi/header -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --quiet --no-deps -p quell -p quell-ffi
	cargo test --quiet --workspace --features quell-ffi/header
	cargo clippy --quiet -p quell --features defmt,log,tracing -- -D warnings
	cargo test --quiet -p quell --features log,tracing --test trace
	cargo clippy $(BARE) --all-targets -- -D warnings
	cargo test $(BARE)

conformance:
	scripts/install-deps.sh conformance
	scripts/conformance.sh

firmware:
	scripts/install-deps.sh firmware
	examples/firmware/run.sh
	scripts/figures.sh --check

dist:
	scripts/install-deps.sh firmware
	scripts/dist.sh

sizes:
	scripts/install-deps.sh firmware
	scripts/figures.sh

loom:
	scripts/loom.sh

bench:
	scripts/install-deps.sh bench
	PYTHON=$(PYTHON) bench/run.sh

header:
	QUELL_WRITE_HEADER=1 cargo build -p quell-ffi --features header

format:
	scripts/lint.sh --fix

install:
	scripts/install.sh $(PREFIX)

clean:
	rm -rf $(TARGET)
