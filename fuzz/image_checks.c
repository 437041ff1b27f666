/* SPDX-License-Identifier: Apache-2.0 */
#include "image_checks.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_PIXELS_MAX = 1 << 12, FUZZ_PNG_MAX_BYTES = 1 << 18 };

static void check_boxes(const struct image *image, struct image_scratch *scratch,
                        const struct image_measures *measures)
{
    const double width = image->width, height = image->height;
    const struct image_box boxes[] = {
        {0, 0, width, height}, {-1, height / 3, width / 2, height * 2}, {width / 2, 0, width / 2, 0}};
    struct image_box_measures found[3];
    image_measure_boxes(image, boxes, 3, scratch, found);
    assert(fabs(found[0].brightness - measures->statistics.brightness) < 1e-6);
    assert(fabs(found[0].clarity - measures->statistics.clarity) < 1e-6);
    for (size_t i = 1; i < 3; i++)
        assert(found[i].brightness >= 0 && found[i].brightness <= 255.001 && isfinite(found[i].clarity));
}

static void check_measures(const struct image *image)
{
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image_measures measures;
    struct error err = {0};
    if (!scratch)
        return;
    bool done = image_measure(image, scratch, &measures, &err);
    assert(done);
    assert(measures.statistics.brightness >= 0 && measures.statistics.brightness <= 255.001);
    assert(measures.statistics.saturation >= 0 && measures.statistics.saturation <= 1.001);
    assert(isfinite(measures.statistics.colorfulness) && isfinite(measures.statistics.clarity));
    double norm = 0;
    for (size_t i = 0; i < IMAGE_APPEARANCE_LENGTH; i++)
        norm += (double)measures.appearance[i] * (double)measures.appearance[i];
    assert(fabs(norm - 1) < 1e-4);
    check_boxes(image, scratch, &measures);
}

static void check_round_trip(const struct image *image)
{
    AUTO_BUFFER(file, FUZZ_PNG_MAX_BYTES);
    struct image again = {0};
    struct image_info info;
    struct error err = {0};
    bool done = image_encode_png(image, &file, &err) &&
                image_decode((struct bytes){file.data, file.size}, NULL, &again, &info, &err);
    assert(done);
    assert(again.width == image->width && again.height == image->height);
    assert(memcmp(again.pixels, image->pixels, (size_t)image->width * image->height * 3) == 0);
    image_release(&again);
}

void check_image(struct bytes file)
{
    struct image_options options = {.pixels_max = FUZZ_PIXELS_MAX};
    struct image strict = {0}, lenient = {0};
    struct image_info info, lenient_info;
    struct error err = {0};
    bool is_decoded = image_decode(file, &options, &strict, &info, &err);
    options.accept_partial = true;
    bool is_accepted = image_decode(file, &options, &lenient, &lenient_info, &err);
    assert(!is_accepted || image_sniff(file));
    if (is_decoded) {
        /* nothing is missing, so leniency changes nothing */
        assert(is_accepted && info.warnings == lenient_info.warnings &&
               !(info.warnings & IMAGE_WARNING_PARTIAL));
        assert(strict.width == lenient.width && strict.height == lenient.height);
        assert(memcmp(strict.pixels, lenient.pixels, (size_t)strict.width * strict.height * 3) == 0);
    }
    if (is_accepted) {
        assert((uint64_t)lenient.width * lenient.height <= FUZZ_PIXELS_MAX);
        check_measures(&lenient);
        check_round_trip(&lenient);
    }
    image_release(&strict);
    image_release(&lenient);
}

void check_image_as(const char *decoder, size_t offset, struct bytes magic, struct bytes file)
{
    uint8_t *copy = file.size >= offset + magic.size ? malloc(file.size) : NULL;
    if (!copy)
        return;
    memcpy(copy, file.data, file.size);
    memcpy(copy + offset, magic.data, magic.size);
    const struct bytes made = {copy, file.size};
    const char *found = image_sniff(made);
    if (found && strcmp(found, decoder) == 0)
        check_image(made);
    free(copy);
}
