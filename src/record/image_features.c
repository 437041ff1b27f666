/* SPDX-License-Identifier: Apache-2.0 */
#include "record/image_features.h"

#include <math.h>

void record_image_features(const struct image_statistics *measured, double ret[FEATURE_COUNT])
{
    for (int i = 0; i < FEATURE_COUNT; i++)
        ret[i] = (double)NAN;
    ret[FEATURE_RESOLUTION] = measured->resolution;
    ret[FEATURE_ASPECT_RATIO] = measured->aspect_ratio;
    ret[FEATURE_BRIGHTNESS] = measured->brightness;
    ret[FEATURE_SATURATION] = measured->saturation;
    ret[FEATURE_COLORFULNESS] = measured->colorfulness;
    ret[FEATURE_CLARITY] = measured->clarity;
}

void record_measure_boxes(const struct image *image, struct image_scratch *scratch, struct candidate *boxes,
                          size_t count, struct image_box *edges, struct image_box_measures *measures)
{
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct box *box = &boxes[i].box;
        edges[i] = (struct image_box){(double)box->x_min, (double)box->y_min, (double)box->x_max,
                                      (double)box->y_max};
    }
    image_measure_boxes(image, edges, count, scratch, measures);
    for (size_t i = 0; i < count; i++) {
        boxes[i].brightness = (float)measures[i].brightness;
        boxes[i].clarity = (float)measures[i].clarity;
    }
}
