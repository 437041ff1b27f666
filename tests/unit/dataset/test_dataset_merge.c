/* SPDX-License-Identifier: Apache-2.0 */
/* Merging by content: what becomes of each sample, in one transaction, and how all of it is taken back. */
#include "test.h"

#include "dataset/dataset_merge.h"
#include "dataset/operation.h"
#include "dataset/sample_look.h"
#include "dataset_fixture.h"

#define TASK "0123456789abcdef0123456789abcdef"
enum { GROUP = 150, PAST = DATASET_MERGE_MAX + 1, BATCH = 1000 };

struct told {
    int64_t kinds[MERGE_KIND_COUNT], calls;
    bool fails;
    atomic_int_fast64_t done;
};

static bool tell(void *state, const struct merge_told *said, struct error *err)
{
    struct told *told = state;
    (void)err;
    assert_non_null(said->sample->source);
    assert_true(said->other != said->sample);
    told->kinds[said->kind]++;
    told->calls++;
    return true;
}

static bool finish(void *state, const struct dataset_merged *merged, struct error *err)
{
    const struct told *told = state;
    int64_t sum = 0;
    for (int i = 0; i < MERGE_KIND_COUNT; i++) {
        assert_int_equal(merged->counts[i], told->kinds[i]);
        sum += merged->counts[i];
    }
    assert_int_equal(sum, merged->selected);
    assert_int_equal(atomic_load(&told->done), merged->selected);
    return !told->fails || error_set(err, ERR_IO, "the disk is full");
}

/* The fixture's dataset is merged into another. */
static bool merge_with(struct fixture *f, const struct dataset *into, struct dataset_merge merge,
                       struct dataset_merged *ret, struct told *told)
{
    struct told own = {0};
    told = told ? told : &own;
    merge.from = merge.from ? merge.from : &f->dataset;
    merge.into = into;
    merge.decided_by = "human/anna";
    merge.user = "anna";
    merge.tell = tell;
    merge.finish = finish;
    merge.state = told;
    merge.done = &told->done;
    f->err = (struct error){0};
    return dataset_merge(f->db, f->arena, &merge, ret, &f->err);
}

static struct dataset_merged merge_all(struct fixture *f, const struct dataset *into)
{
    struct dataset_merged merged = {0};
    if (!merge_with(f, into, (struct dataset_merge){0}, &merged, NULL))
        fail_msg("%s", f->err.message);
    return merged;
}

/* Content of which the letter is the first digit; '-': none. */
static void look_like(struct fixture *f, const char *dataset_id, const char *source, char content)
{
    static const int8_t appearance[SAMPLE_LOOK_LENGTH];
    char id[HASH_HEX_BYTES], hash[] = "00000000000000000000000000000000";
    hash[0] = content;
    sample_id_of(dataset_id, source, id);
    const struct sample_look look = {id, hash, 5, appearance};
    ASSERT_DONE(f, content == '-' || sample_looks_keep(f->db, f->arena, &look, 1, &f->err));
}

static void put_in(struct fixture *f, const char *dataset_id, struct sample_new sample, char content)
{
    struct sample_add_counts counts = {0};
    const struct sample_batch batch = {&sample, 1, SAMPLE_MERGE_IMPORT};
    ASSERT_DONE(f, samples_add(f->db, dataset_id, &batch, &counts, &f->err));
    look_like(f, dataset_id, sample.source, content);
}

static void put_class(struct fixture *f, const struct dataset *dataset, const char *source, const char *name,
                      char content)
{
    const struct annotation annotation = label(name);
    put_in(f, dataset->id, labeled(source, &annotation), content);
}

static struct sample_page page_of(struct fixture *f, const struct dataset *dataset)
{
    struct sample_filter filter;
    struct sample_page page;
    sample_filter_init(&filter);
    filter.sort = "source";
    filter.include_excluded = true;
    filter.limit = DATASET_PAGE_MAX;
    ASSERT_DONE(f, samples_page(f->db, f->arena, dataset->id, &filter, &page, &f->err));
    return page;
}

