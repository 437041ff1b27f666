/* SPDX-License-Identifier: Apache-2.0 */
/* Queries, facets and decisions by query, as requests: each with an index and without one. */
#include "test.h"

#include "api/native/sample_requests.h"
#include "temp_folder.h"
#include "test_database.h"

#include <math.h>

enum { ARENA_BYTES = 256 * 1024 * 1024, SAMPLES = 30, INDEX_BYTES = 64 * 1024 * 1024 };

struct fixture {
    char folder[TEMP_PATH_BYTES];
    struct api api;
    struct sample_index *index;
    struct arena *arena;
    struct dataset dataset, other;
    struct error err;
    yyjson_mut_doc *reply; /* of the last request */
};

static void new_dataset(struct fixture *f, const char *name, struct dataset *ret)
{
    const struct dataset_new request = {"0", name, DATASET_TYPE_CLASSIFICATION, {NULL, 0}};
    if (!dataset_create(f->api.db, f->arena, &request, ret, &f->err))
        fail_msg("%s", f->err.message);
}

static void fill(struct fixture *f, const struct dataset *dataset)
{
    struct sample_new samples[SAMPLES];
    struct annotation guesses[SAMPLES];
    struct sample_add_counts counts = {0};
    for (int i = 0; i < SAMPLES; i++) {
        guesses[i] = (struct annotation){.name = i % 2 ? "owl" : "robin",
                                         .is_suggested = true,
                                         .confidence = i / (double)SAMPLES,
                                         .annotated_by = "modelarts/hard_example_algo"};
        samples[i] = (struct sample_new){.source = arena_printf(f->arena, "/in/%02d.png", i),
                                         .state = SAMPLE_TO_BE_CONFIRMED,
                                         .is_hard = true,
                                         .hard_coefficient = i / (double)SAMPLES,
                                         .hard_reasons = i % 3 ? "1" : "7-1",
                                         .origin = "hard_examples",
                                         .annotations = &guesses[i],
                                         .annotation_count = 1};
    }
    const struct sample_batch batch = {samples, SAMPLES, SAMPLE_MERGE_KEEP};
    if (!samples_add(f->api.db, dataset->id, &batch, &counts, &f->err))
        fail_msg("%s", f->err.message);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    temp_folder_make(f->folder);
    assert_non_null(f->arena = arena_new(ARENA_BYTES));
    if (!test_database_open(&f->api.db, &f->err) || !db_migrate(f->api.db, &f->err) ||
        !store_open(f->folder, true, &f->api.data, &f->err))
        fail_msg("%s", f->err.message);
    f->api.data_folder = f->folder;
    f->api.checks_replies = true;
    f->index = sample_index_new(INDEX_BYTES);
    new_dataset(f, "birds", &f->dataset);
    new_dataset(f, "others", &f->other);
    fill(f, &f->dataset);
    fill(f, &f->other);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    yyjson_mut_doc_free(f->reply);
    (void)db_free(f->api.db);
    (void)store_free(f->api.data);
    (void)sample_index_free(f->index);
    (void)arena_free(f->arena);
    temp_folder_remove(f->folder);
    free(f);
    return 0;
}

/* The reply's root; NULL with the error in the fixture. Single quotes stand for double ones. */
static yyjson_mut_val *ask(struct fixture *f, const char *route, const char *quoted)
{
    char *json = arena_text(f->arena, quoted);
    AUTO_JSON request = NULL;
    yyjson_mut_doc_free(f->reply);
    f->reply = NULL;
    f->err = (struct error){0};
    for (char *at = json; *at; at++)
        *at = (char)(*at == '\'' ? '"' : *at);
    if (!json_parse((struct bytes){json, strlen(json)}, "request", &request, &f->err))
        fail_msg("%s", f->err.message);
    bool is_done =
        api_handle(&f->api, route_find(route), yyjson_doc_get_root(request), f->arena, &f->reply, &f->err);
    return is_done ? yyjson_mut_doc_get_root(f->reply) : NULL;
}

static yyjson_mut_val *must_ask(struct fixture *f, const char *route, const char *quoted)
{
    yyjson_mut_val *root = ask(f, route, quoted);
    if (!root)
        fail_msg("%s %s: %s", route, quoted, f->err.message);
    return root;
}

static int64_t number(yyjson_mut_val *object, const char *name)
{
    return yyjson_mut_get_sint(yyjson_mut_obj_get(object, name));
}

static void assert_refused(struct fixture *f, const char *route, const char *quoted, enum error_code code,
                           const char *pointer)
{
    if (ask(f, route, quoted))
        fail_msg("%s %s was not refused", route, quoted);
    if (f->err.code != code)
        fail_msg("%s", f->err.message);
    assert_string_equal(f->err.pointer, pointer);
}

static void tree_is_asked_in_a_body_and_in_a_query(void **state)
{
    struct fixture *f = *state;
    static const char tree[] =
        "{'dataset':'birds','filter':{'and':[{'label':'owl'},{'not':{'reason':7}}]},'limit':3}";
    for (int i = 0; i < 2; i++, f->api.index = f->index)
        for (int j = 0; j < 2; j++) {
            yyjson_mut_val *root = must_ask(f, j ? "samples.query" : "samples.list", tree);
            assert_int_equal(number(root, "total"), 10);
            assert_int_equal(yyjson_mut_arr_size(yyjson_mut_obj_get(root, "samples")), 3);
            assert_true(yyjson_mut_is_str(yyjson_mut_obj_get(root, "next_cursor")));
        }
}

