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
 *
 * Order matters after a connect: discovery first, because Home Assistant subscribes to what it
 * announces; `status` last, because "online" says that everything else is now true. The entries stand
 * in that order, and QoS 1 messages of one link arrive in the order they were sent.
 */
#include "daemon/broker/topics.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"

const struct topic_row topics_table[TOPIC_COUNT] = {
    [TOPIC_STATUS] = { "status", 1, true, false, 0, NULL, "connect, stop, loss",
                       "online or offline; the broker says offline for us when we are cut off" },
    [TOPIC_INFO] = { "info", 1, true, false, 0, "info", "connect, reload",
                     "version, machine, runners and sensors of this gateway" },
    [TOPIC_HEALTH] = { "health", 0, false, false, 0, "health", "each 60 s",
                       "counters, adapter, clock, signal strengths, unknown devices, problems" },
    [TOPIC_SENSOR] = { "sensor/<s>", 1, true, false, 0, "sensor", "state change",
                       "what a sensor does and why, its battery, model and counts" },
    [TOPIC_LIVE] = { "runner/<r>/live", 0, false, false, 10, "live", "1 Hz in a session",
                     "every live metric, null where unknown" },
    [TOPIC_NOW] = { "runner/<r>/now", 0, false, false, 60, "live",
                    "each 10 s in a session, once at its end",
                    "the same, slow, for programs that record what they hear" },
    [TOPIC_SESSION] = { "runner/<r>/session", 1, true, false, 0, "session", "start, minute, end",
                        "summary of the current or last session" },
    [TOPIC_WEEK] = { "runner/<r>/week", 1, true, false, 0, "week", "change",
                     "totals, limits and verdicts of the last seven days" },
    [TOPIC_ALERT] = { "runner/<r>/alert/<rule>", 1, true, false, 0, "alert", "verdict change",
                      "verdict of one rule with its figures and its sentence" },
    [TOPIC_EVENT] = { "runner/<r>/event", 1, false, false, 0, "event", "as they happen",
                      "what happened, told once; kept until the broker has it" },
    [TOPIC_REQUEST] = { "request/<verb>", 1, false, true, 0, NULL, "",
                        "a command to the gateway; retained ones are ignored" },
    [TOPIC_RESPONSE] = { "response/<verb>", 1, false, false, 0, "response", "request",
                         "the answer to a command" },
};

enum rank { RANK_PATH, RANK_STATE, RANK_STATUS };

struct entry {
    char *path;
    void *payload; /* NULL: cleared */
    size_t length;
    enum rank rank;
    int qos;
    bool dirty;
    bool swept;      /* not set again since topics_sweep_begin */
    uint64_t cookie; /* 0: not on its way */
    int refusals;
    uint64_t wait_until_usec;
};

struct topics {
    struct topics_callbacks callbacks;
    void *userdata;
    char root[64], gateway[64];
    struct entry **entries; /* by rank, then by age */
    size_t n_entries, n_allocated;
    size_t n_away;
    uint64_t last_cookie;
    uint64_t repeat_at_usec;
    bool online, mute;
    char **filters; /* NULL-terminated; the first ones of the table, then those of own_paths */
    char **prefixes;
    size_t n_filters, n_prefixes;
};

/* ---- names ------------------------------------------------------------------------------------------ */

