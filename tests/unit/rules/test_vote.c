/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "rules/vote.h"
#include "unit/rules/subject.h"

static void disagreement_is_the_share_of_votes_against(void **state)
{
    struct bench *bench = bench_new(2);
    bench_train(bench);
    struct neighbours found = bench_neighbours(7);
    assert_near(rule_disagreement(&found, bench->sample_labels, 0), 0.3, 1e-12);
    assert_near(rule_disagreement(&found, bench->sample_labels, 1), 0.7, 1e-12);
    assert_near(rule_disagreement(&found, bench->sample_labels, 5), 1, 1e-12);
    free(bench);
}

static void a_nearer_neighbour_has_more_votes(void **state)
{
    struct bench *bench = bench_new(2);
    bench_train(bench);
    struct neighbours found = bench_neighbours(1);
    found.count = 2;
    found.cosines[0] = 0.9F;
    found.cosines[1] = 0.8F; /* a tenth behind: 1/e of the vote */
    assert_near(rule_disagreement(&found, bench->sample_labels, 0), exp(-1) / (1 + exp(-1)), 1e-6);
    free(bench);
}

static void worth_grows_between_slight_and_substantial_agreement(void **state)
{
    assert_true(rule_space_worth(0.1, 0.1) == 0);        /* kappa 0 */
    assert_true(rule_space_worth(0.0, 0.5) == 0);        /* worse than chance */
    assert_near(rule_space_worth(0.46, 0.1), 0.5, 1e-9); /* kappa 0.4 */
    assert_true(rule_space_worth(0.95, 0.1) == 1);
    assert_true(rule_space_worth(1, 1) == 0); /* one class only: agreement says nothing */
}

static void the_appearance_counts_four_times_the_embedding(void **state)
{
    struct bench *bench = bench_new(2);
    bench_train(bench);
    bench->subject.embedding = bench->subject.appearance = bench_neighbours(5);
    struct space_weights weights = vote_weights(&bench->subject);
    assert_near(weights.appearance, 0.8, 1e-12);
    assert_near(weights.embedding, 0.2, 1e-12);
    assert_true(weights.most == 1);

    bench->reference.appearance_worth = 0;
    weights = vote_weights(&bench->subject);
    assert_true(weights.appearance == 0);
    assert_near(weights.embedding, 1, 1e-12);

    bench->subject.embedding.count = 0;
    assert_true(vote_weights(&bench->subject).most == 0);
    free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disagreement_is_the_share_of_votes_against),
        cmocka_unit_test(a_nearer_neighbour_has_more_votes),
        cmocka_unit_test(worth_grows_between_slight_and_substantial_agreement),
        cmocka_unit_test(the_appearance_counts_four_times_the_embedding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