static void fields_choose_the_members(void **state)
{
    struct fixture *f = *state;
    yyjson_mut_val *root =
        must_ask(f, "samples.list", "{'dataset':'birds','fields':['source','labels'],'limit':1}");
    yyjson_mut_val *sample = yyjson_mut_arr_get_first(yyjson_mut_obj_get(root, "samples"));
    assert_int_equal(yyjson_mut_obj_size(sample), 3);
    assert_non_null(yyjson_mut_obj_get(sample, "id"));
    assert_non_null(yyjson_mut_obj_get(sample, "labels"));
    assert_refused(f, "samples.list", "{'dataset':'birds','fields':['colour']}", ERR_INVALID, "/fields");
}

static void ids_only_goes_further_than_a_page(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++, f->api.index = f->index) {
        yyjson_mut_val *root =
            must_ask(f, "samples.query", "{'dataset':'birds','ids_only':true,'limit':100000}");
        assert_int_equal(yyjson_mut_arr_size(yyjson_mut_obj_get(root, "ids")), SAMPLES);
        assert_true(yyjson_mut_is_null(yyjson_mut_obj_get(root, "next_cursor")));
        assert_refused(f, "samples.query", "{'dataset':'birds','ids_only':true,'limit':100001}", ERR_INVALID,
                       "/limit");
        (void)must_ask(f, "samples.query", "{'dataset':'birds','limit':1000}");
        assert_refused(f, "samples.query", "{'dataset':'birds','limit':1001}", ERR_INVALID, "/limit");
    }
}

static void facets_are_the_same_by_either_method(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++, f->api.index = f->index)
        for (int j = 0; j < 2; j++) {
            yyjson_mut_val *root = must_ask(f, j ? "samples.facets" : "samples.facets_queried",
                                            "{'dataset':'birds','label':'owl','reason':7}");
            yyjson_mut_val *facets = yyjson_mut_obj_get(root, "facets");
            assert_int_equal(number(root, "total"), 5);
            assert_int_equal(yyjson_mut_arr_size(yyjson_mut_obj_get(facets, "labels")), 2);
            assert_int_equal(yyjson_mut_arr_size(yyjson_mut_obj_get(facets, "reasons")), 2);
            assert_int_equal(
                number(yyjson_mut_arr_get_first(yyjson_mut_obj_get(facets, "reasons")), "samples"), 15);
        }
}

static void query_is_decided_but_for_the_exceptions(void **state)
{
    struct fixture *f = *state;
    char except[HASH_HEX_BYTES];
    f->api.index = f->index;
    sample_id_of(f->dataset.id, "/in/03.png", except);
    yyjson_mut_val *root = must_ask(f, "samples.decide_all",
                                    arena_printf(f->arena,
                                                 "{'dataset':'birds','action':'confirm','target':{'query':"
                                                 "{'label':'owl'},'except':['%s']}}",
                                                 except));
    assert_int_equal(number(root, "done"), SAMPLES / 2 - 1);
    assert_int_equal(number(root, "failed"), 0);
    root = must_ask(f, "samples.facets", "{'dataset':'birds'}");
    yyjson_mut_val *states = yyjson_mut_obj_get(yyjson_mut_obj_get(root, "facets"), "states");
    assert_int_equal(number(yyjson_mut_arr_get_first(states), "samples"), SAMPLES / 2 - 1);
}

static void sample_of_another_dataset_is_not_found(void **state)
{
    struct fixture *f = *state;
    char own[HASH_HEX_BYTES], foreign[HASH_HEX_BYTES];
    sample_id_of(f->dataset.id, "/in/03.png", own);
    sample_id_of(f->other.id, "/in/03.png", foreign);
    yyjson_mut_val *root =
        must_ask(f, "samples.decide_all",
                 arena_printf(f->arena, "{'dataset':'birds','action':'confirm','target':{'ids':['%s','%s']}}",
                              own, foreign));
    assert_int_equal(number(root, "done"), 1);
    assert_int_equal(number(root, "failed"), 1);
    root = must_ask(f, "samples.list", "{'dataset':'others','state':'labeled'}");
    assert_int_equal(number(root, "total"), 0);
}

static void other_revision_than_expected_is_refused(void **state)
{
    struct fixture *f = *state;
    yyjson_mut_val *root = must_ask(f, "samples.decide_all",
                                    "{'dataset':'birds','action':'confirm','expected_revision':2,"
                                    "'target':{'query':{'name':'/IN/0'}}}");
    assert_int_equal(number(root, "done"), 0);
    assert_int_equal(number(root, "failed"), 10);
}

static void wrong_target_is_refused(void **state)
{
    static const char *const targets[] = {"{}",
                                          "{'ids':7}",
                                          "{'ids':['short']}",
                                          "{'ids':[],'query':{'hard':true}}",
                                          "{'ids':[],'except':[]}",
                                          "{'query':{'hard':true},'more':1}",
                                          "{'query':{'hard':true},'except':[1]}",
                                          "{'query':{'colour':'red'}}"};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        const char *request =
            arena_printf(f->arena, "{'dataset':'birds','action':'confirm','target':%s}", targets[i]);
        if (ask(f, "samples.decide_all", request))
            fail_msg("%s was taken", targets[i]);
        assert_int_equal(f->err.code, ERR_INVALID);
        assert_int_equal(strncmp(f->err.pointer, "/target", 7), 0);
    }
    assert_refused(f, "samples.decide_all", "{'dataset':'birds','action':'confirm'}", ERR_INVALID, "/target");
    assert_refused(f, "samples.list", "{'dataset':'birds','filter':'hard'}", ERR_INVALID, "/filter");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tree_is_asked_in_a_body_and_in_a_query),  TEST(fields_choose_the_members),
        TEST(ids_only_goes_further_than_a_page),       TEST(facets_are_the_same_by_either_method),
        TEST(query_is_decided_but_for_the_exceptions), TEST(sample_of_another_dataset_is_not_found),
        TEST(other_revision_than_expected_is_refused), TEST(wrong_target_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
