/* SPDX-License-Identifier: Apache-2.0 */
/* Labels made, renamed, merged and deleted, in one transaction each, and how all of it is taken back. */
#include "test.h"

#include "dataset/label_edit.h"
#include "dataset/label_rows.h"
#include "dataset/operation.h"
#include "dataset_fixture.h"
#include "tally_fixture.h"

enum { MANY = 200 };

static struct annotation box(const char *name, int at)
{
    static char shapes[8][96];
    struct annotation one = label(name);
    (void)snprintf(shapes[at], sizeof(shapes[at]),
                   "{\"@modelarts:shape\":\"bndbox\",\"@modelarts:feature\":[[%d,1],[9,9]]}", at);
    one.shape_json = shapes[at];
    return one;
}

static void put(struct fixture *f, const char *source, const char *state, const char *names)
{
    struct annotation annotations[8];
    char copy[64], *rest = NULL;
    struct sample_new sample = labeled(source, annotations);
    bool is_suggested = strcmp(state, SAMPLE_TO_BE_CONFIRMED) == 0;
    sample.state = state;
    sample.annotation_count = 0;
    (void)snprintf(copy, sizeof(copy), "%s", names);
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        const char *kept = arena_text(f->arena, name);
        annotations[sample.annotation_count++] = is_suggested ? suggestion(kept, 0.5) : label(kept);
    }
    (void)add(f, &sample, 1, SAMPLE_MERGE_IMPORT);
}

/* "labeled wren owl" */
static const char *told(struct fixture *f, const char *source)
{
    struct sample sample = get(f, source);
    const char *text = sample.state;
    for (size_t i = 0; i < sample.annotation_count; i++)
        text = arena_printf(f->arena, "%s %s", text, sample.annotations[i].name);
    return text;
}

static bool exists(struct fixture *f, const char *source)
{
    struct sample sample;
    struct error ignored = {0};
    return sample_find(f->db, "0", f->arena, id_of(f, source), &sample, &ignored);
}

static const char *set_of(struct fixture *f)
{
    struct dataset_label *labels = NULL;
    const char *text = "";
    size_t count = 0;
    ASSERT_DONE(f, dataset_labels(f->db, f->arena, f->dataset.id, &labels, &count, &f->err));
    for (size_t i = 0; i < count; i++)
        text = arena_printf(f->arena, "%s%s:%d:%s ", text, labels[i].name, (int)labels[i].samples,
                            labels[i].shortcut ? labels[i].shortcut : "");
    return text;
}

static void make(struct fixture *f, struct label_wish wish)
{
    ASSERT_DONE(f, label_create(f->db, f->arena, f->dataset.id, &wish, &f->err));
}

static bool edit(struct fixture *f, const char *name, struct label_wish wish, struct label_done *ret)
{
    const struct label_edit wanted = {.dataset = &f->dataset,
                                      .name = name,
                                      .wish = wish,
                                      .author = {.decided_by = "human/anna", .user = "anna"}};
    f->err = (struct error){0};
    return label_edit(f->db, f->arena, &wanted, ret, &f->err);
}

static struct label_done rename_to(struct fixture *f, const char *name, const char *to)
{
    struct label_done done = {0};
    ASSERT_DONE(f, edit(f, name, (struct label_wish){.name = to}, &done));
    return done;
}

static bool move(struct fixture *f, struct label_move wanted, struct label_done *ret)
{
    wanted.dataset = &f->dataset;
    wanted.author.decided_by = "human";
    f->err = (struct error){0};
    return label_move(f->db, f->arena, &wanted, ret, &f->err);
}

static struct label_done moved(struct fixture *f, struct label_move wanted)
{
    struct label_done done = {0};
    ASSERT_DONE(f, move(f, wanted, &done));
    return done;
}

static bool turn(struct fixture *f, const char *id, bool is_redo, struct operation_undone *ret)
{
    struct operation operation;
    const struct operation_turn how = {.is_redo = is_redo};
    ASSERT_DONE(f, operation_find(f->db, "0", f->arena, id, &operation, &f->err));
    f->err = (struct error){0};
    return operation_turn(f->db, f->arena, &operation, &how, ret, &f->err);
}

static void turned(struct fixture *f, const char *id, bool is_redo, int64_t done)
{
    struct operation_undone undone;
    ASSERT_DONE(f, turn(f, id, is_redo, &undone));
    assert_int_equal(undone.done, done);
    assert_int_equal(undone.conflicts, 0);
    (void)assert_tallies_are_counts(f);
}

