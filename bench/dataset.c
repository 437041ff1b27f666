/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A manifest of COUNT lines is imported into a dataset and published from it, twice: dataset FOLDER COUNT,
 * where FOLDER is empty. Prints samples a second, processor time and the resident memory at 10 %, 50 % and
 * 100 % of each. Fails when one does not end well, the second publication has other bytes, or the memory at
 * the end is more than a tenth above that half way.
 */
#include "dataset/dataset.h"
#include "base/clock.h"
#include "work/work.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    LABELS = 200,
    ARENA_BYTES = 16 * 1024 * 1024,
    STEPS = 3,
    WATCH_MS = 5,
    COUNT_MAX = 100 * 1000 * 1000,
};
static const int step_percents[STEPS] = {10, 50, 100};
#define IMPORT_TARGET 20000.0
#define GROWTH_MAX 1.1
#define TASK "0123456789abcdef0123456789abcdef"

/* Looks at the memory while a task works. */
struct watch {
    struct task_progress progress;
    int64_t count;
    atomic_bool is_over;
    double megabytes[STEPS];
};
struct bench {
    struct arena *arena;
    struct db *db;
    struct store *store;
    const char *manifest;
    int64_t count;
};

static double resident_megabytes(void)
{
    char line[128] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return (double)NAN;
    const char *blank = fgets(line, sizeof(line), file) ? strchr(line, ' ') : NULL;
    (void)fclose(file);
    return blank ? strtod(blank, NULL) * (double)sysconf(_SC_PAGESIZE) / 1e6 : (double)NAN;
}

static void *watch_memory(void *state)
{
    struct watch *watch = state;
    for (int step = 0; step < STEPS && !atomic_load(&watch->is_over);) {
        if (atomic_load(&watch->progress.done) * 100 < watch->count * step_percents[step])
            clock_sleep_ms(WATCH_MS);
        else
            watch->megabytes[step++] = resident_megabytes();
    }
    return NULL;
}

/* ---- the manifest ---- */

/* Paths, labels, usage and attributes as those of published versions are. */
static bool write_manifest(const char *path, int64_t count, struct error *err)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return error_set_errno(err, errno, "cannot write %s", path);
    for (int64_t i = 0; i < count; i++)
        (void)fprintf(file,
                      "{\"annotation\":[{\"type\":\"modelarts/image_classification\",\"name\":\"class %03d\","
                      "\"annotated-by\":\"human\",\"creation-time\":\"2026-03-%02d 10:11:12\"}],"
                      "\"usage\":\"%s\",\"source\":\"/data/images/2026/%02d/IMG_%08lld.jpg\"}\n",
                      (int)(i * 7919 % LABELS), (int)(i % 28) + 1, i % 5 ? "TRAIN" : "EVAL",
                      (int)(i % 12) + 1, (long long)i);
    bool is_written = ferror(file) == 0;
    return (fclose(file) == 0 && is_written) || error_set_errno(err, errno, "cannot write %s", path);
}

/* ---- tasks ---- */

