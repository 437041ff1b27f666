/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/local_socket.h"
#include "base/text.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { HEADER_BYTES = 64 + CLIENT_TOKEN_MAX_BYTES, RETRY_MS = 200, LOOK_MS = 50, STATUS_BAD = 400 };

struct client {
    CURL *curl;
    struct client_options options;
    char name[CLIENT_URL_MAX_BYTES], url[CLIENT_URL_MAX_BYTES];
    char *token, *ca_file;
    int folder;     /* of the socket; -1: by network */
    bool is_direct; /* to this machine itself, in the clear: no proxy may hear it */
};

struct exchange_in_hand {
    struct client *client;
    const struct client_request *request;
    struct client_reply *reply;
    uint64_t retry_after_seconds;
    bool is_too_long, has_taken; /* the last: some of the reply was given away */
};

const char *client_name(const struct client *client)
{
    return client->name;
}

void client_new_key(char ret[CLIENT_KEY_BYTES])
{
    (void)snprintf(ret, CLIENT_KEY_BYTES, "cli-");
    id_random_hex(ret + 4);
}

/* ---- URLs ---- */

static bool url_part(CURLU *url, CURLUPart part, char **ret)
{
    return curl_url_get(url, part, ret, 0) == CURLUE_OK;
}

static bool check_parts(CURLU *url, const char *text, struct error *err)
{
    static const struct {
        CURLUPart part;
        const char *what;
    } refused[] = {{CURLUPART_USER, "a user"},
                   {CURLUPART_PASSWORD, "a password"},
                   {CURLUPART_QUERY, "a query"},
                   {CURLUPART_FRAGMENT, "a fragment"}};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        char *value = NULL;
        bool is_there = url_part(url, refused[i].part, &value);
        curl_free(value);
        if (is_there)
            return error_set(err, ERR_INVALID, "the URL of a server holds no %s", refused[i].what + 2);
    }
    if (text_starts_with(text, "http://") || text_starts_with(text, "https://"))
        return true;
    return error_set(err, ERR_INVALID, "the URL of a server begins with http:// or https://, not '%.80s'",
                     text);
}

bool client_check_url(const char *text, struct arena *arena, char **ret, struct error *err)
{
    CURLU *url = curl_url();
    if (!url)
        return error_no_memory(err);
    bool is_url = strlen(text) < CLIENT_URL_MAX_BYTES / 2 &&
                  curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
    bool is_fine = (is_url || error_set(err, ERR_INVALID,
                                        "'%.80s' is no URL of a server, like https://host:8443", text)) &&
                   check_parts(url, text, err);
    curl_url_cleanup(url);
    if (!is_fine)
        return false;
    size_t bytes = strlen(text);
    while (bytes > 0 && text[bytes - 1] == '/')
        bytes--;
    *ret = arena_text_n(arena, text, bytes);
    return *ret || error_no_memory(err);
}

/* Nobody else hears what is said to this machine itself. */
static bool is_private(const char *text)
{
    CURLU *url = curl_url();
    char *host = NULL, *scheme = NULL;
    bool is_fine = url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                   url_part(url, CURLUPART_HOST, &host) && url_part(url, CURLUPART_SCHEME, &scheme);
    is_fine = is_fine &&
              (strcmp(scheme, "https") == 0 || strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
               (text_starts_with(host, "127.") && strspn(host, "0123456789.") == strlen(host)));
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(url);
    return is_fine;
}

/* ---- opening ---- */

static bool copy_texts(struct client *client, const struct client_options *options, struct error *err)
{
    client->token = options->token ? strdup(options->token) : NULL;
    client->ca_file = options->ca_file ? strdup(options->ca_file) : NULL;
    if ((options->token && !client->token) || (options->ca_file && !client->ca_file))
        return error_no_memory(err);
    if (client->token && strlen(client->token) >= CLIENT_TOKEN_MAX_BYTES)
        return error_set(err, ERR_INVALID, "the token is longer than %d bytes", CLIENT_TOKEN_MAX_BYTES - 1);
    for (const char *at = client->token; at && *at; at++)
        if (*at <= ' ' || *at > '~')
            return error_set(err, ERR_INVALID, "the token has a character that no token has");
    return true;
}

