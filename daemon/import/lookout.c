/* SPDX-License-Identifier: MIT */
#include "daemon/import/lookout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "daemon/import/marks.h"
#include "daemon/import/name.h"
#include "daemon/import/waiting.h"
#include "daemon/import/watches.h"
#include "daemon/log.h"
#include "daemon/util.h"
#include "lib/digest.h"
#include "lib/utf8.h"

#define ABSENT_USEC UINT64_C(10000000)

struct look {                /* a job: freed by its end */
    struct lookout *lookout; /* NULL: nobody waits for it any more */
    struct watches *watches; /* a reference; NULL: none */
    struct folder_look is;
};

struct lookout {
    sd_event *event;         /* borrowed */
    struct worker *worker;   /* borrowed */
    const struct conf *conf; /* borrowed */
    const struct lookout_callbacks *callbacks;
    void *userdata;
    bool stopping;

    char path[CONF_TEXT_MAX]; /* "" = nothing is imported */
    sd_event_source *inotify_source;
    struct watches *watches;      /* NULL: none, the clock alone tells */
    uint64_t watched;             /* digest of the folders that it is for */
    struct folder_places *places; /* that are heard; NULL: none yet */
    struct clock_timer *timer;
    struct look *look; /* under way */
    bool look_again;   /* something was heard meanwhile */
    uint64_t look_usec;
    bool silent;  /* it does not answer */
    bool stale;   /* nor was it looked at since it did not */
    bool patient; /* the next look is not for something that was seen or heard */

    struct waiting waiting;
    struct marks marks;
    char folder_problem[PAYLOAD_TEXT_MAX], file_problem[PAYLOAD_TEXT_MAX];
};

/* ---- what is wrong ----------------------------------------------------------------------------- */

static void say(struct lookout *lookout, char *problem, const char *text)
{
    if (strcmp(problem, text) == 0)
        return;
    snprintf(problem, PAYLOAD_TEXT_MAX, "%s", text);
    if (text[0])
        log_warning("%s", text);
    lookout->callbacks->on_problem(lookout->userdata);
}

const char *lookout_problem(const struct lookout *lookout)
{
    return lookout->folder_problem[0] ? lookout->folder_problem
           : lookout->file_problem[0] ? lookout->file_problem
                                      : NULL;
}

/* ---- looking ------------------------------------------------------------------------------------ */

static void look_soon(struct lookout *lookout, uint64_t usec)
{
    lookout->look_usec = clock_now_usec() + usec;
    clock_timer_set(lookout->timer, lookout->look_usec);
}

static uint64_t next_look_usec(struct lookout *lookout, const struct folder_look *look)
{
    bool wanted =
        (lookout->waiting.n > 0 || look->more) && lookout->callbacks->takes(lookout->userdata);

    lookout->patient = !lookout->look_again && !wanted;
    if (!lookout->patient)
        return WAITING_STABLE_USEC;
    return look->error < 0 ? ABSENT_USEC : LOOKOUT_RESCAN_USEC;
}

static void free_look(struct look *look)
{
    folder_look_done(&look->is);
    watches_unref(look->watches);
    free(look);
}

static void on_looked(void *data, int result)
{
    struct look *look = data;
    struct lookout *lookout = look->lookout;
    char text[PAYLOAD_TEXT_MAX];

    if (lookout)
        lookout->look = NULL;
    if (lookout && !lookout->stopping) {
        free(lookout->places);
        lookout->places = TAKE_PTR(look->is.places);
        folder_look_problem(&look->is, text);
        say(lookout, lookout->folder_problem, text);
        lookout->stale = false;
        (void)waiting_look(&lookout->waiting, look->is.files, look->is.n_files, clock_now_usec());
        look_soon(lookout, next_look_usec(lookout, &look->is));
        lookout->look_again = false;
        lookout->callbacks->on_looked(lookout->userdata);
    }
    free_look(look);
}

static int run_look(void *data)
{
    struct look *look = data;

    folder_look(&look->is);
    if (look->watches && look->is.places)
        watches_keep(look->watches, look->is.places);
    return 0;
}

static int fill_look(struct look *look, struct lookout *lookout)
{
    const struct conf *conf = lookout->conf;

    look->lookout = lookout;
    look->watches = watches_ref(lookout->watches);
    look->is.inotify_fd = look->watches ? look->watches->inotify_fd : -1;
    look->is.n_runners = conf->n_runners;
    snprintf(look->is.path, sizeof(look->is.path), "%s", lookout->path);
    for (size_t i = 0; i < conf->n_runners; i++)
        memcpy(look->is.runners[i], conf->runners[i].id, sizeof(look->is.runners[i]));
    return marks_copy(&look->is.settled, &lookout->marks);
}

static int begin_look(struct lookout *lookout)
{
    struct look *look = calloc(1, sizeof(*look));
    struct worker_job job = { .run = run_look, .done = on_looked, .data = look };
    int r;

    if (!look)
        return -ENOMEM;
    r = fill_look(look, lookout);
    if (r >= 0)
        r = worker_post(lookout->worker, &job);
    if (r < 0)
        free_look(look);
    else
        lookout->look = look;
    return r;
}

