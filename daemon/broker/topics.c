/* SPDX-License-Identifier: MIT */
/*
 * One entry a retained topic:
 *
 *            set, connect              publish               DONE
 *   settled ------------> dirty ------------------> away ------------> settled (or removed, if cleared)
 *                           ^                         |
 *                           +--- REFUSED, LOST, set --+     (a wait_until between two tries)
 *
 * Only one message of a topic is on its way at a time, so the newest value is always the last.
 */
#include "daemon/broker/topics_private.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"

/* ---- sending -------------------------------------------------------------------------------------------- */

static bool is_path(const struct entry *entry, bool says)
{
    return entry->rank == RANK_PATH && (entry->payload != NULL) == says;
}

/* What is announced of Home Assistant's devices may take the names of one that is to go: not before that is
 * cleared, and it had a moment to see it go, or the entities would get other ids. */
static bool announces_later(const struct topics *topics)
{
    for (size_t i = 0; i < topics->entries.n; i++)
        if (topics->entries.items[i]->dirty && is_path(topics->entries.items[i], false))
            return true;
    return topics->sweeping;
}

static uint64_t due_usec(const struct topics *topics, const struct entry *entry, bool later)
{
    bool announces = is_path(entry, true);

    if (!entry->dirty || entry->cookie || (announces && later))
        return TOPICS_NEVER;
    return announces && entry->wait_until_usec < topics->announced_from_usec
               ? topics->announced_from_usec
               : entry->wait_until_usec;
}

static int send_entry(struct topics *topics, struct entry *entry, uint64_t now_usec)
{
    struct mqtt_publish message = { .topic = entry->path,
                                    .payload = entry->payload,
                                    .length = entry->length,
                                    .qos = entry->qos,
                                    .retain = true,
                                    .cookie = TOPICS_COOKIE | (topics->last_cookie + 1) };
    int r = topics->callbacks.publish(topics->userdata, &message);
    if (r < 0)
        return r;
    topics->last_cookie++;
    topics->n_away++;
    entry->cookie = message.cookie;
    entry->dirty = false;
    entry->wait_until_usec = entry->rank == RANK_PATH ? now_usec + TOPICS_PATH_REST_USEC : 0;
    topics->spoken = topics->spoken || entry->rank == RANK_STATUS;
    if (is_path(entry, false))
        topics->announced_from_usec = entry->wait_until_usec;
    return 0;
}

void topics_send_due(struct topics *topics, uint64_t now_usec)
{
    if (!topics_may_publish(topics))
        return;
    bool later = announces_later(topics);
    for (size_t i = 0; i < topics->entries.n && topics->n_away < TOPICS_WINDOW; i++) {
        struct entry *entry = topics->entries.items[i];
        if (due_usec(topics, entry, later) > now_usec)
            continue;
        if (send_entry(topics, entry, now_usec) < 0) {
            /* no room: there is when an answer comes, and if none is due, after a while */
            entry->wait_until_usec = now_usec + TOPICS_RETRY_USEC;
            return;
        }
    }
}

static void refused(struct topics *topics, struct entry *entry, int reason, uint64_t now_usec)
{
    if (++entry->refusals < TOPICS_TRIES) {
        entry->dirty = true;
        entry->wait_until_usec = now_usec + TOPICS_RETRY_USEC;
    } else if (entry->refusals == TOPICS_TRIES) {
        topics->callbacks.on_refused(topics->userdata, entry->path, reason);
    }
}

void topics_answer(struct topics *topics, uint64_t cookie, enum mqtt_result result, int reason,
                   uint64_t now_usec)
{
    struct entry *entry =
        topics_owns(cookie) ? topics_entries_of_cookie(&topics->entries, cookie) : NULL;
    if (!entry)
        return;
    entry->cookie = 0;
    topics->n_away--;
    switch (result) {
    case MQTT_DONE:
        entry->refusals = 0;
        if (!entry->payload && !entry->dirty)
            topics_entries_forget(&topics->entries, entry);
        break;
    case MQTT_REFUSED:
        refused(topics, entry, reason, now_usec);
        break;
    case MQTT_LOST:
        entry->dirty = true;
        entry->wait_until_usec = now_usec + TOPICS_RETRY_USEC;
        break;
    }
    topics_send_due(topics, now_usec);
}

/* ---- state ------------------------------------------------------------------------------------------------ */

static int set(struct topics *topics, const char *path, enum rank rank, int qos,
               const void *payload, size_t length, uint64_t now_usec)
{
    struct entry *entry = topics_entries_find(&topics->entries, path);
    if (entry)
        entry->swept = false;
    if (entry && entry_says(entry, payload, length))
        return 0;
    _cleanup_free_ void *copy = malloc(length + 1);
    if (!copy || (!entry && !(entry = topics_entries_add(&topics->entries, path, rank, qos))))
        return -ENOMEM;
    memcpy(copy, payload, length);
    entry_take(entry, TAKE_PTR(copy), length);
    topics_send_due(topics, now_usec);
    return 0;
}

int topics_set(struct topics *topics, enum topic topic, const char *first, const char *second,
               const void *payload, size_t length, uint64_t now_usec)
{
    char path[TOPIC_MAX];
    int r = topics_table[topic].retained && length > 0 ? 0 : -EINVAL;
    r = r < 0 ? r : topics_format(path, topics->root, topics->gateway, topic, first, second);
    if (r < 0)
        return r;
    enum rank rank = topic == TOPIC_STATUS ? RANK_STATUS : RANK_STATE;
    return set(topics, path, rank, topics_table[topic].qos, payload, length, now_usec);
}