static double processor_seconds(void)
{
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void say(const char *what, const struct watch *watch, double seconds, double processor)
{
    (void)printf("%-8s %9.0f samples/s   %7.1f s, %.1f s of processor time   MB at", what,
                 (double)watch->count / seconds, seconds, processor);
    for (int step = 0; step < STEPS; step++)
        (void)printf("  %d %%: %.0f", step_percents[step], watch->megabytes[step]);
    (void)printf("\n");
    (void)fflush(stdout);
}

static bool run(struct bench *bench, const struct task_kind *kind, const char *what, const char *request_json,
                double *ret_speed, struct error *err)
{
    struct work work = {.data = bench->store};
    struct stop_flag stop = {false};
    struct watch watch = {.count = bench->count};
    const struct task task = {.id = TASK, .project_id = "0", .attempts = 1};
    pthread_t watcher;
    AUTO_JSON request = NULL;
    AUTO_MUT_JSON result = yyjson_mut_doc_new(NULL);
    if (!json_parse((struct bytes){request_json, strlen(request_json)}, "request", &request, err))
        return false;
    struct task_context context = {.task = &task,
                                   .db = bench->db,
                                   .app = &work,
                                   .request = yyjson_doc_get_root(request),
                                   .stop = &stop,
                                   .progress = &watch.progress,
                                   .result = result};
    if (pthread_create(&watcher, NULL, watch_memory, &watch) != 0)
        return error_no_memory(err);
    double start = clock_steady_seconds(), processor = processor_seconds();
    bool is_done = kind->run(&context, err);
    double seconds = fmax(clock_steady_seconds() - start, 0.001);
    atomic_store(&watch.is_over, !is_done);
    (void)pthread_join(watcher, NULL);
    if (!is_done)
        return false;
    say(what, &watch, seconds, processor_seconds() - processor);
    *ret_speed = (double)bench->count / seconds;
    return watch.megabytes[STEPS - 1] <= GROWTH_MAX * watch.megabytes[1] ||
           error_set(err, ERR_LIMIT, "the %s does not work in flat memory", what);
}

static bool check_same(struct bench *bench, const char *dataset_id, struct error *err)
{
    struct dataset_version *versions = NULL;
    size_t count = 0;
    if (!dataset_versions(bench->db, bench->arena, dataset_id, &versions, &count, err))
        return false;
    return (count == 2 && strcmp(versions[0].manifest_hash, versions[1].manifest_hash) == 0 &&
            versions[0].samples == bench->count) ||
           error_set(err, ERR_INVALID, "publishing twice does not give the same bytes");
}

static bool measure(struct bench *bench, struct error *err)
{
    struct dataset dataset;
    double speed = 0, ignored = 0;
    const struct dataset_new wanted = {"0", "d", DATASET_TYPE_CLASSIFICATION, {NULL, 0}};
    if (!dataset_create(bench->db, bench->arena, &wanted, &dataset, err))
        return false;
    const char *import =
        arena_printf(bench->arena, "{\"dataset\":\"d\",\"manifest\":\"%s\"}", bench->manifest);
    if (!import)
        return error_no_memory(err);
    if (!run(bench, &task_import_manifest, "import", import, &speed, err) ||
        !run(bench, &task_publish_version, "publish", "{\"dataset\":\"d\",\"name\":\"V001\"}", &ignored,
             err) ||
        !run(bench, &task_publish_version, "publish", "{\"dataset\":\"d\",\"name\":\"V002\"}", &ignored, err))
        return false;
    (void)printf("target: %.0f samples/s imported: %s\n", IMPORT_TARGET,
                 speed >= IMPORT_TARGET ? "reached" : "missed");
    return check_same(bench, dataset.id, err);
}

static bool bench_dataset(const char *folder, int64_t count, struct error *err)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    AUTO(db) db = NULL;
    AUTO(store) store = NULL;
    if (!arena)
        return error_no_memory(err);
    const char *url = arena_printf(arena, "sqlite:%s/trommel.db", folder);
    const char *manifest = arena_printf(arena, "%s/many.manifest", folder);
    const char *place = arena_printf(arena, "%s/store", folder);
    /* A PostgreSQL server's, say. NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it */
    const char *given = getenv("TROMMEL_BENCH_DATABASE");
    if (!url || !manifest || !place)
        return error_no_memory(err);
    if (!write_manifest(manifest, count, err) || !db_open(given ? given : url, &db, err) ||
        !db_migrate(db, err) || !store_open(place, true, &store, err))
        return false;
    struct bench bench = {arena, db, store, manifest, count};
    return measure(&bench, err);
}

int main(int argc, char **argv)
{
    struct error err = {0};
    char *end = NULL;
    long long count = argc == 3 ? strtoll(argv[2], &end, 10) : 0;
    if (argc != 3 || *end != '\0' || count < 100 || count > COUNT_MAX) {
        (void)fprintf(stderr, "usage: dataset FOLDER COUNT; COUNT from 100 to %d\n", COUNT_MAX);
        return 2;
    }
    if (bench_dataset(argv[1], count, &err))
        return 0;
    (void)fprintf(stderr, "%s\n", err.message);
    return 1;
}
