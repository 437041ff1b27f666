/* SPDX-License-Identifier: Apache-2.0 */
/* A dataset of boxes: deciding, filtering and publishing. */
#include "test.h"

#include "base/text.h"
#include "boxes_fixture.h"
#include "store/backend.h"

/* /waiting has two suggestions in an image of 64 × 48, /nothing none; /unlabeled; /labeled has a car. */
static void fill(struct fixture *f)
{
    struct annotation car = label("car"), guesses[] = {suggestion("car", 0.5), suggestion("tree", 0.9)};
    struct sample_new samples[] = {hard("/in/waiting", guesses, 0.8, "1-7"), hard("/nothing", NULL, 0.7, "0"),
                                   unlabeled("/unlabeled"), labeled("/labeled", &car)};
    car.shape_json = guesses[0].shape_json = SHAPE(1, 2, 30, 40);
    guesses[1].shape_json = SHAPE(5, 5, 10, 10);
    samples[0].annotation_count = 2;
    samples[0].width = 64;
    samples[0].height = 48;
    samples[1].annotation_count = 0;
    (void)add(f, samples, 4, SAMPLE_MERGE_HARD);
}

static struct error decide_with(struct fixture *f, const char *source, const struct sample_decision *decision)
{
    const char *id = id_of(f, source);
    struct sample_outcome *outcomes = NULL;
    ASSERT_DONE(f, samples_decide(f->db, f->arena, list_of(&id, 1), decision, &outcomes, &f->err));
    return outcomes[0].err ? *outcomes[0].err : (struct error){0};
}

static void confirmed_boxes_become_labels(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(decide(f, "/in/waiting", SAMPLE_CONFIRM, NO_LABELS).code, ERR_NONE);
    struct sample got = get(f, "/in/waiting");
    assert_string_equal(got.state, SAMPLE_LABELED);
    assert_int_equal(got.annotation_count, 2);
    assert_string_equal(got.annotations[1].shape_json, SHAPE(5, 5, 10, 10));
    assert_true(isnan(got.annotations[1].confidence));
    assert_true(got.is_hard);
}

static void confirmed_nothing_is_labeled_without_boxes(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(decide(f, "/nothing", SAMPLE_CONFIRM, NO_LABELS).code, ERR_NONE);
    assert_string_equal(get(f, "/nothing").state, SAMPLE_LABELED);
    assert_int_equal(get(f, "/nothing").annotation_count, 0);
    assert_int_equal(decide(f, "/unlabeled", SAMPLE_CONFIRM, NO_LABELS).code, ERR_CONFLICT);
    assert_int_equal(decide(f, "/labeled", SAMPLE_CONFIRM, NO_LABELS).code, ERR_CONFLICT);
}

static void false_alarm_can_be_labeled_as_nothing(void **state)
{
    struct fixture *f = *state;
    const struct sample_decision nothing = {.project_id = "0", .action = SAMPLE_REJECT, .is_nothing = true};
    fill(f);
    assert_int_equal(decide_with(f, "/in/waiting", &nothing).code, ERR_NONE);
    struct sample got = get(f, "/in/waiting");
    assert_string_equal(got.state, SAMPLE_LABELED);
    assert_int_equal(got.annotation_count, 0);
    assert_true(got.is_hard);
}

static void given_boxes_replace_what_was_there(void **state)
{
    static const enum sample_action actions[] = {SAMPLE_CONFIRM, SAMPLE_REJECT};
    static const char *const sources[] = {"/in/waiting", "/labeled", "/unlabeled", "/nothing"};
    static const struct sample_box boxes[] = {{"car", 0, 0, 64, 48}, {"new: one", 1, 1, 3, 3}};
    for (size_t a = 0; a < 2; a++) {
        struct fixture *f = *state;
        fill(f);
        for (size_t i = 0; i < 4; i++) {
            const struct sample_decision decision = {.project_id = "0",
                                                     .action = actions[a],
                                                     .boxes = boxes,
                                                     .box_count = 2,
                                                     .only_known_labels = true,
                                                     .decided_by = "human/anna"};
            bool was_hard = get(f, sources[i]).is_hard;
            assert_int_equal(decide_with(f, sources[i], &decision).code, ERR_NONE);
            struct sample got = get(f, sources[i]);
            assert_string_equal(got.state, SAMPLE_LABELED);
            assert_int_equal(got.annotation_count, 2);
            assert_string_equal(got.annotations[0].shape_json, SHAPE(0, 0, 64, 48));
            assert_string_equal(got.annotations[1].name, "new: one");
            assert_string_equal(got.annotations[1].annotated_by, "human/anna");
            assert_true(got.is_hard == was_hard);
        }
        struct dataset_label *labels = NULL;
        size_t count = 0;
        ASSERT_DONE(f, dataset_labels(f->db, f->arena, f->dataset.id, &labels, &count, &f->err));
        assert_string_equal(labels[count - 1].name, "new: one");
        assert_int_equal(labels[count - 1].samples, 4);
    }
}

