# The front door only: every target hands over to tools/ and Meson.
BUILD = build
PREFIX = /usr/local
DESTDIR =
ARGS =
# How long 'make bench-load' loads each database.
SECONDS = 60

.PHONY: build demo test bench bench-api bench-dataset bench-load bench-mining bench-quality bench-planted bench-labels fuzz docs check install clean

build: $(BUILD)/build.ninja
	tools/bootstrap
	ninja -C $(BUILD) trommel

demo: build
	$(BUILD)/trommel demo $(ARGS)

test: $(BUILD)/build.ninja
	tools/bootstrap --test
	tools/run_tests $(BUILD)

bench: build
	meson test -C $(BUILD) --benchmark --verbose --num-processes 1

# 64 connections reading and deciding, on both databases.
bench-load: build
	ninja -C $(BUILD) bench/load
	TROMMEL_LOAD_PROGRAM=$(BUILD)/bench/load TROMMEL_LOAD_SECONDS=$(SECONDS) \
	    /usr/bin/python3 tests/road/test_load.py $(BUILD)/trommel .
	TROMMEL_LOAD_PROGRAM=$(BUILD)/bench/load TROMMEL_LOAD_SECONDS=$(SECONDS) \
	    tests/with_postgresql.py /usr/bin/python3 tests/road/test_load.py $(BUILD)/trommel .
# A server over HTTP with a dataset of N samples, on SQLite and on PostgreSQL.
N = 1000000
bench-api: build
	ninja -C $(BUILD) bench/fill_samples
	bench/api.py $(BUILD)/trommel $(BUILD)/bench/fill_samples $(N)
	tests/with_postgresql.py bench/api.py $(BUILD)/trommel $(BUILD)/bench/fill_samples $(N)

# A manifest of N lines imported into a dataset and published: samples a second, and memory.
bench-dataset: build
	ninja -C $(BUILD) bench/dataset
	folder=$$(mktemp -d) && { $(BUILD)/bench/dataset "$$folder" $(N); status=$$?; rm -rf "$$folder"; exit $$status; }

# How well lists find a model's mistakes, ours beside the baselines: make bench-quality ARGS='garments-shifted --seeds 0'
bench-quality: build
	ninja -C $(BUILD) bench/quality/quality bench/quality/garment_stream bench/quality/image_stream demo/compose
	bench/quality/quality.py --build $(BUILD) $(ARGS)

# How well each reason finds exactly its own fault: the table of docs/rules.md.
bench-planted: build
	ninja -C $(BUILD) bench/quality/planted bench/quality/planted_stream bench/quality/garment_stream
	bench/quality/planted.py --build $(BUILD) --write docs/rules.md $(ARGS)

# What a model learns from the images that people are given to label: the table of docs/rules.md and its plot. Goes on where it was ended.
bench-labels: build
	ninja -C $(BUILD) bench/quality/garment_stream
	bench/labels/labels.py --build $(BUILD) --write docs/rules.md --plot docs/images/label-efficiency.svg $(ARGS)

# Mining made records: IMAGES of a run against TRAINING of a training set.
IMAGES = 100000
TRAINING = 50000
bench-mining: build
	ninja -C $(BUILD) bench/mining
	folder=$$(mktemp -d) && { $(BUILD)/bench/mining "$$folder" $(IMAGES) $(TRAINING); status=$$?; rm -rf "$$folder"; exit $$status; }

fuzz:
	tools/bootstrap --check
	tools/run_fuzz

docs: build
	$(BUILD)/trommel docs docs

# All that CI does.
check:
	.ci/run

install: $(BUILD)/build.ninja
	meson configure --prefix '$(PREFIX)' $(BUILD)
	$(MAKE) build
	DESTDIR='$(DESTDIR)' meson install -C $(BUILD) --no-rebuild

clean:
	rm -rf build build-*

$(BUILD)/build.ninja:
	tools/bootstrap
	meson setup --prefix '$(PREFIX)' $(BUILD)
