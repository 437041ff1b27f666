/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/picture.h"

#include "base/file.h"
#include "picture/cache_disk.h"
#include "picture/render.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Part of every key: pictures made in another way are other pictures. */
#define PICTURE_FORM "picture-1"

/* A picture that somebody makes just now. Whoever wants the same waits for it. */
struct flight {
    struct flight *next;
    char key[HASH_HEX_BYTES]; /* of the wish */
    unsigned holders;         /* the maker and those who wait */
    bool is_over, is_done;
    char made[HASH_HEX_BYTES]; /* key of the picture */
    struct error err;
};

struct picture_cache {
    struct cache_disk *disk;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct flight *flights;
    unsigned decodes;
    uint64_t made;
};

bool picture_cache_open(const char *folder, uint64_t limit_bytes, struct picture_cache **ret,
                        struct error *err)
{
    struct picture_cache *cache = calloc(1, sizeof(*cache));
    if (!cache)
        return error_no_memory(err);
    if (!cache_disk_open(folder, limit_bytes, &cache->disk, err)) {
        free(cache);
        return false;
    }
    (void)pthread_mutex_init(&cache->lock, NULL);
    (void)pthread_cond_init(&cache->changed, NULL);
    *ret = cache;
    return true;
}

struct picture_cache *picture_cache_free(struct picture_cache *cache)
{
    if (!cache)
        return NULL;
    cache->disk = cache_disk_free(cache->disk);
    (void)pthread_cond_destroy(&cache->changed);
    (void)pthread_mutex_destroy(&cache->lock);
    free(cache);
    return NULL;
}

uint64_t picture_cache_made(struct picture_cache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    uint64_t made = cache->made;
    (void)pthread_mutex_unlock(&cache->lock);
    return made;
}

/* ---- keys ---- */

static void add_form(struct hash *hash, const struct picture_wish *wish)
{
    char text[160];
    (void)snprintf(text, sizeof(text), "%s %u %d %d %.17g %.17g %.17g %.17g", PICTURE_FORM,
                   wish->long_side_px, wish->quality, wish->has_part, wish->part.x0, wish->part.y0,
                   wish->part.x1, wish->part.y1);
    hash_add_text(hash, text);
    if (!wish->augment)
        return;
    (void)snprintf(text, sizeof(text), "%s %.17g %u", wish->augment->op->name, wish->augment->amount,
                   wish->augment_side_px);
    hash_add_text(hash, text);
}

static void key_of_content(const struct picture_wish *wish, const char *content_hash,
                           char ret_key[HASH_HEX_BYTES])
{
    struct hash hash;
    hash_start(&hash);
    add_form(&hash, wish);
    hash_add_text(&hash, content_hash);
    hash_finish(&hash, ret_key);
}

static void key_of_wish(const struct picture_wish *wish, char ret_key[HASH_HEX_BYTES])
{
    struct hash hash;
    hash_start(&hash);
    add_form(&hash, wish);
    hash_add_text(&hash, wish->path);
    hash_add_text(&hash, wish->content_hash ? wish->content_hash : "");
    hash_finish(&hash, ret_key);
}

/* ---- making ---- */

static void begin_decode(struct picture_cache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    while (cache->decodes >= PICTURE_DECODES_MAX)
        (void)pthread_cond_wait(&cache->changed, &cache->lock);
    cache->decodes++;
    (void)pthread_mutex_unlock(&cache->lock);
}

static void end_decode(struct picture_cache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    cache->decodes--;
    (void)pthread_cond_broadcast(&cache->changed);
    (void)pthread_mutex_unlock(&cache->lock);
}

static bool read_source(const struct picture_wish *wish, struct buffer *into, struct error *err)
{
    if (file_read_within(wish->roots, wish->path, into, err))
        return true;
    if (err->code == ERR_NOT_FOUND || err->code == ERR_INVALID)
        return error_set_detail(err, DETAIL_IMAGE_MISSING, "the image file is not there any more");
    if (err->code == ERR_LIMIT)
        return error_set_detail(err, DETAIL_IMAGE_TOO_LARGE, "the image file is larger than %d bytes",
                                IMAGE_FILE_MAX_BYTES);
    return false;
}

