/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: sniffed, decoded strictly and leniently, measured, written as PNG and read back. */
#include "fuzz_target.h"
#include "image/image.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

enum {
    FUZZ_PIXELS_MAX = 1 << 14,
    FUZZ_PNG_MAX_BYTES = 1 << 18,
    PNG_SIGNATURE_BYTES = 8,
    PNG_CHUNK_EMPTY_BYTES = 12, /* length, name, checksum */
};

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

/* Makes the checksums of a PNG fit what the fuzzer made of its chunks, which would be refused otherwise. */
static void repair_png(uint8_t *file, size_t size)
{
    for (size_t at = PNG_SIGNATURE_BYTES; size - at >= PNG_CHUNK_EMPTY_BYTES;) {
        size_t bytes =
            (size_t)file[at] << 24 | (size_t)file[at + 1] << 16 | (size_t)file[at + 2] << 8 | file[at + 3];
        if (bytes > size - at - PNG_CHUNK_EMPTY_BYTES)
            return;
        unsigned long sum = crc32(0, file + at + 4, (unsigned int)bytes + 4);
        for (size_t i = 0; i < 4; i++)
            file[at + 8 + bytes + i] = (uint8_t)(sum >> (24 - 8 * i));
        at += PNG_CHUNK_EMPTY_BYTES + bytes;
    }
}

static void check_file(struct bytes file)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_file((struct bytes){data, size});
    const char *format = image_sniff((struct bytes){data, size});
    uint8_t *repaired = format && strcmp(format, "png") == 0 ? malloc(size) : NULL;
    if (repaired) {
        memcpy(repaired, data, size);
        repair_png(repaired, size);
        check_file((struct bytes){repaired, size});
    }
    free(repaired);
    return 0;
}
