/* SPDX-License-Identifier: Apache-2.0 */
/* What the replies about operations hold. */
#include "api/native/native.h"

#define MEMBER(member, kind, phrase)                                                                         \
    {                                                                                                        \
        .name = (member), .type = (kind), .help = (phrase)                                                   \
    }
#define MEMBER_OR_NULL(member, kind, phrase)                                                                 \
    {                                                                                                        \
        .name = (member), .type = (kind), .is_nullable = true, .help = (phrase)                              \
    }
#define INNER(member, kind, of, phrase)                                                                      \
    {                                                                                                        \
        .name = (member), .type = (kind), .shape = (of), .help = (phrase)                                    \
    }
#define END                                                                                                  \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

#define OPERATION_MEMBERS                                                                                    \
    MEMBER("id", REPLY_TEXT, "32 hex digits"),                                                               \
        MEMBER("action", REPLY_TEXT,                                                                         \
               "confirm, reject, mark_hard, clear_hard, exclude, include or annotate"),                      \
        MEMBER("state", REPLY_TEXT, "done or undone"),                                                       \
        MEMBER("samples", REPLY_COUNT, "how many it changed"),                                               \
        MEMBER_OR_NULL("dataset_id", REPLY_TEXT, "null: samples of several"),                                \
        MEMBER_OR_NULL("user", REPLY_TEXT, "who did it; null: whoever owns the data folder"),                \
        MEMBER("decided_by", REPLY_TEXT, "human, or human/NAME"),                                            \
        MEMBER("created", REPLY_TIME, "when it was done"),                                                   \
        MEMBER("changed", REPLY_TIME, "when it was done, undone or redone last")
#define CHANGE_MEMBERS                                                                                       \
    MEMBER_OR_NULL("before", REPLY_ANY, "state, marks and annotations before"),                              \
        MEMBER_OR_NULL("after", REPLY_ANY, "state, marks and annotations after"),                            \
        MEMBER("revision_before", REPLY_COUNT, "of the sample"),                                             \
        MEMBER("revision_after", REPLY_COUNT, "of the sample")

static const struct reply_shape operation = {"Operation",
                                             (const struct reply_spec[]){OPERATION_MEMBERS, END}};
static const struct reply_shape change = {
    "OperationChange",
    (const struct reply_spec[]){MEMBER("sample", REPLY_TEXT, "id of the sample"), CHANGE_MEMBERS, END}};
static const struct reply_shape event = {"SampleEvent",
                                         (const struct reply_spec[]){OPERATION_MEMBERS, CHANGE_MEMBERS, END}};

const struct reply_shape shape_operations = {
    "Operations",
    (const struct reply_spec[]){INNER("operations", REPLY_LIST, &operation, "newest first"),
                                MEMBER_OR_NULL("next_cursor", REPLY_TEXT, "for the next page"), END}};
const struct reply_shape shape_operation_shown = {
    "OperationShown",
    (const struct reply_spec[]){INNER("operation", REPLY_OBJECT, &operation, "the operation"),
                                INNER("changes", REPLY_LIST, &change, "one page, by sample"),
                                MEMBER_OR_NULL("next_cursor", REPLY_TEXT, "for the next page"), END}};
const struct reply_shape shape_operation_turned = {
    "OperationTurned",
    (const struct reply_spec[]){INNER("operation", REPLY_OBJECT, &operation, "as it is now"),
                                MEMBER("done", REPLY_COUNT, "samples undone or redone"),
                                MEMBER("conflicts", REPLY_COUNT, "samples that were changed since"),
                                MEMBER("conflict_ids", REPLY_ANY, "ids of the first 1000 of these"), END}};
const struct reply_shape shape_sample_history = {
    "SampleHistory",
    (const struct reply_spec[]){MEMBER("sample", REPLY_TEXT, "id of the sample"),
                                INNER("history", REPLY_LIST, &event, "newest first, 1000 at most"), END}};
