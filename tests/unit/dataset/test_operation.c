/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/clock.h"
#include "dataset/operation.h"
#include "dataset_fixture.h"
#include "tally_fixture.h"

/* Each question goes to PostgreSQL's server and back: fewer of them prove the same there. */
enum { SAMPLES = 150, DECISIONS = 40, DECISIONS_ON_SERVER = 12, MANY = 5000, MANY_ON_SERVER = 2500 };

/* Small and the same everywhere. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void fill(struct fixture *f, int count)
{
    struct sample_new *samples = arena_array(f->arena, (size_t)count, sizeof(*samples));
    for (int i = 0; i < count; i++) {
        struct annotation *guesses = arena_array(f->arena, 2, sizeof(*guesses));
        const char *source = arena_printf(f->arena, "/%d", i);
        guesses[0] = i % 3 == 1 ? suggestion("owl", 0.1 * (i % 7) + 0.001) : label("wren");
        guesses[1] = suggestion("robin", 1.0 / 3);
        guesses[0].property_json = i % 5 == 0 ? "{\"a\": 1.50}" : NULL;
        guesses[0].created_ms = 1000 + i;
        samples[i] = i % 3 == 0   ? unlabeled(source)
                     : i % 3 == 1 ? hard(source, guesses, 0.5, "1-7")
                                  : labeled(source, guesses);
        samples[i].annotation_count = i % 3 == 1 ? 2 : samples[i].annotation_count;
    }
    (void)add(f, samples, (size_t)count, SAMPLE_MERGE_IMPORT);
}

struct line {
    const char *text;
};

/* All rows of samples and annotations but revision, time and counter of changes. */
static const char *picture(struct fixture *f)
{
    static const char sql[] =
        "SELECT CONCAT_WS('|', s.id, s.source, s.state, s.usage, s.content_hash, s.width, s.height, "
        "s.is_hard, s.hard_coefficient, s.hard_reasons, s.evidence_json, s.origin, s.origin_task, "
        "s.metadata_json, s.is_excluded, s.created_ms, a.position, a.name, a.shape_json, a.is_suggested, "
        "a.confidence, a.annotated_by, a.property_json, a.created_ms) FROM sample s LEFT JOIN annotation a "
        "ON a.sample_id = s.id ORDER BY s.id, a.position";
    static const char sqlite[] =
        "SELECT s.id || quote(s.source) || s.state || quote(s.usage) || quote(s.content_hash) || "
        "quote(s.width) || quote(s.height) || s.is_hard || quote(s.hard_coefficient) || "
        "quote(s.hard_reasons) || quote(s.evidence_json) || s.origin || quote(s.origin_task) || "
        "quote(s.metadata_json) || s.is_excluded || s.created_ms || quote(a.position) || quote(a.name) || "
        "quote(a.shape_json) || quote(a.is_suggested) || quote(a.confidence) || quote(a.annotated_by) || "
        "quote(a.property_json) || quote(a.created_ms) FROM sample s LEFT JOIN annotation a "
        "ON a.sample_id = s.id ORDER BY s.id, a.position";
    static const struct db_column columns[] = {DB_COLUMN_TEXT(struct line, text), DB_COLUMN_END};
    const struct db_list form = {columns, sizeof(struct line), 100000};
    AUTO_BUFFER(text, 64 * 1024 * 1024);
    struct line *lines = NULL;
    size_t count = 0;
    ASSERT_DONE(f, db_select_list(f->db, f->arena, test_database_is_postgresql() ? sql : sqlite, DB_NO_ARGS,
                                  &form, &lines, &count, &f->err));
    for (size_t i = 0; i < count; i++)
        (void)buffer_printf(&text, "%s\n", lines[i].text);
    assert_false(text.is_full);
    return arena_text_n(f->arena, text.data, text.size);
}

static const char *newest_id(struct fixture *f)
{
    struct operation_page page;
    struct operation_filter filter = {.project_id = "0", .limit = 1};
    ASSERT_DONE(f, operations_page(f->db, f->arena, &filter, &page, &f->err));
    return page.count > 0 ? page.operations[0].id : "";
}

static struct operation find(struct fixture *f, const char *id)
{
    struct operation operation;
    ASSERT_DONE(f, operation_find(f->db, "0", f->arena, id, &operation, &f->err));
    return operation;
}

