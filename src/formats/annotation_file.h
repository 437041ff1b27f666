/* SPDX-License-Identifier: Apache-2.0 */
/* Annotation files that the lines of a manifest name. */
#ifndef FORMATS_ANNOTATION_FILE_H
#define FORMATS_ANNOTATION_FILE_H

#include "base/roots.h"
#include "manifest/voc.h"
#include "store/store.h"

struct annotation_files {
    const struct roots *roots; /* NULL: not confined */
    const char *folder;        /* absolute, of the manifest: relative names start there */
    struct store *root;
    struct buffer file; /* the bytes of the last one */
};
MUST_CHECK bool annotation_files_open(const struct roots *roots, const char *folder,
                                      struct annotation_files *ret, struct error *err);
void annotation_files_release(struct annotation_files *files);

/* `loc` is a path as a source is: absolute, file:// or relative to the manifest. What cannot be found there,
 * lies in a store that cannot be reached or outside of the roots, is looked for in annotation/ beside the
 * manifest, where a published version has it: so a version may be copied, or moved with its data folder.
 * *ret_path, in the arena, is the file that was read. Errors name it. */
MUST_CHECK bool annotation_file_read(struct annotation_files *files, const char *loc, struct arena *arena,
                                     struct voc *ret, const char **ret_path, struct error *err);

#endif
