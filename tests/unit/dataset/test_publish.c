/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset_fixture.h"
#include "store/backend.h"

enum { SAMPLES = 450, MANIFEST_BYTES = 4 * 1024 * 1024 };

/* More than two pages of samples, in all states, some hard, some excluded. */
static void fill(struct fixture *f)
{
    struct sample_new *samples = arena_array(f->arena, SAMPLES, sizeof(*samples));
    struct annotation said[2] = {label("wren"), label("great white shark, man-eater")};
    struct annotation guessed = suggestion("owl", 0.5), machine = label("owl");
    said[0].created_ms = 1714557600999;
    said[0].annotated_by = "human/u/u";
    said[1].property_json = "{\"seen\":[1,2]}";
    machine.annotated_by = "modelarts/auto-label";
    machine.confidence = 0.1 + 0.2;
    for (int i = 0; i < SAMPLES; i++) {
        const char *source = arena_printf(f->arena, "/in/%d \"é\".png", i);
        samples[i] = i % 5 == 0   ? unlabeled(source)
                     : i % 5 == 1 ? hard(source, &guessed, 0.3, "11-21")
                     : i % 5 == 2 ? labeled(source, &machine)
                                  : labeled(source, said);
        if (i % 5 == 3)
            samples[i].annotation_count = 2;
        if (i % 5 == 4)
            samples[i].is_hard = true, samples[i].hard_coefficient = i / 1000.0,
            samples[i].hard_reasons = "7-1";
        samples[i].usage = i % 2 ? "TRAIN" : NULL;
        samples[i].metadata_json = i % 7 ? NULL : "{\"@modelarts:data_checked\":true}";
    }
    (void)add(f, samples, SAMPLES, SAMPLE_MERGE_IMPORT);
    assert_int_equal(decide(f, "/in/3 \"é\".png", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    assert_int_equal(decide(f, "/in/0 \"é\".png", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
}

static struct dataset_version publish(struct fixture *f, const char *name, bool hard_attributes)
{
    struct dataset_publish request = {
        .project_id = "0", .dataset_id = f->dataset.id, .name = name, .hard_attributes = hard_attributes};
    struct dataset_version version;
    ASSERT_DONE(f, dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err));
    return version;
}

/* The bytes of an object, with a NUL after them; NULL when there is none. */
static const char *object(struct fixture *f, const char *key)
{
    AUTO_BUFFER(bytes, MANIFEST_BYTES);
    bool exists = false;
    ASSERT_DONE(f, store_exists(f->store, key, &exists, &f->err));
    if (!exists)
        return NULL;
    ASSERT_DONE(f, store_get(f->store, key, &bytes, &f->err));
    return arena_text_n(f->arena, bytes.data, bytes.size);
}

struct lines {
    struct manifest_sample *items;
    size_t count;
};

static struct lines read_lines(struct fixture *f, const char *text)
{
    struct lines lines = {arena_array(f->arena, SAMPLES, sizeof(*lines.items)), 0};
    for (const char *at = text; *at;) {
        size_t bytes = strcspn(at, "\n");
        assert_int_equal(at[bytes], '\n');
        assert_true(lines.count < SAMPLES);
        ASSERT_DONE(
            f, manifest_line_read((struct bytes){at, bytes}, f->arena, &lines.items[lines.count++], &f->err));
        at += bytes + 1;
    }
    return lines;
}

static void published_manifest_holds_every_sample_in_order_of_ids(void **state)
{
    struct fixture *f = *state;
    fill(f);
    struct dataset_version version = publish(f, NULL, true);
    assert_string_equal(version.name, "V001");
    assert_string_equal(
        version.manifest_key,
        arena_printf(f->arena, "datasets/birds-%s/annotation/V001/V001.manifest", f->dataset.id));
    const char *text = object(f, version.manifest_key);
    assert_non_null(text);
    struct lines lines = read_lines(f, text);
    assert_int_equal(lines.count, SAMPLES - 2);
    assert_int_equal(version.samples, SAMPLES - 2);
    size_t annotated = 0, hard_ones = 0;
    for (size_t i = 0; i < lines.count; i++) {
        struct sample sample = get(f, lines.items[i].source);
        bool is_labeled = strcmp(sample.state, SAMPLE_LABELED) == 0;
        assert_string_equal(lines.items[i].id, sample.id);
        assert_true(i == 0 || strcmp(lines.items[i - 1].id, lines.items[i].id) < 0);
        assert_int_equal(lines.items[i].annotation_count, is_labeled ? sample.annotation_count : 0);
        assert_int_equal(lines.items[i].hard, sample.is_hard ? MANIFEST_HARD_YES : MANIFEST_HARD_NO);
        annotated += is_labeled;
        hard_ones += sample.is_hard;
    }
    assert_int_equal(annotated, SAMPLES / 5 * 3 - 1);
    assert_int_equal(version.labeled, annotated);
    assert_int_equal(hard_ones, SAMPLES / 5 * 2);
    char hash[HASH_HEX_BYTES];
    hash_of((struct bytes){text, strlen(text)}, hash);
    assert_string_equal(version.manifest_hash, hash);
    assert_string_equal(counts_now(f).current_version, "V001");
}

static void hard_attributes_are_written_only_when_asked_for(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_null(strstr(object(f, publish(f, NULL, false).manifest_key), "hard"));
    struct dataset_version version = publish(f, NULL, true);
    assert_string_equal(version.name, "V002");
    assert_true(version.has_hard_attributes);
    assert_non_null(strstr(object(f, version.manifest_key), "\"hard-reasons\":\"7-1\""));
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The lines without ids, sorted: what a manifest says whatever the dataset. */
static const char **contents(struct fixture *f, const char *text, size_t *ret_count)
{
    struct lines lines = read_lines(f, text);
    const char **texts = arena_array(f->arena, lines.count + 1, sizeof(*texts));
    for (size_t i = 0; i < lines.count; i++) {
        AUTO_BUFFER(line, MANIFEST_LINE_MAX_BYTES);
        lines.items[i].id = NULL;
        ASSERT_DONE(f, manifest_line_write(&lines.items[i], &line, &f->err));
        texts[i] = arena_text_n(f->arena, line.data, line.size);
    }
    qsort(texts, lines.count, sizeof(*texts), compare_texts);
    *ret_count = lines.count;
    return texts;
}

static void import_lines(struct fixture *f, const char *text)
{
    struct lines lines = read_lines(f, text);
    struct sample_new *samples = arena_array(f->arena, lines.count, sizeof(*samples));
    const struct sample_reading reading = {DATASET_TYPE_CLASSIFICATION, true, NULL};
    for (size_t i = 0; i < lines.count; i++)
        ASSERT_DONE(f, sample_of_manifest(&lines.items[i], &reading, f->arena, &samples[i], &f->err));
    struct sample_add_counts counts = add(f, samples, lines.count, SAMPLE_MERGE_IMPORT);
    assert_int_equal(counts.added, lines.count);
}

static void published_imported_and_published_again_is_the_same(void **state)
{
    struct fixture *f = *state;
    size_t first_count = 0, second_count = 0;
    fill(f);
    const char *first_text = object(f, publish(f, NULL, true).manifest_key);
    f->dataset = new_dataset(f, "copy", DATASET_TYPE_CLASSIFICATION);
    import_lines(f, first_text);
    const char *second_text = object(f, publish(f, NULL, true).manifest_key);
    const char **first = contents(f, first_text, &first_count);
    const char **second = contents(f, second_text, &second_count);
    assert_int_equal(first_count, second_count);
    for (size_t i = 0; i < first_count; i++)
        assert_string_equal(first[i], second[i]);
}

static void published_twice_it_has_the_same_bytes(void **state)
{
    struct fixture *f = *state;
    fill(f);
    struct dataset_version first = publish(f, NULL, true), second = publish(f, NULL, true);
    assert_string_not_equal(first.manifest_key, second.manifest_key);
    assert_string_equal(first.manifest_hash, second.manifest_hash);
    assert_string_equal(object(f, first.manifest_key), object(f, second.manifest_key));
}

static void published_version_never_changes(void **state)
{
    struct fixture *f = *state;
    atomic_int_fast64_t done = 0;
    struct dataset_publish request = {
        .project_id = "0", .dataset_id = f->dataset.id, .name = "first-try", .done = &done};
    struct dataset_version version, *versions = NULL;
    size_t count = 0;
    fill(f);
    struct dataset_version published = publish(f, "first-try", false);
    const char *before = object(f, published.manifest_key);
    assert_int_equal(decide(f, "/in/4 \"é\".png", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    ASSERT_REFUSED(f, dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err), ERR_CONFLICT);
    assert_int_equal(f->err.detail, DETAIL_VERSION_EXISTS);
    assert_int_equal(atomic_load(&done), 0); /* refused before the work, not after it */
    assert_string_equal(object(f, published.manifest_key), before);
    assert_string_equal(publish(f, NULL, false).name, "V001");
    assert_string_equal(object(f, published.manifest_key), before);
    ASSERT_DONE(f, dataset_versions(f->db, f->arena, f->dataset.id, &versions, &count, &f->err));
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        bool is_first = strcmp(versions[i].name, "first-try") == 0;
        assert_int_equal(versions[i].samples, is_first ? SAMPLES - 2 : SAMPLES - 3);
        assert_string_equal(versions[i].dataset_id, f->dataset.id);
    }
    ASSERT_DONE(f, dataset_delete(f->db, f->dataset.id, &f->err));
    assert_string_equal(object(f, published.manifest_key), before);
}

/* Somebody else publishes the same name while this call is writing its file: the one who registers first
 * wins, and the other's bytes never reach the name. */
/* The one thing for which the databases have no common words. */
static void make_trigger(struct fixture *f, const char *name, const char *when, const char *does)
{
    const char *trigger = arena_printf(f->arena, "CREATE TRIGGER %s %s BEGIN %s; END", name, when, does);
    if (test_database_is_postgresql()) {
        const char *function = arena_printf(f->arena,
                                            "CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS "
                                            "$body$ BEGIN %s; RETURN NEW; END $body$",
                                            name, does);
        ASSERT_DONE(f, db_exec(f->db, function, DB_NO_ARGS, NULL, &f->err));
        trigger = arena_printf(f->arena, "CREATE TRIGGER %s %s FOR EACH ROW EXECUTE FUNCTION %s()", name,
                               when, name);
    }
    ASSERT_DONE(f, db_exec(f->db, trigger, DB_NO_ARGS, NULL, &f->err));
}

static void name_taken_while_writing_keeps_its_file(void **state)
{
    struct fixture *f = *state;
    struct dataset_version version;
    struct dataset_publish request = {.project_id = "0", .dataset_id = f->dataset.id, .name = "V001"};
    fill(f);
    const char *key =
        arena_printf(f->arena, "datasets/birds-%s/annotation/V001/V001.manifest", f->dataset.id);
    ASSERT_DONE(f, store_put(f->store, key, (struct bytes){"theirs\n", 7}, &f->err));
    /* The trigger stands for the other server: it registers the name after this call has found it free. */
    make_trigger(f, "rival", "AFTER UPDATE OF current_version ON dataset",
                 "INSERT INTO dataset_version (dataset_id, name, manifest_key, manifest_hash, description, "
                 "has_hard_attributes, samples, labeled, created_ms) VALUES "
                 "(NEW.id, 'V001', 'k', 'h', '', 0, 1, 1, 1)");
    ASSERT_REFUSED(f, dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err), ERR_CONFLICT);
    assert_int_equal(f->err.detail, DETAIL_VERSION_EXISTS);
    assert_string_equal(object(f, key), "theirs\n");
    assert_null(counts_now(f).current_version);
}

/* Ended after the file and before the registration: the file is there, the version is not. */
static void file_of_a_killed_publication_is_replaced(void **state)
{
    struct fixture *f = *state;
    struct dataset_version *versions = NULL;
    size_t count = 0;
    fill(f);
    const char *key =
        arena_printf(f->arena, "datasets/birds-%s/annotation/V001/V001.manifest", f->dataset.id);
    ASSERT_DONE(f, store_put(f->store, key, (struct bytes){"half", 4}, &f->err));
    ASSERT_DONE(f, dataset_versions(f->db, f->arena, f->dataset.id, &versions, &count, &f->err));
    assert_int_equal(count, 0);
    struct dataset_version version = publish(f, NULL, false);
    assert_string_equal(version.manifest_key, key);
    assert_int_equal(read_lines(f, object(f, key)).count, SAMPLES - 2);
}

static void registration_that_fails_leaves_no_file_and_no_version(void **state)
{
    struct fixture *f = *state;
    struct dataset_version version;
    struct dataset_publish request = {.project_id = "0", .dataset_id = f->dataset.id};
    fill(f);
    const char *key =
        arena_printf(f->arena, "datasets/birds-%s/annotation/V001/V001.manifest", f->dataset.id);
    make_trigger(f, "broken", "AFTER INSERT ON dataset_version",
                 "UPDATE dataset_version SET name = NULL"); /* which is refused */
    f->err = (struct error){0};
    assert_false(dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err));
    assert_null(object(f, key));
    assert_null(counts_now(f).current_version);
    ASSERT_DONE(
        f,
        db_exec(f->db, test_database_is_postgresql() ? "DROP FUNCTION broken CASCADE" : "DROP TRIGGER broken",
                DB_NO_ARGS, NULL, &f->err));
    assert_string_equal(publish(f, NULL, false).name, "V001");
}

static bool finish_nothing(void *writer, bool is_durable, struct error *err)
{
    return error_set(err, ERR_IO, "the disk is full");
}

static void version_without_its_file_is_not_registered(void **state)
{
    struct fixture *f = *state;
    struct dataset_version version, *versions = NULL;
    struct dataset_publish request = {.project_id = "0", .dataset_id = f->dataset.id};
    struct store_backend full_disk = store_backend_dir;
    AUTO(store) store = NULL;
    size_t count = 0;
    fill(f);
    full_disk.write_finish = finish_nothing;
    ASSERT_DONE(f, store_open_backend(&full_disk, f->folder, false, &store, &f->err));
    ASSERT_REFUSED(f, dataset_publish(f->db, store, f->arena, &request, &version, &f->err), ERR_IO);
    assert_null(counts_now(f).current_version);
    ASSERT_DONE(f, dataset_versions(f->db, f->arena, f->dataset.id, &versions, &count, &f->err));
    assert_int_equal(count, 0);
    assert_string_equal(publish(f, NULL, false).name, "V001");
}

static void next_name_follows_the_highest_number(void **state)
{
    struct fixture *f = *state;
    static const char *const given[] = {"V007", "final", "V12x", "v099", "V999999999999", "V"};
    fill(f);
    assert_string_equal(publish(f, NULL, false).name, "V001");
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
        (void)publish(f, given[i], false);
    assert_string_equal(publish(f, NULL, false).name, "V008");
    (void)publish(f, "V999", false);
    assert_string_equal(publish(f, NULL, false).name, "V1000");
    assert_string_equal(counts_now(f).current_version, "V1000");
}

static void bad_requests_are_refused(void **state)
{
    struct fixture *f = *state;
    struct dataset_version version;
    struct dataset_publish request = {.project_id = "0", .dataset_id = f->dataset.id};
    char name[DATASET_VERSION_NAME_MAX_CHARACTERS + 2] = {0};
#define PUBLISH dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err)
    ASSERT_REFUSED(f, PUBLISH, ERR_INVALID);
    assert_int_equal(f->err.detail, DETAIL_NOTHING_TO_PUBLISH);
    fill(f);
    request.name = "../../etc";
    ASSERT_REFUSED(f, PUBLISH, ERR_INVALID);
    request.name = "";
    ASSERT_REFUSED(f, PUBLISH, ERR_INVALID);
    memset(name, 'x', DATASET_VERSION_NAME_MAX_CHARACTERS + 1);
    request.name = name;
    ASSERT_REFUSED(f, PUBLISH, ERR_INVALID);
    name[DATASET_VERSION_NAME_MAX_CHARACTERS] = '\0';
    ASSERT_DONE(f, PUBLISH);
    char description[258] = {0};
    memset(description, 'x', 257);
    request =
        (struct dataset_publish){.project_id = "0", .dataset_id = f->dataset.id, .description = description};
    ASSERT_REFUSED(f, PUBLISH, ERR_INVALID);
    description[256] = '\0';
    ASSERT_DONE(f, PUBLISH);
    assert_string_equal(version.description, description);
    request.dataset_id = new_dataset(f, "boxes", DATASET_TYPE_DETECTION).id;
    ASSERT_REFUSED(f, PUBLISH, ERR_INVALID);
    request.dataset_id = "nowhere";
    ASSERT_REFUSED(f, PUBLISH, ERR_NOT_FOUND);
#undef PUBLISH
}

static void publishing_can_be_stopped_and_tells_how_far_it_is(void **state)
{
    struct fixture *f = *state;
    struct dataset_version version;
    struct stop_flag stop = {true};
    atomic_int_fast64_t done = 0;
    struct dataset_publish request = {
        .project_id = "0", .dataset_id = f->dataset.id, .stop = &stop, .done = &done};
    fill(f);
    ASSERT_REFUSED(f, dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err), ERR_CANCELLED);
    assert_null(counts_now(f).current_version);
    atomic_store(&stop.is_set, false);
    ASSERT_DONE(f, dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err));
    assert_int_equal(atomic_load(&done), SAMPLES - 2);
}

