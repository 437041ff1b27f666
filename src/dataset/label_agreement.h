/* SPDX-License-Identifier: Apache-2.0 */
/* Label agreement: whether two samples say the same of an image. Pure. */
#ifndef DATASET_LABEL_AGREEMENT_H
#define DATASET_LABEL_AGREEMENT_H

#include "dataset/dataset.h"

/* Formats of datasets round coordinates, each in its own way. */
#define LABEL_AGREEMENT_PX 1.0

/* Of two labeled samples of one type: the same classes in any order; of boxes and other shapes, each has one
 * of its own in the other sample, of the same label and kind, every number of which differs by at most
 * LABEL_AGREEMENT_PX. Attributes, times and who said it do not matter. Fails only when memory is out. */
MUST_CHECK bool labels_agree(const struct sample *one, const struct sample *other, struct arena *arena,
                             bool *ret, struct error *err);

#endif
