/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Throughput of a run against its bound: the same decoding, measuring and inference, bare, on the same cores.
 *
 *   throughput MODEL.onnx IMAGE_FOLDER [SECONDS [ROUNDS]]
 */
#include "base/clock.h"
#include "base/hash.h"
#include "work/scan.h"
#include "work/scan_image.h"
#include "work/work.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 10000, ROUNDS_MAX = 25, SHARD_IMAGES = 512, BOUND_BATCH = 8, WARM_UP_SECONDS = 2 };

struct file {
    char *key;
    struct buffer bytes;
};
struct bench {
    const char *work_folder; /* temporary */
    const char *image_folder;
    double seconds;
    uint32_t rounds;
    struct db *db;
    struct store *data, *images;
    struct arena *arena;
    struct model model;
    struct model_runner *runner;
    struct file files[FILES_MAX];
    uint32_t file_count;
    uint64_t repeats; /* of the whole folder, in a run */
};

/* Wall clock says what a user sees; processor time also holds on a machine that does other things. */
struct rate {
    double images_per_second, cpu_ms_per_image;
};
struct stopwatch {
    double wall, cpu;
};

static struct stopwatch stopwatch_read(void)
{
    struct timespec used;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (struct stopwatch){clock_steady_seconds(), (double)used.tv_sec + (double)used.tv_nsec / 1e9};
}

static struct rate rate_since(struct stopwatch start, uint64_t images)
{
    struct stopwatch now = stopwatch_read();
    return (struct rate){(double)images / (now.wall - start.wall),
                         (now.cpu - start.cpu) * 1000 / (double)images};
}

/* ---- the bound ---- */

struct bound {
    struct bench *bench;
    atomic_uint_fast64_t next, done;
    double end;
};

static bool bare_image(struct scan_worker *worker, const struct file *file, struct error *err)
{
    const struct image_options options = {.background = {255, 255, 255}};
    struct image_info info;
    struct prediction prediction;
    return image_decode((struct bytes){file->bytes.data, file->bytes.size}, &options, &worker->image, &info,
                        err) &&
           image_measure(&worker->image, worker->scratch, &worker->measures, err) &&
           model_predict(worker->runner, worker->model, &worker->image, &prediction, err);
}

static bool bound_worker(void *state, uint32_t index, struct error *err)
{
    (void)index;
    struct bound *bound = state;
    struct scan_worker worker = {0};
    struct record_header header;
    scan_record_header(bound->bench->runner, bound->bench->model.content_hash, &header);
    bool is_ok = scan_worker_init(&worker, bound->bench->runner, &header, err);
    while (is_ok && clock_steady_seconds() < bound->end) {
        for (int i = 0; is_ok && i < BOUND_BATCH; i++)
            is_ok = bare_image(
                &worker, &bound->bench->files[atomic_fetch_add(&bound->next, 1) % bound->bench->file_count],
                err);
        atomic_fetch_add(&bound->done, BOUND_BATCH);
    }
    scan_worker_release(&worker);
    return is_ok;
}

static bool measure_bound(struct bench *bench, struct rate *ret, struct error *err)
{
    struct stopwatch start = stopwatch_read();
    struct bound bound = {.bench = bench, .end = start.wall + bench->seconds};
    if (!workers_run(workers_cores(), bound_worker, &bound, err))
        return false;
    *ret = rate_since(start, atomic_load(&bound.done));
    return true;
}

/* ---- the run ---- */

static bool write_manifest(const struct bench *bench, const char *path, struct error *err)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return error_set(err, ERR_IO, "cannot write %s", path);
    for (uint64_t repeat = 0; repeat < bench->repeats; repeat++)
        for (uint32_t i = 0; i < bench->file_count; i++)
            (void)fprintf(file, "{\"source\":\"%s/%s\"}\n", bench->image_folder, bench->files[i].key);
    (void)fclose(file);
    return true;
}

static bool measure_run(struct bench *bench, uint32_t round, struct rate *ret, struct error *err)
{
    char folder[64], manifest[4200];
    struct inputs inputs;
    uint64_t scanned = 0;
    (void)snprintf(folder, sizeof(folder), "runs/%u", round);
    (void)snprintf(manifest, sizeof(manifest), "%s/input-%u.manifest", bench->work_folder, round);
    if (!write_manifest(bench, manifest, err))
        return false;
    struct stopwatch start = stopwatch_read();
    const struct inputs_request listing = {
        .data = bench->data, .folder = folder, .input_url = manifest, .shard_images = SHARD_IMAGES};
    if (!inputs_make(&listing, bench->arena, &inputs, err))
        return false;
    const struct scan_request scan = {.data = bench->data,
                                      .folder = folder,
                                      .inputs = &inputs,
                                      .runner = bench->runner,
                                      .model_hash = bench->model.content_hash};
    if (!scan_run(&scan, &scanned, err))
        return false;
    *ret = rate_since(start, scanned);
    return true;
}