static void a_label_has_color_key_attributes_and_a_place(void **state)
{
    struct fixture *f = *state;
    struct dataset_label owl, *labels = NULL;
    struct label_done done;
    size_t count = 0;
    make(f, (struct label_wish){"wren", NULL, NULL, NULL});
    make(f, (struct label_wish){"owl", "#3399FF", "o", "[{\"name\":\"a\"}]"});
    ASSERT_DONE(f, dataset_labels(f->db, f->arena, f->dataset.id, &labels, &count, &f->err));
    assert_int_equal(count, 2);
    assert_null(labels[0].color);
    assert_string_equal(labels[1].color, "#3399ff");
    assert_string_equal(labels[1].shortcut, "o");
    assert_string_equal(labels[1].attributes_json, "[{\"name\":\"a\"}]");
    assert_int_equal(labels[1].position, 1);
    assert_true(labels[1].created_ms > 0);
    assert_true(edit(f, "owl", (struct label_wish){.color = "", .shortcut = "p"}, &done));
    assert_null(done.operation_id);
    ASSERT_DONE(f, label_find(f->db, f->arena, f->dataset.id, "owl", &owl, &f->err));
    assert_null(owl.color);
    assert_string_equal(owl.shortcut, "p");
    assert_non_null(owl.attributes_json);
}

static void what_a_label_cannot_be_is_refused_and_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct label_done done;
    make(f, (struct label_wish){"wren", NULL, "w", NULL});
    make(f, (struct label_wish){"owl", NULL, "o", NULL});
    const struct {
        struct label_wish wish;
        enum error_code code;
        const char *pointer, *words;
    } bad[] = {{{"wren", NULL, NULL, NULL}, ERR_CONFLICT, "/name", "has a label 'wren' already"},
               {{"", NULL, NULL, NULL}, ERR_INVALID, "/name", "label"},
               {{"hawk", "blue", NULL, NULL}, ERR_INVALID, "/color", "six hex digits"},
               {{"hawk", NULL, "w", NULL}, ERR_CONFLICT, "/shortcut", "that of label 'wren'"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ASSERT_REFUSED(f, label_create(f->db, f->arena, f->dataset.id, &bad[i].wish, &f->err), bad[i].code);
        assert_string_equal(f->err.pointer, bad[i].pointer);
        assert_non_null(strstr(f->err.message, bad[i].words));
        if (bad[i].wish.name[0] == 'h')
            assert_false(edit(
                f, "owl", (struct label_wish){NULL, bad[i].wish.color, bad[i].wish.shortcut, NULL}, &done));
        else
            assert_false(edit(f, "owl", bad[i].wish, &done));
        assert_string_equal(f->err.pointer, bad[i].pointer);
    }
    assert_false(edit(f, "hawk", (struct label_wish){.color = ""}, &done));
    assert_int_equal(f->err.detail, DETAIL_LABEL_NOT_FOUND);
    assert_string_equal(set_of(f), "wren:0:w owl:0:o ");
    assert_true(edit(f, "owl", (struct label_wish){.shortcut = "o"}, &done));
}

static void a_dataset_begins_with_labels_or_not_at_all(void **state)
{
    struct fixture *f = *state;
    struct dataset made;
    struct dataset_new request = {"0", "fish", DATASET_TYPE_CLASSIFICATION, {NULL, 0}};
    struct label_wish wishes[] = {{"cod", "#000000", "c", NULL}, {"eel", NULL, "c", NULL}};
    ASSERT_REFUSED(f, dataset_create_with(f->db, f->arena, &request, wishes, 2, &made, &f->err),
                   ERR_CONFLICT);
    assert_string_equal(f->err.pointer, "/label_set/1/shortcut");
    wishes[1].shortcut = "e";
    ASSERT_DONE(f, dataset_create_with(f->db, f->arena, &request, wishes, 2, &made, &f->err));
    f->dataset = made;
    assert_string_equal(set_of(f), "cod:0:c eel:0:e ");
}

static void put_three(struct fixture *f)
{
    put(f, "/a", SAMPLE_LABELED, "wren");
    put(f, "/b", SAMPLE_LABELED, "wren owl");
    put(f, "/c", SAMPLE_TO_BE_CONFIRMED, "wren owl");
    put(f, "/d", SAMPLE_LABELED, "owl");
}

