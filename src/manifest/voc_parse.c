/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest/voc_parse.h"

#include "base/text.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdio.h>
#include <string.h>

/* Watches the parser, which calls back before it builds each element. */
struct guard {
    size_t elements, depth;
    struct error refusal;
};

static void stop(xmlParserCtxt *context, enum error_code code, const char *why)
{
    struct guard *guard = context->_private;
    int line = xmlSAX2GetLineNumber(context);
    if (guard->refusal.code == ERR_NONE)
        (void)error_set(&guard->refusal, code, "line %d: %s", line, why);
    xmlStopParser(context);
}

static void on_doctype(void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
    (void)name, (void)public_id, (void)system_id;
    stop(data, ERR_INVALID, "a document type declaration (<!DOCTYPE …>) is not allowed here; take it out");
}

static void on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count, int default_count,
                     const xmlChar **attributes)
{
    char why[96];
    xmlParserCtxt *context = data;
    struct guard *guard = context->_private;
    if (guard->refusal.code != ERR_NONE)
        return;
    guard->elements++;
    guard->depth++;
    if (guard->elements > VOC_ELEMENTS_MAX || guard->depth > VOC_DEPTH_MAX) {
        (void)snprintf(why, sizeof(why), "more than %d elements%s",
                       guard->depth > VOC_DEPTH_MAX ? VOC_DEPTH_MAX : VOC_ELEMENTS_MAX,
                       guard->depth > VOC_DEPTH_MAX ? " in one another" : "");
        stop(context, ERR_LIMIT, why);
        return;
    }
    xmlSAX2StartElementNs(data, name, prefix, uri, namespace_count, namespaces, attribute_count,
                          default_count, attributes);
}

static void on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    xmlParserCtxt *context = data;
    struct guard *guard = context->_private;
    if (guard->refusal.code != ERR_NONE)
        return;
    guard->depth--;
    xmlSAX2EndElementNs(data, name, prefix, uri);
}

static bool bad_xml(const xmlParserCtxt *context, struct error *err)
{
    const xmlError *why = &context->lastError;
    int bytes = why->message ? (int)strcspn(why->message, "\n") : 0;
    return error_set(err, ERR_INVALID, "line %d: not XML: %.*s", why->line, bytes,
                     bytes > 0 ? why->message : "");
}

/* libxml2 prints some errors of encodings if nobody of this thread takes them. */
static void stay_quiet(void *data, xmlError *why)
{
    (void)data, (void)why;
}

bool voc_parse(struct bytes file, xmlDoc **ret, struct error *err)
{
    struct guard guard = {0};
    xmlSetStructuredErrorFunc(NULL, stay_quiet);
    if (file.size > VOC_FILE_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "the file has %zu bytes; %d is the limit", file.size,
                         VOC_FILE_MAX_BYTES);
    xmlParserCtxt *context = xmlNewParserCtxt();
    if (!context)
        return error_no_memory(err);
    context->_private = &guard;
    context->sax->internalSubset = on_doctype;
    context->sax->startElementNs = on_start;
    context->sax->endElementNs = on_end;
    xmlDoc *doc = xmlCtxtReadMemory(context, file.data ? file.data : "", (int)file.size, NULL, NULL,
                                    XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_NOCDATA |
                                        XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    bool is_parsed = doc && guard.refusal.code == ERR_NONE;
    if (guard.refusal.code != ERR_NONE)
        *err = guard.refusal;
    else if (!doc)
        (void)bad_xml(context, err);
    xmlFreeParserCtxt(context);
    if (!is_parsed)
        xmlFreeDoc(doc);
    else
        *ret = doc;
    return is_parsed;
}

const char *voc_element_name(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE ? (const char *)node->name : NULL;
}

uint32_t voc_line_of(const xmlNode *node)
{
    long line = xmlGetLineNo(node);
    return line > 0 ? (uint32_t)line : 0;
}

bool voc_refuse(const struct voc_place *place, const xmlNode *node, const char *must, struct error *err)
{
    char object[32] = "";
    if (place->object > 0)
        (void)snprintf(object, sizeof(object), "object %zu: ", place->object);
    return error_set(err, ERR_INVALID, "line %u: %s<%.60s> %s", voc_line_of(node), object,
                     (const char *)node->name, must);
}

bool voc_text_of(const struct voc_place *place, const xmlNode *node, size_t max, const char **ret,
                 struct error *err)
{
    for (const xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            return voc_refuse(place, node, "must hold text, no elements", err);
    xmlChar *text = xmlNodeGetContent(node);
    size_t bytes = text ? strlen((const char *)text) : 0;
    bool is_short = bytes <= max;
    *ret = is_short ? arena_text_n(place->arena, text ? (const char *)text : "", bytes) : NULL;
    xmlFree(text);
    if (!is_short) {
        char must[64];
        (void)snprintf(must, sizeof(must), "is longer than %zu bytes", max);
        (void)voc_refuse(place, node, must, err);
        err->code = ERR_LIMIT;
        return false;
    }
    return *ret || error_no_memory(err);
}

bool voc_content_of(const struct voc_place *place, const xmlNode *node, size_t max, const char **ret,
                    struct error *err)
{
    if (!voc_text_of(place, node, max, ret, err))
        return false;
    return (*ret)[0] != '\0' || voc_refuse(place, node, "is empty", err);
}

/* Without the blanks around it: files are indented in many ways. */
static bool bare_number(const struct voc_place *place, const xmlNode *node, char *into, size_t size,
                        struct error *err)
{
    const char *text = NULL;
    if (!voc_content_of(place, node, VOC_TEXT_MAX_BYTES, &text, err))
        return false;
    text += strspn(text, " \t\r\n");
    size_t bytes = strcspn(text, " \t\r\n");
    bool is_one = text[bytes + strspn(text + bytes, " \t\r\n")] == '\0' && bytes < size;
    (void)snprintf(into, size, "%.*s", is_one ? (int)bytes : 0, text);
    return true;
}

bool voc_number_of(const struct voc_place *place, const xmlNode *node, double min, double max, double *ret,
                   struct error *err)
{
    char text[64], must[120];
    struct error ignored = {0};
    double number = 0;
    if (!bare_number(place, node, text, sizeof(text), err))
        return false;
    if (!text_to_double(text, "number", min, max, &number, &ignored)) {
        (void)snprintf(must, sizeof(must), "must be a number from %.0f to %.0f, not '%.30s'", min, max, text);
        return voc_refuse(place, node, must, err);
    }
    *ret = number + 0.0; /* no -0, which would not be written as it was read */
    return true;
}

bool voc_keep_element(const struct voc_place *place, xmlNode *node, struct buffer *into, struct error *err)
{
    /* A copy, because it takes along what its parents say of namespaces. */
    xmlNode *copy = xmlCopyNode(node, 1);
    xmlBuffer *text = xmlBufferCreate();
    bool is_written = copy && text && xmlNodeDump(text, NULL, copy, 0, 0) >= 0;
    bool is_kept = is_written && buffer_add(into, xmlBufferContent(text), (size_t)xmlBufferLength(text));
    if (text)
        xmlBufferFree(text);
    xmlFreeNode(copy);
    if (!is_written)
        return error_no_memory(err);
    return is_kept || (voc_refuse(place, node, "and other elements of no known name are too long", err),
                       err->code = ERR_LIMIT, false);
}