/* ---- setting up ---- */

static bool take_file(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    (void)stat;
    struct bench *bench = state;
    if (bench->file_count == FILES_MAX)
        return true;
    struct file *file = &bench->files[bench->file_count];
    buffer_init(&file->bytes, IMAGE_FILE_MAX_BYTES);
    if (!store_get(bench->images, key, &file->bytes, err))
        return false;
    if (!image_sniff((struct bytes){file->bytes.data, file->bytes.size})) {
        buffer_release(&file->bytes);
        return true;
    }
    file->key = arena_text(bench->arena, key);
    bench->file_count++;
    return file->key || error_no_memory(err);
}

static bool take_model(struct bench *bench, const struct model *model)
{
    bench->model = *model;
    return true;
}

static bool set_up(struct bench *bench, const char *onnx, struct error *err)
{
    uint64_t skipped = 0;
    struct model_imported imported;
    const struct model_import import = {.project_id = "0", .name = "bench", .onnx_path = onnx};
    return db_open("sqlite::memory:", &bench->db, err) && db_migrate(bench->db, err) &&
           store_open(bench->work_folder, true, &bench->data, err) &&
           store_open(bench->image_folder, false, &bench->images, err) &&
           store_list(bench->images, "", take_file, bench, &skipped, err) &&
           (bench->file_count > 0 || error_set(err, ERR_INVALID, "no image in %s", bench->image_folder)) &&
           model_import(bench->db, bench->data, bench->arena, &import, &imported, err) &&
           take_model(bench, &imported.model) &&
           model_runner_open(bench->data, &bench->model, &bench->runner, err);
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double median(double *values, uint32_t count)
{
    qsort(values, count, sizeof(*values), compare_doubles);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static bool run_rounds(struct bench *bench, struct error *err)
{
    double bounds[ROUNDS_MAX], runs[ROUNDS_MAX], ratios[ROUNDS_MAX], cpu_ratios[ROUNDS_MAX];
    double seconds = bench->seconds;
    struct rate bound, run;
    bench->seconds = WARM_UP_SECONDS;
    if (!measure_bound(bench, &bound, err))
        return false;
    bench->seconds = seconds;
    bench->repeats = (uint64_t)ceil(bound.images_per_second * bench->seconds / (double)bench->file_count);
    (void)printf("%u files, %" PRIu64 " images a run, %u threads\n", bench->file_count,
                 bench->repeats * bench->file_count, workers_cores());
    for (uint32_t round = 0; round < bench->rounds; round++) {
        if (!measure_bound(bench, &bound, err) || !measure_run(bench, round, &run, err))
            return false;
        bounds[round] = bound.images_per_second;
        runs[round] = run.images_per_second;
        ratios[round] = runs[round] / bounds[round];
        cpu_ratios[round] = bound.cpu_ms_per_image / run.cpu_ms_per_image;
        (void)printf(
            "round %u: bound %.1f images/s, run %.1f images/s, ratio %.3f; processor time %.2f and %.2f "
            "ms an image, ratio %.3f\n",
            round + 1, bounds[round], runs[round], ratios[round], bound.cpu_ms_per_image,
            run.cpu_ms_per_image, cpu_ratios[round]);
        (void)fflush(stdout);
    }
    (void)printf("median: bound %.1f images/s, run %.1f images/s, ratio %.3f; of processor time %.3f\n",
                 median(bounds, bench->rounds), median(runs, bench->rounds), median(ratios, bench->rounds),
                 median(cpu_ratios, bench->rounds));
    return true;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/trommel-bench-XXXXXX";
    struct error err = {0};
    struct bench *bench = calloc(1, sizeof(*bench));
    if (argc < 3 || !bench || sodium_init() < 0 || !mkdtemp(folder)) {
        (void)fprintf(stderr, "usage: throughput MODEL.onnx IMAGE_FOLDER [SECONDS [ROUNDS]]\n");
        free(bench);
        return 2;
    }
    bench->work_folder = folder;
    bench->image_folder = argv[2];
    bench->seconds = argc > 3 ? strtod(argv[3], NULL) : 20;
    bench->rounds = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 5;
    bench->arena = arena_new(WORK_ARENA_MAX_BYTES);
    if (bench->rounds < 1 || bench->rounds > ROUNDS_MAX)
        bench->rounds = 5;
    bool is_ok = bench->arena && set_up(bench, argv[1], &err) && run_rounds(bench, &err);
    if (!is_ok)
        (void)fprintf(stderr, "error: %s\n", err.message);
    if (bench->data)
        (void)!store_delete_below(bench->data, "runs", &err);
    model_runner_free(bench->runner);
    for (uint32_t i = 0; i < bench->file_count; i++)
        buffer_release(&bench->files[i].bytes);
    store_free(bench->images);
    store_free(bench->data);
    db_free(bench->db);
    arena_free(bench->arena);
    free(bench);
    return is_ok ? 0 : 1;
}
