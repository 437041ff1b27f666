/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "boxes_fixture.h"

#include "dataset/version_diff.h"

static struct dataset_version publish(struct fixture *f, bool hard_attributes)
{
    struct dataset_publish request = {
        .project_id = "0", .dataset_id = f->dataset.id, .hard_attributes = hard_attributes};
    struct dataset_version version;
    ASSERT_DONE(f, dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err));
    return version;
}

static struct version_diff_request request_of(struct fixture *f, const struct dataset_version *before,
                                              const struct dataset_version *after)
{
    return (struct version_diff_request){
        .data = f->store, .before = before, .after = after, .kind = -1, .limit = VERSION_DIFF_PAGE_MAX};
}

static struct version_diff diff(struct fixture *f, const struct version_diff_request *request)
{
    struct version_diff found;
    ASSERT_DONE(f, version_diff(request, f->arena, &found, &f->err));
    return found;
}

static void add_wren(struct fixture *f, const char *source, const char *usage)
{
    const struct annotation wren = label("wren");
    struct sample_new sample = labeled(source, &wren);
    sample.usage = usage;
    (void)add(f, &sample, 1, SAMPLE_MERGE_IMPORT);
}

static const struct version_change *change_of(const struct version_diff *found, const char *source)
{
    for (size_t i = 0; i < found->change_count; i++)
        if (strcmp(found->changes[i].source, source) == 0)
            return &found->changes[i];
    fail_msg("%s did not change", source);
    return NULL;
}

static void relabel(struct fixture *f, const char *source, const char *name)
{
    assert_int_equal(decide(f, source, SAMPLE_CONFIRM, list_of(&name, 1)).code, ERR_NONE);
}

static void a_version_does_not_differ_from_itself(void **state)
{
    struct fixture *f = *state;
    add_wren(f, "/1.png", "TRAIN");
    add_wren(f, "/2.png", NULL);
    struct dataset_version one = publish(f, false), two = publish(f, true);
    const struct version_diff_request request = request_of(f, &one, &two);
    struct version_diff found = diff(f, &request);
    assert_int_equal(found.unchanged, 2);
    assert_int_equal(found.change_count, 0);
    assert_int_equal(found.class_count, 0);
}

static void what_was_added_removed_and_relabelled_is_told_both_ways(void **state)
{
    struct fixture *f = *state;
    add_wren(f, "/removed.png", NULL);
    add_wren(f, "/relabelled.png", "TRAIN");
    add_wren(f, "/stays.png", NULL);
    struct dataset_version one = publish(f, false);
    assert_int_equal(decide(f, "/removed.png", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    relabel(f, "/relabelled.png", "owl");
    add_wren(f, "/added.png", NULL);
    struct dataset_version two = publish(f, false);
    const struct version_diff_request request = request_of(f, &one, &two), back = request_of(f, &two, &one);
    struct version_diff found = diff(f, &request), reverse = diff(f, &back);
    for (int kind = 0; kind < VERSION_USAGE; kind++)
        assert_int_equal(found.counts[kind], 1);
    assert_int_equal(found.unchanged, 1);
    assert_int_equal(change_of(&found, "/added.png")->kind, VERSION_ADDED);
    assert_int_equal(change_of(&found, "/removed.png")->kind, VERSION_REMOVED);
    const struct version_change *change = change_of(&found, "/relabelled.png");
    assert_int_equal(change->kind, VERSION_RELABELLED);
    assert_string_equal(change->labels_before.items[0], "wren");
    assert_string_equal(change->labels_after.items[0], "owl");
    assert_string_equal(change->usage_before, "TRAIN");
    assert_int_equal(change_of(&reverse, "/added.png")->kind, VERSION_REMOVED);
    assert_int_equal(found.class_count, 2);
    assert_string_equal(found.classes[0].name, "owl");
    assert_int_equal(found.classes[0].gained, 1);
    assert_int_equal(found.classes[1].gained, 1);
    assert_int_equal(found.classes[1].lost, 2);
    assert_int_equal(reverse.classes[1].gained, 2);
}

static void changes_come_in_pages_and_by_kind(void **state)
{
    struct fixture *f = *state;
    add_wren(f, "/first.png", NULL);
    struct dataset_version one = publish(f, false);
    for (int i = 0; i < 5; i++)
        add_wren(f, arena_printf(f->arena, "/%d.png", i), NULL);
    relabel(f, "/first.png", "owl");
    struct dataset_version two = publish(f, false);
    struct version_diff_request request = request_of(f, &one, &two);
    request.kind = VERSION_ADDED;
    size_t seen = 0;
    for (request.limit = 2;; seen += 2) {
        struct version_diff found = diff(f, &request);
        assert_int_equal(found.counts[VERSION_ADDED], 5);
        assert_int_equal(found.has_more, seen < 4);
        assert_int_equal(found.change_count, seen < 4 ? 2 : 1);
        if (!found.has_more)
            break;
        request.from = found.changes[1].id;
    }
    request = request_of(f, &one, &two);
    request.limit = 0;
    assert_int_equal(diff(f, &request).change_count, 0);
    assert_true(diff(f, &request).has_more);
}

static void boxes_that_moved_are_relabelled_and_hard_attributes_are_not(void **state)
{
    struct fixture *f = *state;
    const char *line = LINE("");
    struct sample_new sample = sample_with(f, line, FILE_OF(CAR("")));
    sample.origin = "import";
    sample.is_hard = true;
    (void)add(f, &sample, 1, SAMPLE_MERGE_IMPORT);
    struct dataset_version one = publish(f, false), hard = publish(f, true);
    struct version_diff_request request = request_of(f, &one, &hard);
    assert_int_equal(diff(f, &request).unchanged, 1);
    const struct sample_box moved = {"car", 2, 2, 30, 40};
    const char *id = id_of(f, sample.source);
    struct sample_outcome *outcomes = NULL;
    const struct sample_decision decision = {
        .project_id = "0", .action = SAMPLE_ANNOTATE, .boxes = &moved, .box_count = 1, .decided_by = "human"};
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(&id, 1), &decision, &outcomes, &f->err));
    assert_true(outcomes[0].is_done);
    struct dataset_version two = publish(f, false);
    request = request_of(f, &one, &two);
    struct version_diff found = diff(f, &request);
    assert_int_equal(found.counts[VERSION_RELABELLED], 1);
    assert_int_equal(found.class_count, 0);
    assert_string_equal(found.changes[0].labels_after.items[0], "car");
}

