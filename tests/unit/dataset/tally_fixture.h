/* SPDX-License-Identifier: Apache-2.0 */
/* What the database counts must be what a count of the rows says. Include after dataset_fixture.h. */
#ifndef TESTS_TALLY_FIXTURE_H
#define TESTS_TALLY_FIXTURE_H

struct tally_answer {
    int64_t wrong, right;
};

static inline struct tally_answer tally_ask(struct fixture *f, const char *sql)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct tally_answer, wrong),
                                               DB_COLUMN_INT(struct tally_answer, right), DB_COLUMN_END};
    struct tally_answer answer = {-1, -1};
    bool is_found = false;
    ASSERT_DONE(f, db_select_one(f->db, f->arena, sql, DB_NO_ARGS, columns, &answer, &is_found, &f->err));
    return answer;
}

/* Returns how many labels of datasets have a tally that is not 0. */
static inline int64_t assert_tallies_are_counts(struct fixture *f)
{
    static const char datasets[] =
        "SELECT COUNT(CASE WHEN t.samples = c.samples AND t.unlabeled = c.unlabeled AND t.to_be_confirmed = "
        "c.to_be_confirmed AND t.labeled = c.labeled AND t.hard = c.hard THEN NULL ELSE 1 END), COUNT(*) "
        "FROM "
        "(SELECT d.id, COUNT(s.id) AS samples, COUNT(CASE WHEN s.state = 'unlabeled' THEN 1 END) AS "
        "unlabeled, "
        "COUNT(CASE WHEN s.state = 'to_be_confirmed' THEN 1 END) AS to_be_confirmed, "
        "COUNT(CASE WHEN s.state = 'labeled' THEN 1 END) AS labeled, "
        "COUNT(CASE WHEN s.is_hard = 1 THEN 1 END) AS hard FROM dataset d LEFT JOIN sample s "
        "ON s.dataset_id = d.id AND s.is_excluded = 0 GROUP BY d.id) c "
        "LEFT JOIN dataset_tally t ON t.dataset_id = c.id";
    static const char counted[] =
        "SELECT s.dataset_id, a.name, COUNT(DISTINCT a.sample_id) AS samples, COUNT(*) AS annotations "
        "FROM sample s JOIN annotation a ON a.sample_id = s.id "
        "WHERE s.state = 'labeled' AND s.is_excluded = 0 GROUP BY s.dataset_id, a.name";
    const char *labels = arena_printf(
        f->arena,
        "SELECT COUNT(CASE WHEN t.samples = c.samples AND t.annotations = c.annotations THEN NULL ELSE 1 "
        "END), "
        "COUNT(*) FROM (%s) c LEFT JOIN label_tally t ON t.dataset_id = c.dataset_id AND t.name = c.name",
        counted);
    assert_int_equal(tally_ask(f, datasets).wrong, 0);
    struct tally_answer answer = tally_ask(f, labels);
    assert_int_equal(answer.wrong, 0);
    assert_int_equal(
        tally_ask(f,
                  "SELECT COUNT(CASE WHEN samples <> 0 OR annotations <> 0 THEN 1 END), 0 FROM label_tally")
            .wrong,
        answer.right);
    return answer.right;
}

#endif
