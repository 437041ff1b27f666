/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in to a server: a password becomes a token, which is kept for the commands to come. */
#include "base/hash.h"
#include "cli/commands_own.h"
#include "cli/secret_input.h"
#include "cli/transport.h"
#include "client/credentials.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {

    USER_BYTES = 256,
    HOST_BYTES = 64,
    TARGET_BYTES = 128,
    REPLY_BYTES = 1024 * 1024
};

const struct param_spec login_params[] = {
    PARAM(struct login_request, url, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "the server: https://host:8443"),
    PARAM(struct login_request, user, .type = PARAM_TEXT, .help = "name of the user; asked for when missing"),
    PARAM(struct login_request, password, .type = PARAM_TEXT, .is_secret = true,
          .help = "in the first line of a file, - is standard input; asked for when missing"),
    PARAM(struct login_request, token, .type = PARAM_TEXT, .is_secret = true,
          .help = "keep this token, the first line of the file, instead of making one"),
    PARAM_END,
};

static bool ask_name(const struct cli *cli, char ret[USER_BYTES], struct error *err)
{
    if (!isatty(STDIN_FILENO) || !cli->is_error_terminal)
        return error_set(err, ERR_INVALID,
                         "nobody is there to be asked: give --user and --password-file, or --token-file");
    (void)fprintf(stderr, "user: ");
    if (!fgets(ret, USER_BYTES, stdin))
        ret[0] = '\0';
    ret[strcspn(ret, "\r\n")] = '\0';
    return ret[0] || error_set(err, ERR_INVALID, "the user's name is missing");
}

/* ---- asking the server ---- */

struct signing_in {
    struct cli *cli;
    struct client *client;
    const char *url;
    const char *password;
    char user[USER_BYTES], cookie[CLIENT_TOKEN_MAX_BYTES], csrf[USER_BYTES];
    char token[CLIENT_TOKEN_MAX_BYTES], token_id[USER_BYTES];
};

struct asked {
    const char *method, *target;
    yyjson_mut_doc *body; /* NULL: none */
};

static bool ask_server(struct signing_in *signing, const struct asked *asked, yyjson_doc **ret,
                       struct error *err)
{
    AUTO_BUFFER(body, REPLY_BYTES);
    struct client_reply reply = {0};
    if (asked->body && !json_write(asked->body, false, &body, err))
        return false;
    const struct client_request request = {.method = asked->method,
                                           .target = asked->target,
                                           .body = {body.data, body.size},
                                           .cookie = signing->cookie[0] ? signing->cookie : NULL,
                                           .csrf = signing->csrf[0] ? signing->csrf : NULL,
                                           .reply_max_bytes = REPLY_BYTES};
    bool is_done =
        client_ask(signing->client, &request, &reply, err) &&
        json_parse((struct bytes){reply.body.data, reply.body.size}, "the server's reply", ret, err);
    if (is_done && reply.cookie[0])
        (void)snprintf(signing->cookie, sizeof(signing->cookie), "%s", reply.cookie);
    if (body.data)
        sodium_memzero(body.data, body.capacity);
    buffer_release(&reply.body);
    return is_done;
}

static bool begin_session(struct signing_in *signing, struct error *err)
{
    AUTO_MUT_JSON body = yyjson_mut_doc_new(NULL);
    AUTO_JSON reply = NULL;
    yyjson_mut_val *root = yyjson_mut_obj(body);
    yyjson_mut_doc_set_root(body, root);
    (void)yyjson_mut_obj_add_str(body, root, "name", signing->user);
    (void)yyjson_mut_obj_add_str(body, root, "password", signing->password);
    const struct asked asked = {"POST", "/api/v1/session", body};
    if (!ask_server(signing, &asked, &reply, err))
        return false;
    (void)snprintf(signing->csrf, sizeof(signing->csrf), "%s",
                   json_text(yyjson_doc_get_root(reply), "csrf_token", ""));
    return true;
}

static bool make_token(struct signing_in *signing, struct error *err)
{
    char host[HOST_BYTES] = "", unique[8], name[HOST_BYTES + 32];
    AUTO_MUT_JSON body = yyjson_mut_doc_new(NULL);
    AUTO_JSON reply = NULL;
    yyjson_mut_val *root = yyjson_mut_obj(body);
    (void)gethostname(host, sizeof(host) - 1);
    id_random(unique, 6);
    (void)snprintf(name, sizeof(name), "trommel login on %s %s", host, unique);
    yyjson_mut_doc_set_root(body, root);
    (void)yyjson_mut_obj_add_str(body, root, "name", name);
    const struct asked asked = {"POST", "/api/v1/tokens", body};
    if (!ask_server(signing, &asked, &reply, err))
        return false;
    yyjson_val *shown = yyjson_doc_get_root(reply);
    (void)snprintf(signing->token, sizeof(signing->token), "%s", json_text(shown, "secret", ""));
    (void)snprintf(signing->token_id, sizeof(signing->token_id), "%s",
                   json_text(yyjson_obj_get(shown, "token"), "id", ""));
    return signing->token[0] || error_set(err, ERR_IO, "the server made no token");
}

/* The session was only the way to the token. */
static void end_session(struct signing_in *signing)
{
    struct error ignored = {0};
    AUTO_JSON reply = NULL;
    const struct asked asked = {"DELETE", "/api/v1/session", NULL};
    (void)!ask_server(signing, &asked, &reply, &ignored);
}

static bool open_server(struct signing_in *signing, const char *token, struct error *err)
{
    const struct client_options options = {.url = signing->url,
                                           .token = token,
                                           .is_secret = true,
                                           .ca_file = signing->cli->ca_file,
                                           .stop = signing->cli->environment->stop};
    signing->client = client_free(signing->client);
    return client_open(&options, &signing->client, err);
}

