/* SPDX-License-Identifier: Apache-2.0 */
/* What the replies about people hold. */
#include "api/native/native.h"
#include "api/native/shape_rows.h"

const struct reply_shape shape_session_shown = {
    "SessionShown",
    (const struct reply_spec[]){
        TEXT_OR_NULL("user", "name; null: whoever owns the data folder"),
        TEXT("project", "id of the caller's project"), TEXT("role", "read, label or admin"),
        TEXT("way", "how the caller showed who it is: session, token or local"),
        TEXT_OR_NULL("csrf_token", "to send as X-CSRF-Token; null: there is no session"), END}};

static const struct reply_shape user = {
    "User",
    (const struct reply_spec[]){TEXT("id", "32 hex digits"), TEXT("name", "to sign in with"),
                                TEXT("role", "read, label or admin"), TEXT("project", "id of the project"),
                                BOOL("is_disabled", "cannot sign in"), TIME("created", "when it was added"),
                                TIME("updated", "when it was changed last"), END}};
const struct reply_shape shape_users = {"Users",
                                        (const struct reply_spec[]){LIST("users", &user, "by name"), END}};
const struct reply_shape shape_user_shown = {
    "UserShown", (const struct reply_spec[]){OBJECT("user", &user, "the user"), END}};

static const struct reply_shape token = {
    "Token", (const struct reply_spec[]){TEXT("id", "32 hex digits"), TEXT("name", "what its owner calls it"),
                                         TEXT("user", "whose it is"), TEXT("role", "what it may do at most"),
                                         TEXT("project", "id of its project"),
                                         TIME("created", "when it was made"), TIME("expires", "when it ends"),
                                         TIME_OR_NULL("used", "about when it was used last"), END}};
const struct reply_shape shape_token_created = {
    "TokenCreated", (const struct reply_spec[]){OBJECT("token", &token, "the token"),
                                                TEXT("secret", "what to send; it is shown only now"), END}};
const struct reply_shape shape_tokens = {
    "Tokens", (const struct reply_spec[]){LIST("tokens", &token, "newest first"), END}};

static const struct reply_shape entry = {
    "AuditEntry",
    (const struct reply_spec[]){COUNT("id", "grows"), TIME("time", "when"),
                                TEXT_OR_NULL("user", "who; null: nobody, or whoever owns the data folder"),
                                TEXT_OR_NULL("project", "id of the caller's project; null: nobody called"),
                                TEXT("route", "what was asked: the operationId"), TEXT("subject", "of what"),
                                TEXT("address", "from where; local: in process"),
                                TEXT("outcome", "done, or the kind of error"),
                                TEXT("request_id", "as in the server's log"), END}};
const struct reply_shape shape_audit = {
    "Audit", (const struct reply_spec[]){LIST("entries", &entry, "newest first"),
                                         TEXT_OR_NULL("next_cursor", "for the next page"), END}};
