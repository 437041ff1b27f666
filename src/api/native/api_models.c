/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

#include "base/path.h"
#include "image/image.h"

#include <stdlib.h>

struct import_request {
    const char *file, *name, *version, *card, *labels;
    struct model_card overrides;
};
struct test_request {
    const char *model, *image;
};

static const struct param_spec model_params[] = {
    PARAM(struct named_request, model, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name, name/version or id"),
    PARAM_END,
};
static const struct param_spec test_params[] = {
    PARAM(struct test_request, model, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name, name/version or id"),
    PARAM(struct test_request, image, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "an image file"),
    PARAM_END,
};

void reply_model(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct model *model);
void reply_model(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct model *model)
{
    reply_text(doc, object, "id", model->id);
    reply_text(doc, object, "name", model->name);
    reply_text(doc, object, "version", model->version);
    reply_text(doc, object, "model_type", model->model_type);
    reply_text(doc, object, "content_hash", model->content_hash);
    reply_time(doc, object, "created", model->created_ms);
    reply_json(doc, object, "card", model->card_json);
}