static bool turn(struct fixture *f, const char *id, bool is_redo, struct operation_undone *ret)
{
    struct operation operation = find(f, id);
    struct operation_turn turn = {.is_redo = is_redo};
    f->err = (struct error){0};
    return operation_turn(f->db, f->arena, &operation, &turn, ret, &f->err);
}

static bool decide_some(struct fixture *f, const char **ids, size_t count, struct sample_decision *decision)
{
    struct sample_outcome *outcomes = NULL;
    f->err = (struct error){0};
    return samples_decide(f->db, f->arena, list_of(ids, count), decision, &outcomes, &f->err);
}

/* A decision about samples chosen at random, some of them twice. */
static void decide_at_random(struct fixture *f, uint32_t *seed)
{
    static const char *labels[] = {"wren", "owl"};
    const char *ids[SAMPLES + 8];
    size_t count = 1 + next_random(seed) % (next_random(seed) % 4 == 0 ? SAMPLES : 5);
    struct sample_decision decision = {.project_id = "0",
                                       .action =
                                           (enum sample_action)(next_random(seed) % SAMPLE_ACTION_COUNT),
                                       .user = "anna"};
    for (size_t i = 0; i < count; i++)
        ids[i] = id_of(f, arena_printf(f->arena, "/%u", next_random(seed) % SAMPLES));
    bool takes_labels = decision.action <= SAMPLE_REJECT || decision.action == SAMPLE_ANNOTATE;
    if (takes_labels && next_random(seed) % 2)
        decision.labels = list_of(labels, 1 + next_random(seed) % 2);
    if (decision.action == SAMPLE_ANNOTATE) {
        decision.is_cleared = decision.labels.count == 0 && next_random(seed) % 2;
        decision.hard = (int)(next_random(seed) % 3) - 1;
        decision.excluded = (int)(next_random(seed) % 3) - 1;
    }
    assert_true(decide_some(f, ids, count, &decision));
}

static void undo_and_redo_of_random_decisions_restore_every_row(void **state)
{
    struct fixture *f = *state;
    const char *pictures[DECISIONS + 1], *ids[DECISIONS];
    uint32_t seed = 20261122;
    const size_t decisions = test_database_is_postgresql() ? DECISIONS_ON_SERVER : DECISIONS;
    fill(f, SAMPLES);
    pictures[0] = picture(f);
    for (size_t done = 0; done < decisions;) {
        const char *before = newest_id(f);
        decide_at_random(f, &seed);
        ids[done] = newest_id(f);
        if (strcmp(before, ids[done]) == 0) {
            assert_string_equal(picture(f), pictures[done]); /* nothing changed: no operation */
            continue;
        }
        pictures[++done] = picture(f);
        assert_string_not_equal(pictures[done], pictures[done - 1]);
    }
    for (int round = 0; round < 2; round++) {
        struct operation_undone undone;
        for (size_t i = decisions; i-- > 0;) {
            assert_true(turn(f, ids[i], false, &undone));
            assert_int_equal(undone.conflicts, 0);
            assert_int_equal(undone.done, undone.operation.samples);
            assert_string_equal(picture(f), pictures[i]);
            (void)assert_tallies_are_counts(f);
        }
        for (size_t i = 0; i < decisions; i++) {
            assert_true(turn(f, ids[i], true, &undone));
            assert_int_equal(undone.conflicts, 0);
            assert_string_equal(picture(f), pictures[i + 1]);
            (void)assert_tallies_are_counts(f);
        }
    }
}

static void what_was_changed_since_is_a_conflict_and_the_rest_is_undone(void **state)
{
    struct fixture *f = *state;
    struct operation_undone undone;
    fill(f, 9);
    const char *ids[] = {id_of(f, "/0"), id_of(f, "/3"), id_of(f, "/6")};
    struct sample_decision mark = {.project_id = "0", .action = SAMPLE_MARK_HARD},
                           exclude = {.project_id = "0", .action = SAMPLE_EXCLUDE};
    assert_true(decide_some(f, ids, 3, &mark));
    const char *first = newest_id(f);
    assert_true(decide_some(f, &ids[1], 1, &exclude));
    const char *second = newest_id(f);
    assert_true(turn(f, first, false, &undone));
    assert_int_equal(undone.done, 2);
    assert_int_equal(undone.conflicts, 1);
    assert_int_equal(undone.told, 1);
    assert_string_equal(undone.conflict_ids[0], ids[1]);
    assert_string_equal(undone.operation.state, OPERATION_UNDONE);
    assert_false(get(f, "/0").is_hard);
    assert_true(get(f, "/3").is_hard && get(f, "/3").is_excluded);
    assert_false(turn(f, first, false, &undone));
    assert_int_equal(f->err.code, ERR_CONFLICT);
    assert_true(turn(f, first, true, &undone));
    assert_int_equal(undone.done, 2);
    /* the last one first: then nothing is in the way */
    assert_true(turn(f, second, false, &undone));
    assert_true(turn(f, first, false, &undone));
    assert_int_equal(undone.done, 3);
    assert_false(get(f, "/3").is_hard || get(f, "/3").is_excluded);
}

