/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a filtering: as JSON, and as one HTML file that people can open anywhere. */
#include "api/native/gather_report.h"
#include "api/native/images.h"

#include "page/page.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SMALL_PX = 128 };

struct report_request {
    const char *task;
    uint64_t examples;
};
static const struct param_spec report_params[] = {
    PARAM(struct report_request, task, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "id of the filtering's task, or its beginning"),
    PARAM(struct report_request, examples, .type = PARAM_COUNT, .fallback = REPORT_EXAMPLES_USUAL,
          .max = REPORT_EXAMPLES_MAX, .help = "hard examples to show, from the hardest on"),
    PARAM_END,
};

static bool report(struct api_call *call, struct error *err)
{
    const struct report_request *request = call->params;
    struct task_report_facts facts;
    bool is_done = task_report_gather(call, request->task, request->examples, &facts, err);
    task_report_release(&facts);
    return is_done;
}

/* ---- the page ---- */

struct paging {
    struct task_report_facts *facts;
    struct picture_cache *pictures;
    uint32_t side_px; /* of what the model sees; 0: not known */
    struct error why; /* it is not */
};

/* What it does not take marks the buffer as full. */
static bool read_all(int fd, struct buffer *into, struct error *err)
{
    char piece[4096];
    ssize_t bytes = 0;
    while ((bytes = read(fd, piece, sizeof(piece))) > 0)
        if (!buffer_add(into, piece, (size_t)bytes))
            return true;
    return bytes == 0 || error_set(err, ERR_IO, "the picture could not be read");
}

static bool source_of(const struct paging *paging, const struct page_picture *wanted,
                      struct image_source *ret, struct error *err)
{
    const struct task_report_facts *facts = paging->facts;
    if (wanted->example >= facts->count)
        return error_set(err, ERR_NOT_FOUND, "there is no such example");
    const struct report_example *example = &facts->examples[wanted->example];
    *ret = (struct image_source){example->source, example->content_hash, example->revision, "the sample"};
    if (wanted->kind != PAGE_PICTURE_NEIGHBOR)
        return true;
    const struct insight *training = facts->training;
    if (!training || wanted->number >= profile_count(training->training.profile))
        return error_set(err, ERR_NOT_FOUND, "there is no such training sample");
    *ret =
        (struct image_source){.source = profile_source(training->training.profile, (uint32_t)wanted->number),
                              .what = "the training sample"};
    return true;
}

static bool give_picture(void *state, const struct page_picture *wanted, struct buffer *into,
                         struct error *err)
{
    struct paging *paging = state;
    struct image_source source;
    struct augment_setting setting;
    struct picture picture;
    struct image_wish wish = {
        .size = "thumb", .long_side_px = wanted->is_small ? SMALL_PX : 0, .pictures = paging->pictures};
    if (!source_of(paging, wanted, &source, err))
        return false;
    if (wanted->kind == PAGE_PICTURE_COPY) {
        if (paging->side_px == 0)
            return *err = paging->why, false;
        if (!origin_operation(&paging->facts->origin, wanted->operation, &setting, err))
            return false;
        wish.augment = &setting;
        wish.augment_side_px = paging->side_px;
    }
    if (!image_small(paging->facts->call, &source, &wish, &picture, err))
        return false;
    bool is_done = read_all(picture.fd, into, err);
    (void)close(picture.fd);
    return is_done;
}

/* In a file that has no name, and is gone when it is closed. */
static bool put_file(struct api_call *call, struct bytes page, struct error *err)
{
    char hash[HASH_HEX_BYTES];
    int fd = memfd_create("report", MFD_CLOEXEC);
    call->file.fd = fd;
    for (size_t at = 0; fd >= 0 && at < page.size;) {
        ssize_t bytes = write(fd, (const char *)page.data + at, page.size - at);
        if (bytes <= 0)
            return error_set(err, ERR_IO, "the page of the report could not be written");
        at += (size_t)bytes;
    }
    if (fd < 0 || lseek(fd, 0, SEEK_SET) != 0)
        return error_set(err, ERR_IO, "the page of the report could not be written");
    hash_of(page, hash);
    call->file.bytes = page.size;
    call->file.content_type = "text/html; charset=utf-8";
    call->file.etag = arena_text(call->arena, hash);
    return call->file.etag || error_no_memory(err);
}

static bool write_page(struct api_call *call, struct paging *paging, struct error *err)
{
    AUTO_BUFFER(page, PAGE_MAX_BYTES);
    AUTO_JSON reply = yyjson_mut_doc_imut_copy(call->reply, NULL);
    const struct page_source source = {yyjson_doc_get_root(reply), give_picture, paging};
    if (!reply)
        return error_no_memory(err);
    if (!origin_side(call, &paging->facts->origin, &paging->side_px, &paging->why))
        paging->side_px = 0;
    if (!page_write(&source, &page, err) || !put_file(call, (struct bytes){page.data, page.size}, err))
        return false;
    call->file.name = arena_printf(call->arena, "hard-examples-%.8s.html", paging->facts->origin.task.id);
    return call->file.name || error_no_memory(err);
}

/* Without a server's cache of pictures, that in the data folder is used for this once. */
static bool page(struct api_call *call, struct error *err)
{
    const struct report_request *request = call->params;
    struct task_report_facts facts;
    AUTO(picture_cache) own = NULL;
    struct paging paging = {.facts = &facts, .pictures = call->api->pictures};
    const char *folder = arena_printf(call->arena, "%s/cache/pictures", call->api->data_folder);
    if (!folder)
        return error_no_memory(err);
    if (!paging.pictures) {
        if (!picture_cache_open(folder, PICTURE_CACHE_MAX_BYTES, &own, err))
            return false;
        paging.pictures = own;
    }
    bool is_done = task_report_gather(call, request->task, request->examples, &facts, err) &&
                   write_page(call, &paging, err);
    task_report_release(&facts);
    return is_done;
}

const struct route route_task_report = {"task.report",
                                        "GET",
                                        "/api/v1/tasks/{task}/report",
                                        report_params,
                                        sizeof(struct report_request),
                                        report,
                                        "Tells what a filtering did, and shows its hardest examples.",
                                        ROLE_READ,
                                        200,
                                        &shape_task_report};
const struct route route_task_report_page = {
    "task.report_page",
    "GET",
    "/api/v1/tasks/{task}/report.html",
    report_params,
    sizeof(struct report_request),
    page,
    "Gives the report of a filtering as one HTML file with pictures.",
    ROLE_READ,
    200,
    NULL,
    true};
