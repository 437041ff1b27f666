/* SPDX-License-Identifier: Apache-2.0 */
#include "work/import_filter.h"

#include <string.h>

const struct param_spec import_settings_params[] = {
    PARAM(struct import_settings, format, .type = PARAM_CHOICE, .choices = format_names,
          .help = "form of the files; default: told by their content"),
    PARAM(struct import_settings, images, .type = PARAM_TEXT, .path = PARAM_PATH, .value_name = "DIR",
          .help = "folder in which names of images begin, when they are not beside the file"),
    PARAM(struct import_settings, difficult_only, .type = PARAM_BOOL,
          .help = "only samples that are hard, or have a difficult box"),
    PARAM(struct import_settings, include_labels, .type = PARAM_LIST, .value_name = "A,B,...",
          .help = "only these labels, and samples that have one of them"),
    PARAM(struct import_settings, exclude_labels, .type = PARAM_LIST, .value_name = "A,B,...",
          .help = "not these labels, and no samples that have only such"),
    PARAM_END,
};

static bool is_in(const struct param_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return false;
}

static bool is_wanted(const struct import_settings *settings, const char *label)
{
    return (settings->include_labels.count == 0 || is_in(&settings->include_labels, label)) &&
           !is_in(&settings->exclude_labels, label);
}

static bool is_hard(const struct format_item *item, const struct voc *voc)
{
    bool hard = item->sample.hard == MANIFEST_HARD_YES;
    for (size_t i = 0; item->sample.hard == MANIFEST_HARD_UNKNOWN && i < item->sample.annotation_count; i++)
        hard = hard || item->sample.annotations[i].hard == MANIFEST_HARD_YES;
    for (size_t i = 0; voc && i < voc->object_count; i++)
        hard = hard || (voc->objects[i].difficult && strcmp(voc->objects[i].difficult, "1") == 0);
    return hard;
}

bool import_is_filtered(const struct import_settings *settings)
{
    return settings->difficult_only || settings->include_labels.count > 0 ||
           settings->exclude_labels.count > 0;
}

/* How many are left. */
static size_t filter_objects(const struct import_settings *settings, struct voc *voc)
{
    size_t kept = 0;
    for (size_t i = 0; i < voc->object_count; i++)
        if (is_wanted(settings, voc->objects[i].name))
            voc->objects[kept++] = voc->objects[i];
    voc->object_count = kept;
    return kept;
}

static size_t filter_classes(const struct import_settings *settings, struct manifest_sample *sample)
{
    size_t kept = 0;
    for (size_t i = 0; i < sample->annotation_count; i++)
        if (!sample->annotations[i].name || is_wanted(settings, sample->annotations[i].name))
            sample->annotations[kept++] = sample->annotations[i];
    sample->annotation_count = kept;
    return kept;
}

bool import_filter(const struct import_settings *settings, struct format_item *item, struct voc *voc)
{
    if (settings->difficult_only && !is_hard(item, voc))
        return false;
    if (settings->include_labels.count == 0 && settings->exclude_labels.count == 0)
        return true;
    size_t had = voc ? voc->object_count : item->sample.annotation_count;
    size_t left = voc ? filter_objects(settings, voc) : filter_classes(settings, &item->sample);
    return left > 0 || (had == 0 && settings->include_labels.count == 0);
}
