/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/clock.h"
#include "dataset_fixture.h"

static const char *const wren[] = {"wren"};

static struct param_list only_wren(struct fixture *f)
{
    const char **items = arena_array(f->arena, 1, sizeof(*items));
    items[0] = wren[0];
    return list_of(items, 1);
}

/* One sample in each state: /unlabeled, /waiting (suggestions owl, robin) and /labeled (owl). */
static void fill(struct fixture *f)
{
    struct annotation said = label("owl"), guesses[] = {suggestion("owl", 0.5), suggestion("robin", 0.3)};
    struct sample_new samples[] = {unlabeled("/unlabeled"), hard("/waiting", guesses, 0.8, "1-7"),
                                   labeled("/labeled", &said)};
    samples[1].annotation_count = 2;
    guesses[0].created_ms = guesses[1].created_ms = 1000;
    (void)add(f, samples, 3, SAMPLE_MERGE_IMPORT);
}

static void confirm_makes_suggestions_labels_of_a_person(void **state)
{
    struct fixture *f = *state;
    fill(f);
    int64_t before_ms = clock_now_ms();
    assert_int_equal(decide(f, "/waiting", SAMPLE_CONFIRM, NO_LABELS).code, ERR_NONE);
    struct sample got = get(f, "/waiting");
    assert_string_equal(got.state, SAMPLE_LABELED);
    assert_int_equal(got.annotation_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_false(got.annotations[i].is_suggested);
        assert_string_equal(got.annotations[i].annotated_by, "human/anna");
        assert_true(isnan(got.annotations[i].confidence));
        assert_true(got.annotations[i].created_ms >= before_ms);
    }
    assert_string_equal(got.annotations[0].name, "owl");
    assert_true(got.is_hard);
    assert_string_equal(got.hard_reasons, "1-7");
    assert_int_equal(got.revision, 2);
    struct dataset now = counts_now(f);
    assert_true(now.updated_ms >= before_ms);
    assert_int_equal(now.labeled, 2);
}

static void confirm_with_labels_replaces_what_was_there(void **state)
{
    struct fixture *f = *state;
    const char *sources[] = {"/unlabeled", "/waiting", "/labeled"};
    fill(f);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(decide(f, sources[i], SAMPLE_CONFIRM, only_wren(f)).code, ERR_NONE);
        struct sample got = get(f, sources[i]);
        assert_string_equal(got.state, SAMPLE_LABELED);
        assert_int_equal(got.annotation_count, 1);
        assert_string_equal(got.annotations[0].name, "wren");
        assert_string_equal(got.annotations[0].annotated_by, "human/anna");
    }
    struct dataset_label *labels = NULL;
    size_t count = 0;
    ASSERT_DONE(f, dataset_labels(f->db, f->arena, f->dataset.id, &labels, &count, &f->err));
    assert_int_equal(count, 3);
    assert_string_equal(labels[2].name, "wren");
    assert_int_equal(labels[2].samples, 3);
}

static void confirm_of_nothing_is_refused(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(decide(f, "/unlabeled", SAMPLE_CONFIRM, NO_LABELS).code, ERR_CONFLICT);
    assert_int_equal(decide(f, "/labeled", SAMPLE_CONFIRM, NO_LABELS).code, ERR_CONFLICT);
    assert_int_equal(get(f, "/labeled").revision, 1);
}

static void reject_drops_suggestions_and_the_mark(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(decide(f, "/waiting", SAMPLE_REJECT, NO_LABELS).code, ERR_NONE);
    struct sample got = get(f, "/waiting");
    assert_string_equal(got.state, SAMPLE_UNLABELED);
    assert_int_equal(got.annotation_count, 0);
    assert_false(got.is_hard);
    assert_int_equal(decide(f, "/labeled", SAMPLE_REJECT, NO_LABELS).code, ERR_CONFLICT);
    assert_int_equal(get(f, "/labeled").annotation_count, 1);
}