int topics_set_path(struct topics *topics, const char *path, const void *payload, size_t length,
                    uint64_t now_usec)
{
    if (!path[0] || strpbrk(path, "+#") || length == 0)
        return -EINVAL;
    return set(topics, path, RANK_PATH, 1, payload, length, now_usec);
}

bool topics_says(const struct topics *topics, enum topic topic, const char *first,
                 const char *second)
{
    char path[TOPIC_MAX];
    int r = topics_format(path, topics->root, topics->gateway, topic, first, second);
    const struct entry *entry = r < 0 ? NULL : topics_entries_find(&topics->entries, path);

    return entry && entry->payload;
}

static void repeat_all(struct topics *topics)
{
    for (size_t i = 0; i < topics->entries.n; i++) {
        topics->entries.items[i]->dirty = true;
        topics->entries.items[i]->refusals = 0;
    }
}

void topics_set_online(struct topics *topics, bool online, uint64_t now_usec)
{
    for (size_t i = 0; i < topics->entries.n; i++) {
        topics->entries.items[i]->cookie = 0; /* of the old link: its answer is of no use now */
        topics->entries.items[i]->wait_until_usec = 0;
    }
    topics->n_away = 0;
    topics->online = online;
    topics->spoken = false;
    topics->repeat_at_usec = TOPICS_NEVER;
    repeat_all(topics);
    topics_send_due(topics, now_usec);
}

bool topics_has_spoken(const struct topics *topics)
{
    return topics->spoken;
}

void topics_mute(struct topics *topics, bool mute, uint64_t now_usec)
{
    if (topics->mute && !mute) { /* what the other one said lies there now */
        topics->spoken = false;
        repeat_all(topics);
    }
    topics->mute = mute;
    topics_send_due(topics, now_usec);
}

void topics_repeat_at(struct topics *topics, uint64_t at_usec)
{
    if (at_usec < topics->repeat_at_usec)
        topics->repeat_at_usec = at_usec;
}

void topics_repeat(struct topics *topics, enum topic topic, uint64_t now_usec)
{
    char path[TOPIC_MAX];
    struct entry *entry = topics_format(path, topics->root, topics->gateway, topic, NULL, NULL) == 0
                              ? topics_entries_find(&topics->entries, path)
                              : NULL;
    if (entry)
        entry->dirty = true;
    topics_send_due(topics, now_usec);
}

void topics_rest_after(struct topics *topics, const struct topics *others)
{
    if (topics->announced_from_usec < others->announced_from_usec)
        topics->announced_from_usec = others->announced_from_usec;
}

void topics_run(struct topics *topics, uint64_t now_usec)
{
    if (topics->repeat_at_usec <= now_usec) {
        topics->repeat_at_usec = TOPICS_NEVER;
        repeat_all(topics);
    }
    topics_send_due(topics, now_usec);
}

/* With the window full the next step is an answer's, not a time's. */
uint64_t topics_next_usec(const struct topics *topics)
{
    if (!topics_may_publish(topics))
        return TOPICS_NEVER;
    uint64_t next_usec = topics->repeat_at_usec;
    bool later = announces_later(topics);
    for (size_t i = 0; i < topics->entries.n && topics->n_away < TOPICS_WINDOW; i++) {
        uint64_t at_usec = due_usec(topics, topics->entries.items[i], later);
        if (at_usec < next_usec)
            next_usec = at_usec;
    }
    return next_usec;
}

bool topics_settled(const struct topics *topics)
{
    for (size_t i = 0; i < topics->entries.n; i++)
        if (topics->entries.items[i]->dirty || topics->entries.items[i]->cookie)
            return false;
    return true;
}

/* ---- what is ours ----------------------------------------------------------------------------------------------- */

const char *const *topics_filters(const struct topics *topics)
{
    return (const char *const *)topics->own.filters;
}

const char *const *topics_path_filters(const struct topics *topics)
{
    return topics_own_path_filters(&topics->own);
}

int topics_own_paths(struct topics *topics, const char *filter, const char *prefix)
{
    return topics_own_add(&topics->own, filter, prefix);
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

int topics_new(struct topics **ret, const char *root, const char *gateway,
               const struct topics_callbacks *callbacks, void *userdata)
{
    if (!topic_is_level(root) || !topic_is_level(gateway) || strlen(root) >= sizeof((*ret)->root) ||
        strlen(gateway) >= sizeof((*ret)->gateway))
        return -EINVAL;
    struct topics *topics = calloc(1, sizeof(*topics));
    if (!topics)
        return -ENOMEM;
    topics->callbacks = *callbacks;
    topics->userdata = userdata;
    topics->repeat_at_usec = TOPICS_NEVER;
    memcpy(topics->root, root, strlen(root) + 1);
    memcpy(topics->gateway, gateway, strlen(gateway) + 1);
    int r = topics_own_init(&topics->own, root, gateway);
    if (r < 0) {
        topics_free(topics);
        return r;
    }
    *ret = topics;
    return 0;
}

void topics_hand_over(struct topics *topics, const struct topics_callbacks *callbacks,
                      void *userdata)
{
    topics->callbacks = *callbacks;
    topics->userdata = userdata;
}

struct topics *topics_free(struct topics *topics)
{
    if (!topics)
        return NULL;
    topics_entries_done(&topics->entries);
    topics_own_done(&topics->own);
    free(topics);
    return NULL;
}
