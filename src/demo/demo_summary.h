/* SPDX-License-Identifier: Apache-2.0 */
/* What the demo found: kept in its folder, read again, and told in words. */
#ifndef DEMO_DEMO_SUMMARY_H
#define DEMO_DEMO_SUMMARY_H

#include "demo/demo_road.h"

/* Only the demo's own folder has it; "{}" until the demo has come to its end. */
#define DEMO_MARKER "demo.json"
/* Where the second road of one demo goes in the summary; the first fills the summary itself. */
#define DEMO_SECOND "detection"

/* Adds a finished road to the summary, an object. */
void demo_summary_add(yyjson_mut_doc *summary, const struct demo_road *road);
void demo_summary_say(const char *folder, yyjson_mut_val *summary);
MUST_CHECK bool demo_summary_keep(const char *folder, yyjson_mut_doc *summary, struct error *err);
/* ERR_NOT_FOUND: no demo there, or it did not come to its end. */
MUST_CHECK bool demo_summary_read(const char *folder, yyjson_mut_doc **ret, struct error *err);

#endif