static void boxes_that_do_not_fit_are_refused(void **state)
{
    static const struct sample_box bad[] = {{"car", 0, 0, 65, 48}, {"car", 0, 0, 64, 49}};
    static const struct sample_box never[] = {{"car", 5, 5, 6, 9},
                                              {"car", 5, 5, 9, 6},
                                              {"car", 9, 9, 5, 5},
                                              {"car", -1, 0, 9, 9},
                                              {"", 1, 1, 9, 9}};
    struct fixture *f = *state;
    const char *id;
    struct sample_outcome *outcomes = NULL;
    fill(f);
    id = id_of(f, "/in/waiting");
    for (size_t i = 0; i < 2; i++) {
        const struct sample_decision decision = {
            .project_id = "0", .action = SAMPLE_CONFIRM, .boxes = &bad[i], .box_count = 1};
        assert_int_equal(decide_with(f, "/in/waiting", &decision).code, ERR_INVALID);
        assert_int_equal(decide_with(f, "/unlabeled", &decision).code, ERR_NONE); /* its size is not known */
    }
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        const struct sample_decision decision = {
            .project_id = "0", .action = SAMPLE_CONFIRM, .boxes = &never[i], .box_count = 1};
        ASSERT_REFUSED(f, samples_decide(f->db, f->arena, list_of(&id, 1), &decision, &outcomes, &f->err),
                       ERR_INVALID);
    }
    const struct sample_decision both = {
        .project_id = "0", .action = SAMPLE_CONFIRM, .boxes = bad, .box_count = 1, .is_nothing = true};
    ASSERT_REFUSED(f, samples_decide(f->db, f->arena, list_of(&id, 1), &both, &outcomes, &f->err),
                   ERR_INVALID);
    assert_int_equal(get(f, "/in/waiting").revision, 1);
}

static void boxes_and_classes_stay_apart(void **state)
{
    static const struct sample_box box = {"owl", 1, 1, 9, 9};
    struct fixture *f = *state;
    struct sample_new bird = unlabeled("/bird");
    const struct sample_decision
        boxes = {.project_id = "0", .action = SAMPLE_CONFIRM, .boxes = &box, .box_count = 1},
        nothing = {.project_id = "0", .action = SAMPLE_CONFIRM, .is_nothing = true},
        marks = {.project_id = "0", .action = SAMPLE_MARK_HARD, .boxes = &box, .box_count = 1};
    const char *owl[] = {"owl"};
    fill(f);
    assert_int_equal(decide(f, "/in/waiting", SAMPLE_CONFIRM, list_of(owl, 1)).code, ERR_INVALID);
    assert_int_equal(decide_with(f, "/in/waiting", &marks).code, ERR_INVALID);
    f->dataset = new_dataset(f, "more", DATASET_TYPE_CLASSIFICATION);
    (void)add(f, &bird, 1, SAMPLE_MERGE_KEEP);
    assert_int_equal(decide_with(f, "/bird", &boxes).code, ERR_INVALID);
    assert_int_equal(decide_with(f, "/bird", &nothing).code, ERR_INVALID);
}

static void boxes_are_read_from_text(void **state)
{
    static const char *const bad[] = {"",
                                      "car",
                                      "car:1,2,3",
                                      ":1,2,3,4",
                                      "car:1,2,9,9,9",
                                      "car:1,2,9,",
                                      "car:1,2,9.5,9",
                                      "car:-1,2,9,9",
                                      "car:1,2,2,9",
                                      "car:9,9,1,1",
                                      "car 1,2,9,9",
                                      "car:1,2,9,9 ",
                                      "car:1,2,9,99999999999"};
    struct fixture *f = *state;
    struct sample_box box;
    ASSERT_DONE(f, sample_box_read("a: b:1,2,30,40", f->arena, &box, &f->err));
    assert_string_equal(box.label, "a: b");
    assert_int_equal(box.x_min, 1);
    assert_int_equal(box.y_max, 40);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (sample_box_read(bad[i], f->arena, &box, &f->err))
            fail_msg("read: %s", bad[i]);
}

