/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "mining/combiner.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 1000, CLASSES = 4, HARD_CLASS = 2 };

struct fixture {
    struct combiner_row *rows;
    struct combiner combiner;
    bool is_fitted;
    uint64_t dice;
    struct error err;
};

static double dice(struct fixture *f)
{
    f->dice = f->dice * 6364136223846793005U + 1442695040888963407U;
    return (double)(f->dice >> 11) / (double)(1ULL << 53);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->rows = calloc(COMBINER_ROWS_MAX + 1, sizeof(*f->rows));
    f->dice = 1;
    *state = f;
    return f->rows ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    combiner_release(&f->combiner);
    free(f->rows);
    free(f);
    return 0;
}

/* Wrong answers are unsure more often; distribution says the contrary of the truth, the ratio says nothing.
 */
static void make_rows(struct fixture *f, uint32_t count, double share_wrong)
{
    for (uint32_t i = 0; i < count; i++) {
        struct combiner_row *row = &f->rows[i];
        row->is_wrong = dice(f) < share_wrong;
        row->signals.values[SIGNAL_UNSURE] = (float)(dice(f) * 4 - 4 + (row->is_wrong ? 2 : 0));
        row->signals.values[SIGNAL_DISTRIBUTION] = (float)(dice(f) * (row->is_wrong ? 0.5 : 1));
        row->signals.values[SIGNAL_RATIO] = (float)dice(f);
        row->signals.predicted = (uint32_t)(dice(f) * CLASSES);
        row->fixed = dice(f);
    }
}

static void fit(struct fixture *f, uint32_t count)
{
    combiner_release(&f->combiner);
    if (!combiner_fit(f->rows, count, CLASSES, &f->combiner, &f->is_fitted, &f->err))
        fail_msg("%s", f->err.message);
}

static void a_signal_that_tells_counts_and_one_that_tells_the_contrary_does_not(void **state)
{
    struct fixture *f = *state;
    make_rows(f, ROWS, 0.3);
    fit(f, ROWS);
    assert_true(f->is_fitted);
    assert_true(f->combiner.slopes[SIGNAL_UNSURE] > 0.5);
    assert_float_equal(f->combiner.slopes[SIGNAL_DISTRIBUTION], 0, 0);
    assert_float_equal(f->combiner.slopes[SIGNAL_ANOMALY], 0, 0); /* it never moved */
    assert_true(f->combiner.auroc_learned > 0.8);
    assert_true(f->combiner.auroc_fixed > 0.4 && f->combiner.auroc_fixed < 0.6);
}

static void the_probability_never_falls_when_a_signal_grows(void **state)
{
    struct fixture *f = *state;
    make_rows(f, ROWS, 0.5);
    fit(f, ROWS);
    for (int signal = 0; signal < SIGNAL_COUNT; signal++) {
        struct signals signals = f->rows[0].signals;
        double before = 0;
        for (int step = -50; step <= 50; step++) {
            signals.values[signal] = (float)step / 5;
            double probability = combiner_probability(&f->combiner, &signals, 0.5);
            assert_true(probability >= before && probability <= 1);
            before = probability;
        }
    }
}

static void it_never_falls_when_the_fixed_coefficient_grows(void **state)
{
    struct fixture *f = *state;
    double before = 0;
    make_rows(f, ROWS, 0.5);
    for (uint32_t i = 0; i < ROWS; i++) /* it tells the contrary */
        f->rows[i].fixed = f->rows[i].is_wrong ? 0.1 * dice(f) : 0.1 + 0.9 * dice(f);
    fit(f, ROWS);
    for (int step = 0; step <= 100; step++) {
        double probability = combiner_probability(&f->combiner, &f->rows[0].signals, step / 100.0);
        assert_true(probability >= before && probability <= 1);
        before = probability;
    }
    for (uint32_t i = 0; i < ROWS; i++)
        f->rows[i].fixed = 1 - f->rows[i].fixed;
    fit(f, ROWS);
    assert_true(combiner_probability(&f->combiner, &f->rows[0].signals, 0.95) >
                combiner_probability(&f->combiner, &f->rows[0].signals, 0.85) + 0.05);
}

static void images_of_the_stream_take_weight_from_the_fixed_coefficient(void **state)
{
    struct fixture *f = *state;
    make_rows(f, ROWS, 0.3);
    fit(f, ROWS);
    assert_float_equal(f->combiner.fixed_weight, 1, 0);
    for (uint32_t i = 0; i < ROWS / 2; i++)
        f->rows[i].is_of_stream = true;
    fit(f, ROWS);
    assert_float_equal(f->combiner.fixed_weight, 0.2, 1e-9);
    for (uint32_t i = 0; i < ROWS; i++)
        f->rows[i].is_of_stream = true;
    fit(f, ROWS);
    assert_float_equal(f->combiner.fixed_weight, 0, 0);
}

