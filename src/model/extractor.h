/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extractor: a frozen ONNX model that describes images by a vector, whatever it was trained for: a second
 * opinion on what images are like. It is an imported model, or a file beside which model.json may lie; pixels
 * become its input as an imported model's do, and a file is read under the same limits, with the same errors.
 *
 * The vector is the card's `embedding`; else of an imported model its first output, of a file what
 * guess_extractor finds. A tensor of two dimensions is taken as it is, of one of four the mean over height
 * and width; then it is brought to L2 norm 1.
 *
 * Threads: an open extractor is shared; a scratch belongs to one thread.
 */
#ifndef MODEL_EXTRACTOR_H
#define MODEL_EXTRACTOR_H

#include "base/hash.h"
#include "model/model.h"

enum { EXTRACTOR_VERSION = 1 }; /* another one when the same file gives other vectors */

struct model_extractor_source {
    struct store *data;                  /* that holds imported models */
    const struct model *model;           /* NULL: the file */
    const char *path;                    /* of the file, absolute and clean */
    const struct roots *roots;           /* what it must lie in; NULL: not confined */
    const struct engine_backend *engine; /* NULL: ONNX Runtime */
};
/* What the vectors depend on: a hash of the file's content and its card, as text. Reads a file, but not an
 * imported model. Errors of files: ERR_NOT_FOUND, ERR_DENIED, ERR_LIMIT. */
MUST_CHECK bool model_extractor_key(const struct model_extractor_source *source, char ret_key[HASH_HEX_BYTES],
                                    struct error *err);

struct model_extractor;
struct model_extractor_scratch;
/* Ends with a warm-up on two images. DETAIL_MODEL_UNUSABLE says what to set. */
MUST_CHECK bool model_extractor_open(const struct model_extractor_source *source,
                                     struct model_extractor **ret, struct error *err);
struct model_extractor *model_extractor_free(struct model_extractor *extractor);
uint32_t model_extractor_length(const struct model_extractor *extractor); /* 2 to PREDICTION_EMBEDDING_MAX */

MUST_CHECK bool model_extractor_scratch_new(const struct model_extractor *extractor,
                                            struct model_extractor_scratch **ret, struct error *err);
struct model_extractor_scratch *model_extractor_scratch_free(struct model_extractor_scratch *scratch);
/* Writes the image's vector, `length` numbers of L2 norm 1, or zeros where the model gives zeros. Numbers
 * that are not finite are ERR_INVALID. */
MUST_CHECK bool model_extract(struct model_extractor_scratch *scratch, const struct image *image, float *ret,
                              struct error *err);

DEFINE_AUTO(model_extractor)
DEFINE_AUTO(model_extractor_scratch)

#endif
