/* SPDX-License-Identifier: Apache-2.0 */
/* What an estimate says is what mining with the same settings does; and the order of likeness. */
#include "test.h"

#include "mining/estimate.h"
#include "mining/similar.h"
#include "record/mistake.h"
#include "run_fixture.h"

static const struct mining_settings plain = {
    .comprehensive_algo_config = MINING_DEFAULT_ALGO_CONFIG, .algo_hard_threshold = 0.2, .reasons = "all"};

static struct mining_strengths *measured(struct run_fixture *fixture, bool has_profile)
{
    struct error err = {0};
    struct mining_strengths *strengths = NULL;
    const struct mining_input input = {.records = fixture_set(fixture, "run"),
                                       .profile = has_profile ? fixture->profile : NULL,
                                       .threads = 2};
    if (!mining_strengths_measure(&input, NULL, &strengths, &err))
        fail_msg("%s", err.message);
    return strengths;
}

static void assert_same(struct run_fixture *fixture, const struct mining_strengths *strengths,
                        const struct mining_settings *settings, bool has_profile)
{
    struct error err = {0};
    struct mining_estimate estimate;
    struct mining_result result;
    uint64_t binned = 0;
    const struct mining_input input = {
        .records = fixture->set, .profile = has_profile ? fixture->profile : NULL, .threads = 2};
    const struct mining_estimate_source source = {.strengths = strengths};
    assert_true(mining_estimate(&source, settings, &estimate, &err));
    assert_true(mining_run(&input, settings, &result, &err));
    assert_int_equal(estimate.hard, result.hard_count);
    assert_int_equal(estimate.analysed, result.analysed);
    assert_int_equal(estimate.images, RUN_IMAGES);
    assert_memory_equal(estimate.reasons, result.reason_counts, sizeof(estimate.reasons));
    for (int i = 0; i < REPORT_BINS; i++)
        binned += estimate.bins[i];
    assert_int_equal(binned, result.analysed);
    if (result.hard_count > 0)
        assert_true(estimate.cut == result.hard[result.hard_count - 1].hard_coefficient);
    else
        assert_true(isnan(estimate.cut));
    mining_result_release(&result);
}

static void an_estimate_is_what_mining_finds(void **state)
{
    struct run_fixture *fixture = *state;
    for (int has_profile = 0; has_profile < 2; has_profile++) {
        AUTO(mining_strengths) strengths = measured(fixture, has_profile);
        struct mining_settings settings = plain;
        static const double thresholds[] = {0, 0.05, 0.2, 0.5, 0.9, 1};
        for (size_t i = 0; i < sizeof(thresholds) / sizeof(thresholds[0]); i++) {
            settings.algo_hard_threshold = thresholds[i];
            assert_same(fixture, strengths, &settings, has_profile);
        }
        settings.algo_hard_threshold = 0;
        settings.top = "10";
        assert_same(fixture, strengths, &settings, has_profile);
        settings.top = "3%";
        settings.reasons = "1,7";
        assert_same(fixture, strengths, &settings, has_profile);
        settings.reasons = "-1";
        settings.comprehensive_algo_config = "feature_distribution_mining:1+predict_score_mining:0.5";
        assert_same(fixture, strengths, &settings, has_profile);
    }
}

static void an_estimate_hears_what_was_learned(void **state)
{
    struct run_fixture *fixture = *state;
    struct error err = {0};
    struct mining_result result;
    struct mining_estimate estimate;
    uint8_t verdicts[RUN_IMAGES];
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        verdicts[i] = i % 7 == 0 || i == UNSURE || i == MISTAKEN ? VERDICT_WRONG : VERDICT_RIGHT;
    struct mining_settings settings = plain;
    settings.algo_hard_threshold = 0.14;
    const struct mining_input input = {.records = fixture_set(fixture, "run"),
                                       .profile = fixture->profile,
                                       .verdicts = verdicts,
                                       .threads = 2,
                                       .keeps_strengths = true};
    assert_true(mining_run(&input, &settings, &result, &err));
    struct mining_strengths kept = {RUN_IMAGES, result.strengths};
    assert_true(kept.values[STRENGTHS_LEARNED] >= 0);
    const struct mining_estimate_source source = {.strengths = &kept};
    assert_true(mining_estimate(&source, &settings, &estimate, &err));
    assert_int_equal(estimate.hard, result.hard_count);
    settings.fixed_weights = true;
    assert_true(mining_estimate(&source, &settings, &estimate, &err));
    assert_int_not_equal(estimate.hard, result.hard_count);
    mining_result_release(&result);
}

/* Every third image is a copy of the one before. */
static void write_copies(struct run_fixture *fixture)
{
    for (uint32_t i = 0; i < RUN_IMAGES; i++) {
        struct record *record = &fixture->records[i];
        if (i % 3 == 2 && !record->error && !fixture->records[i - 1].error) {
            record->perceptual_hash = fixture->records[i - 1].perceptual_hash;
            record->appearance = fixture->records[i - 1].appearance;
        }
    }
    write_shards(fixture, "copies", RUN_IMAGES, 130);
}