static bool name_server(struct client *client, const struct client_options *options, struct error *err)
{
    if (!options->data_folder) {
        (void)snprintf(client->url, sizeof(client->url), "%s", options->url);
        (void)snprintf(client->name, sizeof(client->name), "%s", options->url);
        bool may_hear = is_private(options->url);
        client->is_direct = may_hear && text_starts_with(options->url, "http://");
        if ((client->token || options->is_secret) && !may_hear)
            return error_set(err, ERR_DENIED,
                             "%s is not sent to %.200s: others could read it on the way; use https://",
                             client->token ? "the token" : "a password", options->url);
        return true;
    }
    client->is_direct = true;
    client->folder = open(options->data_folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    (void)snprintf(client->url, sizeof(client->url), "http://localhost");
    (void)snprintf(client->name, sizeof(client->name), "the server that holds %.1000s", options->data_folder);
    return client->folder >= 0 || error_set(err, ERR_UNREACHABLE, "%s does not answer", client->name);
}

bool client_open(const struct client_options *options, struct client **ret, struct error *err)
{
    struct client *client = calloc(1, sizeof(*client));
    if (!client)
        return error_no_memory(err);
    client->folder = -1;
    client->options = *options;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        client->curl = curl_easy_init();
    bool is_done = (client->curl || error_no_memory(err)) && copy_texts(client, options, err) &&
                   name_server(client, options, err);
    if (is_done)
        *ret = client;
    else
        (void)client_free(client);
    return is_done;
}

struct client *client_free(struct client *client)
{
    if (!client)
        return NULL;
    if (client->curl)
        curl_easy_cleanup(client->curl);
    if (client->folder >= 0)
        (void)close(client->folder);
    free(client->token);
    free(client->ca_file);
    free(client);
    return NULL;
}

/* ---- calls of libcurl ---- */

static bool is_good(const struct exchange_in_hand *hand)
{
    long status = 0;
    (void)curl_easy_getinfo(hand->client->curl, CURLINFO_RESPONSE_CODE, &status);
    return status < STATUS_BAD;
}

static size_t take_bytes(char *data, size_t size, size_t count, void *state)
{
    struct exchange_in_hand *hand = state;
    size_t bytes = size * count;
    hand->has_taken = hand->request->take && is_good(hand);
    if (hand->has_taken)
        return hand->request->take(hand->request->take_state, hand->reply->content_type, data, bytes) ? bytes
                                                                                                      : 0;
    if (buffer_add(&hand->reply->body, data, bytes))
        return bytes;
    hand->is_too_long = true;
    return 0;
}

/* The value of a header line "Name: value\r\n"; NULL: another header. */
static bool header_value(const char *line, size_t bytes, const char *name, char *ret, size_t ret_bytes)
{
    size_t name_bytes = strlen(name);
    if (bytes <= name_bytes || line[name_bytes] != ':' || strncasecmp(line, name, name_bytes) != 0)
        return false;
    const char *from = line + name_bytes + 1, *end = line + bytes;
    while (from < end && (*from == ' ' || *from == '\t'))
        from++;
    while (end > from && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
        end--;
    (void)snprintf(ret, ret_bytes, "%.*s", (int)(end - from), from);
    return true;
}

static size_t take_header(char *data, size_t size, size_t count, void *state)
{
    struct exchange_in_hand *hand = state;
    struct client_reply *reply = hand->reply;
    size_t bytes = size * count;
    char text[16] = "", cookie[CLIENT_TOKEN_MAX_BYTES];
    struct error ignored = {0};
    (void)header_value(data, bytes, "Content-Type", reply->content_type, sizeof(reply->content_type));
    (void)header_value(data, bytes, "ETag", reply->etag, sizeof(reply->etag));
    if (!reply->cookie[0] && header_value(data, bytes, "Set-Cookie", cookie, sizeof(cookie)))
        (void)snprintf(reply->cookie, sizeof(reply->cookie), "%.*s", (int)strcspn(cookie, ";"), cookie);
    if (header_value(data, bytes, "Retry-After", text, sizeof(text)) &&
        !text_to_count(text, "Retry-After", 0, UINT32_MAX, &hand->retry_after_seconds, &ignored))
        hand->retry_after_seconds = CLIENT_RETRY_MAX_SECONDS;
    return bytes;
}

static int look_at_stop(void *state, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct exchange_in_hand *hand = state;
    const struct stop_flag *stop = hand->client->options.stop;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return stop && atomic_load(&stop->is_set);
}

/* ---- one request ---- */

static bool add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    *list = longer ? longer : *list;
    return longer != NULL;
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[HEADER_BYTES];
    (void)snprintf(line, sizeof(line), "%s: %s", name, value ? value : "");
    return !value || add_line(list, line);
}

/* NULL: memory is out. A request without one of its lines would be another one. */
static struct curl_slist *make_headers(const struct client *client, const struct client_request *request)
{
    struct curl_slist *list = NULL;
    char bearer[CLIENT_TOKEN_MAX_BYTES + 8];
    (void)snprintf(bearer, sizeof(bearer), "Bearer %s", client->token ? client->token : "");
    if (add_header(&list, "Authorization", client->token ? bearer : NULL) &&
        add_header(&list, "Content-Type", request->body.size > 0 ? "application/json" : NULL) &&
        add_header(&list, "If-Match", request->if_match) && add_header(&list, "Range", request->range) &&
        add_header(&list, "Cookie", request->cookie) && add_header(&list, "X-CSRF-Token", request->csrf) &&
        add_header(&list, "Idempotency-Key", request->idempotency_key) &&
        add_line(&list, "Expect:")) /* takes libcurl's own away */
        return list;
    curl_slist_free_all(list);
    return NULL;
}

static bool has_body(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
}

static void set_server(const struct client *client)
{
    CURL *curl = client->curl;
    char path[LOCAL_SOCKET_PATH_BYTES];
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "trommel/" TROMMEL_VERSION);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CLIENT_CONNECT_SECONDS);
    if (client->ca_file)
        (void)curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file);
    if (client->is_direct)
        (void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    if (client->folder < 0)
        return;
    local_socket_path(client->folder, path);
    (void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
}

static void set_request(struct exchange_in_hand *hand, const char *url)
{
    CURL *curl = hand->client->curl;
    const struct client_request *request = hand->request;
    uint64_t seconds = hand->client->options.seconds ? hand->client->options.seconds : CLIENT_REPLY_SECONDS;
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    if (strcmp(request->method, "HEAD") == 0)
        (void)curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (has_body(request->method)) {
        (void)curl_easy_setopt(curl, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.size > 0 ? request->body.data : "");
    }
    if (!request->range) /* a range counts bytes of the file, not of what is sent of it */
        (void)curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)(seconds + request->wait_seconds));
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, hand);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, hand);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_at_stop);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, hand);
}