static void filters_look_at_boxes(void **state)
{
    struct fixture *f = *state;
    struct sample_filter filter;
    fill(f);
    sample_filter_init(&filter);
    filter.label = "car";
    assert_int_equal(count_of(f, &filter), 2);
    sample_filter_init(&filter);
    filter.score_min = 0.8;
    assert_int_equal(count_of(f, &filter), 1);
    filter.score_min = 0.95;
    assert_int_equal(count_of(f, &filter), 0);
    assert_int_equal(counts_now(f).to_be_confirmed, 2);
}

/* ---- publishing ---- */

static struct dataset_version publish(struct fixture *f, bool hard_attributes)
{
    struct dataset_version version;
    const struct dataset_publish request = {
        .project_id = "0", .dataset_id = f->dataset.id, .hard_attributes = hard_attributes};
    ASSERT_DONE(f, dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err));
    return version;
}

static const char *get_text(struct fixture *f, const char *key)
{
    AUTO_BUFFER(text, VOC_FILE_MAX_BYTES);
    ASSERT_DONE(f, store_get(f->store, key, &text, &f->err));
    return arena_text_n(f->arena, text.data, text.size);
}

/* Imports every line of a version with its files into the fixture's dataset. */
static void import_version(struct fixture *f, const char *manifest)
{
    while (*manifest) {
        struct manifest_sample line;
        struct sample_new sample;
        size_t bytes = strcspn(manifest, "\n");
        ASSERT_DONE(f, manifest_line_read((struct bytes){manifest, bytes}, f->arena, &line, &f->err));
        struct sample_reading reading = {DATASET_TYPE_DETECTION, true, NULL};
        if (line.annotation_count > 0) {
            const char *loc = line.annotations[0].annotation_loc;
            assert_true(text_starts_with(loc, f->folder));
            reading.voc = read_voc(f, get_text(f, loc + strlen(f->folder) + 1));
        }
        ASSERT_DONE(f, sample_of_manifest(&line, &reading, f->arena, &sample, &f->err));
        (void)add(f, &sample, 1, SAMPLE_MERGE_IMPORT);
        manifest += bytes + 1;
    }
}

static void version_lies_with_its_files_and_comes_back_equal(void **state)
{
    struct fixture *f = *state;
    static const char *const sources[] = {"/in/waiting", "/nothing", "/labeled", "/unlabeled"};
    struct sample before[4];
    fill(f);
    (void)decide(f, "/in/waiting", SAMPLE_CONFIRM, NO_LABELS);
    (void)decide(f, "/nothing", SAMPLE_CONFIRM, NO_LABELS);
    for (size_t i = 0; i < 4; i++)
        before[i] = get(f, sources[i]);
    struct dataset_version version = publish(f, true);
    assert_int_equal(version.samples, 4);
    assert_int_equal(version.labeled, 3);
    f->dataset = new_dataset(f, "copy", DATASET_TYPE_DETECTION);
    import_version(f, get_text(f, version.manifest_key));
    for (size_t i = 0; i < 4; i++) {
        struct sample after = get(f, sources[i]);
        assert_string_equal(after.state, before[i].state);
        assert_true(after.is_hard == before[i].is_hard);
        assert_int_equal(after.annotation_count, before[i].annotation_count);
        for (size_t n = 0; n < after.annotation_count; n++) {
            assert_string_equal(after.annotations[n].name, before[i].annotations[n].name);
            assert_string_equal(after.annotations[n].shape_json, before[i].annotations[n].shape_json);
            assert_null(after.annotations[n].property_json);
        }
    }
    assert_string_equal(get(f, "/in/waiting").hard_reasons, "1-7");
}

static bool count_object(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    size_t *count = state;
    *count += text_ends_with(key, ".xml");
    return true;
}

static bool flush_nothing(void *state, struct error *err)
{
    return error_set(err, ERR_IO, "the disk is gone");
}

