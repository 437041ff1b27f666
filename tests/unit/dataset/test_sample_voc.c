/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "boxes_fixture.h"
#include "dataset/sample_manifest.h"
#include "dataset/sample_voc.h"

static struct sample stored(const struct sample_new *fresh)
{
    return (struct sample){.id = "0123456789abcdef0123456789abcdef",
                           .source = fresh->source,
                           .state = fresh->state,
                           .width = fresh->width,
                           .height = fresh->height,
                           .is_hard = fresh->is_hard,
                           .hard_coefficient = fresh->hard_coefficient,
                           .hard_reasons = fresh->hard_reasons,
                           .metadata_json = fresh->metadata_json,
                           .updated_ms = 1714557600000,
                           .annotations = (struct annotation *)(uintptr_t)fresh->annotations,
                           .annotation_count = fresh->annotation_count};
}

static const char *file_of(struct fixture *f, const struct sample *sample, bool hard_attributes)
{
    struct voc voc;
    AUTO_BUFFER(text, VOC_FILE_MAX_BYTES);
    ASSERT_DONE(f, sample_make_voc(sample, hard_attributes, f->arena, &voc, &f->err));
    ASSERT_DONE(f, voc_write(&voc, &text, &f->err));
    return arena_text_n(f->arena, text.data, text.size);
}

static const char *line_of(struct fixture *f, const struct sample *sample, bool hard_attributes)
{
    struct manifest_sample line;
    AUTO_BUFFER(text, MANIFEST_LINE_MAX_BYTES);
    const struct manifest_form form = {true, hard_attributes, "/1.xml"};
    ASSERT_DONE(f, manifest_of_sample(sample, &form, f->arena, &line, &f->err));
    ASSERT_DONE(f, manifest_line_write(&line, &text, &f->err));
    return arena_text_n(f->arena, text.data, text.size);
}

static void assert_same_text(const char *a, const char *b)
{
    assert_string_equal(a ? a : "(none)", b ? b : "(none)");
}

/* Published with hard attributes and read again it is the same sample. */
static struct sample_new assert_round_trip(struct fixture *f, const struct sample_new *fresh)
{
    struct sample sample = stored(fresh);
    struct sample_new again = sample_with(f, line_of(f, &sample, true), file_of(f, &sample, true));
    assert_same_text(again.state, fresh->state);
    assert_same_text(again.metadata_json, fresh->metadata_json);
    assert_same_text(again.hard_reasons, fresh->hard_reasons);
    assert_true(again.is_hard == fresh->is_hard);
    assert_memory_equal(&again.hard_coefficient, &fresh->hard_coefficient, sizeof(double));
    assert_int_equal(again.width, fresh->width);
    assert_int_equal(again.height, fresh->height);
    assert_int_equal(again.annotation_count, fresh->annotation_count);
    for (size_t i = 0; i < again.annotation_count; i++) {
        const struct annotation *a = &again.annotations[i], *b = &fresh->annotations[i];
        assert_string_equal(a->name, b->name);
        assert_string_equal(a->shape_json, b->shape_json);
        assert_same_text(a->property_json, b->property_json);
        assert_string_equal(a->annotated_by, b->annotated_by);
        assert_int_equal(a->created_ms, b->created_ms);
        assert_true(a->confidence == b->confidence || (isnan(a->confidence) && isnan(b->confidence)));
    }
    return again;
}

static void boxes_become_annotations(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample =
        sample_with(f, LINE(",\"annotated-by\":\"human/u\",\"creation-time\":\"2024-05-01 10:00:00\""),
                    FILE_OF(CAR("") "<object><name>tree</name><point><x>3</x><y>4</y></point></object>"));
    assert_string_equal(sample.state, SAMPLE_LABELED);
    assert_int_equal(sample.width, 64);
    assert_int_equal(sample.height, 48);
    assert_null(sample.metadata_json);
    assert_int_equal(sample.annotation_count, 2);
    assert_string_equal(sample.annotations[0].name, "car");
    assert_string_equal(sample.annotations[0].shape_json, SHAPE(1, 2, 30, 40));
    assert_string_equal(sample.annotations[0].annotated_by, "human/u");
    assert_int_equal(sample.annotations[0].created_ms, 1714557600000);
    assert_null(sample.annotations[0].property_json);
    assert_string_equal(sample.annotations[1].shape_json,
                        "{\"@modelarts:shape\":\"point\",\"@modelarts:feature\":[[3,4]]}");
    (void)assert_round_trip(f, &sample);
}

