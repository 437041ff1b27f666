/* SPDX-License-Identifier: Apache-2.0 */
/* Lines with annotation files, in a dataset of boxes. Include after dataset_fixture.h. */
#ifndef TESTS_BOXES_FIXTURE_H
#define TESTS_BOXES_FIXTURE_H

#include "dataset_fixture.h"

#include <string.h>

#define SHAPE(x0, y0, x1, y1)                                                                                \
    "{\"@modelarts:shape\":\"bndbox\",\"@modelarts:feature\":[[" #x0 "," #y0 "],[" #x1 "," #y1 "]]}"

static inline int set_up_boxes(void **state)
{
    int code = set_up(state);
    struct fixture *fixture = *state;
    fixture->dataset = new_dataset(fixture, "boxes", DATASET_TYPE_DETECTION);
    return code;
}
#define BOXES_TEST(function) cmocka_unit_test_setup_teardown(function, set_up_boxes, tear_down)

static inline struct voc *read_voc(struct fixture *fixture, const char *text)
{
    struct voc *voc = arena_alloc(fixture->arena, sizeof(*voc));
    ASSERT_DONE(fixture, voc_read((struct bytes){text, strlen(text)}, fixture->arena, voc, &fixture->err));
    return voc;
}

static inline bool read_with(struct fixture *fixture, const char *line, const char *file, bool is_final,
                             struct sample_new *ret)
{
    struct manifest_sample *read = arena_alloc(fixture->arena, sizeof(*read));
    const struct sample_reading reading = {DATASET_TYPE_DETECTION, is_final,
                                           file ? read_voc(fixture, file) : NULL};
    ASSERT_DONE(fixture,
                manifest_line_read((struct bytes){line, strlen(line)}, fixture->arena, read, &fixture->err));
    return sample_of_manifest(read, &reading, fixture->arena, ret, &fixture->err);
}

static inline struct sample_new sample_with(struct fixture *fixture, const char *line, const char *file)
{
    struct sample_new sample;
    ASSERT_DONE(fixture, read_with(fixture, line, file, true, &sample));
    return sample;
}

#define LINE(members)                                                                                        \
    "{\"source\":\"/in/1.jpg\",\"annotation\":[{\"type\":\"modelarts/object_detection\",\"annotation-loc\":" \
    "\"/1.xml\"" members "}]}"
#define BOX(x0, y0, x1, y1)                                                                                  \
    "<bndbox><xmin>" #x0 "</xmin><ymin>" #y0 "</ymin><xmax>" #x1 "</xmax><ymax>" #y1 "</ymax></bndbox>"
#define CAR(more) "<object><name>car</name>" BOX(1, 2, 30, 40) more "</object>"
#define FILE_OF(more) "<annotation><size><width>64</width><height>48</height></size>" more "</annotation>"

#endif