static void probabilities_add_up_to_the_wrong_answers(void **state)
{
    struct fixture *f = *state;
    double sum = 0;
    make_rows(f, ROWS, 0.2);
    fit(f, ROWS);
    for (uint32_t i = 0; i < ROWS; i++)
        sum += combiner_probability(&f->combiner, &f->rows[i].signals, f->rows[i].fixed);
    assert_float_equal(sum, f->combiner.wrong, 0.01);
}

static void a_class_that_is_often_wrong_is_suspected(void **state)
{
    struct fixture *f = *state;
    make_rows(f, ROWS, 0.3);
    for (uint32_t i = 0; i < ROWS; i++)
        f->rows[i].signals.predicted = dice(f) < 0.5         ? (uint32_t)(dice(f) * CLASSES)
                                       : f->rows[i].is_wrong ? HARD_CLASS
                                                             : 0;
    fit(f, ROWS);
    struct signals signals = f->rows[0].signals;
    signals.predicted = HARD_CLASS;
    double hard = combiner_probability(&f->combiner, &signals, 0.5);
    signals.predicted = 0;
    assert_true(hard > combiner_probability(&f->combiner, &signals, 0.5) + 0.1);
    signals.predicted = CLASS_NONE; /* nothing is known of it */
    assert_true(hard > combiner_probability(&f->combiner, &signals, 0.5));
}

static void too_few_of_either_kind_teach_nothing(void **state)
{
    struct fixture *f = *state;
    make_rows(f, ROWS, 0.5);
    for (uint32_t i = 0; i < ROWS; i++)
        f->rows[i].is_wrong = i < COMBINER_WRONG_MIN - 1;
    fit(f, ROWS);
    assert_false(f->is_fitted);
    assert_int_equal(f->combiner.rows, ROWS);
    assert_int_equal(f->combiner.wrong, COMBINER_WRONG_MIN - 1);
    f->rows[COMBINER_WRONG_MIN - 1].is_wrong = true;
    fit(f, ROWS);
    assert_true(f->is_fitted);
    for (uint32_t i = 0; i < ROWS; i++)
        f->rows[i].is_wrong = i >= COMBINER_WRONG_MIN - 1;
    fit(f, ROWS);
    assert_false(f->is_fitted);
    fit(f, 0);
    assert_false(f->is_fitted);
}

static void answers_that_one_signal_parts_cleanly_still_have_finite_slopes(void **state)
{
    struct fixture *f = *state;
    make_rows(f, ROWS, 0.5);
    for (uint32_t i = 0; i < ROWS; i++)
        f->rows[i].signals.values[SIGNAL_UNSURE] = f->rows[i].is_wrong ? 9 : -9;
    fit(f, ROWS);
    assert_true(f->is_fitted);
    for (int i = 0; i < COMBINER_INPUTS; i++)
        assert_true(isfinite(f->combiner.slopes[i]));
    assert_float_equal(f->combiner.auroc_learned, 1, 0);
}

static void the_limit_holds(void **state)
{
    struct fixture *f = *state;
    make_rows(f, COMBINER_ROWS_MAX + 1, 0.5);
    fit(f, COMBINER_ROWS_MAX);
    assert_true(f->is_fitted);
    combiner_release(&f->combiner);
    assert_false(combiner_fit(f->rows, COMBINER_ROWS_MAX + 1, CLASSES, &f->combiner, &f->is_fitted, &f->err));
    assert_int_equal(f->err.code, ERR_LIMIT);
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        SENTENCE(a_signal_that_tells_counts_and_one_that_tells_the_contrary_does_not),
        SENTENCE(the_probability_never_falls_when_a_signal_grows),
        SENTENCE(it_never_falls_when_the_fixed_coefficient_grows),
        SENTENCE(images_of_the_stream_take_weight_from_the_fixed_coefficient),
        SENTENCE(probabilities_add_up_to_the_wrong_answers),
        SENTENCE(a_class_that_is_often_wrong_is_suspected),
        SENTENCE(too_few_of_either_kind_teach_nothing),
        SENTENCE(answers_that_one_signal_parts_cleanly_still_have_finite_slopes),
        SENTENCE(the_limit_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
