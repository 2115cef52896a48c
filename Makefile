# The few things one does with a checkout. CMake presets and Ninja do the work; `make help` tells.
SHELL  := /bin/bash
BUILD  := build
PREFIX ?= /usr/local

.PHONY: help setup build demo test test-long bench install clean
.SILENT:

help:
	echo 'make demo        build everything; a unikernel that shortens links serves http://localhost:8080'
	echo 'make test        build everything and run the tests'
	echo 'make test-long   also the long tests, the unit tests under ASan and UBSan, and two minutes of every fuzzer'
	echo 'make bench       measure against peers; prints ratios'
	echo 'make install     install to PREFIX ($(PREFIX)): the aster command, headers, libraries'
	echo 'make clean       remove what was built'

setup:
	cmake/setup.sh

build: setup
	test -e $(BUILD)/build.ninja || cmake --preset release --log-level=WARNING
	cmake --build --preset release

# The first free port from 8080 on.
demo: build
	port=8080; while (exec 3<>/dev/tcp/127.0.0.1/$$port) 2>/dev/null; do port=$$((port + 1)); done; \
	echo "A shortener of links, in one image: open http://localhost:$$port in a browser. Ctrl-C ends it."; \
	exec $(BUILD)/bin/aster run --on sandbox -m 16 -p $$port:80 $(BUILD)/bin/05-shortener

test: build
	cmake/setup.sh test
	cmake/test.sh $(BUILD) -LE long

test-long: build
	cmake/setup.sh test
	test -e $(BUILD)-sanitize/build.ninja || cmake --preset sanitize --log-level=WARNING
	cmake --build --preset sanitize
	cmake/test.sh $(BUILD)-sanitize -L unit
	test -e $(BUILD)-fuzz/build.ninja || cmake --preset fuzz --log-level=WARNING
	cmake --build --preset fuzz
	cmake/test.sh $(BUILD)-fuzz -L fuzz
	cmake/test.sh $(BUILD)

bench: build
	cmake/setup.sh bench
	cmake --build --preset release --target bench

install: build
	cmake --install $(BUILD) --prefix $(PREFIX) >/dev/null
	echo 'Installed to $(PREFIX). Try: aster new hello && cd hello && aster build && aster run'

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-fuzz
