/* SPDX-License-Identifier: Apache-2.0 */
/* What the demo found: kept in its folder, read again, and told in words. */
#ifndef DEMO_DEMO_SUMMARY_H
#define DEMO_DEMO_SUMMARY_H

#include "base/json.h"
#include "demo/demo.h"

#define DEMO_SERVICE "garments-nightly"
#define DEMO_TRAINING "garments-train"
#define DEMO_TRAINING_VERSION "garments-train@V001"
#define DEMO_HARD "garments-hard"
/* Only the demo's own folder has it; "{}" until the demo has come to its end. */
#define DEMO_MARKER "demo.json"

void demo_summary_say(const char *folder, const struct demo_score *ours, const struct demo_score *plain);
MUST_CHECK bool demo_summary_keep(const char *folder, yyjson_mut_doc *summary, struct error *err);
/* ERR_NOT_FOUND: no demo there, or it did not come to its end. */
MUST_CHECK bool demo_summary_read(const char *folder, yyjson_doc **ret, struct demo_score *ret_ours,
                                  struct demo_score *ret_plain, struct error *err);

#endif