static void a_version_is_made_current_and_another_one_deleted_with_its_files(void **state)
{
    struct fixture *f = *state;
    fill(f);
    struct dataset_version first = publish(f, NULL, false), second = publish(f, NULL, false), found;
    ASSERT_REFUSED(f, dataset_version_delete(f->db, f->store, f->arena, &f->dataset, second.name, &f->err),
                   ERR_CONFLICT);
    ASSERT_REFUSED(f, dataset_version_use(f->db, f->arena, &f->dataset, "V009", &f->err), ERR_NOT_FOUND);
    assert_string_equal(counts_now(f).current_version, second.name);
    ASSERT_DONE(f, dataset_version_use(f->db, f->arena, &f->dataset, first.name, &f->err));
    assert_string_equal(counts_now(f).current_version, first.name);
    int64_t revision = counts_now(f).revision;
    ASSERT_DONE(f, dataset_version_delete(f->db, f->store, f->arena, &f->dataset, second.name, &f->err));
    assert_int_equal(counts_now(f).revision, revision + 1);
    assert_null(object(f, second.manifest_key));
    assert_non_null(object(f, first.manifest_key));
    ASSERT_REFUSED(f, dataset_version_find(f->db, f->arena, &f->dataset, second.name, &found, &f->err),
                   ERR_NOT_FOUND);
    ASSERT_REFUSED(f, dataset_version_delete(f->db, f->store, f->arena, &f->dataset, second.name, &f->err),
                   ERR_NOT_FOUND);
    assert_int_equal(counts_now(f).revision, revision + 1);
}