static void reject_with_labels_relabels(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(decide(f, "/waiting", SAMPLE_REJECT, only_wren(f)).code, ERR_NONE);
    struct sample got = get(f, "/waiting");
    assert_string_equal(got.state, SAMPLE_LABELED);
    assert_int_equal(got.annotation_count, 1);
    assert_string_equal(got.annotations[0].name, "wren");
    assert_true(got.is_hard); /* the person corrected it: it was hard */
    assert_string_equal(got.hard_reasons, "1-7");
}

static void marks_and_flags_change_nothing_else(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(decide(f, "/waiting", SAMPLE_CLEAR_HARD, NO_LABELS).code, ERR_NONE);
    struct sample got = get(f, "/waiting");
    assert_false(got.is_hard);
    assert_string_equal(got.state, SAMPLE_TO_BE_CONFIRMED);
    assert_int_equal(got.annotation_count, 2);
    assert_int_equal(decide(f, "/waiting", SAMPLE_MARK_HARD, NO_LABELS).code, ERR_NONE);
    got = get(f, "/waiting");
    assert_true(got.is_hard);
    assert_string_equal(got.hard_reasons, "1-7");
    assert_int_equal(decide(f, "/waiting", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    assert_true(get(f, "/waiting").is_excluded);
    assert_int_equal(decide(f, "/waiting", SAMPLE_INCLUDE, NO_LABELS).code, ERR_NONE);
    got = get(f, "/waiting");
    assert_false(got.is_excluded);
    assert_string_equal(got.state, SAMPLE_TO_BE_CONFIRMED);
    assert_int_equal(got.revision, 5);
    assert_int_equal(decide(f, "/waiting", SAMPLE_MARK_HARD, only_wren(f)).code, ERR_INVALID);
}

static void decision_that_holds_already_changes_no_revision(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(decide(f, "/waiting", SAMPLE_MARK_HARD, NO_LABELS).code, ERR_NONE);
    assert_int_equal(decide(f, "/unlabeled", SAMPLE_REJECT, NO_LABELS).code, ERR_NONE);
    assert_int_equal(decide(f, "/labeled", SAMPLE_INCLUDE, NO_LABELS).code, ERR_NONE);
    assert_int_equal(get(f, "/waiting").revision, 1);
    assert_int_equal(get(f, "/unlabeled").revision, 1);
    assert_int_equal(get(f, "/labeled").revision, 1);
}

static void each_sample_is_decided_by_itself(void **state)
{
    struct fixture *f = *state;
    fill(f);
    const char *ids[] = {id_of(f, "/unlabeled"), id_of(f, "/waiting"), "00000000000000000000000000000000",
                         id_of(f, "/labeled"),   id_of(f, "/waiting"), "x' OR '1'='1"};
    struct sample_decision decision = {.project_id = "0", .action = SAMPLE_CONFIRM};
    struct sample_outcome *outcomes = NULL;
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(ids, 6), &decision, &outcomes, &f->err));
    assert_false(outcomes[0].is_done);
    assert_int_equal(outcomes[0].err->code, ERR_CONFLICT);
    assert_true(outcomes[1].is_done);
    assert_int_equal(outcomes[2].err->detail, DETAIL_SAMPLE_NOT_FOUND);
    assert_int_equal(outcomes[3].err->code, ERR_CONFLICT);
    assert_false(outcomes[4].is_done);
    assert_int_equal(outcomes[5].err->detail, DETAIL_SAMPLE_NOT_FOUND);
    assert_string_equal(get(f, "/waiting").state, SAMPLE_LABELED);
    assert_string_equal(get(f, "/waiting").annotations[0].annotated_by, "human");
    assert_string_equal(get(f, "/unlabeled").state, SAMPLE_UNLABELED);
}