static void undo_with_conflicts_only_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct operation_undone undone;
    fill(f, 3);
    assert_int_equal(decide(f, "/0", SAMPLE_MARK_HARD, NO_LABELS).code, ERR_NONE);
    const char *first = newest_id(f);
    assert_int_equal(decide(f, "/0", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    int64_t revision = get(f, "/0").revision;
    assert_false(turn(f, first, false, &undone));
    assert_int_equal(f->err.code, ERR_CONFLICT);
    assert_string_equal(find(f, first).state, OPERATION_DONE);
    assert_int_equal(get(f, "/0").revision, revision);
    /* what came from elsewhere is in the way too */
    struct annotation guess = suggestion("coot", 0.4);
    struct sample_new again = hard("/0", &guess, 0.9, "3");
    (void)add(f, &again, 1, SAMPLE_MERGE_HARD);
    assert_false(turn(f, newest_id(f), false, &undone));
    assert_string_equal(get(f, "/0").annotations[0].name, "coot");
}

static void history_tells_what_happened_to_a_sample(void **state)
{
    struct fixture *f = *state;
    struct operation_sample *history = NULL;
    struct operation_undone undone;
    size_t count = 0;
    fill(f, 3);
    assert_int_equal(decide(f, "/1", SAMPLE_CONFIRM, NO_LABELS).code, ERR_NONE);
    const char *first = newest_id(f);
    assert_int_equal(decide(f, "/1", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    assert_int_equal(decide(f, "/0", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    ASSERT_DONE(f, sample_history(f->db, f->arena, id_of(f, "/1"), &history, &count, &f->err));
    assert_int_equal(count, 2);
    assert_string_equal(history[0].operation.action, "exclude");
    assert_string_equal(history[1].operation.id, first);
    assert_string_equal(history[1].operation.decided_by, "human/anna");
    assert_int_equal(history[1].revision_before, 1);
    assert_int_equal(history[1].revision_after, 2);
    assert_non_null(strstr(history[1].before_json, "to_be_confirmed"));
    assert_non_null(strstr(history[1].after_json, "\"labeled\""));
    assert_string_equal(history[1].after_json, history[0].before_json);
    assert_true(turn(f, newest_id(f), false, &undone));
    ASSERT_DONE(f, sample_history(f->db, f->arena, id_of(f, "/0"), &history, &count, &f->err));
    assert_string_equal(history[0].operation.state, OPERATION_UNDONE);
}

static void operations_are_paged_newest_first_and_filtered(void **state)
{
    struct fixture *f = *state;
    fill(f, 6);
    for (int i = 0; i < 5; i++) {
        const char *id = id_of(f, arena_printf(f->arena, "/%d", i));
        struct sample_decision decision = {
            .project_id = "0", .action = SAMPLE_EXCLUDE, .user = i % 2 ? "bob" : "anna"};
        assert_true(decide_some(f, &id, 1, &decision));
    }
    struct operation_filter filter = {.project_id = "0", .limit = 2};
    struct operation_page page;
    int64_t last = INT64_MAX;
    size_t seen = 0;
    do {
        ASSERT_DONE(f, operations_page(f->db, f->arena, &filter, &page, &f->err));
        for (size_t i = 0; i < page.count; i++, seen++) {
            assert_true(page.operations[i].number < last);
            last = page.operations[i].number;
        }
        filter.cursor = page.cursor;
    } while (page.cursor);
    assert_int_equal(seen, 5);
    filter = (struct operation_filter){.project_id = "0", .user = "bob", .limit = 10};
    ASSERT_DONE(f, operations_page(f->db, f->arena, &filter, &page, &f->err));
    assert_int_equal(page.count, 2);
    filter = (struct operation_filter){.project_id = "0", .dataset_id = "elsewhere", .limit = 10};
    ASSERT_DONE(f, operations_page(f->db, f->arena, &filter, &page, &f->err));
    assert_int_equal(page.count, 0);
    filter = (struct operation_filter){.project_id = "1", .limit = 10};
    ASSERT_DONE(f, operations_page(f->db, f->arena, &filter, &page, &f->err));
    assert_int_equal(page.count, 0);
    filter = (struct operation_filter){.project_id = "0", .cursor = "yesterday", .limit = 10};
    ASSERT_REFUSED(f, operations_page(f->db, f->arena, &filter, &page, &f->err), ERR_INVALID);
    struct operation operation;
    ASSERT_REFUSED(f, operation_find(f->db, "1", f->arena, newest_id(f), &operation, &f->err), ERR_NOT_FOUND);
    ASSERT_REFUSED(f, operation_find(f->db, "0", f->arena, "x' OR '1'='1", &operation, &f->err),
                   ERR_NOT_FOUND);
}

static void an_operation_may_be_about_two_datasets(void **state)
{
    struct fixture *f = *state;
    struct sample_add_counts counts = {0};
    struct dataset other = new_dataset(f, "other", DATASET_TYPE_CLASSIFICATION);
    struct sample_new sample = unlabeled("/0");
    char id[HASH_HEX_BYTES];
    struct operation_undone undone;
    fill(f, 6);
    ASSERT_DONE(f, samples_add(f->db, other.id, &(struct sample_batch){&sample, 1, SAMPLE_MERGE_KEEP},
                               &counts, &f->err));
    sample_id_of(other.id, "/0", id);
    const char *ids[] = {id_of(f, "/0"), id, id_of(f, "/1"), id_of(f, "/0")};
    struct sample_decision decision = {.project_id = "0", .action = SAMPLE_MARK_HARD};
    const char *before = picture(f);
    assert_true(decide_some(f, ids, 4, &decision));
    struct operation operation = find(f, newest_id(f));
    assert_null(operation.dataset_id);
    assert_int_equal(operation.samples, 2); /* "/1" was hard */
    assert_true(turn(f, operation.id, false, &undone));
    assert_int_equal(undone.done, 2);
    assert_string_equal(picture(f), before);
}

static void samples_of_another_project_are_not_found(void **state)
{
    struct fixture *f = *state;
    struct sample_outcome *outcomes = NULL;
    fill(f, 1);
    const char *id = id_of(f, "/0");
    struct sample_decision decision = {.action = SAMPLE_EXCLUDE, .project_id = "1"};
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(&id, 1), &decision, &outcomes, &f->err));
    assert_false(outcomes[0].is_done);
    assert_int_equal(outcomes[0].err->code, ERR_NOT_FOUND);
    assert_null(strstr(outcomes[0].err->message, "project"));
    assert_string_equal(newest_id(f), "");
}

static bool refuse(void *state, const struct samples_decided *decided, struct error *err)
{
    const struct samples_decided **seen = state;
    assert_non_null(decided->operation_id);
    *seen = decided;
    return error_set(err, ERR_IO, "the end was refused");
}

static bool refuse_turn(void *state, const struct operation_undone *undone, struct error *err)
{
    (void)state;
    assert_int_equal(undone->done, 1);
    return error_set(err, ERR_IO, "the end was refused");
}

static void what_the_end_refuses_never_happened(void **state)
{
    struct fixture *f = *state;
    const struct samples_decided *seen = NULL;
    struct operation_undone undone;
    fill(f, 1);
    const char *id = id_of(f, "/0"), *before = picture(f);
    struct sample_decision decision = {
        .project_id = "0", .action = SAMPLE_EXCLUDE, .finish = refuse, .finish_state = &seen};
    assert_false(decide_some(f, &id, 1, &decision));
    assert_non_null(seen);
    assert_string_equal(picture(f), before);
    assert_string_equal(newest_id(f), "");
    decision.finish = NULL;
    assert_true(decide_some(f, &id, 1, &decision));
    before = picture(f);
    struct operation operation = find(f, newest_id(f));
    struct operation_turn turn = {.finish = refuse_turn};
    ASSERT_REFUSED(f, operation_turn(f->db, f->arena, &operation, &turn, &undone, &f->err), ERR_IO);
    assert_string_equal(picture(f), before);
    assert_string_equal(find(f, operation.id).state, OPERATION_DONE);
}

struct number {
    int64_t value;
};

static int64_t ask(struct fixture *f, const char *sql)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct number, value), DB_COLUMN_END};
    struct number number = {-1};
    bool is_found = false;
    ASSERT_DONE(f, db_select_one(f->db, f->arena, sql, DB_NO_ARGS, columns, &number, &is_found, &f->err));
    return number.value;
}