static void an_edit_changes_what_is_given_and_one_revision_only(void **state)
{
    struct fixture *f = *state;
    (void)new_dataset(f, "taken", DATASET_TYPE_CLASSIFICATION);
    struct dataset_edit edit = {.description = "of the garden", .expected_revision = 1};
    ASSERT_DONE(f, dataset_edit(f->db, f->dataset.id, &edit, &f->err));
    ASSERT_REFUSED(f, dataset_edit(f->db, f->dataset.id, &edit, &f->err), ERR_CONFLICT);
    assert_int_not_equal(f->err.detail, DETAIL_DATASET_EXISTS);
    edit = (struct dataset_edit){.name = "taken"};
    ASSERT_REFUSED(f, dataset_edit(f->db, f->dataset.id, &edit, &f->err), ERR_CONFLICT);
    assert_int_equal(f->err.detail, DETAIL_DATASET_EXISTS);
    edit.name = "a/b";
    ASSERT_REFUSED(f, dataset_edit(f->db, f->dataset.id, &edit, &f->err), ERR_INVALID);
    edit.name = "finches";
    ASSERT_DONE(f, dataset_edit(f->db, f->dataset.id, &edit, &f->err));
    struct dataset now = counts_now(f);
    assert_string_equal(now.name, "finches");
    assert_string_equal(now.description, "of the garden");
    assert_int_equal(now.revision, 3);
    ASSERT_REFUSED(f, dataset_edit(f->db, "nothing", &edit, &f->err), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_version_is_made_current_and_another_one_deleted_with_its_files),
        TEST(an_edit_changes_what_is_given_and_one_revision_only),
        TEST(published_manifest_holds_every_sample_in_order_of_ids),
        TEST(hard_attributes_are_written_only_when_asked_for),
        TEST(published_imported_and_published_again_is_the_same),
        TEST(published_twice_it_has_the_same_bytes),
        TEST(published_version_never_changes),
        TEST(name_taken_while_writing_keeps_its_file),
        TEST(file_of_a_killed_publication_is_replaced),
        TEST(registration_that_fails_leaves_no_file_and_no_version),
        TEST(version_without_its_file_is_not_registered),
        TEST(next_name_follows_the_highest_number),
        TEST(bad_requests_are_refused),
        TEST(publishing_can_be_stopped_and_tells_how_far_it_is),
    };
    return RUN_TESTS(tests);
}