static void samples_of_several_datasets_are_decided_at_once(void **state)
{
    struct fixture *f = *state;
    struct annotation guessed = suggestion("owl", 0.5), box = guessed;
    struct sample_new of_birds = hard("/1", &guessed, 0.5, "1"), of_boxes = hard("/1", &box, 0.5, "1");
    const char *ids[3];
    struct sample_outcome *outcomes = NULL;
    struct sample_decision decision = {.project_id = "0", .action = SAMPLE_CONFIRM, .labels = only_wren(f)};
    box.shape_json = "{\"@modelarts:shape\":\"bndbox\",\"@modelarts:feature\":[[1,2],[3,4]]}";
    (void)add(f, &of_birds, 1, SAMPLE_MERGE_HARD);
    ids[0] = id_of(f, "/1");
    struct dataset birds = f->dataset;
    f->dataset = new_dataset(f, "boxes", DATASET_TYPE_DETECTION);
    (void)add(f, &of_boxes, 1, SAMPLE_MERGE_HARD);
    ids[1] = id_of(f, "/1");
    f->dataset = new_dataset(f, "more-birds", DATASET_TYPE_CLASSIFICATION);
    (void)add(f, &of_birds, 1, SAMPLE_MERGE_HARD);
    ids[2] = id_of(f, "/1");
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(ids, 3), &decision, &outcomes, &f->err));
    assert_true(outcomes[0].is_done);
    assert_int_equal(outcomes[1].err->code, ERR_INVALID);
    assert_true(outcomes[2].is_done);
    struct dataset_label *labels = NULL;
    size_t count = 0;
    ASSERT_DONE(f, dataset_labels(f->db, f->arena, birds.id, &labels, &count, &f->err));
    assert_int_equal(count, 2);
    /* Boxes are confirmed as they are. */
    decision.labels = NO_LABELS;
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(&ids[1], 1), &decision, &outcomes, &f->err));
    assert_true(outcomes[0].is_done);
    struct sample got;
    ASSERT_DONE(f, sample_find(f->db, "0", f->arena, ids[1], &got, &f->err));
    assert_string_equal(got.annotations[0].shape_json, box.shape_json);
    assert_false(got.annotations[0].is_suggested);
}

static void unknown_label_is_refused_when_only_known_ones_are_wanted(void **state)
{
    struct fixture *f = *state;
    const char *known[] = {"robin", "owl"};
    fill(f);
    const char *id = id_of(f, "/waiting");
    struct sample_outcome *outcomes = NULL;
    struct sample_decision decision = {
        .project_id = "0", .action = SAMPLE_CONFIRM, .labels = only_wren(f), .only_known_labels = true};
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(&id, 1), &decision, &outcomes, &f->err));
    assert_int_equal(outcomes[0].err->detail, DETAIL_LABEL_NOT_FOUND);
    assert_string_equal(get(f, "/waiting").state, SAMPLE_TO_BE_CONFIRMED);
    decision.labels = list_of(known, 2);
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(&id, 1), &decision, &outcomes, &f->err));
    assert_true(outcomes[0].is_done);
    assert_int_equal(get(f, "/waiting").annotation_count, 2);
}

static void bad_decision_is_refused_as_a_whole(void **state)
{
    struct fixture *f = *state;
    const char *twins[] = {"a", "a"}, *bad[] = {"a\n"};
    struct sample_outcome *outcomes = NULL;
    fill(f);
    const char *id = id_of(f, "/waiting");
    struct sample_decision decision = {
        .project_id = "0", .action = SAMPLE_CONFIRM, .labels = list_of(twins, 2)};
    ASSERT_REFUSED(f, samples_decide(f->db, f->arena, list_of(&id, 1), &decision, &outcomes, &f->err),
                   ERR_INVALID);
    decision.labels = list_of(bad, 1);
    ASSERT_REFUSED(f, samples_decide(f->db, f->arena, list_of(&id, 1), &decision, &outcomes, &f->err),
                   ERR_INVALID);
    decision.labels = NO_LABELS;
    decision.decided_by = "";
    ASSERT_REFUSED(f, samples_decide(f->db, f->arena, list_of(&id, 1), &decision, &outcomes, &f->err),
                   ERR_INVALID);
    decision.decided_by = NULL;
    ASSERT_REFUSED(
        f,
        samples_decide(f->db, f->arena, list_of(NULL, DATASET_DECIDE_MAX + 1), &decision, &outcomes, &f->err),
        ERR_LIMIT);
    assert_int_equal(get(f, "/waiting").revision, 1);
}

