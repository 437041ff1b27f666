# The front door only: every target hands over to tools/ and Meson.
BUILD = build
PREFIX = /usr/local
DESTDIR =
ARGS =

.PHONY: build demo test bench fuzz docs check install clean

build:
	tools/bootstrap
	[ -e $(BUILD)/build.ninja ] || meson setup --prefix '$(PREFIX)' $(BUILD)
	ninja -C $(BUILD)

demo: build
	$(BUILD)/trommel demo $(ARGS)

test:
	tools/bootstrap --test
	$(MAKE) build
	tools/run_tests $(BUILD)

bench: build
	meson test -C $(BUILD) --benchmark --verbose --num-processes 1

fuzz:
	tools/bootstrap --check
	tools/run_fuzz

docs: build
	$(BUILD)/trommel docs docs

# All that CI does.
check:
	.ci/run

install:
	meson configure --prefix '$(PREFIX)' $(BUILD)
	DESTDIR='$(DESTDIR)' meson install -C $(BUILD)

clean:
	rm -rf build build-*
