/* SPDX-License-Identifier: Apache-2.0 */
#include "app/serve.h"

#include "account/user.h"
#include "api/native/uploads.h"
#include "base/clock.h"
#include "base/path.h"
#include "http/server.h"
#include "picture/picture.h"
#include "work/insight.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LOOK_MS = 50, FILES_BESIDE_CONNECTIONS = 512 };

struct serve_request {
    const char *listen, *auth, *tls_cert, *tls_key, *access_log, *roots, *web_dir;
    struct param_list hosts;
    bool insecure_http;
    uint64_t workers, task_workers, max_connections, max_connections_per_ip, max_body, max_upload,
        head_timeout, body_timeout, quiet_timeout;
};

static const char *const auth_choices[] = {"password", "none", NULL};
static const struct param_spec serve_params[] = {
    PARAM(struct serve_request, listen, .type = PARAM_TEXT, .fallback_text = "127.0.0.1:8080",
          .value_name = "HOST:PORT", .help = "an address; port 0: any free one"),
    PARAM(struct serve_request, auth, .type = PARAM_CHOICE, .fallback_text = "password",
          .choices = auth_choices, .value_name = "password|none",
          .help = "none: whoever reaches the server may do everything; only on loopback"),
    PARAM(struct serve_request, hosts, .type = PARAM_LIST, .value_name = "NAME,NAME:PORT,...",
          .help = "names that the server answers to, beside addresses and localhost"),
    PARAM(struct serve_request, insecure_http, .type = PARAM_BOOL,
          .help = "listen beyond loopback without TLS, where passwords and tokens can be read on the way"),
    PARAM(struct serve_request, roots, .type = PARAM_TEXT, .value_name = "DIR[:DIR...]",
          .help = "folders that the paths of requests must lie in; default: the setting roots, else none"),
    PARAM(struct serve_request, web_dir, .type = PARAM_TEXT, .value_name = "DIR",
          .help =
              "take the console from where Vite built it, while working on it, instead of the one inside"),
    PARAM(struct serve_request, tls_cert, .type = PARAM_TEXT, .value_name = "FILE",
          .help = "certificate, PEM: the server speaks HTTPS"),
    PARAM(struct serve_request, tls_key, .type = PARAM_TEXT, .value_name = "FILE",
          .help = "private key of the certificate, PEM"),
    PARAM(struct serve_request, access_log, .type = PARAM_TEXT, .fallback_text = "-",
          .value_name = "FILE|-|none", .help = "one JSON line a request; - is standard error"),
    PARAM(struct serve_request, workers, .type = PARAM_COUNT, .fallback = HTTP_WORKERS, .min = 1,
          .max = HTTP_WORKERS_MAX, .help = "requests that are handled at once"),
    PARAM(struct serve_request, task_workers, .type = PARAM_COUNT, .fallback = HTTP_TASK_WORKERS, .min = 0,
          .max = HTTP_TASK_WORKERS_MAX, .help = "tasks that are worked on at once; 0: none"),
    PARAM(struct serve_request, max_connections, .type = PARAM_COUNT, .fallback = HTTP_CONNECTIONS_MAX,
          .min = 1, .max = 65536, .help = "open connections"),
    PARAM(struct serve_request, max_connections_per_ip, .type = PARAM_COUNT,
          .fallback = HTTP_CONNECTIONS_PER_IP_MAX, .min = 1, .max = 65536,
          .help = "open connections of one address"),
    PARAM(struct serve_request, max_body, .type = PARAM_COUNT, .fallback = HTTP_BODY_MAX_BYTES, .min = 1024,
          .max = HTTP_BODIES_MAX_BYTES, .unit = "bytes", .help = "length of a request's body"),
    PARAM(struct serve_request, max_upload, .type = PARAM_COUNT, .fallback = (double)UPLOAD_MAX_BYTES,
          .min = 1024, .max = (double)UPLOAD_MAX_BYTES, .unit = "bytes",
          .help = "length of a file that is sent"),
    PARAM(struct serve_request, head_timeout, .type = PARAM_COUNT, .fallback = HTTP_HEAD_SECONDS, .min = 1,
          .max = 3600, .unit = "s", .help = "time to send the head of a request, or to send none"),
    PARAM(struct serve_request, body_timeout, .type = PARAM_COUNT, .fallback = HTTP_BODY_SECONDS, .min = 1,
          .max = 3600, .unit = "s", .help = "time to send the body of a request"),
    PARAM(struct serve_request, quiet_timeout, .type = PARAM_COUNT, .fallback = HTTP_QUIET_SECONDS, .min = 1,
          .max = 3600, .unit = "s", .help = "time without a byte taken of a reply"),
    PARAM_END,
};

