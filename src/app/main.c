/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config.h"
#include "app/serve.h"
#include "app/wiring.h"
#include "base/log.h"
#include "cli/cli.h"
#include "demo/demo.h"

#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAIN_ARENA_BYTES = 1024 * 1024 };

/* Ctrl-C only leaves a wish; the second one ends the process at once, which is safe at any moment too. */
static struct stop_flag stop_wish;

static void on_interrupt(int signal_number)
{
    if (atomic_exchange(&stop_wish.is_set, true))
        _exit(128 + signal_number);
}

static void install_signals(void)
{
    struct sigaction interrupt = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGINT, &interrupt, NULL);
    (void)sigaction(SIGTERM, &interrupt, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGCHLD, &ignore, NULL);
}

static const struct command *const extra_commands[] = {demo_commands, serve_commands, NULL};

static bool start(struct arena *arena, struct config *config, const struct api_setting **ret_settings,
                  struct wiring *wiring, struct error *err)
{
    if (!arena)
        return error_no_memory(err);
    if (sodium_init() < 0)
        return error_set(err, ERR_IO, "libsodium does not start: the system gives no random numbers");
    return config_load(arena, config, err) && config_list(arena, config, ret_settings, err) &&
           wiring_paths(arena, config, wiring, err);
}

int main(int argc, char **argv)
{
    AUTO(arena) arena = arena_new(MAIN_ARENA_BYTES);
    struct config config = {0};
    struct wiring wiring = {0};
    const struct api_setting *list = NULL;
    struct error err = {0};
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* NOLINT(concurrency-mt-unsafe): before any thread starts */
    install_signals();
    if (!start(arena, &config, &list, &wiring, &err)) {
        (void)fprintf(stderr, "error: %s\n", err.message);
        return error_kind(err.code)->exit_code;
    }
    const struct cli_environment environment = {.program = wiring.program,
                                                .project = config.project,
                                                .data_folder = config.data,
                                                .data_folder_origin = config.data_origin,
                                                .share_folder = wiring.share_folder,
                                                .server = config.server,
                                                .server_origin = config.server_origin,
                                                .ca_file = config.cacert,
                                                .settings = list,
                                                .open = wiring_open,
                                                .open_apart = wiring_open_apart,
                                                .close = wiring_close,
                                                .serve = serve_here,
                                                .state = &wiring,
                                                .stop = &stop_wish,
                                                .extra_commands = extra_commands};
    return cli_main(&environment, argc, argv);
}