static void as_many_as_the_limit_are_decided_at_once(void **state)
{
    struct fixture *f = *state;
    struct sample_outcome *outcomes = NULL;
    struct sample_decision decision = {.project_id = "0", .action = SAMPLE_EXCLUDE};
    const char **ids = arena_array(f->arena, DATASET_DECIDE_MAX, sizeof(*ids));
    fill(f);
    for (size_t i = 0; i < DATASET_DECIDE_MAX; i++)
        ids[i] = arena_printf(f->arena, "f%zu", i);
    ids[0] = id_of(f, "/waiting");
    ASSERT_DONE(
        f, samples_decide(f->db, f->arena, list_of(ids, DATASET_DECIDE_MAX), &decision, &outcomes, &f->err));
    assert_true(outcomes[0].is_done);
    assert_false(outcomes[DATASET_DECIDE_MAX - 1].is_done);
    assert_true(get(f, "/waiting").is_excluded);
}

static void an_id_that_comes_again_is_decided_as_the_first_left_it(void **state)
{
    struct fixture *f = *state;
    fill(f);
    const char *ids[] = {id_of(f, "/waiting"), id_of(f, "/unlabeled"), id_of(f, "/waiting")};
    struct sample_outcome *outcomes = NULL;
    struct sample_decision decision = {.project_id = "0", .action = SAMPLE_CONFIRM, .labels = only_wren(f)};
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(ids, 3), &decision, &outcomes, &f->err));
    for (size_t i = 0; i < 3; i++)
        assert_true(outcomes[i].is_done);
    struct sample got = get(f, "/waiting");
    assert_int_equal(got.annotation_count, 1);
    assert_string_equal(got.annotations[0].name, "wren");
    assert_int_equal(got.revision, 2); /* written once */
    decision.expected_revision = 2;
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(ids, 3), &decision, &outcomes, &f->err));
    assert_true(outcomes[0].is_done);
    assert_true(outcomes[1].is_done);
    assert_int_equal(outcomes[2].err->code, ERR_CONFLICT);
    assert_int_equal(get(f, "/waiting").revision, 3);
}

/* It takes as many rounds as different samples do. */
static void one_id_as_often_as_the_limit_is_written_once_a_round(void **state)
{
    enum { ROUNDS = (DATASET_DECIDE_MAX + DB_MANY_MAX - 1) / DB_MANY_MAX };
    struct fixture *f = *state;
    struct sample_outcome *outcomes = NULL;
    struct sample_decision decision = {.project_id = "0", .action = SAMPLE_CONFIRM, .labels = only_wren(f)};
    const char **ids = arena_array(f->arena, DATASET_DECIDE_MAX, sizeof(*ids));
    fill(f);
    for (size_t i = 0; i < DATASET_DECIDE_MAX; i++)
        ids[i] = i == 0 ? id_of(f, "/waiting") : ids[0];
    ASSERT_DONE(
        f, samples_decide(f->db, f->arena, list_of(ids, DATASET_DECIDE_MAX), &decision, &outcomes, &f->err));
    assert_true(outcomes[0].is_done);
    assert_true(outcomes[DATASET_DECIDE_MAX - 1].is_done);
    assert_int_equal(get(f, "/waiting").revision, 1 + ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(confirm_makes_suggestions_labels_of_a_person),
        TEST(confirm_with_labels_replaces_what_was_there),
        TEST(confirm_of_nothing_is_refused),
        TEST(reject_drops_suggestions_and_the_mark),
        TEST(reject_with_labels_relabels),
        TEST(marks_and_flags_change_nothing_else),
        TEST(decision_that_holds_already_changes_no_revision),
        TEST(each_sample_is_decided_by_itself),
        TEST(samples_of_several_datasets_are_decided_at_once),
        TEST(unknown_label_is_refused_when_only_known_ones_are_wanted),
        TEST(bad_decision_is_refused_as_a_whole),
        TEST(as_many_as_the_limit_are_decided_at_once),
        TEST(an_id_that_comes_again_is_decided_as_the_first_left_it),
        TEST(one_id_as_often_as_the_limit_is_written_once_a_round),
    };
    return RUN_TESTS(tests);
}
