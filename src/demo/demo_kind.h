/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The demo walks the same road once per kind of model. A kind brings its images, its names, and the truth:
 * what a person would answer, and which predictions are wrong. The table is in demo_kinds.c.
 */
#ifndef DEMO_DEMO_KIND_H
#define DEMO_DEMO_KIND_H

#include "base/json.h"
#include "demo/demo.h"
#include "evaluate/ranking.h"
#include "manifest/manifest.h"
#include "record/record.h"

enum { DEMO_SCORES_MAX = 8 };

/* What is known of the images that a kind has made. */
struct demo_data {
    const char *folder;        /* of the demo */
    const char *const *labels; /* DEMO_CLASSES names */
    uint32_t stream_images;
    void *truth; /* the kind's own; freed with free() */
};

/* A list that the demo's own is compared with: sorted by what people can already see of a prediction. */
struct demo_rival {
    const char *key;   /* of the summary: "precision_of_KEY" */
    const char *title; /* at most 26 characters */
    /* Larger is harder. */
    double (*hardness)(const struct record_header *header, const struct record *record);
};

struct demo_kind {
    const char *type;                      /* "cls", "det"; of the datasets too */
    const char *model;                     /* demo/MODEL.onnx, and the name it gets */
    const char *script;                    /* that trained it */
    const char *service, *training, *hard; /* names of what the demo makes */
    const char *images;        /* folder below the demo's, with train/, train.manifest and stream/ */
    uint32_t stream_images;    /* unless told */
    const char *making, *made; /* what images, in words; how the stream was disturbed */
    uint32_t training_images;
    const char *wrong;               /* what is counted as wrong: "predictions are wrong" */
    const char *correction;          /* what to type where a suggestion is wrong */
    const struct demo_rival *rivals; /* at most DEMO_SCORES_MAX - 1; ends with a NULL key */

    /* Writes the images and lists and fills data->truth. */
    MUST_CHECK bool (*make)(struct demo_data *data, struct error *err);
    /* The answer of a person who sees the sample, as members of a samples.decide request: action, and what is
     * right where the suggestion is not. ERR_INVALID: not an image of the demo. */
    MUST_CHECK bool (*answer)(const struct demo_data *data, yyjson_mut_val *sample, yyjson_mut_doc *doc,
                              yyjson_mut_val *request, bool *ret_is_right, struct error *err);
    /* Is anything wrong with what the model said of this image? */
    MUST_CHECK bool (*is_wrong)(const struct demo_data *data, const struct record_header *header,
                                const struct record *record, bool *ret, struct error *err);
};
extern const struct demo_kind demo_garments, demo_scenes;
extern const struct demo_kind *const demo_kinds[]; /* NULL-ended, in the order of walking */

/* Number of a stream image by its file name, NNNNN.png with first <= N < first + count. */
bool demo_image_number(const char *source, uint32_t first, uint32_t count, uint32_t *ret);

/* A line of the training manifest: what a person said of an image. Type and content are the caller's; the
 * rest of the annotation is filled. */
MUST_CHECK bool demo_training_line(const char *source, const struct manifest_annotation *said,
                                   struct buffer *into, struct error *err);

#endif
