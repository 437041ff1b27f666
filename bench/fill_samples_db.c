/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a dataset of many samples for bench/api.py: fill_samples DATABASE_URL NAME COUNT. */
#include "base/clock.h"
#include "dataset/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 5000, BY_SERVER = 50000, LABELS = 200, ARENA_BYTES = 256 * 1024 * 1024 };

static uint32_t any(uint64_t *seed, uint32_t below)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (uint32_t)((*seed * 2685821657736338717U) >> 33) % below;
}

/* A few labels are on many samples, most on few. */
static const char *any_label(uint64_t *seed, struct arena *arena)
{
    double share = any(seed, 10000) / 10000.0;
    return arena_printf(arena, "class %03d", (int)(LABELS * share * share * share));
}

static struct sample_new any_sample(uint64_t *seed, uint64_t number, struct arena *arena)
{
    static const char *const usages[] = {"TRAIN", "TRAIN", "EVAL", "TEST", NULL};
    uint32_t state = any(seed, 20), count = state < 5 ? 0 : 1 + any(seed, 2);
    struct annotation *said = arena_array(arena, 2, sizeof(*said));
    for (uint32_t i = 0; i < count && said; i++)
        said[i] = (struct annotation){.name = any_label(seed, arena),
                                      .is_suggested = state < 17,
                                      .confidence = state < 17 ? any(seed, 10001) / 10000.0 : (double)NAN,
                                      .annotated_by = state < 17 ? "modelarts/hard_example_algo" : "human"};
    if (count == 2 && said && strcmp(said[0].name, said[1].name) == 0)
        count = 1;
    struct sample_new sample = {.source = arena_printf(arena, "/data/images/2026/%02u/IMG_%07u.jpg",
                                                       any(seed, 12) + 1, (uint32_t)number),
                                .state = state < 5    ? SAMPLE_UNLABELED
                                         : state < 17 ? SAMPLE_TO_BE_CONFIRMED
                                                      : SAMPLE_LABELED,
                                .usage = usages[any(seed, 5)],
                                .width = 640,
                                .height = 480,
                                .hard_coefficient = (double)NAN,
                                .origin = state < 5    ? "synchronize"
                                          : state < 17 ? "hard_examples"
                                                       : "import",
                                .annotations = said,
                                .annotation_count = count};
    if (state >= 5 && state < 17) {
        uint32_t first = any(seed, 31);
        sample.is_hard = true;
        sample.hard_coefficient = any(seed, 10001) / 10000.0;
        sample.hard_reasons = any(seed, 2)
                                  ? arena_printf(arena, "%u", first)
                                  : arena_printf(arena, "%u-%u", first, (first + 1 + any(seed, 30)) % 31);
        sample.evidence_json =
            arena_printf(arena, "{\"%u\":{\"value\":%.4f,\"limit\":0.5}}", first, sample.hard_coefficient);
    }
    return sample;
}

/* On PostgreSQL the server makes the rows: a few statements instead of millions. The ids are no hashes of the
 * sources here, which only adding would notice. */
