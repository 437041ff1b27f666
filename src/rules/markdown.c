/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rule.h"

static const char *const profile_words[] = {[PROFILE_NEVER] = "not used",
                                            [PROFILE_MAY_USE_BATCH] = "or the batch itself",
                                            [PROFILE_REQUIRED] = "needed"};

static const struct {
    enum rule_needs bit;
    const char *word;
} need_words[] = {
    {NEEDS_PREDICTION, "prediction"}, {NEEDS_EMBEDDING, "embedding"}, {NEEDS_APPEARANCE, "appearance"},
    {NEEDS_STATISTICS, "statistics"}, {NEEDS_ORDER, "order"},         {NEEDS_REINFERENCE, "re-inference"},
};

static void add_needs(const struct rule *rule, struct buffer *into)
{
    const char *comma = "";
    for (size_t i = 0; i < sizeof(need_words) / sizeof(need_words[0]); i++) {
        if (!(rule->needs & (uint32_t)need_words[i].bit))
            continue;
        (void)buffer_printf(into, "%s%s", comma, need_words[i].word);
        comma = ", ";
    }
}

static void add_methods(struct buffer *into)
{
    (void)buffer_add_text(into,
                          "## Methods\n\n| method | default weight | speaks when |\n| --- | ---: | --- |\n");
    for (int i = 0; i < METHOD_COUNT; i++) {
        const struct method_row *row = method_row((enum method)i);
        (void)buffer_printf(into, "| `%s` | %.4f | %s |\n", row->name, row->default_weight, row->summary);
    }
}

static void add_overview(struct buffer *into)
{
    (void)buffer_add_text(
        into, "\n## Reasons\n\n"
              "| id | code | name | method | model type | needs | training manifest | a reason from "
              "strength |\n"
              "| ---: | --- | --- | --- | --- | --- | --- | ---: |\n");
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct rule *rule = all_rules[i];
        (void)buffer_printf(into, "| %u | %s | %s | `%s` | %s | ", rule->id, rule->code, rule->name,
                            method_row(rule->method)->name, rule->only_detection ? "detection" : "both");
        add_needs(rule, into);
        (void)buffer_printf(into, " | %s | %.2f%s |\n", profile_words[rule->profile], rule->speaks_from,
                            rule->method == METHOD_AUG_CONSISTENT ? " x worth" : "");
    }
}

static void add_details(struct buffer *into)
{
    (void)buffer_add_text(into, "\n## Each reason\n");
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct rule *rule = all_rules[i];
        (void)buffer_printf(into, "\n### %u %s %s\n\n", rule->id, rule->code, rule->name);
        (void)buffer_printf(into, "- Strength: %s.\n- Source: %s.\n- Misleads: %s\n- What to do: %s\n",
                            rule->formula, rule->source, rule->misleads, rule->suggestion);
    }
}

bool rules_markdown(struct buffer *into, struct error *err)
{
    (void)buffer_add_text(into, "# Reasons: the table\n\n"
                                "Made by `make docs` from the rows in src/rules/; do not edit. docs/rules.md "
                                "explains them.\n\n");
    add_methods(into);
    add_overview(into);
    add_details(into);
    return buffer_check(into, "the table of reasons", err);
}