/* Reads the file, and makes the picture unless one of this content is there. */
static bool make(struct picture_cache *cache, const struct picture_wish *wish, char ret_key[HASH_HEX_BYTES],
                 struct error *err)
{
    char content[HASH_HEX_BYTES];
    AUTO_BUFFER(file, IMAGE_FILE_MAX_BYTES);
    AUTO_BUFFER(small, PICTURE_FILE_MAX_BYTES);
    if (!read_source(wish, &file, err))
        return false;
    const struct bytes bytes = {file.data, file.size};
    hash_of(bytes, content);
    key_of_content(wish, content, ret_key);
    if (cache_disk_has(cache->disk, ret_key))
        return true;
    if (!picture_render(bytes, content, wish, &small, err))
        return false;
    (void)pthread_mutex_lock(&cache->lock);
    cache->made++;
    (void)pthread_mutex_unlock(&cache->lock);
    return cache_disk_put(cache->disk, ret_key, (struct bytes){small.data, small.size}, err);
}

static bool make_bounded(struct picture_cache *cache, const struct picture_wish *wish,
                         char ret_key[HASH_HEX_BYTES], struct error *err)
{
    begin_decode(cache);
    bool is_done = make(cache, wish, ret_key, err);
    end_decode(cache);
    return is_done;
}

/* ---- one maker ---- */

/* The flight of this key, ours to make when *ret_is_maker. NULL: no memory. */
static struct flight *board(struct picture_cache *cache, const char *key, bool *ret_is_maker)
{
    struct flight *flight = cache->flights;
    while (flight && strcmp(flight->key, key) != 0)
        flight = flight->next;
    *ret_is_maker = !flight;
    if (!flight) {
        flight = calloc(1, sizeof(*flight));
        if (!flight)
            return NULL;
        memcpy(flight->key, key, sizeof(flight->key));
        flight->next = cache->flights;
        cache->flights = flight;
    }
    flight->holders++;
    return flight;
}

static void land(struct picture_cache *cache, struct flight *flight)
{
    struct flight **at = &cache->flights;
    while (*at && *at != flight)
        at = &(*at)->next;
    if (*at)
        *at = flight->next;
    flight->is_over = true;
    (void)pthread_cond_broadcast(&cache->changed);
}

static bool make_once(struct picture_cache *cache, const struct picture_wish *wish,
                      char ret_key[HASH_HEX_BYTES], struct error *err)
{
    char key[HASH_HEX_BYTES], made[HASH_HEX_BYTES] = "";
    struct error why = {0};
    bool is_maker = false;
    key_of_wish(wish, key);
    (void)pthread_mutex_lock(&cache->lock);
    struct flight *flight = board(cache, key, &is_maker);
    while (flight && !is_maker && !flight->is_over)
        (void)pthread_cond_wait(&cache->changed, &cache->lock);
    (void)pthread_mutex_unlock(&cache->lock);
    if (!flight)
        return error_no_memory(err);
    bool is_made = is_maker && make_bounded(cache, wish, made, &why);
    (void)pthread_mutex_lock(&cache->lock);
    if (is_maker) {
        flight->is_done = is_made;
        flight->err = why;
        memcpy(flight->made, made, sizeof(made));
        land(cache, flight);
    }
    bool is_done = flight->is_done;
    if (is_done)
        memcpy(ret_key, flight->made, sizeof(flight->made));
    else
        *err = flight->err;
    if (--flight->holders == 0)
        free(flight);
    (void)pthread_mutex_unlock(&cache->lock);
    return is_done;
}

static bool give(struct picture_cache *cache, const char *key, struct picture *ret)
{
    struct picture picture = {.fd = -1};
    if (!cache_disk_get(cache->disk, key, &picture.fd, &picture.bytes))
        return false;
    memcpy(picture.etag, key, sizeof(picture.etag));
    *ret = picture;
    return true;
}

bool picture_get(struct picture_cache *cache, const struct picture_wish *wish, struct picture *ret,
                 struct error *err)
{
    char wanted[HASH_HEX_BYTES] = "", made[HASH_HEX_BYTES];
    if (wish->content_hash)
        key_of_content(wish, wish->content_hash, wanted);
    if (wish->content_hash && give(cache, wanted, ret)) {
        ret->is_of_content = true;
        return true;
    }
    /* Twice: another process may remove what was made just now. */
    for (int i = 0; i < 2; i++) {
        if (!make_once(cache, wish, made, err))
            return false;
        if (!give(cache, made, ret))
            continue;
        ret->is_of_content = strcmp(made, wanted) == 0;
        return true;
    }
    return error_set(err, ERR_IO, "the cache of pictures loses what is put into it");
}
