/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "record/npy.h"
#include "work/feature_compare.h"
#include "work_fixture.h"

#include <math.h>

#define OF "00112233445566778899aabbccddeeff"

static struct feature_set_place place_of(struct fixture *fixture)
{
    struct feature_set_place place;
    const struct dataset_version version = {.manifest_key = "datasets/d-1/annotation/V001/V001.manifest",
                                            .manifest_hash = OF};
    assert_true(feature_place_of_version(fixture->store, &version, &place, &fixture->err));
    assert_string_equal(place.folder, "datasets/d-1/annotation/V001/features");
    return place;
}

static void add(struct fixture *fixture, struct feature_set_writer *writer, double value,
                enum feature_usage usage, const char *const *labels, size_t count)
{
    double features[FEATURE_COUNT];
    for (int f = 0; f < FEATURE_COUNT; f++)
        features[f] = f < FEATURE_BOX_COUNT ? value + f : (double)NAN;
    const char *names[4];
    for (size_t i = 0; i < count; i++)
        names[i] = labels[i];
    if (!feature_set_add(writer, features, usage, (struct param_list){names, count}, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

/* 3 owl TRAIN, 1 owl and crow EVAL, 2 crow TRAIN, one unreadable without anything. */
static void make(struct fixture *fixture, const struct feature_set_place *place)
{
    static const char *const labels[] = {"owl", "owl", "crow"};
    AUTO(feature_set_writer) writer = NULL;
    assert_true(feature_set_start(place, 4, &writer, &fixture->err));
    add(fixture, writer, 3, FEATURE_USAGE_TRAIN, labels, 2);
    add(fixture, writer, 1, FEATURE_USAGE_EVAL, labels + 1, 2);
    add(fixture, writer, 2, FEATURE_USAGE_TRAIN, labels + 2, 1);
    add(fixture, writer, (double)NAN, FEATURE_USAGE_NONE, NULL, 0);
    if (!feature_set_finish(writer, 1, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

static void a_set_is_read_as_it_was_made(void **state)
{
    struct fixture *fixture = *state;
    struct feature_set_place place = place_of(fixture);
    struct feature_set set;
    uint64_t counts[FEATURE_USAGE_COUNT];
    double room[4];
    make(fixture, &place);
    assert_true(feature_set_open(&place, &set, &fixture->err));
    assert_int_equal(set.count, 4);
    assert_int_equal(set.unreadable, 1);
    assert_int_equal(set.label_count, 4); /* a label named twice counts once */
    const struct feature_choice all = {-1, -1}, train = {FEATURE_USAGE_TRAIN, -1};
    const struct feature_choice crow = {-1, feature_set_label(&set, "crow")};
    const struct feature_choice nobody = {-1, feature_set_label(&set, "gull")};
    assert_int_equal(nobody.label, -2);
    struct shift_values values = feature_set_values(&set, &all, FEATURE_BRIGHTNESS, room);
    assert_int_equal(values.count, 3);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(values.ascending[i] - (1 + i + FEATURE_BRIGHTNESS)) < 1e-12);
    assert_int_equal(feature_set_values(&set, &all, FEATURE_BOX_COUNT, room).count, 0);
    assert_int_equal(feature_set_values(&set, &train, FEATURE_CLARITY, room).count, 2);
    assert_int_equal(feature_set_values(&set, &crow, FEATURE_CLARITY, room).count, 2);
    assert_int_equal(feature_set_values(&set, &nobody, FEATURE_CLARITY, room).count, 0);
    feature_set_count(&set, &all, counts);
    assert_int_equal(counts[FEATURE_USAGE_NONE], 1);
    assert_int_equal(counts[FEATURE_USAGE_TRAIN], 2);
    feature_set_count(&set, &crow, counts);
    assert_int_equal(counts[FEATURE_USAGE_EVAL], 1);
    feature_set_release(&set);
}

static void a_set_of_something_else_is_not_there(void **state)
{
    struct fixture *fixture = *state;
    struct feature_set_place place = place_of(fixture);
    struct feature_set set;
    assert_false(feature_set_open(&place, &set, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    feature_set_release(&set);
    make(fixture, &place);
    place.of[0] = 'f';
    assert_false(feature_set_open(&place, &set, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    feature_set_release(&set);
}

static void damage_is_found(void **state)
{
    struct fixture *fixture = *state;
    struct feature_set_place place = place_of(fixture);
    static const uint32_t ends[] = {0, 2, 0, 1, 0, 3, 0, 4}, usages[] = {9, 1, 0, 3, 0, 4, 0, 4};
    static const uint32_t labels[] = {0, 0, 1, 7};
    const struct {
        const char *name;
        struct npy_array array;
    } rows[] = {
        {"samples.npy", {NPY_U4, 4, 2, ends}},  {"samples.npy", {NPY_U4, 4, 2, usages}},
        {"samples.npy", {NPY_U4, 3, 2, ends}},  {"labels.npy", {NPY_U4, 4, 0, labels}},
        {"labels.npy", {NPY_U4, 3, 0, labels}}, {"labels.npy", {NPY_U4, 2, 2, labels}},
        {"features.npy", {NPY_U4, 4, 2, ends}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct feature_set set;
        const char *key = arena_printf(fixture->arena, "%s/%s", place.folder, rows[i].name);
        make(fixture, &place);
        assert_true(npy_put(fixture->store, key, &rows[i].array, &fixture->err));
        assert_false(feature_set_open(&place, &set, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
        feature_set_release(&set);
    }
}

static void what_was_promised_must_come(void **state)
{
    struct fixture *fixture = *state;
    struct feature_set_place place = place_of(fixture);
    struct feature_set set;
    AUTO(feature_set_writer) writer = NULL;
    assert_true(feature_set_start(&place, 2, &writer, &fixture->err));
    add(fixture, writer, 1, FEATURE_USAGE_NONE, NULL, 0);
    assert_false(feature_set_finish(writer, 0, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_false(feature_set_open(&place, &set, &fixture->err)); /* nothing appeared */
    feature_set_release(&set);
}

static void past_the_limits_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct feature_set_place place = place_of(fixture);
    AUTO(feature_set_writer) writer = NULL;
    AUTO(feature_set_writer) many = NULL;
    double features[FEATURE_COUNT] = {0};
    assert_false(feature_set_start(&place, FEATURE_SET_MAX + 1, &many, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
    assert_true(feature_set_start(&place, FEATURE_SET_MAX, &many, &fixture->err));
    assert_true(feature_set_start(&place, 1, &writer, &fixture->err));
    for (int i = 0; i <= FEATURE_SET_LABELS_MAX; i++) {
        char name[16];
        const char *names[] = {name};
        (void)snprintf(name, sizeof(name), "%d", i);
        bool is_added = feature_set_add(writer, features, FEATURE_USAGE_NONE, (struct param_list){names, 1},
                                        &fixture->err);
        assert_int_equal(is_added, i < FEATURE_SET_LABELS_MAX);
    }
    assert_int_equal(fixture->err.code, ERR_LIMIT);
}

static void one_side_has_no_shift_and_both_share_their_bins(void **state)
{
    struct fixture *fixture = *state;
    struct feature_set_place place = place_of(fixture);
    struct feature_set set;
    struct feature_comparison found;
    make(fixture, &place);
    assert_true(feature_set_open(&place, &set, &fixture->err));
    struct feature_side sides[2] = {{&set, {-1, -1}}, {NULL, {-1, -1}}};
    assert_true(feature_compare(sides, FEATURE_RESOLUTION, 4, &found, &fixture->err));
    assert_true(isnan(found.shift.distance) && fabs(found.sides[0].mean - 2) < 1e-12);
    assert_int_equal(found.sides[1].count, 0);
    sides[1] = (struct feature_side){&set, {FEATURE_USAGE_TRAIN, -1}};
    assert_true(feature_compare(sides, FEATURE_RESOLUTION, 4, &found, &fixture->err));
    assert_int_equal(found.bins.count, 4);
    assert_int_equal(found.counts[0].bins[0], 1);
    assert_int_equal(found.counts[1].bins[0], 0);
    assert_int_equal(found.counts[1].bins[3], 1);
    assert_true(fabs(found.shift.distance - 1.0 / 3) < 1e-12); /* at 1: 1/3 against none */
    feature_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_set_is_read_as_it_was_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_set_of_something_else_is_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_promised_must_come, set_up, tear_down),
        cmocka_unit_test_setup_teardown(past_the_limits_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_side_has_no_shift_and_both_share_their_bins, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
