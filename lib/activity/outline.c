/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "lib/activity/outline.h"

#define N_TROUBLES (int)(sizeof(((struct outline *)0)->troubles) / sizeof(struct activity_trouble))
#define AHEAD_USEC INT64_C(7200000000) /* a zone's hour is none: watches are set on the way */
#define STEPS_FROM 110 /* a minute: no mean of strides is so high, no mean of steps lower */

void outline_init(struct outline *outline, const struct outline_limits *limits)
{
    memset(outline, 0, sizeof(*outline));
    outline->limits = *limits;
    outline->first_usec = outline->last_usec = ACTIVITY_NO_TIME;
    outline->choice.sub_sport = -1;
    outline->steps_per_cycle = 2;
}

/* ---- the first reading ----------------------------------------------------------------------- */

static void hear_trouble(struct outline *outline, const struct activity_trouble *trouble)
{
    if (outline->n_troubles < N_TROUBLES)
        outline->n_troubles++;
    outline->troubles[outline->n_troubles - 1] = *trouble;
}

/* A chain may hold settings or a strap's heart rate beside the activity, in any order. */
static void hear_file(struct outline *outline, const struct activity_file *file)
{
    if (outline->have_file && file->kind != ACTIVITY_KIND_ACTIVITY)
        return;
    if (outline->have_file && outline->file.kind == ACTIVITY_KIND_ACTIVITY)
        return;
    outline->file = *file;
    outline->have_file = true;
}

static void end_part(struct outline *outline)
{
    outline->n_beside += outline->n_waiting;
    outline->n_waiting = 0;
    outline->part_dated = false;
    outline->last_usec = ACTIVITY_NO_TIME;
    outline->n_ahead = 0;
}

static void hear_in_part(struct outline *outline, const struct activity_fact *fact)
{
    if (fact->part != outline->part)
        end_part(outline);
    outline->part = fact->part;
    outline->part_dated = outline->part_dated || outline_dated(outline, fact->t_usec);
    if (outline->part_dated)
        outline->n_waiting = 0;
    else if (fact->t_usec == ACTIVITY_NO_TIME) /* a date that is not believed is of what was done */
        outline->n_waiting++;
}

static void take_back_ahead(struct outline *outline)
{
    for (int i = 0; i < outline->n_ahead && outline->n_strays < OUTLINE_STRAYS_MAX; i++)
        outline->strays[outline->n_strays++] =
            (struct outline_stray){ outline->ahead_usec[i], outline->part };
    outline->n_ahead = 0;
}

/* A sample hours ahead is a rest behind which it goes on, or a wrong clock: the next ones tell. */
static void hear_order(struct outline *outline, int64_t t_usec)
{
    bool first = outline->last_usec == ACTIVITY_NO_TIME;

    if (outline->n_ahead == 0)
        outline->base_usec = first ? t_usec : outline->last_usec;
    outline->last_usec = t_usec;
    if (t_usec - outline->base_usec > AHEAD_USEC) {
        if (outline->n_ahead < OUTLINE_AHEAD_MAX)
            outline->ahead_usec[outline->n_ahead++] = t_usec;
        else
            outline->n_ahead = 0;
    } else if (t_usec >= outline->base_usec) {
        take_back_ahead(outline);
    } else {
        outline->n_ahead = 0;
    }
}

static void hear_sample(struct outline *outline, const struct activity_fact *fact)
{
    double cycles = fact->sample.cycles_per_min;

    outline->n_samples++;
    hear_in_part(outline, fact);
    if (cycles > 0) {
        outline->cycles_sum += cycles;
        outline->n_cycles++;
    }
    if (!outline_dated(outline, fact->t_usec))
        return;
    outline->n_dated++;
    hear_order(outline, fact->t_usec);
    if (outline->first_usec == ACTIVITY_NO_TIME || fact->t_usec < outline->first_usec)
        outline->first_usec = fact->t_usec;
}

