/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset_fixture.h"
#include "tally_fixture.h"

enum { SOURCES = 30, STEPS = 400, STEPS_ON_SERVER = 120, SEED = 20261123, MANY = 200 };

static const char *const names[] = {"wren", "robin", "owl"};

static uint32_t below(uint32_t *seed, uint32_t end)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % end;
}

static void run(struct fixture *f, const char *sql, struct db_args args)
{
    ASSERT_DONE(f, db_exec(f->db, sql, args, NULL, &f->err));
}

static struct annotation box(const char *name, bool is_suggested)
{
    struct annotation one = is_suggested ? suggestion(name, 0.5) : label(name);
    one.shape_json = "{\"@modelarts:shape\":\"bndbox\",\"@modelarts:feature\":[[1,1],[9,9]]}";
    return one;
}

/* Up to five boxes, so that names come more than once. */
static void add_something(struct fixture *f, uint32_t *seed, const char *source)
{
    struct annotation boxes[5];
    size_t count = 1 + below(seed, 5);
    bool is_labeled = below(seed, 3) > 0;
    for (size_t i = 0; i < count; i++)
        boxes[i] = box(names[below(seed, 3)], !is_labeled);
    struct sample_new sample = is_labeled ? labeled(source, boxes) : hard(source, boxes, 0.5, "1");
    sample.annotation_count = count;
    (void)add(f, &sample, 1, (enum sample_merge)below(seed, 3));
}

static void decide_something(struct fixture *f, uint32_t *seed, const char *source)
{
    const struct sample_box boxes[] = {{names[below(seed, 3)], 1, 1, 5, 5},
                                       {names[below(seed, 3)], 2, 2, 8, 8}};
    const char *id = id_of(f, source);
    struct sample_outcome *outcomes = NULL;
    struct sample_decision decision = {.project_id = "0",
                                       .action = (enum sample_action)below(seed, SAMPLE_ACTION_COUNT),
                                       .decided_by = "human"};
    bool takes_boxes = decision.action <= SAMPLE_REJECT || decision.action == SAMPLE_ANNOTATE;
    decision.boxes = boxes;
    decision.box_count = takes_boxes ? below(seed, 3) : 0;
    if (decision.action == SAMPLE_ANNOTATE && decision.box_count == 0) {
        decision.is_cleared = true;
        decision.excluded = (int)below(seed, 3) - 1;
    }
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(&id, 1), &decision, &outcomes, &f->err));
}

/* As somebody would who writes the tables and knows nothing of tallies. */
static void write_something(struct fixture *f, uint32_t *seed, const char *source)
{
    struct db_value id = db_text(id_of(f, source)), name = db_text(names[below(seed, 3)]);
    switch (below(seed, 5)) {
    case 0:
        run(f, "DELETE FROM sample WHERE id = $1", DB_ARGS(id));
        break;
    case 1:
        run(f, "UPDATE annotation SET name = $2 WHERE sample_id = $1", DB_ARGS(id, name));
        break;
    case 2:
        run(f, "UPDATE annotation SET name = $2 WHERE sample_id = $1 AND position = 0", DB_ARGS(id, name));
        break;
    case 3:
        run(f, "DELETE FROM annotation WHERE sample_id = $1 AND name = $2", DB_ARGS(id, name));
        break;
    default:
        run(f, "UPDATE sample SET is_excluded = 1 - is_excluded WHERE id = $1", DB_ARGS(id));
        break;
    }
}

/* In a transaction that may be lost. */
static void write_or_lose(struct fixture *f, uint32_t *seed, const char *source, bool is_lost)
{
    ASSERT_DONE(f, db_begin(f->db, &f->err));
    write_something(f, seed, source);
    if (is_lost)
        db_rollback(f->db);
    else
        ASSERT_DONE(f, db_commit(f->db, &f->err));
}

static void tallies_are_counts_after_every_random_step(void **state)
{
    struct fixture *f = *state;
    uint32_t seed = SEED;
    int64_t most = 0;
    f->dataset = new_dataset(f, "scenes", DATASET_TYPE_DETECTION);
    for (int step = 0; step < (test_database_is_postgresql() ? STEPS_ON_SERVER : STEPS); step++) {
        const char *source = arena_printf(f->arena, "/%u", below(&seed, SOURCES));
        bool is_lost = below(&seed, 5) == 0;
        uint32_t what = below(&seed, 3);
        if (is_lost || what == 2) {
            write_or_lose(f, &seed, source, is_lost);
        } else if (what == 0) {
            add_something(f, &seed, source);
        } else {
            decide_something(f, &seed, source);
        }
        int64_t labels = assert_tallies_are_counts(f);
        most = labels > most ? labels : most;
    }
    assert_int_equal(most, 3);
    assert_true(counts_now(f).samples > 0);
}

static void a_statement_about_many_samples_counts_all_of_them(void **state)
{
    struct fixture *f = *state;
    struct sample_new *samples = arena_array(f->arena, MANY, sizeof(*samples));
    struct annotation said = label("wren");
    for (size_t i = 0; i < MANY; i++)
        samples[i] = labeled(arena_printf(f->arena, "/%zu", i), &said);
    (void)add(f, samples, MANY, SAMPLE_MERGE_IMPORT);
    assert_int_equal(counts_now(f).labeled, MANY);
    run(f,
        "UPDATE annotation SET name = 'owl' WHERE sample_id IN (SELECT id FROM sample WHERE source < '/2')",
        DB_NO_ARGS);
    assert_int_equal(assert_tallies_are_counts(f), 2);
    run(f, "UPDATE sample SET state = 'unlabeled', is_hard = 1", DB_NO_ARGS);
    assert_int_equal(assert_tallies_are_counts(f), 0);
    assert_int_equal(counts_now(f).hard, MANY);
    run(f, "UPDATE sample SET state = 'labeled'", DB_NO_ARGS);
    assert_int_equal(assert_tallies_are_counts(f), 2);
    run(f, "DELETE FROM sample WHERE source < '/15'", DB_NO_ARGS);
    assert_int_equal(assert_tallies_are_counts(f), 2);
    assert_in_range(counts_now(f).samples, 1, MANY - 1);
}

static void a_dataset_that_goes_takes_its_tallies_along_and_no_others(void **state)
{
    struct fixture *f = *state;
    struct annotation said = label("wren");
    struct sample_new sample = labeled("/0", &said);
    struct dataset other = new_dataset(f, "other", DATASET_TYPE_CLASSIFICATION);
    struct sample_add_counts counts = {0};
    (void)add(f, &sample, 1, SAMPLE_MERGE_IMPORT);
    ASSERT_DONE(f, samples_add(f->db, other.id, &(struct sample_batch){&sample, 1, SAMPLE_MERGE_IMPORT},
                               &counts, &f->err));
    assert_int_equal(assert_tallies_are_counts(f), 2);
    ASSERT_DONE(f, dataset_delete(f->db, other.id, &f->err));
    assert_int_equal(assert_tallies_are_counts(f), 1);
    assert_int_equal(tally_ask(f, "SELECT COUNT(*), 0 FROM dataset_tally").wrong, 1);
    assert_int_equal(counts_now(f).labeled, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tallies_are_counts_after_every_random_step),
        TEST(a_statement_about_many_samples_counts_all_of_them),
        TEST(a_dataset_that_goes_takes_its_tallies_along_and_no_others),
    };
    return RUN_TESTS(tests);
}