static bool fill_by_server(struct db *db, const char *dataset_id, uint64_t count, struct error *err)
{
    static const char *const statements[] = {
        "INSERT INTO label (dataset_id, name, position) SELECT $1, 'class ' || lpad(n::text, 3, '0'), n "
        "FROM generate_series(0, 200) n WHERE $2::bigint = 1 AND $3::bigint > 0",
        "INSERT INTO sample (id, dataset_id, source, state, usage, width, height, is_hard, hard_coefficient, "
        "hard_reasons, evidence_json, origin, created_ms, updated_ms, change) "
        "SELECT md5($1 || n::text), $1, '/data/images/2026/' || lpad((n * 7 % 12 + 1)::text, 2, '0') || "
        "'/IMG_' "
        "|| lpad(n::text, 7, '0') || '.jpg', CASE WHEN h % 20 < 5 THEN 'unlabeled' WHEN h % 20 < 17 THEN "
        "'to_be_confirmed' ELSE 'labeled' END, CASE h / 20 % 5 WHEN 0 THEN 'EVAL' WHEN 1 THEN 'TEST' WHEN 2 "
        "THEN NULL ELSE 'TRAIN' END, 640, 480, CASE WHEN h % 20 BETWEEN 5 AND 16 THEN 1 ELSE 0 END, CASE "
        "WHEN "
        "h % 20 BETWEEN 5 AND 16 THEN (g % 10001) / 10000.0 END, CASE WHEN h % 20 BETWEEN 5 AND 16 THEN (g / "
        "7 % 31)::text || CASE WHEN g % 2 = 0 THEN '-' || ((g / 7 + 3) % 31)::text ELSE '' END END, CASE "
        "WHEN "
        "h % 20 BETWEEN 5 AND 16 THEN '{\"1\":{\"value\":0.4,\"limit\":0.5}}' END, CASE WHEN h % 20 < 5 THEN "
        "'synchronize' WHEN h % 20 < 17 THEN 'hard_examples' ELSE 'import' END, 1700000000000 + n / 5000, "
        "1700000000000, 1 + n / 5000 FROM (SELECT n, abs(hashint4(n::int))::bigint AS h, abs(hashint4((n + "
        "100000000)::int))::bigint AS g FROM generate_series($2::bigint, $3::bigint) n) numbers",
        "INSERT INTO annotation (sample_id, position, name, is_suggested, confidence, annotated_by, "
        "created_ms) "
        "SELECT id, p, 'class ' || lpad((floor(200 * power((h % 9973) / 9973.0, 3)) + p)::text, 3, '0'), "
        "CASE "
        "state WHEN 'labeled' THEN 0 ELSE 1 END, CASE state WHEN 'labeled' THEN NULL ELSE (h / 11 % 10001) / "
        "10000.0 END, CASE state WHEN 'labeled' THEN 'human' ELSE 'modelarts/hard_example_algo' END, "
        "created_ms "
        "FROM (SELECT id, state, created_ms, abs(hashtext(id))::bigint AS h FROM generate_series($2::bigint, "
        "$3::bigint) n JOIN sample ON id = md5($1 || n::text)) s CROSS JOIN generate_series(0, 1) p WHERE "
        "state <> 'unlabeled' AND (p = 0 OR h % 2 = 0)",
        "UPDATE dataset SET changes = 2 + $3::bigint / 5000 WHERE id = $1 AND $2::bigint > 0",
    };
    for (uint64_t first = 1; first <= count; first += BY_SERVER) {
        uint64_t last = count - first < BY_SERVER ? count : first + BY_SERVER - 1;
        for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
            if (!db_exec(db, statements[i],
                         DB_ARGS(db_text(dataset_id), db_int((int64_t)first), db_int((int64_t)last)), NULL,
                         err))
                return false;
    }
    return db_exec(db, "ANALYZE", DB_NO_ARGS, NULL, err);
}

static bool fill(struct db *db, const char *name, uint64_t count, bool is_postgresql, struct error *err)
{
    const struct dataset_new request = {"0", name, DATASET_TYPE_CLASSIFICATION, {NULL, 0}};
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    AUTO(arena) kept = arena_new(ARENA_BYTES);
    struct dataset dataset;
    struct sample_add_counts counts = {0};
    uint64_t seed = 20261122;
    if (!arena || !kept)
        return error_no_memory(err);
    if (!db_migrate(db, err) || !dataset_create(db, kept, &request, &dataset, err))
        return false;
    if (is_postgresql)
        return fill_by_server(db, dataset.id, count, err);
    for (uint64_t first = 0; first < count; first += BATCH) {
        size_t size = count - first < BATCH ? (size_t)(count - first) : BATCH;
        arena_reset(arena);
        struct sample_new *samples = arena_array(arena, size, sizeof(*samples));
        if (!samples)
            return error_no_memory(err);
        for (size_t i = 0; i < size; i++)
            samples[i] = any_sample(&seed, first + i, arena);
        const struct sample_batch batch = {samples, size, SAMPLE_MERGE_KEEP};
        if (!samples_add(db, dataset.id, &batch, &counts, err))
            return false;
    }
    printf("%lld samples\n", (long long)counts.added);
    return true;
}

/* What is filled here may be lost: SQLite need not wait for the disk, nor make do with its small cache. */
static bool hurry(struct db *db, const char *url, struct error *err)
{
    static const char *const settings[] = {"PRAGMA synchronous=OFF", "PRAGMA cache_size=-1000000",
                                           "PRAGMA wal_autocheckpoint=100000"};
    for (size_t i = 0; strncmp(url, "sqlite:", 7) == 0 && i < sizeof(settings) / sizeof(settings[0]); i++)
        if (!db_exec(db, settings[i], DB_NO_ARGS, NULL, err))
            return false;
    return true;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    AUTO(db) db = NULL;
    double start = clock_steady_seconds();
    if (argc != 4) {
        (void)fprintf(stderr, "usage: fill_samples DATABASE_URL NAME COUNT\n");
        return 2;
    }
    if (!db_open(argv[1], &db, &err) || !hurry(db, argv[1], &err) ||
        !fill(db, argv[2], strtoull(argv[3], NULL, 10), strncmp(argv[1], "sqlite:", 7) != 0, &err)) {
        (void)fprintf(stderr, "fill_samples: %s\n", err.message);
        return 1;
    }
    printf("filled in %.1f s\n", clock_steady_seconds() - start);
    return 0;
}
