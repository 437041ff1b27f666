/* SPDX-License-Identifier: Apache-2.0 */
/* What people said of a run's images. */
#include "test.h"

#include "dataset/dataset.h"
#include "record/mistake.h"
#include "unit/mining/run_shards.h"
#include "work/confirmed.h"
#include "work_fixture.h"

#include <math.h>

enum { IMAGES = 6, CLASSES = 2 };
#define TASK "0123456789abcdef0123456789abcdef"
#define SERVICE "service"

static const char *const labels[CLASSES] = {"cat", "dog"};

struct made {
    struct record records[IMAGES];
    struct candidate boxes[IMAGES];
    float scores[IMAGES][CLASSES], logits[IMAGES][CLASSES], appearance[1];
    char sources[IMAGES][16];
};

/* The model says cat of every image; a detector sees one at 0,0 to 10,10. */
static struct record_set *make_run(struct fixture *fixture, enum model_type type)
{
    struct record_set *set = NULL;
    struct made *made = arena_array(fixture->arena, 1, sizeof(*made));
    const struct record_header header = {.type = type,
                                         .activation = ACTIVATION_SOFTMAX,
                                         .classes = CLASSES,
                                         .appearance_length = 1,
                                         .appearance_name = "none",
                                         .decode = "exact",
                                         .model_hash = "ffeeddccbbaa99887766554433221100",
                                         .score_threshold = type == MODEL_TYPE_DETECTION ? 0.5 : 0,
                                         .candidate_floor = type == MODEL_TYPE_DETECTION ? 0.1 : 0,
                                         .labels = labels};
    const char *folder = type == MODEL_TYPE_DETECTION ? "det" : "cls";
    made->appearance[0] = 1;
    for (int i = 0; i < IMAGES; i++) {
        (void)snprintf(made->sources[i], sizeof(made->sources[i]), "/in/%d.png", i);
        made->boxes[i] = (struct candidate){.box = {0, 0, 10, 10}, .label = 0, .score = 0.9F};
        made->scores[i][0] = 0.9F;
        made->logits[i][0] = 3;
        made->records[i] = (struct record){.source = made->sources[i],
                                           .format = "png",
                                           .content_hash = "00112233445566778899aabbccddeeff",
                                           .width = 64,
                                           .height = 64,
                                           .orientation = 1,
                                           .appearance = made->appearance,
                                           .log_sum_exp = log(exp(3) + 1)};
        if (type == MODEL_TYPE_DETECTION) {
            made->records[i].candidates = &made->boxes[i];
            made->records[i].candidate_scores = made->scores[i];
            made->records[i].candidate_count = 1;
            made->records[i].log_sum_exp = (double)NAN;
        } else {
            made->records[i].logits = made->logits[i];
        }
    }
    run_shards_write(&(struct run_shards){fixture->store, folder, &header, made->records, IMAGES, 4});
    if (!record_set_open(fixture->store, folder, &set, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return set;
}

static const char *make_dataset(struct fixture *fixture, const char *name, const char *type)
{
    struct dataset dataset;
    const struct dataset_new wanted = {.project_id = "0", .name = name, .dataset_type = type};
    if (!dataset_create(fixture->db, fixture->arena, &wanted, &dataset, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return dataset.id;
}

static void add(struct fixture *fixture, const char *dataset, const char *source, const char *state,
                const struct annotation *said)
{
    struct sample_add_counts counts = {0};
    const struct sample_new sample = {.source = source,
                                      .state = state,
                                      .hard_coefficient = (double)NAN,
                                      .origin = "hard_examples",
                                      .origin_task = TASK,
                                      .annotations = said,
                                      .annotation_count = said ? 1 : 0};
    const struct sample_batch batch = {&sample, 1, SAMPLE_MERGE_IMPORT};
    if (!samples_add(fixture->db, dataset, &batch, &counts, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

static struct annotation said(const char *label, const char *shape)
{
    return (struct annotation){
        .name = label, .shape_json = shape, .annotated_by = "human", .confidence = (double)NAN};
}

static uint8_t *verdicts(struct fixture *fixture, const char *dataset, const struct record_set *records)
{
    uint8_t *ret = NULL;
    const struct confirmed_query query = {.db = fixture->db,
                                          .project_id = "0",
                                          .service_id = SERVICE,
                                          .dataset_id = dataset,
                                          .records = records};
    if (!confirmed_verdicts(&query, &ret, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return ret;
}

static void only_labelled_samples_of_the_run_say_something(void **state)
{
    struct fixture *fixture = *state;
    AUTO(record_set) records = make_run(fixture, MODEL_TYPE_CLASSIFICATION);
    const char *dataset = make_dataset(fixture, "d", "image_classification");
    const struct annotation cat = said("cat", NULL), dog = said("dog", NULL);
    struct annotation suggested = dog;
    suggested.is_suggested = true;
    assert_null(verdicts(fixture, dataset, records));
    add(fixture, dataset, "/in/0.png", SAMPLE_LABELED, &cat);
    add(fixture, dataset, "/in/5.png", SAMPLE_LABELED, &dog);
    add(fixture, dataset, "/in/2.png", SAMPLE_TO_BE_CONFIRMED, &suggested);
    add(fixture, dataset, "/in/3.png", SAMPLE_UNLABELED, NULL);
    add(fixture, dataset, "/elsewhere/4.png", SAMPLE_LABELED, &dog);
    uint8_t *found = verdicts(fixture, dataset, records);
    const uint8_t expected[IMAGES] = {VERDICT_RIGHT, 0, 0, 0, 0, VERDICT_WRONG};
    assert_memory_equal(found, expected, IMAGES);
    free(found);
}

static void boxes_that_people_drew_are_compared_with_those_found(void **state)
{
    struct fixture *fixture = *state;
    AUTO(record_set) records = make_run(fixture, MODEL_TYPE_DETECTION);
    const char *dataset = make_dataset(fixture, "d", "object_detection"), *same = NULL, *other = NULL;
    double at[4] = {0, 0, 10, 9}, elsewhere[4] = {30, 30, 40, 40};
    assert_true(
        voc_shape_json_write(&(struct voc_shape){VOC_BNDBOX, at, 4}, fixture->arena, &same, &fixture->err) &&
        voc_shape_json_write(&(struct voc_shape){VOC_BNDBOX, elsewhere, 4}, fixture->arena, &other,
                             &fixture->err));
    const struct annotation right = said("cat", same), wrong_class = said("dog", same),
                            wrong_place = said("cat", other);
    add(fixture, dataset, "/in/0.png", SAMPLE_LABELED, &right);
    add(fixture, dataset, "/in/1.png", SAMPLE_LABELED, &wrong_class);
    add(fixture, dataset, "/in/4.png", SAMPLE_LABELED, &wrong_place);
    add(fixture, dataset, "/in/5.png", SAMPLE_LABELED, NULL); /* nothing is there */
    uint8_t *found = verdicts(fixture, dataset, records);
    const uint8_t expected[IMAGES] = {VERDICT_RIGHT, VERDICT_WRONG, 0, 0, VERDICT_WRONG, VERDICT_WRONG};
    assert_memory_equal(found, expected, IMAGES);
    free(found);
}

/* A filtering of the service that ended well, and wrote into the dataset. */
static void filter_into(struct fixture *fixture, const char *dataset)
{
    char id[33] = "";
    const struct task_new task = {
        .project_id = "0", .kind = "mine_hard", .subject = SERVICE, .request_json = "{}"};
    const char *result = arena_printf(fixture->arena, "{\"dataset_id\":\"%s\"}", dataset);
    if (!task_create(fixture->db, &task, id, &fixture->err) ||
        !db_exec(fixture->db, "UPDATE task SET state = 'succeeded', result_json = $1 WHERE id = $2",
                 DB_ARGS(db_text(result), db_text(id)), NULL, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

static void datasets_of_earlier_filterings_of_the_service_count_too(void **state)
{
    struct fixture *fixture = *state;
    AUTO(record_set) records = make_run(fixture, MODEL_TYPE_CLASSIFICATION);
    const char *earlier = make_dataset(fixture, "earlier", "image_classification");
    const char *now = make_dataset(fixture, "now", "image_classification");
    const struct annotation dog = said("dog", NULL);
    add(fixture, earlier, "/in/1.png", SAMPLE_LABELED, &dog);
    assert_null(verdicts(fixture, now, records));
    filter_into(fixture, earlier);
    uint8_t *found = verdicts(fixture, now, records);
    const uint8_t expected[IMAGES] = {0, VERDICT_WRONG, 0, 0, 0, 0};
    assert_memory_equal(found, expected, IMAGES);
    free(found);
}

static void of_two_words_the_dataset_that_is_asked_for_has_the_last(void **state)
{
    struct fixture *fixture = *state;
    AUTO(record_set) records = make_run(fixture, MODEL_TYPE_CLASSIFICATION);
    const char *now = make_dataset(fixture, "now", "image_classification");
    const char *others[] = {make_dataset(fixture, "one", "image_classification"),
                            make_dataset(fixture, "two", "image_classification")};
    const struct annotation cat = said("cat", NULL), dog = said("dog", NULL);
    for (int i = 0; i < 2; i++) {
        add(fixture, others[i], "/in/1.png", SAMPLE_LABELED, &dog);
        filter_into(fixture, others[i]);
    }
    add(fixture, now, "/in/1.png", SAMPLE_LABELED, &cat);
    uint8_t *found = verdicts(fixture, now, records);
    const uint8_t expected[IMAGES] = {0, VERDICT_RIGHT, 0, 0, 0, 0};
    assert_memory_equal(found, expected, IMAGES);
    free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(only_labelled_samples_of_the_run_say_something),
        TEST_CASE(boxes_that_people_drew_are_compared_with_those_found),
        TEST_CASE(datasets_of_earlier_filterings_of_the_service_count_too),
        TEST_CASE(of_two_words_the_dataset_that_is_asked_for_has_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
