/* SPDX-License-Identifier: Apache-2.0 */
/* XML of strangers into a tree, and what is taken out of its elements. */
#ifndef MANIFEST_VOC_PARSE_H
#define MANIFEST_VOC_PARSE_H

#include "manifest/voc.h"

#include <libxml/tree.h>

/* Loads nothing, expands nothing; refuses a document type declaration, and what is past VOC_FILE_MAX_BYTES,
 * VOC_ELEMENTS_MAX or VOC_DEPTH_MAX before it takes memory. The caller frees *ret with xmlFreeDoc. */
MUST_CHECK bool voc_parse(struct bytes file, xmlDoc **ret, struct error *err);

/* What is being read, for messages. */
struct voc_place {
    struct arena *arena;
    size_t object; /* from 1; 0 outside objects */
};
/* "line 12: object 3: <xmin> " and the rest. Returns false. */
bool voc_refuse(const struct voc_place *place, const xmlNode *node, const char *must, struct error *err);

const char *voc_element_name(const xmlNode *node); /* NULL when the node is no element */
uint32_t voc_line_of(const xmlNode *node);
/* The element's text in the arena; "" when it has none. Refuses elements inside it and texts beyond `max`. */
MUST_CHECK bool voc_text_of(const struct voc_place *place, const xmlNode *node, size_t max, const char **ret,
                            struct error *err);
/* The same, and refuses an empty one. */
MUST_CHECK bool voc_content_of(const struct voc_place *place, const xmlNode *node, size_t max,
                               const char **ret, struct error *err);
MUST_CHECK bool voc_number_of(const struct voc_place *place, const xmlNode *node, double min, double max,
                              double *ret, struct error *err);
/* Appends the whole element, with the namespaces that it needs. */
MUST_CHECK bool voc_keep_element(const struct voc_place *place, xmlNode *node, struct buffer *into,
                                 struct error *err);

#endif
