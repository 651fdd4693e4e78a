/* SPDX-License-Identifier: MIT */
/*
 * Rows stand in one list in the order they came (that is what the bounds look at) and, while they are
 * to be sent, in the list of their runner's lane. Only the first of a lane is ever on its way.
 *
 *   all:     a1 -> b1 -> a2 -> a3 -> b2          oldest first; dropped from here, alerts last
 *   lane a:  a1 -> a2 -> a3                      a1 on its way
 *   lane b:  b1 -> b2                            b1 refused once, tried again at retry_usec
 *
 * A refused row keeps its place for three tries, because order matters more than speed, and then
 * leaves its lane, because nobody may be held up by it for ever. With each new link the oldest of these
 * is the first of its lane for one more try, and the next one if that goes through: somebody may have
 * mended what was in the way.
 */
#include "daemon/broker/outbox.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"

struct row {
    struct row *previous, *next; /* all */
    struct row *lane_next;
    struct store_event event;
    uint64_t cookie;     /* 0: not on its way */
    uint64_t since_usec; /* it waits; 0: since another start */
};

struct lane {
    struct lane *next;
    char runner[sizeof(((struct store_event *)NULL)->runner)];
    struct row *first, **tail;
    uint64_t retry_usec; /* 0: as soon as possible */
};

struct outbox {
    struct outbox_callbacks callbacks;
    void *userdata;
    struct row *first, *last;
    struct lane *lanes;
    size_t n_rows, n_refused;
    uint64_t dropped;
    uint64_t last_cookie;
    int64_t oldest_usec; /* lower bound of at_usec of all rows; INT64_MAX: none has a date */
    bool online, hold;
    bool telling;       /* a callback runs: no row goes, and none is sent */
    int64_t asked_usec; /* wall_usec of the outbox_run it asked for; 0: of none that could drop */
};

/* ---- rows ----------------------------------------------------------------------------------------- */

static struct lane *lane_of(struct outbox *outbox, const char *runner)
{
    for (struct lane *lane = outbox->lanes; lane; lane = lane->next)
        if (strcmp(lane->runner, runner) == 0)
            return lane;
    struct lane *lane = calloc(1, sizeof(*lane));
    if (!lane)
        return NULL;
    memcpy(lane->runner, runner, strlen(runner) + 1);
    lane->tail = &lane->first;
    lane->next = outbox->lanes;
    outbox->lanes = lane;
    return lane;
}

static void leave_lane(struct outbox *outbox, struct row *row)
{
    struct lane *lane = lane_of(outbox, row->event.runner);
    if (!lane)
        return;
    struct row **at = &lane->first;
    while (*at && *at != row)
        at = &(*at)->lane_next;
    if (!*at)
        return; /* most refused rows are in no lane */
    if (row == lane->first)
        lane->retry_usec = 0;
    *at = row->lane_next;
    if (!*at)
        lane->tail = at;
}

static void take_out(struct outbox *outbox, struct row *row)
{
    if (row->event.refused)
        outbox->n_refused--;
    leave_lane(outbox, row);
    *(row->previous ? &row->previous->next : &outbox->first) = row->next;
    *(row->next ? &row->next->previous : &outbox->last) = row->previous;
    outbox->n_rows--;
}

static void row_free(struct row *row)
{
    if (row)
        free(row->event.body);
    free(row);
}

/* Whoever is told of it finds it gone. */
static void let_go(struct outbox *outbox, struct row *row,
                   void (*tell)(void *userdata, const char *id))
{
    take_out(outbox, row);
    outbox->telling = true;
    tell(outbox->userdata, row->event.id);
    outbox->telling = false;
    row_free(row);
}

static struct row *row_new(const struct store_event *event)
{
    struct row *row = calloc(1, sizeof(*row));
    if (!row)
        return NULL;
    row->event = *event;
    row->event.id[sizeof(row->event.id) - 1] = '\0';
    row->event.runner[sizeof(row->event.runner) - 1] = '\0';
    row->event.body = strdup(event->body ? event->body : "{}");
    if (row->event.body)
        return row;
    row_free(row);
    return NULL;
}

static int add_row(struct outbox *outbox, const struct store_event *event, uint64_t since_usec)
{
    struct row *row = row_new(event);
    struct lane *lane = row ? lane_of(outbox, row->event.runner) : NULL;
    if (!lane) {
        row_free(row);
        return -ENOMEM;
    }
    row->since_usec = since_usec;
    row->previous = outbox->last;
    *(outbox->last ? &outbox->last->next : &outbox->first) = row;
    outbox->last = row;
    outbox->n_rows++;
    if (event->at_usec && event->at_usec < outbox->oldest_usec)
        outbox->oldest_usec = event->at_usec;
    if (row->event.refused) {
        outbox->n_refused++;
        return 0;
    }
    *lane->tail = row;
    lane->tail = &row->lane_next;
    return 0;
}

