/* SPDX-License-Identifier: Apache-2.0 */
/* What the replies about people hold. */
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

const struct reply_shape shape_session_shown = {
    "SessionShown",
    (const struct reply_spec[]){
        MEMBER_OR_NULL("user", REPLY_TEXT, "name; null: whoever owns the data folder"),
        MEMBER("project", REPLY_TEXT, "id of the caller's project"),
        MEMBER("role", REPLY_TEXT, "read, label or admin"),
        MEMBER("way", REPLY_TEXT, "how the caller showed who it is: session, token or local"),
        MEMBER_OR_NULL("csrf_token", REPLY_TEXT, "to send as X-CSRF-Token; null: there is no session"), END}};

static const struct reply_shape user = {
    "User", (const struct reply_spec[]){MEMBER("id", REPLY_TEXT, "32 hex digits"),
                                        MEMBER("name", REPLY_TEXT, "to sign in with"),
                                        MEMBER("role", REPLY_TEXT, "read, label or admin"),
                                        MEMBER("project", REPLY_TEXT, "id of the project"),
                                        MEMBER("is_disabled", REPLY_BOOL, "cannot sign in"),
                                        MEMBER("created", REPLY_TIME, "when it was added"),
                                        MEMBER("updated", REPLY_TIME, "when it was changed last"), END}};
const struct reply_shape shape_users = {
    "Users", (const struct reply_spec[]){INNER("users", REPLY_LIST, &user, "by name"), END}};
const struct reply_shape shape_user_shown = {
    "UserShown", (const struct reply_spec[]){INNER("user", REPLY_OBJECT, &user, "the user"), END}};

static const struct reply_shape token = {
    "Token",
    (const struct reply_spec[]){
        MEMBER("id", REPLY_TEXT, "32 hex digits"), MEMBER("name", REPLY_TEXT, "what its owner calls it"),
        MEMBER("user", REPLY_TEXT, "whose it is"), MEMBER("role", REPLY_TEXT, "what it may do at most"),
        MEMBER("project", REPLY_TEXT, "id of its project"), MEMBER("created", REPLY_TIME, "when it was made"),
        MEMBER("expires", REPLY_TIME, "when it ends"),
        MEMBER_OR_NULL("used", REPLY_TIME, "about when it was used last"), END}};
const struct reply_shape shape_token_created = {
    "TokenCreated",
    (const struct reply_spec[]){INNER("token", REPLY_OBJECT, &token, "the token"),
                                MEMBER("secret", REPLY_TEXT, "what to send; it is shown only now"), END}};
const struct reply_shape shape_tokens = {
    "Tokens", (const struct reply_spec[]){INNER("tokens", REPLY_LIST, &token, "newest first"), END}};

static const struct reply_shape entry = {
    "AuditEntry",
    (const struct reply_spec[]){
        MEMBER("id", REPLY_COUNT, "grows"), MEMBER("time", REPLY_TIME, "when"),
        MEMBER_OR_NULL("user", REPLY_TEXT, "who; null: nobody, or whoever owns the data folder"),
        MEMBER_OR_NULL("project", REPLY_TEXT, "id of the caller's project; null: nobody called"),
        MEMBER("route", REPLY_TEXT, "what was asked: the operationId"),
        MEMBER("subject", REPLY_TEXT, "of what"),
        MEMBER("address", REPLY_TEXT, "from where; local: in process"),
        MEMBER("outcome", REPLY_TEXT, "done, or the kind of error"),
        MEMBER("request_id", REPLY_TEXT, "as in the server's log"), END}};
const struct reply_shape shape_audit = {
    "Audit",
    (const struct reply_spec[]){INNER("entries", REPLY_LIST, &entry, "newest first"),
                                MEMBER_OR_NULL("next_cursor", REPLY_TEXT, "for the next page"), END}};