static struct operation_undone turn(struct fixture *f, const char *id, bool is_redo)
{
    struct operation operation;
    struct operation_undone undone;
    const struct operation_turn how = {.is_redo = is_redo};
    ASSERT_DONE(f, operation_find(f->db, "0", f->arena, id, &operation, &f->err));
    ASSERT_DONE(f, operation_turn(f->db, f->arena, &operation, &how, &undone, &f->err));
    return undone;
}

static void a_sample_comes_in_with_all_that_is_known_of_it(void **state)
{
    struct fixture *f = *state;
    struct dataset into = new_dataset(f, "train", DATASET_TYPE_CLASSIFICATION);
    struct annotation owl = label("owl");
    owl.property_json = "{\"a\": 1.50}";
    owl.created_ms = 1234;
    struct sample_new sample = hard("/a", NULL, 1.0 / 3, "1-7");
    sample.state = SAMPLE_LABELED;
    sample.usage = "EVAL";
    sample.metadata_json = "{\"b\": 2.0}";
    sample.width = 64;
    sample.annotations = &owl;
    put_in(f, f->dataset.id, sample, 'a');
    struct dataset_merged merged = merge_all(f, &into);
    assert_int_equal(merged.counts[MERGE_ADDED], 1);
    assert_int_equal(merged.labels_added, 1);
    for (int round = 0; round < 2; round++) {
        struct sample_page page = page_of(f, &into);
        assert_int_equal(page.count, 1);
        const struct sample *got = &page.samples[0], was = get(f, "/a");
        assert_string_equal(got->usage, "EVAL");
        assert_true(got->is_hard && got->hard_coefficient == was.hard_coefficient && got->width == 64);
        assert_string_equal(got->hard_reasons, was.hard_reasons);
        assert_string_equal(got->evidence_json, was.evidence_json);
        assert_string_equal(got->metadata_json, was.metadata_json);
        assert_string_equal(got->origin, was.origin);
        assert_string_equal(got->origin_task, was.origin_task);
        assert_string_equal(got->content_hash, "a0000000000000000000000000000000");
        assert_int_equal(got->annotations[0].created_ms, 1234);
        assert_string_equal(got->annotations[0].property_json, owl.property_json);
        assert_int_equal(got->revision, 1);
        assert_int_equal(turn(f, merged.operation_id, false).done, 1);
        assert_int_equal(page_of(f, &into).count, 0);
        assert_int_equal(turn(f, merged.operation_id, true).done, 1);
    }
    assert_int_equal(merge_all(f, &into).counts[MERGE_DUPLICATE], 1);
}

static void the_same_source_is_the_same_image_whatever_was_measured(void **state)
{
    struct fixture *f = *state;
    struct dataset into = new_dataset(f, "train", DATASET_TYPE_CLASSIFICATION);
    put_class(f, &f->dataset, "/same", "owl", 'a');
    put_class(f, &into, "/same", "owl", 'b');
    put_class(f, &f->dataset, "/other", "owl", 'c');
    put_class(f, &into, "/other", "wren", '-');
    struct dataset_merged merged = merge_all(f, &into);
    assert_int_equal(merged.counts[MERGE_DUPLICATE], 1);
    assert_int_equal(merged.counts[MERGE_CONTRADICTION], 1);
    assert_null(merged.operation_id);
}

/* Its source is that of one image, its content that of another: the first fills it, the second disagrees. */
static void a_waiting_sample_is_filled_once(void **state)
{
    struct fixture *f = *state;
    struct dataset into = new_dataset(f, "train", DATASET_TYPE_CLASSIFICATION);
    put_in(f, into.id, unlabeled("/waits"), 'b');
    put_class(f, &f->dataset, "/waits", "owl", 'a');
    put_class(f, &f->dataset, "/elsewhere", "wren", 'b');
    struct dataset_merged merged = merge_all(f, &into);
    assert_int_equal(merged.counts[MERGE_FILLED], 1);
    assert_int_equal(merged.counts[MERGE_CONTRADICTION], 1);
    struct sample_page page = page_of(f, &into);
    assert_int_equal(page.count, 1);
    assert_string_equal(page.samples[0].annotations[0].name, "owl");
    assert_string_equal(page.samples[0].annotations[0].annotated_by, "human");
    assert_int_equal(turn(f, merged.operation_id, false).done, 1);
    assert_string_equal(page_of(f, &into).samples[0].state, SAMPLE_UNLABELED);
}