static void version_whose_files_may_be_lost_is_not_registered(void **state)
{
    struct fixture *f = *state;
    struct dataset_version version;
    const struct dataset_publish request = {.project_id = "0", .dataset_id = f->dataset.id};
    struct store_backend bad_disk = store_backend_dir;
    AUTO(store) store = NULL;
    fill(f);
    bad_disk.flush = flush_nothing;
    ASSERT_DONE(f, store_open_backend(&bad_disk, f->folder, false, &store, &f->err));
    ASSERT_REFUSED(f, dataset_publish(f->db, store, f->arena, &request, &version, &f->err), ERR_IO);
    assert_null(counts_now(f).current_version);
    assert_string_equal(publish(f, false).name, "V001");
}

static void images_of_equal_names_have_files_of_their_own(void **state)
{
    static const char *const sources[] = {
        "/a/1.jpg", "/b/1.jpg",         "/b/1.png", "s3://b/1.jpg", "/c/\xc3\xa4 '\"&<\n.jpg",
        "/.jpg",    "file:///a/%FF.jpg"};
    enum { COUNT = sizeof(sources) / sizeof(sources[0]) };
    struct fixture *f = *state;
    struct annotation car = label("car");
    size_t files = 0;
    car.shape_json = SHAPE(1, 2, 30, 40);
    for (size_t i = 0; i < COUNT; i++) {
        struct sample_new sample = labeled(sources[i], &car);
        (void)add(f, &sample, 1, SAMPLE_MERGE_IMPORT);
    }
    struct dataset_version version = publish(f, false);
    ASSERT_DONE(f, store_list(f->store, "datasets", count_object, &files, NULL, &f->err));
    assert_int_equal(files, COUNT);
    f->dataset = new_dataset(f, "copy", DATASET_TYPE_DETECTION);
    import_version(f, get_text(f, version.manifest_key));
    for (size_t i = 0; i < COUNT; i++)
        assert_null(get(f, sources[i]).metadata_json);
}

static void published_files_are_not_written_again_by_who_loses_the_name(void **state)
{
    struct fixture *f = *state;
    fill(f);
    struct dataset_version version = publish(f, false);
    const char *manifest = get_text(f, version.manifest_key);
    struct manifest_sample line;
    size_t bytes = strcspn(manifest, "\n");
    const struct sample_decision drop = {.project_id = "0", .action = SAMPLE_CONFIRM, .is_nothing = true};
    assert_int_equal(decide_with(f, "/labeled", &drop).code, ERR_NONE);
    struct dataset_publish again = {.project_id = "0", .dataset_id = f->dataset.id, .name = "V001"};
    ASSERT_REFUSED(f, dataset_publish(f->db, f->store, f->arena, &again, &version, &f->err), ERR_CONFLICT);
    while (*manifest) {
        ASSERT_DONE(f, manifest_line_read((struct bytes){manifest, bytes}, f->arena, &line, &f->err));
        if (line.annotation_count > 0) {
            const char *key = line.annotations[0].annotation_loc + strlen(f->folder) + 1;
            assert_int_equal(read_voc(f, get_text(f, key))->object_count, 1);
        }
        manifest += bytes + 1;
        bytes = strcspn(manifest, "\n");
    }
}

static void files_are_the_same_whoever_publishes(void **state)
{
    struct fixture *f = *state;
    fill(f);
    struct dataset_version first = publish(f, true), second = publish(f, true);
    const char *a = get_text(f, first.manifest_key), *b = get_text(f, second.manifest_key);
    assert_string_equal(second.name, "V002");
    assert_string_equal(strrchr(strstr(a, ".xml") - 40, '/'), strrchr(strstr(b, ".xml") - 40, '/'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOXES_TEST(confirmed_boxes_become_labels),
        BOXES_TEST(confirmed_nothing_is_labeled_without_boxes),
        BOXES_TEST(false_alarm_can_be_labeled_as_nothing),
        BOXES_TEST(given_boxes_replace_what_was_there),
        BOXES_TEST(boxes_that_do_not_fit_are_refused),
        BOXES_TEST(boxes_and_classes_stay_apart),
        BOXES_TEST(boxes_are_read_from_text),
        BOXES_TEST(filters_look_at_boxes),
        BOXES_TEST(version_lies_with_its_files_and_comes_back_equal),
        BOXES_TEST(version_whose_files_may_be_lost_is_not_registered),
        BOXES_TEST(images_of_equal_names_have_files_of_their_own),
        BOXES_TEST(published_files_are_not_written_again_by_who_loses_the_name),
        BOXES_TEST(files_are_the_same_whoever_publishes),
    };
    return RUN_TESTS(tests);
}
