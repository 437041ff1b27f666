/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help_parts.h"
#include "dataset/sample_feature.h"
#include "rules/rule.h"

#include <stdio.h>
#include <string.h>

/* Why a command ends with the code; in the order of the errors. */
static const char *const code_words[ERR_CODE_COUNT] = {
    [ERR_INVALID] = "what was given is wrong: an option, an argument, a file's content",
    [ERR_NOT_FOUND] = "there is no such thing",
    [ERR_CONFLICT] = "it exists already, or the state of things forbids it",
    [ERR_DENIED] = "not allowed",
    [ERR_SIGN_IN] = "nobody is signed in, or name, password or token is wrong",
    [ERR_TOO_MANY] = "too many attempts",
    [ERR_LIMIT] = "a limit was met",
    [ERR_IO] = "a disk, a database or a network failed; trying again may help",
    [ERR_UNCERTAIN] = "it may have happened: look before trying again",
    [ERR_CANCELLED] = "interrupted, or stopped by somebody",
    [ERR_NO_MEMORY] = "memory is out",
    [ERR_FAILED] = "the task failed",
    [ERR_UNREACHABLE] = "the server does not answer",
    [ERR_TIMED_OUT] = "the task has not ended within --timeout; it goes on",
};

static void add_code(struct buffer *into, int exit_code)
{
    const char *between = "";
    (void)buffer_printf(into, "%-4d ", exit_code);
    for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++) {
        if (error_kind((enum error_code)code)->exit_code != exit_code)
            continue;
        const char *words = code_words[code] ? code_words[code] : error_kind((enum error_code)code)->name;
        (void)buffer_printf(into, "%s%s", between, words);
        between = "; ";
    }
    (void)buffer_add_text(into, "\n");
}

void help_exit_codes(struct buffer *into)
{
    (void)buffer_add_text(into, "0    done\n");
    for (int exit_code = 1; exit_code < 256; exit_code++) {
        bool is_used = false;
        for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++)
            is_used |= error_kind((enum error_code)code)->exit_code == exit_code;
        if (is_used)
            add_code(into, exit_code);
        if (exit_code == CLI_EXIT_SOME_FAILED)
            (void)buffer_printf(into, "%-4d finished, but some items failed\n", exit_code);
    }
    (void)buffer_add_text(into, "Any other code is a failure too.\n");
}

void help_environment(struct buffer *into)
{
    (void)buffer_add_text(
        into, "Every option of a command's own has a twin in the environment: --accept-partial is "
              "TROMMEL_ACCEPT_PARTIAL=1. The option wins.\n"
              "TROMMEL_DATA          folder with database, models and records (--data)\n"
              "TROMMEL_URL           URL of the server to ask (--server)\n"
              "TROMMEL_TOKEN         token for that server; else the one that trommel login kept\n"
              "TROMMEL_CACERT        who signs the server's certificate, PEM (--cacert)\n"
              "TROMMEL_ONNXRUNTIME   path of the ONNX Runtime library to load\n"
              "XDG_DATA_HOME         the data folder is trommel in it when nothing else is said\n"
              "COLUMNS               width of tables on a terminal\n"
              "Settings file: $XDG_CONFIG_HOME/trommel/config, then /etc/trommel/config: lines "
              "of key = value, # comments.\n");
}

void help_formatting(struct buffer *into)
{
    (void)buffer_add_text(
        into, "On a terminal: aligned tables, short ids, relative times. Elsewhere: tab-separated values "
              "with a header line, whole\n"
              "values, RFC 3339 times. --json prints one document (an array for lists), --json=id,source "
              "only these members of\n"
              "each row (a.b reaches into objects), --json=lines one row a line. -q prints ids only. "
              "--columns a,b picks columns by\n"
              "their member names, --sort a or --sort=-a orders rows by one, --no-header drops the header. "
              "Messages and progress go to stderr.\n");
}

static void topic_filters(struct buffer *into)
{
    (void)buffer_add_text(
        into,
        "--filter takes a tree of conditions in JSON; each is an object of one member:\n"
        "{\"and\":[…]} {\"or\":[…]} {\"not\":…}\n"
        "{\"state\":\"labeled\"} {\"hard\":true} {\"excluded\":false} {\"reason\":7} {\"usage\":\"TRAIN\"}\n"
        "{\"origin\":\"import\"} {\"origin_task\":\"ID\"} {\"label\":\"cat\"} {\"confirmed_label\":\"cat\"} "
        "{\"suggested_label\":\"cat\"}\n"
        "{\"name\":\"part of the source\"} {\"coefficient\":{\"min\":0.5}} "
        "{\"score\":{\"min\":0.3,\"max\":0.7}}\n"
        "{\"feature\":{\"name\":\"brightness\",\"min\":0.1,\"max\":0.3}}\n"
        "Both ends are inside; either may be left out; what has no such number is in no range. Features are "
        "as they were\n"
        "measured last, by dataset features or dataset duplicates:\n");
    for (int feature = 0; feature < SAMPLE_FEATURES; feature++)
        (void)buffer_printf(into, "%s%s",
                            feature == 0                     ? ""
                            : feature == SAMPLE_FEATURES / 2 ? "\n"
                                                             : " ",
                            sample_feature_names[feature]);
    (void)buffer_add_text(into, "\n");
}

static void topic_manifest(struct buffer *into)
{
    (void)buffer_add_text(
        into, "A manifest is JSON Lines, one image each; only \"source\" is required:\n"
              "{\"source\":\"/data/in/1.jpg\",\"usage\":\"TRAIN\",\"annotation\":[{\"type\":\"modelarts/"
              "image_classification\",\"name\":\"cat\"}]}\n"
              "docs/manifest-format.md has all members.\n");
}

static void topic_reasons(struct buffer *into)
{
    for (int id = 0; id < REASON_COUNT; id++)
        (void)buffer_printf(into, "%2d  %-4s %-44s %s\n", id, all_rules[id]->code, all_rules[id]->name,
                            all_rules[id]->suggestion);
}

const struct help_topic help_topics[] = {
    {"environment", help_environment},
    {"exit-codes", help_exit_codes},
    {"filters", topic_filters},
    {"formatting", help_formatting},
    {"manifest", topic_manifest},
    {"reasons", topic_reasons},
    {NULL, NULL},
};