/* ---- bounds ---------------------------------------------------------------------------------------- */

static void drop(struct outbox *outbox, struct row *row)
{
    outbox->dropped++;
    let_go(outbox, row, outbox->callbacks.on_dropped);
}

/* What goes first when there are too many: refused ones, then the oldest, alerts at the very last.
 * A row on its way stays: its answer is to come. */
static struct row *least_wanted(const struct outbox *outbox)
{
    struct row *best = NULL;
    int best_rank = 3;
    for (struct row *row = outbox->first; row && best_rank > 0; row = row->next) {
        int rank = row->event.refused ? 0 : row->event.kind != EVENT_ALERT ? 1 : 2;
        if (row->cookie == 0 && rank < best_rank) {
            best = row;
            best_rank = rank;
        }
    }
    return best;
}

static void drop_surplus(struct outbox *outbox)
{
    while (outbox->n_rows > STORE_EVENTS_MAX) {
        struct row *row = least_wanted(outbox);
        if (!row)
            return;
        drop(outbox, row);
    }
}

/* What is told here and now can be of long ago, or dated by a clock that was behind. */
static bool may_be_old(const struct row *row, uint64_t now_usec)
{
    return row->cookie == 0 &&
           (row->since_usec == 0 || now_usec - row->since_usec >= STORE_EVENTS_USEC);
}

static void drop_old(struct outbox *outbox, int64_t wall_usec, uint64_t now_usec)
{
    int64_t limit_usec = wall_usec - (int64_t)STORE_EVENTS_USEC;
    if (outbox->hold || wall_usec <= 0 || outbox->oldest_usec >= limit_usec)
        return;
    outbox->oldest_usec = INT64_MAX;
    for (struct row *row = outbox->first, *next; row; row = next) {
        int64_t at_usec = row->event.at_usec;
        next = row->next;
        if (at_usec && at_usec < limit_usec && may_be_old(row, now_usec))
            drop(outbox, row);
        else if (at_usec && at_usec < outbox->oldest_usec)
            outbox->oldest_usec = at_usec;
    }
}

/* ---- sending ---------------------------------------------------------------------------------------- */

static void try_refused(struct outbox *outbox, struct lane *lane)
{
    struct row *row = outbox->first;
    while (row && !(row->event.refused && strcmp(row->event.runner, lane->runner) == 0))
        row = row->next;
    if (!row)
        return;
    lane->retry_usec = 0;
    if (row == lane->first) /* since the link before */
        return;
    row->lane_next = lane->first;
    lane->first = row;
    if (!row->lane_next)
        lane->tail = &row->lane_next;
}

/* Told, or of no use to tell: of those that were refused the next one may try. */
static void let_go_and_try_next(struct outbox *outbox, struct lane *lane, struct row *row)
{
    bool refused = row->event.refused;
    let_go(outbox, row, outbox->callbacks.on_delivered);
    if (refused)
        try_refused(outbox, lane);
}

static void send_first(struct outbox *outbox, struct lane *lane, uint64_t now_usec)
{
    struct row *row;
    while ((row = lane->first) && !row->cookie && lane->retry_usec <= now_usec) {
        uint64_t cookie = OUTBOX_COOKIE | ++outbox->last_cookie;
        outbox->telling = true;
        int r = outbox->callbacks.send(outbox->userdata, &row->event, cookie);
        outbox->telling = false;
        if (r == OUTBOX_NOT_TOLD) {
            let_go_and_try_next(outbox, lane, row);
            continue;
        }
        lane->retry_usec = r < 0 ? now_usec + OUTBOX_RETRY_USEC : 0;
        row->cookie = r < 0 ? 0 : cookie;
    }
}

static void send_due(struct outbox *outbox, uint64_t now_usec)
{
    if (!outbox->online || outbox->hold)
        return;
    for (struct lane *lane = outbox->lanes; lane; lane = lane->next)
        send_first(outbox, lane, now_usec);
}

/* And what was asked for meanwhile, now that no list is walked. Only of a row that goes, is sent or could not
 * be is anybody told: there is a last round. */
static void settle(struct outbox *outbox, int64_t wall_usec, uint64_t now_usec)
{
    do {
        if (outbox->asked_usec > 0)
            wall_usec = outbox->asked_usec;
        outbox->asked_usec = 0;
        drop_old(outbox, wall_usec, now_usec);
        drop_surplus(outbox);
        send_due(outbox, now_usec);
    } while (outbox->asked_usec > 0);
}