static void an_estimate_with_records_groups_and_spreads_as_mining_does(void **state)
{
    struct run_fixture *fixture = *state;
    struct error err = {0};
    write_copies(fixture);
    struct mining_strengths *measured_strengths = NULL;
    const struct mining_input input = {.records = fixture_set(fixture, "copies"), .threads = 2};
    assert_true(mining_strengths_measure(&input, NULL, &measured_strengths, &err));
    AUTO(mining_strengths) strengths = measured_strengths;
    static const struct {
        const char *top;
        uint64_t per_class;
        double diversity;
    } cases[] = {{NULL, 0, 0.5}, {"40", 0, 0.5}, {"10%", 0, 1}, {NULL, 9, 0.5}, {"20", 9, 0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mining_settings settings = plain;
        struct mining_estimate exact, before;
        struct mining_result result;
        settings.algo_hard_threshold = 0;
        settings.group = true;
        settings.top = cases[i].top;
        settings.per_class = cases[i].per_class;
        settings.diversity = cases[i].diversity;
        const struct mining_estimate_source with = {.strengths = strengths, .records = fixture->set};
        const struct mining_estimate_source without = {.strengths = strengths};
        assert_true(mining_run(&input, &settings, &result, &err));
        assert_true(mining_estimate(&with, &settings, &exact, &err));
        assert_true(mining_estimate(&without, &settings, &before, &err));
        assert_false(exact.is_before_choice);
        assert_int_equal(exact.hard, result.hard_count);
        assert_memory_equal(exact.reasons, result.reason_counts, sizeof(exact.reasons));
        assert_true(exact.represented > 100 && exact.represented == result.represented);
        assert_true(before.is_before_choice); /* says so, and that it is no less */
        assert_true(before.hard >= exact.hard);
        mining_result_release(&result);
    }
}

/* The run again and again; the first image and its second copy are all that is hard, and one picture. */
static void of_larger_runs_the_records_are_not_read(void **state)
{
    enum { IMAGES = ESTIMATE_CHOICE_IMAGES_MAX, COPY = 2 * RUN_IMAGES };
    struct run_fixture *fixture = *state;
    struct error err = {0};
    struct mining_estimate estimate;
    struct mining_settings settings = plain;
    struct record *records = calloc(IMAGES, sizeof(*records));
    double *values = calloc((size_t)(IMAGES + 1) * STRENGTHS_COLUMNS, sizeof(*values));
    assert_true(records && values);
    for (uint32_t i = 0; i < IMAGES; i++)
        records[i] = fixture->records[i % RUN_IMAGES];
    run_shards_write(&(struct run_shards){fixture->store, "large", &fixture->header, records, IMAGES,
                                          RECORD_SHARD_IMAGES_MAX});
    free(records);
    values[1] = values[(size_t)COPY * STRENGTHS_COLUMNS + 1] = 1;
    settings.group = true;
    settings.fixed_weights = true;
    for (uint64_t past = 0; past < 2; past++) {
        const struct mining_strengths strengths = {IMAGES + past, values};
        const struct mining_estimate_source source = {.strengths = &strengths,
                                                      .records = fixture_set(fixture, "large")};
        if (!mining_estimate(&source, &settings, &estimate, &err))
            fail_msg("%s", err.message);
        assert_int_equal(estimate.is_before_choice, past);
        assert_int_equal(estimate.hard, past ? 2 : 1);
        assert_int_equal(estimate.represented, past ? 0 : 1);
    }
    free(values);
}

static void strengths_that_were_kept_give_the_same_estimate(void **state)
{
    struct run_fixture *fixture = *state;
    struct error err = {0};
    AUTO(mining_strengths) strengths = measured(fixture, true);
    struct mining_strengths *got = NULL;
    struct mining_estimate first, second;
    assert_true(mining_strengths_put(fixture->store, "kept.npy", strengths->values, strengths->images, &err));
    assert_false(mining_strengths_get(fixture->store, "kept.npy", strengths->images + 1, &got, &err));
    assert_false(mining_strengths_get(fixture->store, "other.npy", strengths->images, &got, &err));
    assert_true(mining_strengths_get(fixture->store, "kept.npy", strengths->images, &got, &err));
    AUTO(mining_strengths) again = got;
    const struct mining_estimate_source source = {.strengths = strengths};
    const struct mining_estimate_source source_again = {.strengths = again};
    assert_true(mining_estimate(&source, &plain, &first, &err));
    assert_true(mining_estimate(&source_again, &plain, &second, &err));
    assert_int_equal(first.hard, second.hard);
    assert_memory_equal(first.bins, second.bins, sizeof(first.bins));
}

static void settings_that_mining_refuses_are_refused(void **state)
{
    struct run_fixture *fixture = *state;
    struct error err = {0};
    struct mining_estimate estimate;
    AUTO(mining_strengths) strengths = measured(fixture, false);
    struct mining_settings settings = plain;
    settings.reasons = "44";
    const struct mining_estimate_source source = {.strengths = strengths};
    assert_false(mining_estimate(&source, &settings, &estimate, &err));
    assert_int_equal(err.code, ERR_INVALID);
}

static void strengths_are_kept_only_of_all_reasons(void **state)
{
    struct run_fixture *fixture = *state;
    struct error err = {0};
    struct mining_result result;
    struct mining_settings settings = plain;
    const struct mining_input input = {.records = fixture_set(fixture, "run"),
                                       .profile = fixture->profile,
                                       .threads = 1,
                                       .keeps_strengths = true};
    assert_true(mining_run(&input, &settings, &result, &err));
    assert_true(result.has_all_reasons);
    assert_non_null(result.strengths);
    assert_true(isnan(result.strengths[(size_t)BROKEN * STRENGTHS_COLUMNS]));
    mining_result_release(&result);
    settings.reasons = "-1";
    assert_true(mining_run(&input, &settings, &result, &err));
    assert_false(result.has_all_reasons);
    mining_result_release(&result);
}

static void the_order_of_likeness_is_exact(void **state)
{
    struct run_fixture *fixture = *state;
    for (int by_embedding = 0; by_embedding < 2; by_embedding++) {
        const struct record_set *set = fixture_set(fixture, "run");
        const float *vector = by_embedding ? fixture->images[40].embedding : fixture->images[40].appearance;
        uint32_t length = by_embedding ? EMBEDDING : APPEARANCE;
        struct error err = {0};
        struct similar *order = NULL;
        uint64_t count = 0;
        const struct similar_query query = {set, by_embedding, vector, 2};
        assert_true(similar_rank(&query, &order, &count, &err));
        assert_int_equal(count, RUN_IMAGES - 2); /* not the broken one, nor the blank one */
        assert_int_equal(order[0].record, 40);
        for (uint64_t i = 0; i < count; i++) {
            const struct made_image *image = &fixture->images[order[i].record];
            const float *other = by_embedding ? image->embedding : image->appearance;
            double dot = 0, one = 0, two = 0;
            for (uint32_t v = 0; v < length; v++) {
                dot += (double)vector[v] * (double)other[v];
                one += (double)vector[v] * (double)vector[v];
                two += (double)other[v] * (double)other[v];
            }
            assert_true(fabs(order[i].cosine - dot / sqrt(one * two)) < 1e-12);
            assert_true(i == 0 || order[i - 1].cosine >= order[i].cosine);
        }
        free(order);
    }
}

static void the_nearest_are_those_of_the_whole_order(void **state)
{
    struct run_fixture *fixture = *state;
    const struct similar_rows among = {profile_embeddings(fixture->profile), profile_count(fixture->profile),
                                       EMBEDDING};
    struct similar all[SIMILAR_NEAREST_MAX], few[3];
    assert_int_equal(similar_nearest(&among, fixture->images[7].embedding, SIMILAR_NEAREST_MAX, all),
                     SIMILAR_NEAREST_MAX);
    assert_int_equal(similar_nearest(&among, fixture->images[7].embedding, 3, few), 3);
    for (int i = 0; i < SIMILAR_NEAREST_MAX; i++) {
        assert_true(i == 0 || all[i - 1].cosine >= all[i].cosine);
        assert_true(i >= 3 || few[i].record == all[i].record);
    }
    uint32_t nearer = 0;
    const float *vector = fixture->images[7].embedding;
    double norm = 0;
    for (uint32_t v = 0; v < EMBEDDING; v++)
        norm += (double)vector[v] * (double)vector[v];
    for (uint32_t i = 0; i < among.count; i++) {
        double cosine = 0;
        for (uint32_t v = 0; v < EMBEDDING; v++)
            cosine += (double)among.rows[i * EMBEDDING + v] * (double)vector[v];
        nearer += cosine / sqrt(norm) > few[2].cosine + 1e-12;
    }
    assert_int_equal(nearer, 2);
    assert_int_equal(similar_nearest(&among, fixture->images[BLANK].embedding, 3, few), 0);
}

static void a_vector_without_direction_is_refused(void **state)
{
    struct run_fixture *fixture = *state;
    struct error err = {0};
    struct similar *order = NULL;
    uint64_t count = 0;
    const struct similar_query query = {fixture_set(fixture, "run"), true, fixture->images[BLANK].embedding,
                                        1};
    assert_false(similar_rank(&query, &order, &count, &err));
    assert_int_equal(err.code, ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_estimate_hears_what_was_learned),
        cmocka_unit_test(an_estimate_is_what_mining_finds),
        cmocka_unit_test(an_estimate_with_records_groups_and_spreads_as_mining_does),
        cmocka_unit_test(of_larger_runs_the_records_are_not_read),
        cmocka_unit_test(strengths_that_were_kept_give_the_same_estimate),
        cmocka_unit_test(settings_that_mining_refuses_are_refused),
        cmocka_unit_test(strengths_are_kept_only_of_all_reasons),
        cmocka_unit_test(the_order_of_likeness_is_exact),
        cmocka_unit_test(the_nearest_are_those_of_the_whole_order),
        cmocka_unit_test(a_vector_without_direction_is_refused),
    };
    return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