static void suggestions_keep_their_scores(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample;
    ASSERT_DONE(f, read_with(f, LINE(",\"confidence\":0.25"),
                             FILE_OF(CAR("<confidence>0.5</confidence>") CAR("")), false, &sample));
    assert_string_equal(sample.state, SAMPLE_TO_BE_CONFIRMED);
    assert_true(sample.annotations[0].is_suggested);
    assert_float_equal(sample.annotations[0].confidence, 0.5, 0);
    assert_float_equal(sample.annotations[1].confidence, 0.25, 0);
}

static void file_without_objects_says_that_nothing_is_there(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample = sample_with(
        f, LINE(",\"annotated-by\":\"human/u\",\"creation-time\":\"2024-05-01 10:00:00\""), FILE_OF(""));
    assert_string_equal(sample.state, SAMPLE_LABELED);
    assert_int_equal(sample.annotation_count, 0);
    struct sample_new again = assert_round_trip(f, &sample);
    assert_non_null(strstr(again.metadata_json, "human/u"));
    assert_non_null(strstr(again.metadata_json, "2024-05-01 10:00:00"));
}

static void file_of_which_nothing_is_left_leaves_it_unlabeled(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample = sample_with(f, LINE(""), NULL);
    assert_string_equal(sample.state, SAMPLE_UNLABELED);
    assert_int_equal(sample.annotation_count, 0);
}

static void everything_else_in_a_file_is_kept(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample = sample_with(
        f,
        "{\"source\":\"/in/1.jpg\",\"property\":{\"p\":[1,2]},\"annotation\":[{\"type\":"
        "\"modelarts/object_detection\",\"annotation-loc\":\"/1.xml\",\"property\":{\"q\":\"r\"}}]}",
        "<annotation><folder>F</folder><filename>other.jpg</filename><path>/p</path><source><database>D"
        "</database><flickrid>7</flickrid></source><size><width>64</width><height>48</height><depth>1"
        "</depth></size><segmented>1</segmented><mask_source>m.png</mask_source><object><name>car</name>"
        "<pose>Left</pose><truncated>1</truncated><occluded>1</occluded><difficult>1</difficult><mask_color>"
        "1,2,3</mask_color>" BOX(1, 2, 30,
                                 40) "<properties><property><key>colour</key><value>red</value>"
                                     "</property></properties><part><name>door</name></part></object>" CAR(
                                         "") "</annotation>");
    assert_string_equal(sample.annotations[0].property_json,
                        "{\"@voc:pose\":\"Left\",\"@voc:truncated\":\"1\",\"@voc:occluded\":\"1\","
                        "\"@voc:difficult\":\"1\",\"@voc:mask_color\":\"1,2,3\","
                        "\"@voc:xml\":\"<part><name>door</name></part>\",\"colour\":\"red\"}");
    assert_string_equal(
        sample.metadata_json,
        "{\"p\":[1,2],\"@voc:folder\":\"F\",\"@voc:filename\":\"other.jpg\",\"@voc:database\":"
        "\"D\",\"@voc:source_xml\":\"<flickrid>7</flickrid>\",\"@voc:segmented\":\"1\","
        "\"@voc:mask_source\":\"m.png\",\"@voc:xml\":\"<path>/p</path>\",\"@voc:depth\":1,"
        "\"@voc:property\":{\"q\":\"r\"}}");
    (void)assert_round_trip(f, &sample);
    struct sample published = stored(&sample);
    assert_non_null(strstr(line_of(f, &published, false), "\"property\":{\"p\":[1,2]},\"source\""));
    assert_non_null(strstr(line_of(f, &published, false), "\"property\":{\"q\":\"r\"},\"annotated-by\""));
}

static void hard_sample_makes_its_objects_hard(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample = sample_with(f, LINE(""), FILE_OF(CAR("<difficult>1</difficult>") CAR("")));
    assert_false(sample.is_hard);
    sample.is_hard = true; /* found hard meanwhile */
    sample.hard_coefficient = 0.5;
    sample.hard_reasons = "1-7";
    struct sample published = stored(&sample);
    struct voc *voc = read_voc(f, file_of(f, &published, true));
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(voc->objects[i].difficult, "1");
        assert_string_equal(voc->objects[i].hard_reasons, "1-7");
        assert_float_equal(voc->objects[i].hard_coefficient, 0.5, 0);
    }
    struct sample_new again = assert_round_trip(f, &sample);
    assert_string_equal(again.annotations[0].property_json, "{\"@voc:difficult\":\"1\"}");
    assert_null(again.annotations[1].property_json);
    voc = read_voc(f, file_of(f, &published, false));
    assert_string_equal(voc->objects[0].difficult, "1");
    assert_string_equal(voc->objects[1].difficult, "0");
    assert_null(voc->objects[1].hard_reasons);
    assert_true(isnan(voc->objects[1].hard_coefficient));
}

