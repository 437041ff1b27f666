/* SPDX-License-Identifier: Apache-2.0 */
/* Runner: what model_runner_open and the import share: a session made from bytes and a complete card. */
#ifndef MODEL_RUNNER_H
#define MODEL_RUNNER_H

#include "infer/adapter.h"
#include "infer/onnx_file.h"
#include "model/model.h"

/* The card must be complete and outlive the runner. `file` is the ONNX file, read from `bytes`; the
 * embedding's name is appended to `bytes`, which may go away afterwards. Ends with a warm-up inference, which
 * gives the shape. */
MUST_CHECK bool runner_new(const struct engine_backend *engine, const struct model_card *card,
                           const struct onnx_file *file, struct buffer *bytes, struct model_runner **ret,
                           struct error *err);
/* The stored file of a model; ERR_INVALID: it has changed since the import. */
MUST_CHECK bool runner_read_file(struct store *data, const struct model *model, struct buffer *bytes,
                                 struct error *err);
/* What turns pixels into the input that the card names. DETAIL_MODEL_UNUSABLE: there is none, or it takes
 * another shape. */
MUST_CHECK bool runner_prepare_input(const struct engine_model *engine, const struct model_card *card,
                                     struct preprocess *ret, struct error *err);
/* The runner frees the arena at its end. */
void runner_keep_arena(struct model_runner *runner, struct arena *arena);
/* A picture with edges, gradients and noise, the same for the same seed; its size is no multiple of the
 * input's. */
MUST_CHECK bool runner_synthetic_image(const struct model_card *card, uint32_t seed, struct image *into,
                                       struct error *err);
/* The scores as the graph gave them in the scratch's last run. */
const struct tensor *runner_raw_scores(const struct model_scratch *scratch);

#endif