static void a_group_larger_than_a_round_is_one_image(void **state)
{
    struct fixture *f = *state;
    struct dataset into = new_dataset(f, "train", DATASET_TYPE_CLASSIFICATION);
    for (int i = 0; i < GROUP; i++)
        put_class(f, &f->dataset, arena_printf(f->arena, "/%03d", i), "owl", i % 2 ? 'a' : 'b');
    put_class(f, &f->dataset, "/zz", "wren", 'b');
    struct dataset_merged merged = merge_all(f, &into);
    assert_int_equal(merged.counts[MERGE_ADDED], 1);
    assert_int_equal(merged.counts[MERGE_DUPLICATE], GROUP / 2 - 1);
    assert_int_equal(merged.counts[MERGE_CONTRADICTION], GROUP / 2 + 1);
    assert_string_equal(page_of(f, &into).samples[0].source, "/001");
}

static void what_fails_at_the_end_never_happened(void **state)
{
    struct fixture *f = *state;
    struct dataset into = new_dataset(f, "train", DATASET_TYPE_CLASSIFICATION);
    struct dataset_merged merged = {0};
    struct told told = {.fails = true};
    struct stop_flag stop = {true};
    struct operation operation;
    put_class(f, &f->dataset, "/a", "owl", 'a');
    assert_false(merge_with(f, &into, (struct dataset_merge){.operation_id = TASK}, &merged, &told));
    assert_int_equal(f->err.code, ERR_IO);
    assert_false(merge_with(f, &into, (struct dataset_merge){.stop = &stop}, &merged, NULL));
    assert_int_equal(f->err.code, ERR_CANCELLED);
    assert_true(merge_with(f, &into, (struct dataset_merge){.is_dry = true}, &merged, NULL));
    assert_int_equal(merged.counts[MERGE_ADDED], 1);
    assert_null(merged.operation_id);
    assert_int_equal(page_of(f, &into).count, 0);
    assert_false(operation_find(f->db, "0", f->arena, TASK, &operation, &f->err));
}

static void an_operation_has_its_id_once(void **state)
{
    struct fixture *f = *state;
    struct dataset into = new_dataset(f, "train", DATASET_TYPE_CLASSIFICATION);
    struct dataset other = new_dataset(f, "other", DATASET_TYPE_CLASSIFICATION);
    struct dataset_merged merged = {0};
    struct operation operation;
    put_class(f, &f->dataset, "/a", "owl", 'a');
    assert_true(merge_with(f, &into, (struct dataset_merge){.operation_id = TASK}, &merged, NULL));
    assert_string_equal(merged.operation_id, TASK);
    ASSERT_DONE(f, operation_find(f->db, "0", f->arena, TASK, &operation, &f->err));
    assert_string_equal(operation.action, "merge");
    assert_string_equal(operation.user, "anna");
    assert_string_equal(operation.dataset_id, into.id);
    assert_false(merge_with(f, &other, (struct dataset_merge){.operation_id = TASK}, &merged, NULL));
    assert_int_equal(f->err.code, ERR_CONFLICT);
    assert_int_equal(page_of(f, &other).count, 0);
}

static void what_changed_since_stays_and_what_is_there_is_not_brought_again(void **state)
{
    struct fixture *f = *state;
    struct dataset into = new_dataset(f, "train", DATASET_TYPE_CLASSIFICATION), from = f->dataset;
    static const char *sources[] = {"/a", "/b", "/c"};
    for (size_t i = 0; i < 3; i++)
        put_class(f, &f->dataset, sources[i], "owl", (char)('a' + i));
    const char *operation = merge_all(f, &into).operation_id;
    f->dataset = into;
    struct error refused = decide(f, "/b", SAMPLE_MARK_HARD, NO_LABELS);
    assert_int_equal(refused.code, ERR_NONE);
    struct operation_undone undone = turn(f, operation, false);
    assert_int_equal(undone.done, 2);
    assert_int_equal(undone.conflicts, 1);
    assert_string_equal(undone.conflict_ids[0], id_of(f, "/b"));
    assert_int_equal(page_of(f, &into).count, 1);
    put_class(f, &into, "/c", "wren", 'c');
    undone = turn(f, operation, true);
    assert_int_equal(undone.done, 1);
    assert_int_equal(undone.conflicts, 2);
    assert_int_equal(page_of(f, &into).count, 3);
    f->dataset = from;
    ASSERT_DONE(f, dataset_delete(f->db, into.id, &f->err));
    struct operation gone;
    assert_false(operation_find(f->db, "0", f->arena, operation, &gone, &f->err));
}

