/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo_summary.h"

#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>

enum { SUMMARY_MAX_BYTES = 64 * 1024 };

void demo_summary_say(const char *folder, const struct demo_score *ours, const struct demo_score *plain)
{
    (void)printf("\nHow good is the list? %" PRIu64 " of %" PRIu64
                 " predictions are wrong. Among the hardest\n"
                 "                       first 5 %%   first 20 %%   AUROC\n"
                 "  hard coefficient     %6.1f %%     %6.1f %%   %.3f\n"
                 "  plain confidence     %6.1f %%     %6.1f %%   %.3f   are wrong predictions\n",
                 ours->wrong, ours->images, ours->first_5 * 100, ours->first_20 * 100, ours->auroc,
                 plain->first_5 * 100, plain->first_20 * 100, plain->auroc);
    (void)printf("\nNothing left this machine. What to type next:\n"
                 "  export TROMMEL_DATA=%s\n"
                 "  trommel samples list " DEMO_HARD " --state tbc --limit 10\n"
                 "  trommel samples show ID                      why it is hard, with numbers\n"
                 "  trommel samples confirm ID                   or: reject ID --labels LABEL\n"
                 "  trommel sample filter " DEMO_SERVICE " --train " DEMO_TRAINING
                 "@V001 --create again --top 100\n"
                 "  trommel dataset publish " DEMO_HARD " --hard-attributes\n",
                 folder);
}

bool demo_summary_keep(const char *folder, yyjson_mut_doc *summary, struct error *err)
{
    struct store *opened = NULL;
    AUTO_BUFFER(text, SUMMARY_MAX_BYTES);
    if (!json_write(summary, true, &text, err) || !store_open(folder, true, &opened, err))
        return false;
    AUTO(store) store = opened;
    return store_put(store, DEMO_MARKER, (struct bytes){text.data, text.size}, err);
}

static struct demo_score score_of(yyjson_val *object)
{
    return (struct demo_score){.first_5 = yyjson_get_num(yyjson_obj_get(object, "first_5_percent")),
                               .first_20 = yyjson_get_num(yyjson_obj_get(object, "first_20_percent")),
                               .auroc = yyjson_get_num(yyjson_obj_get(object, "auroc"))};
}

static bool read_file(const char *folder, yyjson_doc **ret, struct error *err)
{
    struct store *opened = NULL;
    AUTO_BUFFER(text, SUMMARY_MAX_BYTES);
    AUTO_JSON doc = NULL;
    bool is_there = store_open(folder, false, &opened, err);
    AUTO(store) store = opened;
    if (!is_there || !store_get(store, DEMO_MARKER, &text, err) ||
        !json_parse((struct bytes){text.data, text.size}, DEMO_MARKER, &doc, err))
        return false;
    if (!yyjson_obj_get(yyjson_doc_get_root(doc), "precision"))
        return error_set(err, ERR_NOT_FOUND, "the demo in %s did not come to its end: run it again", folder);
    *ret = TAKE(doc);
    return true;
}

bool demo_summary_read(const char *folder, yyjson_doc **ret, struct demo_score *ret_ours,
                       struct demo_score *ret_plain, struct error *err)
{
    if (!read_file(folder, ret, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(*ret);
    *ret_ours = score_of(yyjson_obj_get(root, "precision"));
    *ret_plain = score_of(yyjson_obj_get(root, "precision_of_plain_confidence"));
    ret_ours->images = ret_plain->images = (uint64_t)json_integer(root, "images", 0);
    ret_ours->wrong = ret_plain->wrong = (uint64_t)json_integer(root, "wrong_predictions", 0);
    return true;
}