static void a_rename_is_one_change_of_the_label_and_undo_gives_the_name_back(void **state)
{
    struct fixture *f = *state;
    struct operation_undone undone;
    struct label_done done;
    put_three(f);
    assert_true(edit(f, "wren", (struct label_wish){.shortcut = "w"}, &done));
    const struct sample before = get(f, "/c"), other = get(f, "/d");
    int64_t changes = tally_ask(f, "SELECT changes, 0 FROM dataset").wrong;
    done = rename_to(f, "wren", "wran");
    assert_int_equal(done.samples, 3);
    assert_int_equal(done.annotations, 3);
    assert_string_equal(told(f, "/c"), "to_be_confirmed wran owl");
    assert_int_equal(get(f, "/c").revision, before.revision + 1);
    assert_int_equal(get(f, "/c").annotations[0].created_ms, before.annotations[0].created_ms);
    assert_int_equal(get(f, "/d").revision, other.revision);
    assert_int_equal(tally_ask(f, "SELECT changes, 0 FROM dataset").wrong, changes + 1);
    assert_int_equal(tally_ask(f, "SELECT COUNT(*), 0 FROM sample s JOIN dataset d ON d.id = s.dataset_id "
                                  "WHERE s.change = d.changes")
                         .wrong,
                     3);
    assert_string_equal(set_of(f), "wran:2:w owl:2: ");
    (void)assert_tallies_are_counts(f);
    const char *wran = "wran";
    assert_int_equal(decide(f, "/d", SAMPLE_CONFIRM, list_of(&wran, 1)).code, ERR_NONE);
    for (int round = 0; round < 2; round++) {
        turned(f, done.operation_id, false, 4);
        assert_string_equal(set_of(f), "wren:3:w owl:1: ");
        assert_string_equal(told(f, "/d"), "labeled wren");
        turned(f, done.operation_id, true, 4);
        assert_string_equal(set_of(f), "wran:3:w owl:1: ");
    }
    make(f, (struct label_wish){"wren", NULL, NULL, NULL});
    assert_false(turn(f, done.operation_id, false, &undone));
    assert_non_null(strstr(f->err.message, "label 'wren' again"));
    assert_string_equal(told(f, "/d"), "labeled wran");
}

static void a_rename_of_a_label_without_samples_is_undone_too(void **state)
{
    struct fixture *f = *state;
    make(f, (struct label_wish){"wren", NULL, NULL, NULL});
    struct label_done done = rename_to(f, "wren", "wran");
    assert_int_equal(done.samples, 0);
    turned(f, done.operation_id, false, 0);
    assert_string_equal(set_of(f), "wren:0: ");
}

static void a_merge_leaves_one_of_two_classes_and_undo_restores_each(void **state)
{
    struct fixture *f = *state;
    struct label_done done;
    put_three(f);
    assert_true(edit(f, "wren", (struct label_wish){.color = "#112233", .shortcut = "w"}, &done));
    const struct label_move merge = {.name = "wren", .into = "owl"};
    struct label_move preview = merge;
    preview.is_preview = true;
    struct label_done before = moved(f, preview);
    assert_string_equal(told(f, "/a"), "labeled wren");
    done = moved(f, merge);
    assert_null(before.operation_id);
    assert_int_equal(before.samples, 3);
    assert_int_equal(done.samples, 3);
    assert_int_equal(before.duplicates, 2);
    assert_int_equal(done.duplicates, 2);
    assert_int_equal(done.annotations, 3);
    (void)assert_tallies_are_counts(f);
    for (int round = 0; round < 2; round++) {
        assert_string_equal(told(f, "/a"), "labeled owl");
        assert_string_equal(told(f, "/b"), "labeled owl");
        assert_string_equal(told(f, "/c"), "to_be_confirmed owl");
        assert_string_equal(set_of(f), "owl:3: ");
        turned(f, done.operation_id, false, 3);
        assert_string_equal(told(f, "/a"), "labeled wren");
        assert_string_equal(told(f, "/b"), "labeled wren owl");
        assert_string_equal(set_of(f), "wren:2:w owl:2: ");
        turned(f, done.operation_id, true, 3);
    }
}

static void boxes_are_all_kept_in_a_merge(void **state)
{
    struct fixture *f = *state;
    f->dataset = new_dataset(f, "boxes", DATASET_TYPE_DETECTION);
    const struct annotation boxes[] = {box("wren", 1), box("owl", 2), box("wren", 3)};
    struct sample_new sample = labeled("/a", boxes);
    sample.annotation_count = 3;
    (void)add(f, &sample, 1, SAMPLE_MERGE_IMPORT);
    struct label_done done = moved(f, (struct label_move){.name = "wren", .into = "owl"});
    assert_int_equal(done.annotations, 2);
    assert_int_equal(done.duplicates, 0);
    assert_string_equal(told(f, "/a"), "labeled owl owl owl");
}