static void datasets_that_do_not_fit_are_refused(void **state)
{
    struct fixture *f = *state;
    struct dataset boxes = new_dataset(f, "boxes", DATASET_TYPE_DETECTION);
    struct dataset into = new_dataset(f, "train", DATASET_TYPE_CLASSIFICATION);
    struct dataset_merged merged = {0};
    const char *id = TASK;
    assert_false(merge_with(f, &f->dataset, (struct dataset_merge){0}, &merged, NULL));
    assert_int_equal(f->err.detail, DETAIL_INVALID_ARGUMENT);
    assert_false(merge_with(f, &boxes, (struct dataset_merge){0}, &merged, NULL));
    assert_int_equal(f->err.detail, DETAIL_DATASET_TYPE_MISMATCH);
    const struct dataset_merge both = {.ids = list_of(&id, 1), .only_hard = true};
    assert_false(merge_with(f, &into, both, &merged, NULL));
    assert_int_equal(f->err.detail, DETAIL_INVALID_ARGUMENT);
    assert_true(merge_with(f, &into, (struct dataset_merge){.ids = list_of(&id, 1)}, &merged, NULL));
    assert_int_equal(merged.left_out, 1);
}

/* Of contents that nobody knows: they are only told. */
static void the_limit_is_met_and_one_more_is_refused(void **state)
{
    struct fixture *f = *state;
    struct dataset into = new_dataset(f, "train", DATASET_TYPE_CLASSIFICATION);
    struct annotation owl = label("owl");
    struct dataset_merged merged = {0};
    if (test_database_is_postgresql())
        skip();
    for (int done = 0; done < DATASET_MERGE_MAX; done += BATCH) {
        struct sample_new *samples = arena_array(f->arena, BATCH, sizeof(*samples));
        for (int i = 0; i < BATCH; i++)
            samples[i] = labeled(arena_printf(f->arena, "/%06d", done + i), &owl);
        (void)add(f, samples, BATCH, SAMPLE_MERGE_IMPORT);
    }
    assert_true(merge_with(f, &into, (struct dataset_merge){0}, &merged, NULL));
    assert_int_equal(merged.counts[MERGE_UNREADABLE], DATASET_MERGE_MAX);
    const struct sample_new one = labeled("/more", &owl);
    (void)add(f, &one, 1, SAMPLE_MERGE_IMPORT);
    assert_false(merge_with(f, &into, (struct dataset_merge){0}, &merged, NULL));
    assert_int_equal(f->err.code, ERR_LIMIT);
    const char **ids = arena_array(f->arena, PAST, sizeof(*ids));
    for (int i = 0; i < PAST; i++)
        ids[i] = arena_printf(f->arena, "%032d", i);
    assert_false(merge_with(f, &into, (struct dataset_merge){.ids = list_of(ids, PAST)}, &merged, NULL));
    assert_int_equal(f->err.code, ERR_LIMIT);
    assert_true(merge_with(f, &into, (struct dataset_merge){.ids = list_of(ids, PAST - 1)}, &merged, NULL));
    assert_int_equal(merged.left_out, DATASET_MERGE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sample_comes_in_with_all_that_is_known_of_it),
        TEST(the_same_source_is_the_same_image_whatever_was_measured),
        TEST(a_waiting_sample_is_filled_once),
        TEST(a_group_larger_than_a_round_is_one_image),
        TEST(what_fails_at_the_end_never_happened),
        TEST(an_operation_has_its_id_once),
        TEST(what_changed_since_stays_and_what_is_there_is_not_brought_again),
        TEST(datasets_that_do_not_fit_are_refused),
        TEST(the_limit_is_met_and_one_more_is_refused),
    };
    return RUN_TESTS(tests);
}