/* They are tried again: somebody changed something, or ten minutes are over. */
static void forget_denied(struct lookout *lookout)
{
    marks_forget(&lookout->marks, MARK_DENIED);
    say(lookout, lookout->file_problem, "");
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct lookout *lookout = userdata;
    bool later;

    if (lookout->stopping || !lookout->path[0])
        return;
    lookout->look_usec = CLOCK_NEVER;
    later = lookout->look || lookout->callbacks->busy(lookout->userdata);
    lookout->look_again |= later;
    if (lookout->patient)
        forget_denied(lookout);
    if (later || begin_look(lookout) < 0)
        look_soon(lookout, WAITING_STABLE_USEC);
}

/* ---- hearing ------------------------------------------------------------------------------------ */

static const struct folder_place *place_of(const struct lookout *lookout, int watch)
{
    for (size_t i = 0; lookout->places && i < lookout->places->n; i++)
        if (lookout->places->all[i].watch == watch)
            return &lookout->places->all[i];
    return NULL;
}

static void hear_file(struct lookout *lookout, const struct folder_place *place, const char *name,
                      bool writing)
{
    char way[2 * FOLDER_NAME_MAX];

    snprintf(way, sizeof(way), "%s%s%s", place->below, place->below[0] ? "/" : "", name);
    waiting_note_writer(&lookout->waiting, place->runner, way, writing, clock_now_usec());
}

static void hear(struct lookout *lookout, const struct inotify_event *event)
{
    const struct folder_place *place = place_of(lookout, event->wd);

    if (event->mask & IN_ATTRIB)
        forget_denied(lookout);
    if (event->mask & IN_Q_OVERFLOW)
        waiting_forget_writers(&lookout->waiting);
    if (place && event->len > 0 && !(event->mask & IN_ISDIR) &&
        (event->mask & (IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)))
        hear_file(lookout, place, event->name, event->mask & IN_MODIFY);
}

static int on_inotify(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    _Alignas(struct inotify_event) char buffer[8192];
    struct lookout *lookout = userdata;
    ssize_t n = read(fd, buffer, sizeof(buffer));
    bool news = n < 0;

    for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= n;) {
        const struct inotify_event *event = (const struct inotify_event *)(buffer + at);
        hear(lookout, event);
        news |= event->mask != IN_IGNORED; /* a watch went: of a folder that goes more is told */
        at += (ssize_t)(sizeof(*event) + event->len);
    }
    if (!news)
        return 0;
    lookout->look_again |= lookout->look != NULL;
    if (clock_now_usec() + WAITING_STABLE_USEC <
        lookout->look_usec) /* who writes on holds up nobody */
        look_soon(lookout, WAITING_STABLE_USEC);
    return 0;
}

static uint64_t folders_of(const struct conf *conf)
{
    uint64_t digest = digest_word(DIGEST_OF_NOTHING, conf->import_folder);

    for (size_t i = 0; i < conf->n_runners; i++)
        digest = digest_word(digest, conf->runners[i].id);
    return digest;
}

static int run_close(void *data)
{
    return watches_close(data);
}

static void on_closed(void *data, int result)
{
    watches_unref(data);
}

/* A look that is forgotten may still be at it, in a folder that hangs, where to remove a watch may hang too:
 * the worker closes it, after that look. Without memory for that it stays open, and nobody listens. */
static void stop_listening(struct lookout *lookout)
{
    struct worker_job job = { .run = run_close, .done = on_closed, .data = lookout->watches };

    lookout->inotify_source = sd_event_source_disable_unref(lookout->inotify_source);
    if (lookout->watches)
        (void)worker_post(lookout->worker, &job);
    lookout->watches = NULL;
}

/* With watches of other folders the old ones go: what is written there would have these looked at each time. */
static int listen_anew(struct lookout *lookout)
{
    _cleanup_(watches_unrefp) struct watches *watches = NULL;
    sd_event_source *source = NULL;
    int r;

    if (watches_new(&watches) < 0) /* the old one is better than none */
        return 0;
    r = sd_event_add_io(lookout->event, &source, watches->inotify_fd, EPOLLIN, on_inotify, lookout);
    if (r < 0)
        return r;
    stop_listening(lookout);
    lookout->watches = TAKE_PTR(watches);
    lookout->inotify_source = source;
    lookout->watched = folders_of(lookout->conf);
    free(lookout->places);
    lookout->places = NULL;
    return 0;
}

/* ---- files -------------------------------------------------------------------------------------- */

bool lookout_take(struct lookout *lookout, struct folder_file *ret)
{
    return !lookout->silent && !lookout->stale &&
           waiting_take(&lookout->waiting, clock_now_usec(), ret);
}

size_t lookout_waiting(const struct lookout *lookout)
{
    return lookout->waiting.n;
}

bool lookout_is_idle(const struct lookout *lookout)
{
    return !lookout->path[0] || lookout->silent || (lookout->patient && lookout->waiting.n == 0);
}