static void a_manifest_that_was_changed_is_refused(void **state)
{
    struct fixture *f = *state;
    add_wren(f, "/1.png", NULL);
    struct dataset_version one = publish(f, false), two = publish(f, false);
    static const char twice[] = "{\"source\":\"/1.png\",\"id\":\"00000000000000000000000000000000\"}\n"
                                "{\"source\":\"/1.png\",\"id\":\"00000000000000000000000000000000\"}\n";
    static const char nameless[] = "{\"source\":\"/1.png\"}\n";
    const char *const texts[] = {twice, nameless};
    struct version_diff found;
    const struct version_diff_request request = request_of(f, &one, &two);
    for (size_t i = 0; i < 2; i++) {
        ASSERT_DONE(
            f, store_put(f->store, two.manifest_key, (struct bytes){texts[i], strlen(texts[i])}, &f->err));
        ASSERT_REFUSED(f, version_diff(&request, f->arena, &found, &f->err), ERR_INVALID);
    }
    ASSERT_DONE(f, store_delete(f->store, two.manifest_key, &f->err));
    ASSERT_REFUSED(f, version_diff(&request, f->arena, &found, &f->err), ERR_NOT_FOUND);
}

/* Each of the samples has a class of its own, up to the limit on classes that changed. */
static void classes_up_to_the_limit_are_counted_and_one_more_is_refused(void **state)
{
    struct fixture *f = *state;
    struct version_diff found;
    add_wren(f, "/1.png", NULL);
    struct dataset_version one = publish(f, false), two = publish(f, false);
    const struct version_diff_request request = request_of(f, &one, &two);
    for (int classes = VERSION_DIFF_CLASSES_MAX; classes <= VERSION_DIFF_CLASSES_MAX + 1; classes++) {
        AUTO_BUFFER(text, 64 * 1024 * 1024);
        for (int i = 0; i < classes - 1; i++)
            (void)buffer_printf(&text,
                                "{\"annotation\":[{\"type\":\"modelarts/image_classification\",\"name\":"
                                "\"%05d\"}],\"source\":\"/%d.png\",\"id\":\"%032d\"}\n",
                                i, i, i);
        ASSERT_DONE(f, store_put(f->store, two.manifest_key, (struct bytes){text.data, text.size}, &f->err));
        if (classes == VERSION_DIFF_CLASSES_MAX) /* with the wren that is gone */
            assert_int_equal(diff(f, &request).class_count, VERSION_DIFF_CLASSES_MAX);
        else
            ASSERT_REFUSED(f, version_diff(&request, f->arena, &found, &f->err), ERR_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_version_does_not_differ_from_itself),
        TEST(what_was_added_removed_and_relabelled_is_told_both_ways),
        TEST(changes_come_in_pages_and_by_kind),
        BOXES_TEST(boxes_that_moved_are_relabelled_and_hard_attributes_are_not),
        TEST(a_manifest_that_was_changed_is_refused),
        TEST(classes_up_to_the_limit_are_counted_and_one_more_is_refused),
    };
    return RUN_TESTS(tests);
}