static void a_sample_that_was_changed_since_keeps_its_label(void **state)
{
    struct fixture *f = *state;
    struct operation_undone undone;
    const char *hawk = "hawk";
    put_three(f);
    struct label_done done = moved(f, (struct label_move){.name = "wren", .into = "owl"});
    assert_int_equal(decide(f, "/a", SAMPLE_CONFIRM, list_of(&hawk, 1)).code, ERR_NONE);
    ASSERT_DONE(f, turn(f, done.operation_id, false, &undone));
    assert_int_equal(undone.done, 2);
    assert_int_equal(undone.conflicts, 1);
    assert_string_equal(told(f, "/a"), "labeled hawk");
    const char *wren = "wren";
    assert_int_equal(decide(f, "/d", SAMPLE_CONFIRM, list_of(&wren, 1)).code, ERR_NONE);
    ASSERT_DONE(f, turn(f, done.operation_id, true, &undone));
    assert_string_equal(told(f, "/d"), "labeled wren");
    assert_non_null(strstr(set_of(f), "wren:1:"));
}

static void deleting_a_label_leaves_its_samples_unlabeled(void **state)
{
    struct fixture *f = *state;
    put_three(f);
    put(f, "/e", SAMPLE_TO_BE_CONFIRMED, "wren");
    assert_int_equal(decide(f, "/a", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    struct label_done done = moved(f, (struct label_move){.name = "wren"});
    assert_int_equal(done.samples, 4);
    assert_int_equal(done.unlabeled, 2);
    assert_int_equal(done.removed, 0);
    assert_string_equal(told(f, "/a"), "unlabeled");
    assert_true(get(f, "/a").is_excluded);
    assert_string_equal(told(f, "/b"), "labeled owl");
    assert_string_equal(told(f, "/c"), "to_be_confirmed owl");
    assert_string_equal(told(f, "/e"), "unlabeled");
    assert_string_equal(set_of(f), "owl:2: ");
    turned(f, done.operation_id, false, 4);
    assert_string_equal(told(f, "/e"), "to_be_confirmed wren");
    assert_string_equal(set_of(f), "wren:1: owl:2: ");
    turned(f, done.operation_id, true, 4);
    assert_string_equal(set_of(f), "owl:2: ");
}

static void an_image_whose_boxes_are_all_gone_is_unlabeled_not_empty(void **state)
{
    struct fixture *f = *state;
    f->dataset = new_dataset(f, "boxes", DATASET_TYPE_DETECTION);
    const struct annotation boxes[] = {box("wren", 1), box("owl", 2)};
    struct sample_new sample = labeled("/a", boxes);
    (void)add(f, &sample, 1, SAMPLE_MERGE_IMPORT);
    sample.source = "/b";
    sample.annotation_count = 2;
    (void)add(f, &sample, 1, SAMPLE_MERGE_IMPORT);
    (void)moved(f, (struct label_move){.name = "wren"});
    assert_string_equal(told(f, "/a"), "unlabeled");
    assert_string_equal(told(f, "/b"), "labeled owl");
}

static void the_policies_remove_labeled_samples_that_have_only_it(void **state)
{
    struct fixture *f = *state;
    put_three(f);
    put(f, "/e", SAMPLE_TO_BE_CONFIRMED, "wren");
    struct label_done done = moved(f, (struct label_move){.name = "wren", .policy = LABEL_DELETE_SAMPLES});
    assert_int_equal(done.samples, 4);
    assert_int_equal(done.removed, 1);
    assert_int_equal(done.source_count, 0);
    assert_false(exists(f, "/a"));
    assert_string_equal(told(f, "/b"), "labeled owl");
    assert_string_equal(told(f, "/e"), "unlabeled");
    assert_int_equal(counts_now(f).samples, 4);
    turned(f, done.operation_id, false, 4);
    assert_string_equal(told(f, "/a"), "labeled wren");
    turned(f, done.operation_id, true, 4);
    turned(f, done.operation_id, false, 4);
    done = moved(f, (struct label_move){.name = "wren", .policy = LABEL_DELETE_FILES});
    assert_int_equal(done.source_count, 1);
    assert_string_equal(done.sources[0], "/a");
}

static void a_limit_does_it_in_parts(void **state)
{
    struct fixture *f = *state;
    char source[16];
    struct label_done done;
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(source, sizeof(source), "/%d", i);
        put(f, source, SAMPLE_LABELED, i % 2 ? "wren" : "wren owl");
    }
    done = moved(f, (struct label_move){.name = "wren", .into = "owl", .limit = 150, .is_preview = true});
    assert_int_equal(done.left, 50);
    done = moved(f, (struct label_move){.name = "wren", .into = "owl", .limit = 150});
    assert_int_equal(done.samples, 150);
    assert_int_equal(done.left, 50);
    assert_string_equal(
        set_of(f),
        arena_printf(f->arena, "wren:50: owl:%d: ",
                     (int)(tally_ask(f, "SELECT samples, 0 FROM label_tally WHERE name = 'owl'").wrong)));
    struct label_done rest = moved(f, (struct label_move){.name = "wren", .into = "owl", .limit = 150});
    assert_int_equal(rest.samples, 50);
    assert_int_equal(rest.left, 0);
    assert_string_equal(set_of(f), "owl:200: ");
    turned(f, rest.operation_id, false, 50);
    turned(f, done.operation_id, false, 150);
    assert_int_equal(tally_ask(f, "SELECT samples, 0 FROM label_tally WHERE name = 'wren'").wrong, MANY);
    ASSERT_REFUSED(f, move(f, (struct label_move){.name = "wren", .limit = LABEL_CHANGE_MAX + 1}, &done),
                   ERR_INVALID);
    assert_string_equal(f->err.pointer, "/limit");
}

static void labels_that_are_not_there_are_named(void **state)
{
    struct fixture *f = *state;
    struct label_done done;
    make(f, (struct label_wish){"wren", NULL, NULL, NULL});
    assert_false(move(f, (struct label_move){.name = "owl"}, &done));
    assert_int_equal(f->err.detail, DETAIL_LABEL_NOT_FOUND);
    assert_false(move(f, (struct label_move){.name = "wren", .into = "owl"}, &done));
    assert_string_equal(f->err.pointer, "/into");
    assert_false(move(f, (struct label_move){.name = "wren", .into = "wren"}, &done));
    assert_string_equal(f->err.pointer, "/into");
}

static void other_datasets_keep_their_labels(void **state)
{
    struct fixture *f = *state;
    struct dataset here = f->dataset, there = new_dataset(f, "other", DATASET_TYPE_CLASSIFICATION);
    put(f, "/a", SAMPLE_LABELED, "wren");
    f->dataset = there;
    put(f, "/a", SAMPLE_LABELED, "wren");
    f->dataset = here;
    (void)rename_to(f, "wren", "wran");
    (void)moved(f, (struct label_move){.name = "wran"});
    f->dataset = there;
    assert_string_equal(told(f, "/a"), "labeled wren");
    assert_string_equal(set_of(f), "wren:1: ");
}

static bool refuse(void *state, const struct label_done *done, struct error *err)
{
    (void)state, (void)done;
    return error_set(err, ERR_IO, "the disk is full");
}

static void what_fails_at_the_end_leaves_everything_as_it_was(void **state)
{
    struct fixture *f = *state;
    struct label_done done;
    struct label_edit renaming = {.dataset = &f->dataset, .name = "wren", .wish = {.name = "wran"}};
    put_three(f);
    renaming.author = (struct label_author){"human", NULL, refuse, NULL};
    ASSERT_REFUSED(f, label_edit(f->db, f->arena, &renaming, &done, &f->err), ERR_IO);
    assert_false(move(f, (struct label_move){.name = "wren", .author = {.finish = refuse}}, &done));
    assert_string_equal(told(f, "/b"), "labeled wren owl");
    assert_string_equal(set_of(f), "wren:2: owl:2: ");
    assert_int_equal(tally_ask(f, "SELECT COUNT(*), 0 FROM operation").wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_label_has_color_key_attributes_and_a_place),
        TEST(what_a_label_cannot_be_is_refused_and_changes_nothing),
        TEST(a_dataset_begins_with_labels_or_not_at_all),
        TEST(a_rename_is_one_change_of_the_label_and_undo_gives_the_name_back),
        TEST(a_rename_of_a_label_without_samples_is_undone_too),
        TEST(a_merge_leaves_one_of_two_classes_and_undo_restores_each),
        TEST(boxes_are_all_kept_in_a_merge),
        TEST(a_sample_that_was_changed_since_keeps_its_label),
        TEST(deleting_a_label_leaves_its_samples_unlabeled),
        TEST(an_image_whose_boxes_are_all_gone_is_unlabeled_not_empty),
        TEST(the_policies_remove_labeled_samples_that_have_only_it),
        TEST(a_limit_does_it_in_parts),
        TEST(labels_that_are_not_there_are_named),
        TEST(other_datasets_keep_their_labels),
        TEST(what_fails_at_the_end_leaves_everything_as_it_was),
    };
    return RUN_TESTS(tests);
}