static void hear_timer(struct outline *outline, const struct activity_fact *fact)
{
    if (outline->n_events < OUTLINE_EVENTS_MAX && outline_dated(outline, fact->t_usec)) {
        outline->events[outline->n_events] =
            (struct outline_event){ fact->t_usec, fact->part, outline->n_events, fact->running };
        outline->n_events++;
    }
}

static void hear_session(struct outline *outline, const struct activity_fact *fact)
{
    struct outline_session *session = &outline->sessions[outline->n_sessions];
    struct activity_trouble too_many = { .kind = ACTIVITY_TROUBLE_PARTS };

    for (int i = 0; i < outline->n_sessions; i++) /* written twice: the later one is complete */
        if (outline->sessions[i].part == fact->part &&
            outline->sessions[i].start_usec == fact->t_usec)
            session = &outline->sessions[i];
    if (session == &outline->sessions[ACTIVITY_PARTS_MAX]) {
        hear_trouble(outline, &too_many);
        return;
    }
    if (session == &outline->sessions[outline->n_sessions])
        outline->n_sessions++;
    *session = (struct outline_session){
        .stated = fact->session, .is_stated = true, .part = fact->part, .start_usec = fact->t_usec
    };
}

static void hear_time(struct outline *outline, int64_t t_usec)
{
    if (t_usec == ACTIVITY_NO_TIME)
        return;
    outline->too_old = outline->too_old || t_usec < outline->limits.oldest_usec;
    outline->too_new = outline->too_new || t_usec > outline->limits.newest_usec;
}

static void hear(void *context, const struct activity_fact *fact)
{
    struct outline *outline = context;

    if (fact->type == ACTIVITY_SAMPLE || fact->type == ACTIVITY_SESSION)
        hear_time(outline, fact->t_usec);
    switch (fact->type) {
    case ACTIVITY_FILE:
        hear_file(outline, &fact->file);
        break;
    case ACTIVITY_SAMPLE:
        hear_sample(outline, fact);
        break;
    case ACTIVITY_TIMER:
        hear_timer(outline, fact);
        break;
    case ACTIVITY_SESSION:
        hear_session(outline, fact);
        break;
    case ACTIVITY_SPORT:
        outline->choice = fact->choice;
        break;
    case ACTIVITY_DEVICE:
        outline->barometer = outline->barometer || fact->device.barometer;
        outline->route = outline->route || fact->device.route;
        if (!outline->file.product[0]) /* TCX names its maker behind everything else */
            memcpy(outline->file.product, fact->device.product, ACTIVITY_TEXT_MAX);
        break;
    case ACTIVITY_TROUBLE:
        hear_trouble(outline, &fact->trouble);
        break;
    case ACTIVITY_PLACE:
    case ACTIVITY_HEART:
    case ACTIVITY_BEATS:
    case ACTIVITY_LAP:
        break;
    }
}

struct activity_sink outline_sink(struct outline *outline)
{
    return (struct activity_sink){ hear, outline };
}

/* ---- sessions -------------------------------------------------------------------------------- */

static int by_part_and_start(const void *a, const void *b)
{
    const struct outline_session *x = a, *y = b;

    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    return x->start_usec < y->start_usec ? -1 : x->start_usec > y->start_usec;
}

/* Within a part a session has the samples from its start to the next one's; the first also has
 * those before its start, the last all behind it: recorders round. */
static void place_sessions(struct outline *outline)
{
    struct outline_session *sessions = outline->sessions;
    int n = outline->n_sessions;

    qsort(sessions, (size_t)n, sizeof(*sessions), by_part_and_start);
    for (int i = 0; i < n; i++) {
        bool first = i == 0 || sessions[i - 1].part != sessions[i].part;
        bool last = i + 1 == n || sessions[i + 1].part != sessions[i].part;
        sessions[i].from_usec = first ? INT64_MIN : sessions[i].start_usec;
        sessions[i].until_usec = last ? INT64_MAX : sessions[i + 1].start_usec;
        if (first && !outline_dated(outline, sessions[i].start_usec) && sessions[i].part == 0)
            sessions[i].start_usec = outline->first_usec;
    }
}

