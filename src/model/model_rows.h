/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the model table, for the import. */
#ifndef MODEL_MODEL_ROWS_H
#define MODEL_MODEL_ROWS_H

#include "model/model.h"

/* ERR_CONFLICT DETAIL_MODEL_EXISTS: this name has this version. */
MUST_CHECK bool model_rows_check_free(struct db *db, const char *project_id, struct arena *arena,
                                      const char *name, const char *version, struct error *err);
/* Writes the row; a NULL version becomes the next free 0.0.N. */
MUST_CHECK bool model_rows_insert(struct db *db, struct arena *arena, const struct model *model,
                                  struct model *ret, struct error *err);

#endif