static struct row *row_on_its_way(const struct outbox *outbox, uint64_t cookie, struct lane **ret)
{
    for (struct lane *lane = outbox->lanes; lane; lane = lane->next)
        if (lane->first && lane->first->cookie == cookie) {
            *ret = lane;
            return lane->first;
        }
    return NULL;
}

static void count_refusal(struct outbox *outbox, struct lane *lane, struct row *row, int reason,
                          uint64_t now_usec)
{
    if (row->event.refused) { /* still: that is known */
        leave_lane(outbox, row);
        return;
    }
    row->event.tries++;
    lane->retry_usec = now_usec + OUTBOX_RETRY_USEC;
    if (row->event.tries >= OUTBOX_TRIES) {
        leave_lane(outbox, row);
        row->event.refused = true;
        outbox->n_refused++;
    }
    outbox->telling = true;
    outbox->callbacks.on_refused(outbox->userdata, &row->event, reason);
    outbox->telling = false;
}

void outbox_answer(struct outbox *outbox, uint64_t cookie, enum mqtt_result result, int reason,
                   uint64_t now_usec)
{
    struct lane *lane = NULL;
    struct row *row = outbox_owns(cookie) ? row_on_its_way(outbox, cookie, &lane) : NULL;
    if (!row)
        return;
    row->cookie = 0;
    switch (result) {
    case MQTT_DONE:
        let_go_and_try_next(outbox, lane, row);
        break;
    case MQTT_REFUSED:
        count_refusal(outbox, lane, row, reason, now_usec);
        break;
    case MQTT_LOST:
        lane->retry_usec = now_usec + OUTBOX_RETRY_USEC; /* or sooner: outbox_set_online */
        break;
    }
    settle(outbox, 0, now_usec);
}

/* ---- what the owner tells ---------------------------------------------------------------------------- */

int outbox_new(struct outbox **ret, const struct outbox_callbacks *callbacks, void *userdata)
{
    struct outbox *outbox = calloc(1, sizeof(*outbox));
    if (!outbox)
        return -ENOMEM;
    outbox->callbacks = *callbacks;
    outbox->userdata = userdata;
    outbox->oldest_usec = INT64_MAX;
    *ret = outbox;
    return 0;
}

struct outbox *outbox_free(struct outbox *outbox)
{
    if (!outbox)
        return NULL;
    while (outbox->first) {
        struct row *row = outbox->first;
        take_out(outbox, row);
        row_free(row);
    }
    while (outbox->lanes) {
        struct lane *lane = outbox->lanes;
        outbox->lanes = lane->next;
        free(lane);
    }
    free(outbox);
    return NULL;
}

int outbox_load(struct outbox *outbox, const struct store_event *events, size_t n)
{
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        r = add_row(outbox, &events[i], 0);
    drop_surplus(outbox);
    return r;
}

int outbox_add(struct outbox *outbox, const struct store_event *events, size_t n, int64_t wall_usec,
               uint64_t now_usec)
{
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        r = add_row(outbox, &events[i], now_usec);
    settle(outbox, wall_usec, now_usec);
    return r;
}

/* A new link has new room: what waited for the old one goes at once. What was on its way when the old
 * one went is answered by MQTT_LOST; whoever forgets that must not find a lane blocked for ever. */
void outbox_set_online(struct outbox *outbox, bool online, uint64_t now_usec)
{
    for (struct lane *lane = outbox->lanes; lane && online != outbox->online; lane = lane->next) {
        if (lane->first && lane->first->cookie)
            lane->first->cookie = 0;
        if (lane->first && lane->first->event.tries == 0)
            lane->retry_usec = 0;
        if (online)
            try_refused(outbox, lane);
    }
    outbox->online = online;
    settle(outbox, 0, now_usec);
}

void outbox_hold(struct outbox *outbox, bool hold, uint64_t now_usec)
{
    outbox->hold = hold;
    settle(outbox, 0, now_usec);
}

void outbox_run(struct outbox *outbox, int64_t wall_usec, uint64_t now_usec)
{
    if (outbox->telling)
        outbox->asked_usec = wall_usec;
    else
        settle(outbox, wall_usec, now_usec);
}

uint64_t outbox_next_usec(const struct outbox *outbox)
{
    uint64_t next_usec = OUTBOX_NEVER;
    if (!outbox->online || outbox->hold)
        return next_usec;
    for (struct lane *lane = outbox->lanes; lane; lane = lane->next)
        if (lane->first && !lane->first->cookie && lane->retry_usec < next_usec)
            next_usec = lane->retry_usec;
    return next_usec;
}

size_t outbox_waiting(const struct outbox *outbox)
{
    return outbox->n_rows - outbox->n_refused;
}

size_t outbox_refused(const struct outbox *outbox)
{
    return outbox->n_refused;
}

uint64_t outbox_dropped(const struct outbox *outbox)
{
    return outbox->dropped;
}