/* Whose the token is, in the server's words. */
static bool check_token(struct signing_in *signing, struct error *err)
{
    AUTO_JSON reply = NULL;
    const struct asked asked = {"GET", "/api/v1/session", NULL};
    signing->cookie[0] = signing->csrf[0] = '\0';
    if (!open_server(signing, signing->token, err) || !ask_server(signing, &asked, &reply, err))
        return false;
    (void)snprintf(signing->user, sizeof(signing->user), "%s",
                   json_text(yyjson_doc_get_root(reply), "user", ""));
    return true;
}

static bool sign_in_by_password(struct signing_in *signing, const struct login_request *request,
                                struct error *err)
{
    const struct cli *cli = signing->cli;
    char *typed = NULL;
    if (request->user)
        (void)snprintf(signing->user, sizeof(signing->user), "%s", request->user);
    else if (!ask_name(cli, signing->user, err))
        return false;
    if (!request->password &&
        !secret_input_ask_known(params_find(login_params, "password"), cli->arena, &typed, err))
        return false;
    signing->password = request->password ? request->password : typed;
    if (!open_server(signing, NULL, err) || !begin_session(signing, err))
        return false;
    bool is_made = make_token(signing, err);
    end_session(signing);
    return is_made;
}

static bool take_token(struct signing_in *signing, const char *token, struct error *err)
{
    size_t bytes = strlen(token);
    if (bytes >= sizeof(signing->token))
        return error_set(err, ERR_INVALID, "the token is longer than %d bytes", CLIENT_TOKEN_MAX_BYTES - 1);
    memcpy(signing->token, token, bytes + 1);
    return true;
}

static bool sign_in(struct signing_in *signing, const struct login_request *request, struct error *err)
{
    char *url = NULL;
    if (!client_check_url(request->url, signing->cli->arena, &url, err))
        return false;
    signing->url = url;
    if (!(request->token ? take_token(signing, request->token, err)
                         : sign_in_by_password(signing, request, err)) ||
        !check_token(signing, err))
        return false;
    const struct credential kept = {url, signing->token, signing->user, signing->token_id};
    return credentials_keep(signing->cli->arena, &kept, err);
}

int command_login(struct cli *cli)
{
    struct error err = {0};
    struct signing_in *signing = arena_alloc(cli->arena, sizeof(*signing));
    if (!signing)
        return (void)error_no_memory(&err), cli_fail(cli, &err);
    signing->cli = cli;
    bool is_done = sign_in(signing, cli->params, &err);
    signing->client = client_free(signing->client);
    if (is_done) {
        AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
        yyjson_mut_val *root = yyjson_mut_obj(doc);
        (void)yyjson_mut_obj_add_str(doc, root, "server", signing->url);
        (void)yyjson_mut_obj_add_str(doc, root, "user", signing->user);
        (void)yyjson_mut_obj_add_str(doc, root, "kept_in", credentials_path(cli->arena));
        output_object(cli, root, NULL);
        if (!cli->is_json && !cli->is_quiet)
            (void)fprintf(stderr, "commands ask this server now, until: trommel logout\n");
    }
    sodium_memzero(signing, sizeof(*signing));
    return is_done ? 0 : cli_fail(cli, &err);
}

/* ---- signing out ---- */

const struct param_spec logout_params[] = {
    PARAM(struct login_request, url, .type = PARAM_TEXT, .is_positional = true,
          .help = "the server; default: the one signed in to last"),
    PARAM_END,
};

/* Only tokens that were made here end with it. */
static bool end_token(struct cli *cli, const struct credential *kept, struct error *err)
{
    char target[TARGET_BYTES];
    struct signing_in *signing = arena_alloc(cli->arena, sizeof(*signing));
    AUTO_JSON reply = NULL;
    if (!kept->token_id || !kept->token_id[0])
        return true;
    if (!signing)
        return error_no_memory(err);
    signing->cli = cli;
    signing->url = kept->url;
    (void)snprintf(target, sizeof(target), "/api/v1/tokens/%.64s", kept->token_id);
    const struct asked asked = {"DELETE", target, NULL};
    bool is_done = open_server(signing, kept->token, err) && ask_server(signing, &asked, &reply, err);
    signing->client = client_free(signing->client);
    return is_done;
}

int command_logout(struct cli *cli)
{
    const struct login_request *request = cli->params;
    struct credential kept = {0};
    struct error err = {0}, gone = {0};
    char *url = NULL;
    bool was_there = false;
    if (request->url && !client_check_url(request->url, cli->arena, &url, &err))
        return cli_fail(cli, &err);
    if (!credentials_find(cli->arena, url, &kept, &err))
        return cli_fail(cli, &err);
    if (!kept.url)
        return (void)error_set(&err, ERR_NOT_FOUND, "nobody is signed in%s%s", url ? " to " : "",
                               url ? url : ""),
               cli_fail(cli, &err);
    bool is_ended = end_token(cli, &kept, &gone);
    if (!credentials_forget(cli->arena, kept.url, &was_there, &err))
        return cli_fail(cli, &err);
    if (!is_ended)
        (void)fprintf(stderr, "the token is forgotten here; the server could not be told: %s\n",
                      gone.message);
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    (void)yyjson_mut_obj_add_str(doc, root, "server", kept.url);
    (void)yyjson_mut_obj_add_bool(doc, root, "is_token_ended", is_ended && kept.token_id && kept.token_id[0]);
    output_object(cli, root, NULL);
    return 0;
}