void lookout_settle(struct lookout *lookout, const struct folder_file *file)
{
    marks_add(&lookout->marks, MARK_SETTLED, file);
}

void lookout_leave(struct lookout *lookout, const struct folder_file *file)
{
    marks_add(&lookout->marks, MARK_LEFT, file);
}

void lookout_gather(struct lookout *lookout)
{
    keys_gather(&lookout->marks.of[MARK_SETTLED]);
}

void lookout_order(struct lookout *lookout)
{
    keys_order(&lookout->marks.of[MARK_SETTLED]);
}

void lookout_deny(struct lookout *lookout, const struct folder_file *file, int error)
{
    char name[81], text[PAYLOAD_TEXT_MAX];

    import_name_text(file->name, name, sizeof(name)); /* cut between two characters */
    snprintf(text, sizeof(text), "%s in the import folder cannot be read: %s", name,
             strerrordesc_np(-error));
    say(lookout, lookout->file_problem, text);
    marks_add(&lookout->marks, MARK_DENIED, file);
}

void lookout_postpone(struct lookout *lookout, const struct folder_file *file, const char *why)
{
    if (why[0])
        say(lookout, lookout->file_problem, why);
    marks_add(&lookout->marks, MARK_DENIED, file);
}

void lookout_retry(struct lookout *lookout, uint64_t in_usec)
{
    waiting_clear(&lookout->waiting);
    look_soon(lookout, in_usec);
}

/* ---- a folder that hangs ------------------------------------------------------------------------- */

static void say_silence(struct lookout *lookout)
{
    char text[PAYLOAD_TEXT_MAX] = "";

    if (lookout->silent && lookout->path[0])
        snprintf(text, sizeof(text), "The import folder %.90s does not answer", lookout->path);
    utf8_mend(text);
    say(lookout, lookout->folder_problem, text);
}

/* What was seen before says nothing of what is there then; but the next look is compared with it, or no file
 * of a folder that takes its time over each would ever be whole. */
void lookout_note_silence(struct lookout *lookout, bool silent)
{
    lookout->silent = silent;
    lookout->stale = true;
    say_silence(lookout);
    if (silent || !lookout->path[0])
        return;
    log_notice("The import folder %s answers again", lookout->path);
    look_soon(lookout, 0);
}

/* ---- life -------------------------------------------------------------------------------------- */

static void forget_look(struct lookout *lookout)
{
    if (lookout->look)
        lookout->look->lookout = NULL;
    lookout->look = NULL;
}

static void take_path(struct lookout *lookout)
{
    snprintf(lookout->path, sizeof(lookout->path), "%s", lookout->conf->import_folder);
    lookout->look_usec = lookout->path[0] ? clock_now_usec() : CLOCK_NEVER;
    clock_timer_set(lookout->timer, lookout->look_usec);
}

void lookout_set_conf(struct lookout *lookout, const struct conf *conf)
{
    bool same = strcmp(lookout->path, conf->import_folder) == 0;
    int r;

    lookout->conf = conf;
    forget_look(lookout);
    waiting_clear(&lookout->waiting);
    marks_forget(&lookout->marks, MARK_LEFT); /* they may be somebody's now */
    if (!same)
        marks_forget(&lookout->marks, MARK_SETTLED); /* names of another folder */
    if (!conf->import_folder[0])
        say(lookout, lookout->folder_problem, "");
    if (lookout->watched != folders_of(conf) && (r = listen_anew(lookout)) < 0)
        log_warning_errno(r, "Failed to listen to the import folder: %m");
    take_path(lookout);
    if (lookout->silent)
        say_silence(lookout);
}

static void lookout_freep(struct lookout **lookout)
{
    lookout_free(*lookout);
}

int lookout_new(struct lookout **ret, sd_event *event, struct worker *worker,
                const struct conf *conf, const struct lookout_callbacks *callbacks, void *userdata)
{
    _cleanup_(lookout_freep) struct lookout *lookout = calloc(1, sizeof(*lookout));
    int r;

    if (!lookout)
        return -ENOMEM;
    lookout->event = event;
    lookout->worker = worker;
    lookout->conf = conf;
    lookout->callbacks = callbacks;
    lookout->userdata = userdata;
    r = clock_timer_new(&lookout->timer, event, CLOCK_NEVER, on_timer, lookout);
    if (r >= 0)
        r = listen_anew(lookout);
    if (r < 0)
        return r;
    take_path(lookout);
    *ret = TAKE_PTR(lookout);
    return 0;
}

void lookout_stop(struct lookout *lookout)
{
    lookout->stopping = true;
    clock_timer_set(lookout->timer, CLOCK_NEVER);
}

struct lookout *lookout_free(struct lookout *lookout)
{
    if (!lookout)
        return NULL;
    forget_look(lookout);
    sd_event_source_disable_unref(lookout->inotify_source);
    watches_unref(lookout->watches);
    clock_timer_unref(lookout->timer);
    waiting_clear(&lookout->waiting);
    marks_done(&lookout->marks);
    free(lookout->places);
    free(lookout);
    return NULL;
}