/* A recorder that died wrote samples and no session, but perhaps what it was set to. */
static void imply_session(struct outline *outline)
{
    struct activity_fact nothing = activity_fact(ACTIVITY_SESSION, outline->first_usec);

    if (outline->n_sessions > 0 || outline->n_dated == 0)
        return;
    outline->sessions[0] =
        (struct outline_session){ .stated = nothing.session, .start_usec = outline->first_usec };
    outline->sessions[0].stated.sport = outline->choice.sport;
    outline->sessions[0].stated.sub_sport = outline->choice.sub_sport;
    outline->sessions[0].stated.indoors = outline->choice.indoors;
    outline->n_sessions = 1;
}

bool outline_believes(const struct outline *outline, const struct activity_fact *sample)
{
    for (int i = 0; i < outline->n_strays; i++)
        if (outline->strays[i].t_usec == sample->t_usec && outline->strays[i].part == sample->part)
            return false;
    return outline_dated(outline, sample->t_usec);
}

int outline_session_at(const struct outline *outline, int part, int64_t t_usec)
{
    for (int i = 0; i < outline->n_sessions; i++)
        if (outline->sessions[i].part == part && t_usec >= outline->sessions[i].from_usec &&
            t_usec < outline->sessions[i].until_usec)
            return i;
    return -1;
}

/* ---- pauses ---------------------------------------------------------------------------------- */

static int by_part_and_time(const void *a, const void *b)
{
    const struct outline_event *x = a, *y = b;

    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    if (x->t_usec != y->t_usec)
        return x->t_usec < y->t_usec ? -1 : 1;
    return x->order - y->order;
}

/* From a stop to the next start; the last stop's goes on for ever. Before the first event of a part
 * the timer ran: some recorders never say that they started. */
static void place_pauses(struct outline *outline)
{
    struct outline_pause *open = NULL;

    qsort(outline->events, (size_t)outline->n_events, sizeof(outline->events[0]), by_part_and_time);
    for (int i = 0; i < outline->n_events; i++) {
        const struct outline_event *event = &outline->events[i];
        if (open && open->part != event->part)
            open = NULL;
        if (open && event->running) {
            open->until_usec = event->t_usec;
            open = NULL;
        } else if (!open && !event->running) {
            open = &outline->pauses[outline->n_pauses++];
            *open = (struct outline_pause){ event->t_usec, INT64_MAX, event->part };
        }
    }
}

/* The first pause of this part that is not over at a moment. */
static int first_pause(const struct outline *outline, int part, int64_t t_usec)
{
    int low = 0, high = outline->n_pauses;

    while (low < high) {
        int middle = (low + high) / 2;
        const struct outline_pause *pause = &outline->pauses[middle];
        if (pause->part < part || (pause->part == part && pause->until_usec <= t_usec))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t outline_running_usec(const struct outline *outline, int part, int64_t from_usec,
                             int64_t until_usec)
{
    int64_t running = until_usec - from_usec;

    for (int i = first_pause(outline, part, from_usec); i < outline->n_pauses; i++) {
        const struct outline_pause *pause = &outline->pauses[i];
        int64_t from = pause->from_usec > from_usec ? pause->from_usec : from_usec;
        int64_t until = pause->until_usec < until_usec ? pause->until_usec : until_usec;
        if (pause->part != part || from >= until_usec)
            break;
        if (until > from)
            running -= until - from;
    }
    return running;
}

int64_t outline_last_stop_usec(const struct outline *outline, int part)
{
    for (int i = 0; i < outline->n_pauses; i++)
        if (outline->pauses[i].part == part && outline->pauses[i].until_usec == INT64_MAX)
            return outline->pauses[i].from_usec;
    return ACTIVITY_NO_TIME;
}

void outline_finish(struct outline *outline)
{
    end_part(outline);
    imply_session(outline);
    place_sessions(outline);
    place_pauses(outline);
    if (outline->n_cycles > 0 && outline->cycles_sum / (double)outline->n_cycles > STEPS_FROM)
        outline->steps_per_cycle = 1;
}
