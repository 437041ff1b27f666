/* SPDX-License-Identifier: Apache-2.0 */
/* What the replies about operations hold. */
#include "api/native/native.h"
#include "api/native/shape_rows.h"

#define OPERATION_MEMBERS                                                                                    \
    TEXT("id", "32 hex digits"),                                                                             \
        TEXT("action", "confirm, reject, mark_hard, clear_hard, exclude, include, annotate, merge, "         \
                       "rename_label, merge_labels or delete_label"),                                        \
        TEXT("state", "done or undone"), COUNT("samples", "how many it changed, added or removed"),          \
        TEXT_OR_NULL("dataset_id", "null: samples of several"),                                              \
        TEXT_OR_NULL("user", "who did it; null: whoever owns the data folder"),                              \
        TEXT("decided_by", "human, or human/NAME"), TIME("created", "when it was done"),                     \
        TIME("changed", "when it was done, undone or redone last"),                                          \
        ANY("labels", "what became of a label: from, to, and the label that is gone; null: nothing")
#define CHANGE_MEMBERS                                                                                       \
    ANY("before", "state, marks and annotations before; null: it was not there"),                            \
        ANY("after", "the same after; null: it is gone"),                                                    \
        COUNT("revision_before", "of the sample; 0: it was not there"),                                      \
        COUNT("revision_after", "of the sample; 0: it is gone")

static const struct reply_shape operation = {"Operation",
                                             (const struct reply_spec[]){OPERATION_MEMBERS, END}};
static const struct reply_shape change = {
    "OperationChange", (const struct reply_spec[]){TEXT("sample", "id of the sample"), CHANGE_MEMBERS, END}};
static const struct reply_shape event = {"SampleEvent",
                                         (const struct reply_spec[]){OPERATION_MEMBERS, CHANGE_MEMBERS, END}};

const struct reply_shape shape_operations = {
    "Operations", (const struct reply_spec[]){LIST("operations", &operation, "newest first"),
                                              TEXT_OR_NULL("next_cursor", "for the next page"), END}};
const struct reply_shape shape_operation_shown = {
    "OperationShown", (const struct reply_spec[]){OBJECT("operation", &operation, "the operation"),
                                                  LIST("changes", &change, "one page, by sample"),
                                                  TEXT_OR_NULL("next_cursor", "for the next page"), END}};
const struct reply_shape shape_operation_turned = {
    "OperationTurned",
    (const struct reply_spec[]){OBJECT("operation", &operation, "as it is now"),
                                COUNT("done", "samples undone or redone"),
                                COUNT("conflicts", "samples that were changed since"),
                                MEMBER("conflict_ids", ANY, "ids of the first 1000 of these"), END}};
const struct reply_shape shape_sample_history = {
    "SampleHistory", (const struct reply_spec[]){TEXT("sample", "id of the sample"),
                                                 LIST("history", &event, "newest first, 1000 at most"), END}};