static CURLcode perform(struct exchange_in_hand *hand)
{
    struct client *client = hand->client;
    size_t bytes = strlen(client->url) + strlen(hand->request->target) + 1;
    char *url = malloc(bytes);
    struct curl_slist *headers = make_headers(client, hand->request);
    if (!url || !headers) {
        free(url);
        curl_slist_free_all(headers);
        return CURLE_OUT_OF_MEMORY;
    }
    (void)snprintf(url, bytes, "%s%s", client->url, hand->request->target);
    curl_easy_reset(client->curl); /* keeps the connection */
    set_server(client);
    set_request(hand, url);
    (void)curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(client->curl);
    curl_slist_free_all(headers);
    free(url);
    return code;
}

/* ---- what went wrong ---- */

static bool is_broken(CURLcode code)
{
    return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
           code == CURLE_PARTIAL_FILE || code == CURLE_OPERATION_TIMEDOUT || code == CURLE_HTTP2;
}

static bool is_read(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static bool tell(const struct exchange_in_hand *hand, CURLcode code, struct error *err)
{
    const char *name = hand->client->name, *why = curl_easy_strerror(code);
    if (hand->is_too_long)
        return error_set(err, ERR_LIMIT, "the reply is longer than %zu bytes", hand->reply->body.limit);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return error_set(err, ERR_CANCELLED, "interrupted while %s was asked", name);
    if (code == CURLE_OUT_OF_MEMORY)
        return error_no_memory(err);
    if (code == CURLE_WRITE_ERROR)
        return error_set(err, ERR_IO, "cannot write the output");
    if (code == CURLE_SSL_CACERT_BADFILE)
        return error_set(err, ERR_INVALID, "%s cannot be read as certificates to trust",
                         hand->client->ca_file ? hand->client->ca_file : "the system's certificate file");
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return error_set(err, ERR_UNREACHABLE,
                         "%s shows a certificate that is not trusted; name who signed it with --cacert FILE",
                         name);
    if (is_broken(code) && !is_read(hand->request->method) && !hand->request->is_repeatable)
        return error_set(err, ERR_UNCERTAIN,
                         "%s did not answer to the end (%s): what was asked may have been done", name, why);
    return error_set(err, ERR_UNREACHABLE, "%s does not answer: %s", name, why);
}

static void begin_reply(const struct client_request *request, struct client_reply *reply)
{
    size_t max = request->reply_max_bytes ? request->reply_max_bytes : (uint64_t)CLIENT_REPLY_MAX_BYTES;
    buffer_release(&reply->body);
    *reply = (struct client_reply){0};
    buffer_init(&reply->body, max);
}

/* Waits for the next try; false when there is none. */
static bool tries_again(const struct exchange_in_hand *hand, CURLcode code, int tries)
{
    const struct client_request *request = hand->request;
    bool may = is_read(request->method) || request->is_repeatable;
    bool is_busy = code == CURLE_OK && hand->reply->status == 503;
    if (tries >= CLIENT_TRIES || !may || hand->has_taken ||
        (!is_busy && (!is_broken(code) || code == CURLE_OPERATION_TIMEDOUT)))
        return false;
    uint64_t ms =
        hand->retry_after_seconds > 0 ? hand->retry_after_seconds * 1000 : (uint64_t)RETRY_MS << tries;
    if (ms > (uint64_t)CLIENT_RETRY_MAX_SECONDS * 1000)
        return false;
    for (; ms > 0 && !look_at_stop((struct exchange_in_hand *)(uintptr_t)hand, 0, 0, 0, 0);
         ms -= ms < LOOK_MS ? ms : (uint64_t)LOOK_MS)
        clock_sleep_ms(LOOK_MS);
    return true;
}

bool client_ask(struct client *client, const struct client_request *request, struct client_reply *ret,
                struct error *err)
{
    struct client_reply reply = {0};
    CURLcode code = CURLE_OK;
    struct exchange_in_hand hand = {0};
    int tries = 0;
    do {
        long status = 0;
        begin_reply(request, &reply);
        hand = (struct exchange_in_hand){.client = client, .request = request, .reply = &reply};
        code = perform(&hand);
        (void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
        reply.status = (int)status;
        tries++;
    } while (tries_again(&hand, code, tries));
    bool is_fine = code == CURLE_OK || tell(&hand, code, err);
    if (is_fine && reply.status >= STATUS_BAD)
        is_fine = client_problem(reply.status, (struct bytes){reply.body.data, reply.body.size}, err);
    if (!is_fine)
        buffer_release(&reply.body);
    *ret = reply;
    return is_fine;
}
