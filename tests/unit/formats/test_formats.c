/* SPDX-License-Identifier: Apache-2.0 */
/* Every format: what it holds is written and read back equal. */
#include "test.h"

#include "format_fixture.h"
#include "image/image.h"

enum { ITEMS = 60, WIDTH = 200, HEIGHT = 100, SMALL_ARENA_BYTES = 64 * 1024 * 1024 };

static const char *const labels[] = {"cat", "dog with blanks", "ü", "say \"no\", twice", "0"};
enum { LABELS = sizeof(labels) / sizeof(labels[0]) };

struct fixture {
    char folder[TEMP_PATH_BYTES];
    struct arena *arena;
    struct buffer picture;
    struct store *into;
    struct format_labels *labels;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct image image = {0};
    struct error err = {0};
    uint32_t number = 0;
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    fixture->arena = arena_new(SMALL_ARENA_BYTES);
    fixture->labels = format_labels_new();
    buffer_init(&fixture->picture, IMAGE_FILE_MAX_BYTES);
    assert_true(image_resize_buffer(&image, WIDTH, HEIGHT, &err));
    memset(image.pixels, 77, (size_t)WIDTH * HEIGHT * 3);
    assert_true(image_encode_png(&image, &fixture->picture, &err));
    image_release(&image);
    for (size_t i = 0; i < LABELS; i++)
        assert_true(format_labels_add(fixture->labels, labels[i], &number, &err));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    temp_folder_remove(fixture->folder);
    buffer_release(&fixture->picture);
    (void)arena_free(fixture->arena);
    (void)format_labels_free(fixture->labels);
    free(fixture);
    return 0;
}

/* The same numbers in every run. */
static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 16) % below;
}

static void make_boxes(struct format_item *item, struct arena *arena, uint32_t *seed)
{
    struct error err = {0};
    struct voc *voc = arena_alloc(arena, sizeof(*voc));
    *voc = (struct voc){.width = WIDTH, .height = HEIGHT, .depth = 3};
    for (uint32_t count = draw(seed, 5), i = 0; i < count; i++) {
        double x = draw(seed, 400) / 4.0, y = draw(seed, 200) / 4.0;
        const double box[] = {x, y, x + 3 + draw(seed, 300) / 4.0, y + 3 + draw(seed, 150) / 4.0};
        struct voc_object *object = NULL;
        assert_true(format_add_box(voc, labels[draw(seed, LABELS)], box, arena, &object, &err));
        object->difficult = draw(seed, 3) ? NULL : "1";
        object->confidence = item->sample.hard == MANIFEST_HARD_YES ? draw(seed, 1000) / 1000.0 : (double)NAN;
    }
    assert_true(format_set_boxes(item, voc, arena, &err));
}

static struct format_item make_item(uint32_t i, bool is_detection, struct arena *arena)
{
    uint32_t seed = i * 7919 + is_detection;
    struct error err = {0};
    const char *source = arena_printf(arena, "/pictures/%u/img%u.png", i % 2, i / 2);
    struct format_item item = format_item_of(source, "made", i + 1);
    item.sample.usage = format_usage(draw(&seed, 5));
    if (draw(&seed, 4) == 0) {
        item.sample.hard = MANIFEST_HARD_YES;
        item.sample.hard_coefficient = 0.25;
        item.sample.hard_reasons = "1-7";
    }
    uint32_t kind = draw(&seed, 6);
    if (kind == 0)
        return item; /* unlabeled */
    if (is_detection) {
        make_boxes(&item, arena, &seed);
        return item;
    }
    for (uint32_t k = 0; k < (kind == 1 ? 3U : 1U); k++)
        assert_true(format_add_class(&item, labels[(i + k) % LABELS],
                                     kind == 2 ? draw(&seed, 1000) / 1000.0 : (double)NAN, arena, &err));
    return item;
}

static bool place(void *state, const struct format_item *item, const char *key, struct error *err)
{
    struct fixture *fixture = state;
    (void)item;
    return store_put_fast(fixture->into, key, (struct bytes){fixture->picture.data, fixture->picture.size},
                          err);
}

struct trial {
    const struct dataset_format *format;
    bool is_detection, is_tree, is_elsewhere;
};

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct kept_lines *write_made(struct fixture *fixture, const struct trial *trial, uint32_t holds)
{
    struct kept_lines *wanted = kept_new(holds);
    const struct format_writing writing = {.into = fixture->into,
                                           .is_detection = trial->is_detection,
                                           .is_tree = trial->is_tree,
                                           .labels = fixture->labels,
                                           .state = fixture,
                                           .place = trial->is_elsewhere ? NULL : place};
    void *writer = NULL;
    struct error err = {0};
    assert_true(trial->format->begin(&writing, &writer, &err));
    for (uint32_t i = 0; i < ITEMS; i++) {
        arena_reset(fixture->arena);
        const struct format_item item = make_item(i, trial->is_detection, fixture->arena);
        if (format_cannot_hold(trial->format, &item, trial->is_detection))
            continue;
        if (!trial->format->add(writer, &item, fixture->arena, &err))
            fail_msg("%s: %s", trial->format->name, err.message);
        tell_item(&item, holds, wanted->lines[wanted->count++]);
    }
    if (!trial->format->finish(writer, &err))
        fail_msg("%s: %s", trial->format->name, err.message);
    trial->format->free(writer);
    return wanted;
}

