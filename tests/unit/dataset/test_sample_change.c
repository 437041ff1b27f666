/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset_fixture.h"

struct numbers {
    int64_t changes, rows;
};

/* How often the dataset changed, and how many of its samples carry a change above `since`. */
static struct numbers look(struct fixture *f, int64_t since)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct numbers, changes),
                                               DB_COLUMN_INT(struct numbers, rows), DB_COLUMN_END};
    struct numbers numbers = {0};
    bool is_found = false;
    ASSERT_DONE(f, db_select_one(f->db, f->arena,
                                 "SELECT d.changes, (SELECT COUNT(*) FROM sample s WHERE s.dataset_id = d.id "
                                 "AND s.change > $2) FROM dataset d WHERE d.id = $1",
                                 DB_ARGS(db_text(f->dataset.id), db_int(since)), columns, &numbers, &is_found,
                                 &f->err));
    assert_true(is_found);
    return numbers;
}

static void each_transaction_that_writes_samples_is_one_change(void **state)
{
    struct fixture *f = *state;
    const struct sample_new samples[] = {unlabeled("/a"), unlabeled("/b"), unlabeled("/c")};
    assert_int_equal(look(f, 0).changes, 0);
    (void)add(f, samples, 3, SAMPLE_MERGE_KEEP);
    assert_int_equal(look(f, 0).changes, 1);
    assert_int_equal(look(f, 0).rows, 3);
    assert_int_equal(look(f, 1).rows, 0);
    assert_int_equal(decide(f, "/b", SAMPLE_MARK_HARD, NO_LABELS).code, ERR_NONE);
    assert_int_equal(look(f, 0).changes, 2);
    assert_int_equal(look(f, 1).rows, 1);
}

static void merge_counts_what_it_changed(void **state)
{
    struct fixture *f = *state;
    const struct annotation owl = suggestion("owl", 0.5);
    const struct sample_new first[] = {unlabeled("/a"), unlabeled("/b")};
    const struct sample_new again[] = {hard("/a", &owl, 0.7, "1")};
    (void)add(f, first, 2, SAMPLE_MERGE_KEEP);
    (void)add(f, again, 1, SAMPLE_MERGE_HARD);
    assert_int_equal(look(f, 1).changes, 2);
    assert_int_equal(look(f, 1).rows, 1);
}

static void what_changes_nothing_is_no_change(void **state)
{
    struct fixture *f = *state;
    const struct sample_new samples[] = {unlabeled("/a")};
    (void)add(f, samples, 1, SAMPLE_MERGE_KEEP);
    (void)add(f, samples, 1, SAMPLE_MERGE_KEEP);
    assert_int_equal(decide(f, "/a", SAMPLE_CLEAR_HARD, NO_LABELS).code, ERR_NONE);
    assert_int_equal(look(f, 0).changes, 1);
    assert_int_equal(look(f, 1).rows, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_transaction_that_writes_samples_is_one_change, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(merge_counts_what_it_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_changes_nothing_is_no_change, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