static bool is_level(const char *text)
{
    return text && text[0] &&
           (strcmp(text, "+") == 0 ||
            text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0');
}

int topics_format(char ret[static TOPIC_MAX], const char *root, const char *gateway,
                  enum topic topic, const char *first, const char *second)
{
    const char *levels[] = { first, second };
    char text[TOPIC_MAX];
    size_t used = 0;
    int n = snprintf(text, sizeof(text), "%s/%s/", root, gateway);
    if (!is_level(root) || !is_level(gateway) || n < 0 || (size_t)n >= sizeof(text))
        return -EINVAL;
    for (const char *at = topics_table[topic].pattern; *at;) {
        const char *part = *at == '<' ? (used < 2 ? levels[used++] : NULL) : at;
        if (*at == '<' && !is_level(part))
            return -EINVAL;
        size_t length = *at == '<' ? strlen(part) : strcspn(at, "<");
        if ((size_t)n + length >= sizeof(text))
            return -EINVAL;
        memcpy(text + n, part, length);
        n += (int)length;
        at += *at == '<' ? strcspn(at, ">") + 1 : length;
    }
    text[n] = '\0';
    memcpy(ret, text, (size_t)n + 1);
    return 0;
}

static int format(const struct topics *topics, char ret[static TOPIC_MAX], enum topic topic,
                  const char *first, const char *second)
{
    return topics_format(ret, topics->root, topics->gateway, topic, first, second);
}

static bool filter_matches(const char *filter, const char *topic)
{
    for (;;) {
        size_t f = strcspn(filter, "/"), t = strcspn(topic, "/");
        bool any = f == 1 && filter[0] == '+';
        if (!any && (f != t || memcmp(filter, topic, f) != 0))
            return false;
        if (!filter[f] || !topic[t])
            return !filter[f] && !topic[t];
        filter += f + 1;
        topic += t + 1;
    }
}

/* ---- entries ------------------------------------------------------------------------------------------ */

static struct entry *find(const struct topics *topics, const char *path)
{
    for (size_t i = 0; i < topics->n_entries; i++)
        if (strcmp(topics->entries[i]->path, path) == 0)
            return topics->entries[i];
    return NULL;
}

static void entry_free(struct entry *entry)
{
    if (!entry)
        return;
    free(entry->path);
    free(entry->payload);
    free(entry);
}

static int make_room(struct topics *topics)
{
    if (topics->n_entries < topics->n_allocated)
        return 0;
    size_t n = topics->n_allocated ? 2 * topics->n_allocated : 32;
    struct entry **entries = realloc(topics->entries, n * sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    topics->entries = entries;
    topics->n_allocated = n;
    return 0;
}

static struct entry *add(struct topics *topics, const char *path, enum rank rank, int qos)
{
    struct entry *entry = calloc(1, sizeof(*entry));
    size_t at = topics->n_entries;
    if (!entry || !(entry->path = strdup(path)) || make_room(topics) < 0) {
        entry_free(entry);
        return NULL;
    }
    entry->rank = rank;
    entry->qos = qos;
    for (; at > 0 && topics->entries[at - 1]->rank > rank; at--)
        topics->entries[at] = topics->entries[at - 1];
    topics->entries[at] = entry;
    topics->n_entries++;
    return entry;
}

static void forget(struct topics *topics, struct entry *entry)
{
    size_t at = 0;
    while (topics->entries[at] != entry)
        at++;
    topics->n_entries--;
    memmove(&topics->entries[at], &topics->entries[at + 1],
            (topics->n_entries - at) * sizeof(struct entry *));
    entry_free(entry);
}

/* ---- sending -------------------------------------------------------------------------------------------- */

static bool may_publish(const struct topics *topics)
{
    return topics->online && !topics->mute;
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
    return 0;
}

static void send_due(struct topics *topics, uint64_t now_usec)
{
    if (!may_publish(topics))
        return;
    for (size_t i = 0; i < topics->n_entries && topics->n_away < TOPICS_WINDOW; i++) {
        struct entry *entry = topics->entries[i];
        if (!entry->dirty || entry->cookie || entry->wait_until_usec > now_usec)
            continue;
        if (send_entry(topics, entry, now_usec) < 0) {
            /* no room: there is when an answer comes, and if none is due, after a while */
            entry->wait_until_usec = now_usec + TOPICS_RETRY_USEC;
            return;
        }
    }
}

static struct entry *find_cookie(const struct topics *topics, uint64_t cookie)
{
    for (size_t i = 0; i < topics->n_entries && topics_owns(cookie); i++)
        if (topics->entries[i]->cookie == cookie)
            return topics->entries[i];
    return NULL;
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
    struct entry *entry = find_cookie(topics, cookie);
    if (!entry)
        return;
    entry->cookie = 0;
    topics->n_away--;
    switch (result) {
    case MQTT_DONE:
        entry->refusals = 0;
        if (!entry->payload && !entry->dirty)
            forget(topics, entry);
        break;
    case MQTT_REFUSED:
        refused(topics, entry, reason, now_usec);
        break;
    case MQTT_LOST:
        entry->dirty = true;
        entry->wait_until_usec = now_usec + TOPICS_RETRY_USEC;
        break;
    }
    send_due(topics, now_usec);
}

/* ---- state ------------------------------------------------------------------------------------------------ */

static int set(struct topics *topics, const char *path, enum rank rank, int qos,
               const void *payload, size_t length, uint64_t now_usec)
{
    struct entry *entry = find(topics, path);
    if (entry)
        entry->swept = false;
    if (entry && entry->payload && entry->length == length &&
        memcmp(entry->payload, payload, length) == 0)
        return 0;
    _cleanup_free_ void *copy = malloc(length + 1);
    if (!copy || (!entry && !(entry = add(topics, path, rank, qos))))
        return -ENOMEM;
    memcpy(copy, payload, length);
    free(entry->payload);
    entry->payload = TAKE_PTR(copy);
    entry->length = length;
    entry->dirty = true;
    entry->refusals = 0;
    send_due(topics, now_usec);
    return 0;
}

static void clear(struct topics *topics, struct entry *entry)
{
    if (!entry || !entry->payload)
        return;
    free(entry->payload);
    entry->payload = NULL;
    entry->length = 0;
    entry->dirty = true;
    entry->refusals = 0;
}

int topics_set(struct topics *topics, enum topic topic, const char *first, const char *second,
               const void *payload, size_t length, uint64_t now_usec)
{
    char path[TOPIC_MAX];
    int r = topics_table[topic].retained && length > 0 ? 0 : -EINVAL;
    r = r < 0 ? r : format(topics, path, topic, first, second);
    if (r < 0)
        return r;
    enum rank rank = topic == TOPIC_STATUS ? RANK_STATUS : RANK_STATE;
    return set(topics, path, rank, topics_table[topic].qos, payload, length, now_usec);
}

void topics_clear(struct topics *topics, enum topic topic, const char *first, const char *second,
                  uint64_t now_usec)
{
    char path[TOPIC_MAX];
    if (format(topics, path, topic, first, second) == 0)
        topics_clear_path(topics, path, now_usec);
}

int topics_set_path(struct topics *topics, const char *path, const void *payload, size_t length,
                    uint64_t now_usec)
{
    if (!path[0] || strpbrk(path, "+#") || length == 0)
        return -EINVAL;
    return set(topics, path, RANK_PATH, 1, payload, length, now_usec);
}

void topics_clear_path(struct topics *topics, const char *path, uint64_t now_usec)
{
    clear(topics, find(topics, path));
    send_due(topics, now_usec);
}

void topics_sweep_begin(struct topics *topics)
{
    for (size_t i = 0; i < topics->n_entries; i++)
        topics->entries[i]->swept = true;
}

void topics_sweep_end(struct topics *topics, uint64_t now_usec)
{
    for (size_t i = 0; i < topics->n_entries; i++)
        if (topics->entries[i]->swept) {
            topics->entries[i]->swept = false;
            clear(topics, topics->entries[i]);
        }
    send_due(topics, now_usec);
}

static void repeat_all(struct topics *topics)
{
    for (size_t i = 0; i < topics->n_entries; i++) {
        topics->entries[i]->dirty = true;
        topics->entries[i]->refusals = 0;
    }
}

void topics_set_online(struct topics *topics, bool online, uint64_t now_usec)
{
    for (size_t i = 0; i < topics->n_entries; i++) {
        topics->entries[i]->cookie = 0; /* of the old link: its answer is of no use now */
        topics->entries[i]->wait_until_usec = 0;
    }
    topics->n_away = 0;
    topics->online = online;
    topics->repeat_at_usec = TOPICS_NEVER;
    repeat_all(topics);
    send_due(topics, now_usec);
}

void topics_mute(struct topics *topics, bool mute, uint64_t now_usec)
{
    topics->mute = mute;
    send_due(topics, now_usec);
}

void topics_repeat_at(struct topics *topics, uint64_t at_usec)
{
    if (at_usec < topics->repeat_at_usec)
        topics->repeat_at_usec = at_usec;
}

void topics_repeat(struct topics *topics, enum topic topic, uint64_t now_usec)
{
    char path[TOPIC_MAX];
    struct entry *entry = format(topics, path, topic, NULL, NULL) == 0 ? find(topics, path) : NULL;
    if (entry)
        entry->dirty = true;
    send_due(topics, now_usec);
}

void topics_run(struct topics *topics, uint64_t now_usec)
{
    if (topics->repeat_at_usec <= now_usec) {
        topics->repeat_at_usec = TOPICS_NEVER;
        repeat_all(topics);
    }
    send_due(topics, now_usec);
}

/* With the window full the next step is an answer's, not a time's. */
uint64_t topics_next_usec(const struct topics *topics)
{
    if (!may_publish(topics))
        return TOPICS_NEVER;
    uint64_t next_usec = topics->repeat_at_usec;
    for (size_t i = 0; i < topics->n_entries && topics->n_away < TOPICS_WINDOW; i++) {
        const struct entry *entry = topics->entries[i];
        if (entry->dirty && !entry->cookie && entry->wait_until_usec < next_usec)
            next_usec = entry->wait_until_usec;
    }
    return next_usec;
}

bool topics_settled(const struct topics *topics)
{
    for (size_t i = 0; i < topics->n_entries; i++)
        if (topics->entries[i]->dirty || topics->entries[i]->cookie)
            return false;
    return true;
}

/* ---- not retained -------------------------------------------------------------------------------------------- */

int topics_publish(struct topics *topics, enum topic topic, const char *first, const void *payload,
                   size_t length, uint64_t cookie)
{
    const struct topic_row *row = &topics_table[topic];
    char path[TOPIC_MAX];
    if (row->retained || row->inbound)
        return -EINVAL;
    if (!may_publish(topics))
        return -ENOTCONN;
    int r = format(topics, path, topic, first, NULL);
    if (r < 0)
        return r;
    struct mqtt_publish message = { .topic = path,
                                    .payload = payload,
                                    .length = length,
                                    .qos = row->qos,
                                    .expiry_s = row->expiry_s,
                                    .cookie = cookie };
    return topics->callbacks.publish(topics->userdata, &message);
}

/* An asker may have the answer sent anywhere but where it would pass for our own word. */
static bool may_answer_to(const struct topics *topics, const char *path)
{
    char prefix[TOPIC_MAX];
    size_t n = (size_t)snprintf(prefix, sizeof(prefix), "%s/%s/", topics->root, topics->gateway);
    bool plain = path && path[0] && path[0] != '$' && !strpbrk(path, "+#");
    bool ours = plain && strncmp(path, prefix, n) == 0;
    return plain && (!ours || strncmp(path + n, "response/", 9) == 0);
}

int topics_respond(struct topics *topics, const char *verb, const struct mqtt_message *request,
                   const void *payload, size_t length)
{
    char path[TOPIC_MAX];
    const char *wanted = request ? request->response_topic : NULL;
    int r = format(topics, path, TOPIC_RESPONSE, verb, NULL);
    if (r < 0)
        return r;
    if (!may_publish(topics))
        return -ENOTCONN;
    struct mqtt_publish message = {
        .topic = path, .payload = payload, .length = length, .qos = topics_table[TOPIC_RESPONSE].qos
    };
    if (request) {
        message.correlation_data = request->correlation_data;
        message.correlation_length = request->correlation_length;
    }
    r = topics->callbacks.publish(topics->userdata, &message);
    if (r < 0 || !may_answer_to(topics, wanted) || strcmp(wanted, path) == 0)
        return r;
    message.topic = wanted;
    return topics->callbacks.publish(topics->userdata, &message);
}

/* ---- what an earlier configuration left ------------------------------------------------------------------------ */

static int add_text(char ***texts, size_t *n, const char *text)
{
    char **grown = realloc(*texts, (*n + 2) * sizeof(char *));
    if (!grown)
        return -ENOMEM;
    *texts = grown;
    grown[*n] = strdup(text);
    if (!grown[*n])
        return -ENOMEM;
    grown[++*n] = NULL;
    return 0;
}

/* `status` and `info` are always in the registry; all else retained may have lost its subject. */
static int make_filters(struct topics *topics)
{
    char filter[TOPIC_MAX];
    int r = 0;
    for (int i = 0; i < TOPIC_COUNT && r >= 0; i++) {
        if (!topics_table[i].retained || !strchr(topics_table[i].pattern, '<'))
            continue;
        r = format(topics, filter, (enum topic)i, "+", "+");
        r = r < 0 ? r : add_text(&topics->filters, &topics->n_filters, filter);
    }
    return r;
}

const char *const *topics_filters(const struct topics *topics)
{
    return (const char *const *)topics->filters;
}

int topics_own_paths(struct topics *topics, const char *filter, const char *prefix)
{
    for (size_t i = 0; i < topics->n_prefixes; i++)
        if (strcmp(topics->prefixes[i], prefix) == 0)
            return 0;
    int r = add_text(&topics->filters, &topics->n_filters, filter);
    return r < 0 ? r : add_text(&topics->prefixes, &topics->n_prefixes, prefix);
}

/* Ours: of the table, or of a filter of own_paths with its prefix */
static bool is_ours(const struct topics *topics, const char *path)
{
    size_t n_table = topics->n_filters - topics->n_prefixes;
    for (size_t i = 0; i < topics->n_filters; i++) {
        if (!filter_matches(topics->filters[i], path))
            continue;
        const char *prefix = i < n_table ? "" : topics->prefixes[i - n_table];
        if (strncmp(path, prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

/* Only what was retained, and says something: our own clearing does not come back as more work. */
bool topics_on_retained(struct topics *topics, const struct mqtt_message *message,
                        uint64_t now_usec)
{
    if (topics->mute || !message->retained || message->length == 0 ||
        !is_ours(topics, message->topic) || find(topics, message->topic))
        return false;
    struct entry *entry = add(topics, message->topic, RANK_STATE, 1);
    if (!entry)
        return false;
    entry->dirty = true;
    send_due(topics, now_usec);
    return true;
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

int topics_new(struct topics **ret, const char *root, const char *gateway,
               const struct topics_callbacks *callbacks, void *userdata)
{
    if (!is_level(root) || !is_level(gateway) || strlen(root) >= sizeof((*ret)->root) ||
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
    int r = make_filters(topics);
    if (r < 0) {
        topics_free(topics);
        return r;
    }
    *ret = topics;
    return 0;
}

struct topics *topics_free(struct topics *topics)
{
    if (!topics)
        return NULL;
    for (size_t i = 0; i < topics->n_entries; i++)
        entry_free(topics->entries[i]);
    for (size_t i = 0; i < topics->n_filters; i++)
        free(topics->filters[i]);
    for (size_t i = 0; i < topics->n_prefixes; i++)
        free(topics->prefixes[i]);
    free(topics->entries);
    free(topics->filters);
    free(topics->prefixes);
    free(topics);
    return NULL;
}
