/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include "base/clock.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BAR_CELLS = 22, CELL_BYTES = 3 /* of a block character in UTF-8 */, PLAIN_SECONDS = 10 };

void progress_start(struct progress *progress, struct cli *cli)
{
    *progress = (struct progress){.cli = cli, .form = cli->progress};
    if (progress->form == PROGRESS_AUTO)
        progress->form = cli->is_error_terminal ? PROGRESS_BAR : PROGRESS_PLAIN;
}

static void end_line(struct progress *progress)
{
    if (progress->has_line)
        (void)fputc('\n', stderr);
    progress->has_line = false;
}

static void enter_stage(struct progress *progress, const char *stage, int64_t done)
{
    end_line(progress);
    (void)snprintf(progress->stage, sizeof(progress->stage), "%s", stage);
    progress->stage_start = clock_steady_seconds();
    progress->last_print = 0;
    progress->stage_first = done;
}

struct figures {
    int64_t done, total;
    double rate, left_seconds; /* left -1: not known */
};

static void print_bar(struct progress *progress, const struct figures *figures)
{
    char done[OUTPUT_NUMBER_BYTES], total[OUTPUT_NUMBER_BYTES], rate[OUTPUT_NUMBER_BYTES],
        bar[BAR_CELLS * CELL_BYTES + 1];
    int64_t cells = figures->total > 0 ? figures->done * BAR_CELLS / figures->total : 0;
    for (int64_t i = 0; i < BAR_CELLS; i++)
        memcpy(bar + i * CELL_BYTES, i < cells ? "█" : "░", CELL_BYTES);
    bar[sizeof(bar) - 1] = '\0';
    (void)fprintf(stderr, "\r\033[K%-16s %s %s", progress->stage, bar, output_thousands(figures->done, done));
    if (figures->total > 0)
        (void)fprintf(stderr, "/%s", output_thousands(figures->total, total));
    if (figures->rate >= 1)
        (void)fprintf(stderr, "  %s/s", output_thousands((int64_t)figures->rate, rate));
    if (figures->left_seconds >= 0)
        (void)fprintf(stderr, "  %d:%02d left", (int)figures->left_seconds / 60,
                      (int)figures->left_seconds % 60);
    progress->has_line = true;
}

static void print_plain(const struct progress *progress, const struct figures *figures)
{
    (void)fprintf(stderr, "%s: %" PRId64, progress->stage, figures->done);
    if (figures->total > 0)
        (void)fprintf(stderr, " of %" PRId64, figures->total);
    if (figures->rate >= 1)
        (void)fprintf(stderr, ", %.0f/s", figures->rate);
    if (figures->left_seconds >= 0)
        (void)fprintf(stderr, ", %.0f s left", figures->left_seconds);
    (void)fputc('\n', stderr);
}

static void print_json(const struct progress *progress, const char *id, const struct figures *figures)
{
    (void)fprintf(stderr,
                  "{\"type\":\"progress\",\"task\":\"%s\",\"stage\":\"%s\",\"done\":%" PRId64
                  ",\"total\":%" PRId64 ",\"rate\":%.1f,\"eta_s\":",
                  id, progress->stage, figures->done, figures->total, figures->rate);
    if (figures->left_seconds >= 0)
        (void)fprintf(stderr, "%.1f}\n", figures->left_seconds);
    else
        (void)fprintf(stderr, "null}\n");
}

void progress_watch(void *state, const struct task *task, const char *stage, int64_t done, int64_t failed,
                    int64_t total)
{
    struct progress *progress = state;
    (void)failed;
    if (progress->form == PROGRESS_NONE || !stage || !stage[0])
        return;
    if (strcmp(progress->stage, stage) != 0)
        enter_stage(progress, stage, done);
    double now = clock_steady_seconds(), seconds = now - progress->stage_start;
    struct figures figures = {done, total, 0, -1};
    if (seconds > 0)
        figures.rate = (double)(done - progress->stage_first) / seconds;
    if (figures.rate > 0 && total > 0)
        figures.left_seconds = (double)(total - done) / figures.rate;
    bool is_due = now - progress->last_print >= PLAIN_SECONDS;
    if (progress->form == PROGRESS_PLAIN && !is_due)
        return;
    progress->last_print = now;
    if (progress->form == PROGRESS_BAR)
        print_bar(progress, &figures);
    else if (progress->form == PROGRESS_PLAIN)
        print_plain(progress, &figures);
    else
        print_json(progress, task->id, &figures);
    (void)fflush(stderr);
}

void progress_end(struct progress *progress)
{
    end_line(progress);
}