static void objects_with_a_coefficient_of_their_own_keep_it(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample =
        sample_with(f,
                    "{\"hard\":\"true\",\"source\":\"/in/1.jpg\",\"annotation\":[{\"type\":"
                    "\"modelarts/object_detection\",\"annotation-loc\":\"/1.xml\"}]}",
                    FILE_OF(CAR("<hard-coefficient>0.25</hard-coefficient><hard-reasons>3</hard-reasons>")
                                CAR("<hard-coefficient>0.75</hard-coefficient>")));
    assert_true(sample.is_hard);
    assert_float_equal(sample.hard_coefficient, 0.75, 0);
    assert_string_equal(sample.annotations[0].property_json,
                        "{\"@voc:hard_reasons\":\"3\",\"@voc:hard_coefficient\":0.25}");
    assert_null(sample.annotations[1].property_json);
    (void)assert_round_trip(f, &sample);
}

static void names_that_are_ours_are_refused(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample;
    ASSERT_REFUSED(f,
                   read_with(f, LINE(""),
                             FILE_OF(CAR("<properties><property><key>@voc:xml</key><value>&lt;a/></value>"
                                         "</property></properties>")),
                             true, &sample),
                   ERR_INVALID);
    ASSERT_REFUSED(
        f,
        read_with(f,
                  "{\"source\":\"/1\",\"property\":{\"@voc:xml\":\"<a/>\"},\"annotation\":[{\"type\":"
                  "\"modelarts/object_detection\",\"annotation-loc\":\"/1.xml\"}]}",
                  FILE_OF(""), true, &sample),
        ERR_INVALID);
}

static void what_a_dataset_cannot_hold_is_refused(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample;
    static const char *const bad[] = {
        FILE_OF(CAR("<hard-reasons>1-99</hard-reasons>")),
        FILE_OF("<object><name>a\nb</name>" BOX(1, 2, 3, 4) "</object>"),
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ASSERT_REFUSED(f, read_with(f, LINE(""), bad[i], true, &sample), ERR_INVALID);
    ASSERT_REFUSED(f,
                   read_with(f,
                             "{\"source\":\"/1\",\"annotation\":[{\"type\":\"modelarts/object_detection\","
                             "\"annotation-loc\":\"/1.xml\"},{\"type\":\"modelarts/object_detection\","
                             "\"annotation-loc\":\"/2.xml\"}]}",
                             FILE_OF(""), true, &sample),
                   ERR_INVALID);
}

static void unlabeled_and_waiting_samples_have_no_file_in_a_line(void **state)
{
    struct fixture *f = *state;
    struct annotation guess = suggestion("car", 0.5);
    guess.shape_json = SHAPE(1, 2, 30, 40);
    struct sample_new fresh = hard("/in/1.jpg", &guess, 0.5, "1");
    struct sample sample = stored(&fresh);
    assert_string_equal(line_of(f, &sample, false),
                        "{\"source\":\"/in/1.jpg\",\"id\":\"0123456789abcdef0123456789abcdef\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOXES_TEST(boxes_become_annotations),
        BOXES_TEST(suggestions_keep_their_scores),
        BOXES_TEST(file_without_objects_says_that_nothing_is_there),
        BOXES_TEST(file_of_which_nothing_is_left_leaves_it_unlabeled),
        BOXES_TEST(everything_else_in_a_file_is_kept),
        BOXES_TEST(hard_sample_makes_its_objects_hard),
        BOXES_TEST(objects_with_a_coefficient_of_their_own_keep_it),
        BOXES_TEST(names_that_are_ours_are_refused),
        BOXES_TEST(what_a_dataset_cannot_hold_is_refused),
        BOXES_TEST(unlabeled_and_waiting_samples_have_no_file_in_a_line),
    };
    return RUN_TESTS(tests);
}