/* As many files as connections may need, as far as the system lets us. */
static void raise_file_limit(uint64_t connections)
{
    struct rlimit limit;
    rlim_t wanted = connections + FILES_BESIDE_CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool open_log(const char *name, int *ret, struct error *err)
{
    *ret = -1;
    if (strcmp(name, "none") == 0)
        return true;
    *ret =
        strcmp(name, "-") == 0 ? STDERR_FILENO : open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    return *ret >= 0 || error_set_errno(err, errno, "open the access log %s", name);
}

/* One line, so that who started the server learns the port; and, while there is nobody to sign in, how to
 * begin. `first`: the one-time token, "" when there are users. */
static void say_where(struct cli *cli, const struct http_server *server, const char *first)
{
    const char *url = http_server_url(server);
    if (cli->is_json)
        (void)printf("{\"url\":\"%s\"%s%s%s}\n", url, first[0] ? ",\"first_token\":\"" : "", first,
                     first[0] ? "\"" : "");
    else if (!cli->is_quiet)
        (void)printf("trommel listens on %s (data: %s)\n", url, cli->api.data_folder);
    if (!cli->is_json && first[0])
        (void)printf("\nNobody can sign in yet. Add the first administrator in another terminal:\n"
                     "  trommel user add NAME --role admin --data %s\n"
                     "or in a browser, once, at\n"
                     "  %s/ui/?setup=%s\n\n",
                     cli->api.data_folder, url, first);
    (void)fflush(stdout);
}

/* What is worth keeping from one request to the next. */
static bool open_caches(struct api *api, struct error *err)
{
    char folder[PATH_MAX_BYTES];
    if (snprintf(folder, sizeof(folder), "%s/cache/pictures", api->data_folder) >= (int)sizeof(folder))
        return error_set(err, ERR_INVALID, "the data folder's path is too long");
    api->index = sample_index_new(SAMPLE_INDEX_MAX_BYTES);
    api->insights = insights_new(INSIGHTS_MAX_BYTES);
    return api->index && api->insights
               ? picture_cache_open(folder, PICTURE_CACHE_MAX_BYTES, &api->pictures, err)
               : error_no_memory(err);
}

static void close_caches(struct api *api)
{
    api->index = sample_index_free(api->index);
    api->insights = insights_free(api->insights);
    api->pictures = picture_cache_free(api->pictures);
}

/* Requests come from elsewhere: without roots they may name no path at all. */
static bool confine(struct cli *cli, const char *given, struct roots *roots, struct error *err)
{
    const char *text = given ? given : cli->api.roots ? cli->api.roots->text : "";
    if (!roots_parse(text, cli->api.data_folder, cli->arena, roots, err))
        return error_wrap(err, "--roots");
    cli->api.roots = roots;
    cli->api.is_remote = true;
    if (given)
        cli->api.settings = cli_settings(cli, "roots", given, "--roots");
    if (roots->count == 0 && !cli->is_quiet)
        (void)fprintf(stderr, "no roots are set: requests may name no files and folders; give some with "
                              "--roots DIR\n");
    return true;
}

/* Where there is a desktop. That no browser comes up is nothing to fail for: the address was said. */
static void open_browser(char *address)
{
    char program[] = "xdg-open";
    char *const arguments[] = {program, address, NULL};
    pid_t child = 0;
    if (getenv("DISPLAY") || getenv("WAYLAND_DISPLAY")) /* NOLINT(concurrency-mt-unsafe): nobody sets them */
        (void)posix_spawnp(&child, program, NULL, NULL, arguments, environ);
}

struct serve_page {
    const char *path; /* "/ui/…" */
    bool with_browser;
};

static void show_page(const struct serve_page *page, const struct http_server *server)
{
    char address[PATH_MAX_BYTES];
    (void)snprintf(address, sizeof(address), "%s%s", http_server_url(server), page->path);
    (void)printf("  Look at them here:  %s\n  F confirms, digits relabel, ? shows all keys. Ctrl-C ends.\n",
                 address);
    (void)fflush(stdout);
    if (page->with_browser)
        open_browser(address);
}

static bool serve(struct cli *cli, const struct http_options *options, const struct serve_page *page,
                  struct error *err)
{
    struct http_server *started = NULL;
    char first[SECRET_BYTES] = "";
    bool is_first = false;
    if (!http_server_start(&cli->api, options, &started, err))
        return false;
    if (!options->is_open && !user_make_first_secret(cli->api.db, first, &is_first, err)) {
        started = http_server_free(started);
        return false;
    }
    say_where(cli, started, is_first ? first : "");
    if (page)
        show_page(page, started);
    while (!atomic_load(&cli->environment->stop->is_set))
        clock_sleep_ms(LOOK_MS);
    started = http_server_free(started);
    return true;
}

static int serve_request(struct cli *cli, const struct serve_request *request, const struct serve_page *page)
{
    struct error err = {0};
    struct http_options options;
    http_options_init(&options);
    options.listen = request->listen;
    options.web_dir = request->web_dir;
    options.tls_cert = request->tls_cert;
    options.tls_key = request->tls_key;
    options.is_open = strcmp(request->auth, "none") == 0;
    options.hosts = request->hosts;
    options.allows_no_tls = request->insecure_http;
    options.program = cli->environment->program;
    options.socket_folder = cli->api.data_folder;
    options.workers = request->workers;
    options.task_workers = request->task_workers;
    options.connections_max = request->max_connections;
    options.connections_per_ip_max = request->max_connections_per_ip;
    options.body_max_bytes = request->max_body;
    options.upload_max_bytes = request->max_upload;
    options.head_seconds = request->head_timeout;
    options.body_seconds = request->body_timeout;
    options.quiet_seconds = request->quiet_timeout;
    raise_file_limit(options.connections_max);
    struct roots roots;
    bool is_done = confine(cli, request->roots, &roots, &err) &&
                   open_log(request->access_log, &options.access_log, &err) && open_caches(&cli->api, &err) &&
                   serve(cli, &options, page, &err);
    close_caches(&cli->api);
    if (options.access_log > STDERR_FILENO)
        (void)close(options.access_log);
    return is_done ? 0 : cli_fail(cli, &err);
}

static int command_serve(struct cli *cli)
{
    return serve_request(cli, cli->params, NULL);
}

int serve_here(struct cli *cli, const char *roots, const char *page, bool with_browser)
{
    const struct serve_page shown = {page, with_browser};
    struct serve_request request;
    params_defaults(serve_params, &request);
    request.listen = "127.0.0.1:0";
    request.auth = "none";
    request.access_log = "none";
    request.roots = roots;
    return serve_request(cli, &request, &shown);
}

const struct command serve_commands[] = {
    {.name = "serve",
     .run = command_serve,
     .is_here = true,
     .params = serve_params,
     .params_size = sizeof(struct serve_request),
     .summary = "Answers the REST API over HTTP and works off tasks, until it is ended by Ctrl-C or SIGTERM.",
     .examples = "trommel serve\ntrommel serve --auth none\n"
                 "trommel serve --listen 0.0.0.0:8443 --hosts trommel.example.org --tls-cert cert.pem "
                 "--tls-key key.pem"},
    {NULL},
};