static void the_oldest_operations_are_dropped(void **state)
{
    struct fixture *f = *state;
    struct operation operation;
    fill(f, 9);
    assert_int_equal(decide(f, "/0", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    const char *first = newest_id(f);
    assert_int_equal(decide(f, "/1", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    const char *second = newest_id(f);
    ASSERT_DONE(f, db_exec(f->db, "DELETE FROM operation_sample WHERE operation_number = 2", DB_NO_ARGS, NULL,
                           &f->err));
    ASSERT_DONE(f, db_exec(f->db, "UPDATE operation SET number = $1 WHERE number = 2",
                           DB_ARGS(db_int(OPERATIONS_KEPT)), NULL, &f->err));
    assert_int_equal(decide(f, "/2", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    ASSERT_REFUSED(f, operation_find(f->db, "0", f->arena, first, &operation, &f->err), ERR_NOT_FOUND);
    assert_int_equal(find(f, second).number, OPERATIONS_KEPT);
    assert_int_equal(ask(f, "SELECT COUNT(*) FROM operation_sample"), 1);
    /* and as if they had been about many samples */
    ASSERT_DONE(f,
                db_exec(f->db, "UPDATE operation SET samples_until = samples_until + $1 WHERE number > $2",
                        DB_ARGS(db_int(OPERATION_SAMPLES_KEPT - 3), db_int(OPERATIONS_KEPT)), NULL, &f->err));
    assert_int_equal(decide(f, "/3", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    assert_int_equal(find(f, second).number, OPERATIONS_KEPT); /* exactly as many as are kept */
    assert_int_equal(decide(f, "/4", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    ASSERT_REFUSED(f, operation_find(f->db, "0", f->arena, second, &operation, &f->err), ERR_NOT_FOUND);
}

static void deleting_a_dataset_deletes_its_operations(void **state)
{
    struct fixture *f = *state;
    fill(f, 3);
    assert_int_equal(decide(f, "/0", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    ASSERT_DONE(f, dataset_delete(f->db, f->dataset.id, &f->err));
    assert_int_equal(ask(f, "SELECT COUNT(*) FROM operation"), 0);
    assert_int_equal(ask(f, "SELECT COUNT(*) FROM operation_sample"), 0);
}

static void many_samples_are_decided_and_undone(void **state)
{
    struct fixture *f = *state;
    struct operation_undone undone;
    const int many = test_database_is_postgresql() ? MANY_ON_SERVER : MANY;
    fill(f, many);
    const char **ids = arena_array(f->arena, (size_t)many, sizeof(*ids));
    static const char *labels[] = {"coot"};
    for (int i = 0; i < many; i++)
        ids[i] = id_of(f, arena_printf(f->arena, "/%d", i));
    const char *before = picture(f);
    struct sample_decision decision = {
        .project_id = "0", .action = SAMPLE_CONFIRM, .labels = list_of(labels, 1)};
    double start = clock_steady_seconds();
    assert_true(decide_some(f, ids, (size_t)many, &decision));
    double decided = clock_steady_seconds();
    assert_true(turn(f, newest_id(f), false, &undone));
    print_message("# %d decided in %.2f s, undone in %.2f s\n", many, decided - start,
                  clock_steady_seconds() - decided);
    assert_int_equal(undone.done, many);
    assert_string_equal(picture(f), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(undo_and_redo_of_random_decisions_restore_every_row),
        TEST(what_was_changed_since_is_a_conflict_and_the_rest_is_undone),
        TEST(undo_with_conflicts_only_changes_nothing),
        TEST(history_tells_what_happened_to_a_sample),
        TEST(operations_are_paged_newest_first_and_filtered),
        TEST(an_operation_may_be_about_two_datasets),
        TEST(samples_of_another_project_are_not_found),
        TEST(what_the_end_refuses_never_happened),
        TEST(the_oldest_operations_are_dropped),
        TEST(deleting_a_dataset_deletes_its_operations),
        TEST(many_samples_are_decided_and_undone),
    };
    return RUN_TESTS(tests);
}
