/* SPDX-License-Identifier: Apache-2.0 */
/* Card: reading, checking and writing a model card, and what preprocessing and adapters want to know of it.
 */
#ifndef MODEL_CARD_H
#define MODEL_CARD_H

#include "infer/adapter.h"
#include "model/model.h"

/* The members of a card file overridden by those of another object; either may be NULL. The document is the
 * caller's. */
MUST_CHECK bool card_merge(yyjson_val *file, yyjson_val *overrides, yyjson_doc **ret, struct error *err);
/* Checks labels (UTF-8, 1 to MODEL_LABEL_MAX_CHARACTERS, no control characters) and makes them unique: of
 * classes with the same name the later ones get their number, "crane (517)". *ret_renamed counts these. */
MUST_CHECK bool card_settle_labels(struct param_list *labels, struct arena *arena, size_t *ret_renamed,
                                   struct error *err);
/* Everything the card says of pixels; the card must be complete. ERR_INVALID names the member. */
MUST_CHECK bool card_preprocess(const struct model_card *card, enum element_type element,
                                struct preprocess_options *ret, struct error *err);
/* Everything the card says to its adapter. ERR_INVALID names the member. */
MUST_CHECK bool card_adapter_options(const struct model_card *card, struct adapter_options *ret,
                                     struct error *err);
bool card_is_detector(const struct model_card *card);
/* As JSON; members that only detectors have are left out for others. */
MUST_CHECK bool card_write(const struct model_card *card, struct buffer *into, struct error *err);
/* Text with one label per line; empty lines at the end do not count. */
MUST_CHECK bool card_read_labels(struct bytes text, struct arena *arena, struct param_list *ret,
                                 struct error *err);

#endif
