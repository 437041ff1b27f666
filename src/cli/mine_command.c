/* SPDX-License-Identifier: Apache-2.0 */
/* trommel mine: mining on predictions made elsewhere, in this process, without data folder or server. */
#include "base/clock.h"
#include "base/path.h"
#include "base/scratch_folder.h"
#include "base/text.h"
#include "cli/commands_own.h"
#include "cli/output_parts.h"
#include "cli/progress.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { LOOK_MS = 200, NAMES_SHOWN = 5 };

const struct command_letter mine_letters[] = {{'o', "output"}, {0}};

static bool write_piece(void *state, struct bytes piece, struct error *err)
{
    (void)state;
    return fwrite(piece.data, 1, piece.size, stdout) == piece.size ||
           error_set_errno(err, errno, "write to standard output");
}

/* ---- progress ---- */

struct watching {
    struct progress shown;
    struct task_progress progress;
    atomic_bool is_over;
    pthread_t thread;
};

static void look(struct watching *watching)
{
    const struct task task = {.id = "mine"};
    struct task_progress *progress = &watching->progress;
    progress_watch(&watching->shown, &task, atomic_load(&progress->stage), atomic_load(&progress->done),
                   atomic_load(&progress->failed), atomic_load(&progress->total));
}

static void *watch(void *argument)
{
    struct watching *watching = argument;
    while (!atomic_load(&watching->is_over)) {
        look(watching);
        clock_sleep_ms(LOOK_MS);
    }
    return NULL;
}

static bool start_watching(struct watching *watching, struct cli *cli, struct error *err)
{
    progress_start(&watching->shown, cli);
    int problem = pthread_create(&watching->thread, NULL, watch, watching);
    return problem == 0 || error_set_errno(err, problem, "start the thread that shows progress");
}

static void end_watching(struct watching *watching)
{
    atomic_store(&watching->is_over, true);
    (void)pthread_join(watching->thread, NULL);
    progress_end(&watching->shown);
}

/* ---- the folder in between ---- */

static bool refuse_any(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    (void)stat;
    return error_set(err, ERR_CONFLICT,
                     "the folder %s is not empty: it holds '%.100s'; give another with --keep",
                     store_url(state), key);
}

static bool open_kept(const char *folder, struct error *err)
{
    AUTO(store) store = NULL;
    return store_open(folder, true, &store, err) && store_list(store, "", refuse_any, store, NULL, err);
}

static bool make_folder(struct cli *cli, const struct mine_given_request *request,
                        char scratch[SCRATCH_FOLDER_BYTES], const char **ret, struct error *err)
{
    char *kept = NULL;
    if (request->keep) {
        if (!path_absolute(cli->arena, request->keep, &kept, err))
            return false;
        *ret = kept;
        return open_kept(kept, err);
    }
    *ret = scratch;
    return scratch_folder_make(scratch, err);
}

/* ---- what is said ---- */

static void say_reasons(yyjson_mut_val *root)
{
    size_t index, max;
    yyjson_mut_val *one;
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(root, "reasons"), index, max, one)
    {
        if (output_count_of(one, "hard") > 0)
            (void)fprintf(stderr, "  %-4s %-44s %8" PRId64 "\n", output_text_of(one, "code"),
                          output_text_of(one, "name"), output_count_of(one, "hard"));
    }
}

/* Reasons that are off for the same cause stand in one line. */
static void say_off(yyjson_mut_val *root)
{
    size_t index, max;
    yyjson_mut_val *one, *list = yyjson_mut_obj_get(root, "reasons_off");
    const char *last = "";
    yyjson_mut_arr_foreach(list, index, max, one)
    {
        const char *why = output_text_of(one, "why");
        if (index > 0 && strcmp(why, last) == 0)
            (void)fprintf(stderr, " %s", output_text_of(one, "code"));
        else
            (void)fprintf(stderr, "%s  off, %s: %s", index > 0 ? "\n" : "", why, output_text_of(one, "code"));
        last = why;
    }
    if (yyjson_mut_arr_size(list) > 0)
        (void)fputc('\n', stderr);
}

/* The first names of a list, which come from strangers, and how to have the rest. */
static void say_names(struct cli *cli, yyjson_mut_val *root, const char *list)
{
    size_t index, max;
    yyjson_mut_val *one, *names = yyjson_mut_obj_get(root, list);
    yyjson_mut_arr_foreach(names, index, max, one)
    {
        if (index == NAMES_SHOWN) {
            (void)fprintf(stderr, "  … and more; --left-out FILE writes all of them\n");
            return;
        }
        char *name = arena_text(cli->arena, output_text_of(one, "name"));
        if (name)
            text_make_printable(name);
        (void)fprintf(stderr, "  %s: %s\n", name ? name : "?", output_text_of(one, "why"));
    }
}

static void say(struct cli *cli, yyjson_mut_val *root)
{
    size_t index, max;
    yyjson_mut_val *text;
    const char *format = output_text_of(root, "format");
    if (cli->is_quiet)
        return;
    (void)fprintf(stderr, "%" PRId64 " of %" PRId64 " images are hard", output_count_of(root, "hard"),
                  output_count_of(root, "analysed"));
    (void)fprintf(stderr, " (%s, %" PRId64 " predictions, %" PRId64 " labels)\n", format,
                  output_count_of(root, "predictions"), output_count_of(root, "labels"));
    say_reasons(root);
    say_off(root);
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(root, "notes"), index, max, text)
    {
        (void)fprintf(stderr, "note: %s\n", yyjson_mut_get_str(text));
    }
    (void)fprintf(stderr,
                  "left out: %" PRId64 " images, %" PRId64 " of them without prediction; %" PRId64
                  " predictions without image\n",
                  output_count_of(root, "left_out"), output_count_of(root, "images_without_prediction"),
                  output_count_of(root, "predictions_without_image"));
    say_names(cli, root, "images_left_out");
    say_names(cli, root, "predictions_left_out");
}

/* ---- the command ---- */

static bool mine(struct cli *cli, const char *folder, yyjson_mut_doc **ret, struct error *err)
{
    struct watching watching = {0};
    const struct mine_given mining = {.request = cli->params,
                                      .folder = folder,
                                      .stop = cli->environment->stop,
                                      .progress = &watching.progress,
                                      .write = write_piece};
    if (!start_watching(&watching, cli, err))
        return false;
    bool is_done = mine_given_run(&mining, ret, err);
    end_watching(&watching);
    if (is_done && fflush(stdout) != 0)
        is_done = error_set_errno(err, errno, "write to standard output");
    return is_done;
}

int command_mine(struct cli *cli)
{
    const struct mine_given_request *request = cli->params;
    char scratch[SCRATCH_FOLDER_BYTES] = "";
    const char *folder = NULL;
    struct error err = {0}, left = {0};
    AUTO_MUT_JSON summary = NULL;
    if (cli->is_json && strcmp(request->output, "-") == 0)
        return (void)error_set_detail(
                   &err, DETAIL_INVALID_ARGUMENT,
                   "the manifest goes to standard output; give --output FILE beside --json"),
               cli_fail(cli, &err);
    bool is_done = make_folder(cli, request, scratch, &folder, &err) && mine(cli, folder, &summary, &err);
    if (scratch[0] && !scratch_folder_remove(scratch, &left))
        (void)fprintf(stderr, "note: %s\n", left.message);
    if (!is_done)
        return cli_fail(cli, &err);
    yyjson_mut_val *root = yyjson_mut_doc_get_root(summary);
    if (cli->is_json)
        output_json(cli, root);
    else
        say(cli, root);
    return 0;
}