static struct kept_lines *read_back(struct fixture *fixture, const struct trial *trial, const char *folder,
                                    uint32_t holds)
{
    struct kept_lines *found = kept_new(holds);
    struct format_sink sink = kept_sink(found);
    const struct format_reading reading = {.path = folder, .is_detection = trial->is_detection};
    const struct dataset_format *told = NULL;
    struct format_look look;
    struct error err = {0};
    arena_reset(fixture->arena);
    assert_true(format_look_at(NULL, folder, fixture->arena, &look, &err));
    assert_true(format_tell(&look, &told, &err));
    assert_string_equal(told->name, trial->format->name);
    if (!trial->format->read(&reading, &sink, &err))
        fail_msg("%s: %s", trial->format->name, err.message);
    if (found->bad_count)
        fail_msg("%s: %s", trial->format->name, found->bad);
    return found;
}

static void try_format(struct fixture *fixture, const struct trial *trial)
{
    char folder[2 * TEMP_PATH_BYTES];
    struct error err = {0};
    const struct dataset_format *format = trial->format;
    bool is_listed = format == &format_csv || format == &format_modelarts || format == &format_sagemaker;
    uint32_t holds = trial->is_tree || is_listed ? format->holds : format->holds & ~(uint32_t)FORMAT_USAGE;
    (void)snprintf(folder, sizeof(folder), "%s/%s-%d%d%d", fixture->folder, format->name, trial->is_detection,
                   trial->is_tree, trial->is_elsewhere);
    assert_true(store_open(folder, true, &fixture->into, &err));
    struct kept_lines *wanted = write_made(fixture, trial, holds);
    struct kept_lines *found = read_back(fixture, trial, folder, holds);
    qsort(wanted->lines, wanted->count, KEPT_BYTES, compare_lines);
    qsort(found->lines, found->count, KEPT_BYTES, compare_lines);
    assert_true(wanted->count > ITEMS / 4);
    for (size_t i = 0; i < wanted->count && i < found->count; i++)
        if (strcmp(wanted->lines[i], found->lines[i]) != 0)
            fail_msg("%s: wrote %s, read %s", folder, wanted->lines[i], found->lines[i]);
    assert_int_equal(wanted->count, found->count);
    kept_free(wanted);
    kept_free(found);
    fixture->into = store_free(fixture->into);
}

static void what_a_format_holds_comes_back_equal(void **state)
{
    for (const struct dataset_format *const *format = dataset_formats; *format; format++)
        for (unsigned kind = 0; kind < 8; kind++) {
            const struct trial trial = {*format, kind & 1, kind & 2, kind & 4};
            bool has_kind = (*format)->holds & (trial.is_detection ? FORMAT_BOXES : FORMAT_CLASSES);
            if (has_kind && (!trial.is_elsewhere || ((*format)->holds & FORMAT_ELSEWHERE)))
                try_format(*state, &trial);
        }
}

static void every_row_is_whole_and_is_found_by_its_name(void **state)
{
    size_t count = 0;
    (void)state;
    for (; dataset_formats[count]; count++) {
        const struct dataset_format *format = dataset_formats[count], *found = NULL;
        struct error err = {0};
        assert_true(format->title && format->summary && format->fits && format->read && format->begin &&
                    format->add && format->finish && format->free);
        assert_true(format->holds & (FORMAT_CLASSES | FORMAT_BOXES));
        assert_string_equal(format_names[count], format->name);
        assert_true(format_find(format->name, &found, &err));
        assert_ptr_equal(found, format);
        format->free(NULL);
    }
    assert_null(format_names[count]);
}

static void an_unknown_format_is_refused_with_the_names(void **state)
{
    const struct dataset_format *found = NULL;
    struct error err = {0};
    (void)state;
    assert_false(format_find("tfrecord", &found, &err));
    assert_non_null(strstr(err.message, "sagemaker, coco, csv, yolo, voc, modelarts, image_txt, imagenet"));
}

static void the_document_has_a_section_for_each_format(void **state)
{
    struct error err = {0};
    AUTO_BUFFER(text, 1024 * 1024);
    (void)state;
    assert_true(formats_markdown(&text, &err));
    for (const struct dataset_format *const *format = dataset_formats; *format; format++)
        assert_non_null(strstr(text.data, (*format)->summary));
}

static void labels_end_at_their_limit(void **state)
{
    AUTO(format_labels) many = format_labels_new();
    struct error err = {0};
    char name[16];
    uint32_t number = 0;
    (void)state;
    for (uint32_t i = 0; i < FORMAT_LABELS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "l%u", i);
        assert_true(format_labels_add(many, name, &number, &err));
        assert_int_equal(number, i);
    }
    assert_true(format_labels_add(many, "l7", &number, &err));
    assert_int_equal(number, 7);
    assert_false(format_labels_add(many, "one more", &number, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_null(format_labels_name(many, FORMAT_LABELS_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(what_a_format_holds_comes_back_equal),
        cmocka_unit_test(every_row_is_whole_and_is_found_by_its_name),
        cmocka_unit_test(an_unknown_format_is_refused_with_the_names),
        cmocka_unit_test(the_document_has_a_section_for_each_format),
        cmocka_unit_test(labels_end_at_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
