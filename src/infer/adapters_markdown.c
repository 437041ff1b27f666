/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/adapter.h"

#include <math.h>

static const char intro[] =
    "# Adapters: which outputs can be read\n"
    "\n"
    "Made by `make docs` from the rows in src/infer/; do not edit.\n"
    "\n"
    "A model's file does not say what its outputs mean. The importer compares their "
    "names and shapes with the table, takes the first adapter\n"
    "that is certain, or else the only one that may fit, and prints which and why; "
    "`adapter`, `outputs` and `output_kind` of the model card say\n"
    "otherwise. \"Tensor\" is the model's input.\n"
    "\n"
    "What goes in is settled in this order, and each answer says which it was: what the "
    "card or a flag says; the file's metadata\n"
    "(`preprocess`, or what Ultralytics' exports tell by `imgsz`, `stride`, `task` and "
    "`names`); the graph (shapes, first operators, their\n"
    "constants); the usual input below. A model of another task (segment, pose, obb), "
    "outputs that nobody knows, and outputs that several may\n"
    "read are refused with what to set.\n"
    "\n"
    "Detectors give every candidate from `candidate_floor` on, with the scores of all "
    "classes where the graph still has them. One place of the\n"
    "output gives one candidate, of its best class. Where the graph does not suppress by "
    "itself, Trommel does, class by class: of boxes that\n"
    "overlap more than `nms_iou` only the best stays, ties going to the lower class, "
    "then to the earlier place. Boxes are clipped to the image.\n"
    "\n";

static void add_channels(const char *what, const double values[PREPROCESS_CHANNELS_MAX], double plain,
                         struct buffer *into)
{
    bool is_plain = true;
    for (int c = 0; c < PREPROCESS_CHANNELS_MAX; c++)
        is_plain = is_plain && !(fabs(values[c] - plain) > 0);
    if (!is_plain)
        (void)buffer_printf(into, ", %s %g %g %g", what, values[0], values[1], values[2]);
}

static void add_convention(const struct adapter_convention *convention, struct buffer *into)
{
    if (!convention->resize) {
        (void)buffer_add_text(into, "differs from model to model");
        return;
    }
    (void)buffer_printf(into, "%s%s%s, %s, ", convention->resize, convention->pad_place ? " " : "",
                        convention->pad_place ? convention->pad_place : "", convention->color);
    double divisor = 1 / convention->scale;
    if (fabs(divisor - 1) > 0)
        (void)buffer_printf(into, "pixel / %g", divisor);
    else
        (void)buffer_add_text(into, "pixels as they are");
    add_channels("mean", convention->mean, 0, into);
    add_channels("std", convention->std, 1, into);
}

bool adapters_markdown(struct buffer *into, struct error *err)
{
    (void)buffer_add_text(into, intro);
    (void)buffer_add_text(into,
                          "| adapter | outputs, and which label a class has | usual input | checked with |\n"
                          "| --- | --- | --- | --- |\n");
    for (size_t i = 0; all_adapters[i]; i++) {
        const struct adapter *adapter = all_adapters[i];
        (void)buffer_printf(into, "| `%s` | %s | ", adapter->name, adapter->summary);
        add_convention(&adapter->convention, into);
        (void)buffer_printf(into, " | %s |\n", adapter->checked_with);
    }
    return buffer_check(into, "the table of adapters", err);
}
