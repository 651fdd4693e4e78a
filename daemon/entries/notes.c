/* SPDX-License-Identifier: MIT */
#include "daemon/entries/notes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/array.h"
#include "daemon/entries/paper.h"
#include "daemon/log.h"
#include "daemon/util.h"

struct kept_note {
    char id[SESSION_ID_MAX];
    struct note note;
};

struct reading { /* of all that were kept; the worker's until it is done */
    struct notes *notes;
    struct papers papers;
    struct kept_note *all;
    size_t n;
};

struct notes {
    struct worker *worker;
    struct store *store;
    char *state_dir;
    struct changing *changing; /* not answered yet */
    notes_changed changed;     /* NULL: nobody listens */
    void *listener;
};

struct changing {
    struct notes *notes;
    struct changing *next;
    struct papers papers;
    char id[SESSION_ID_MAX];
    struct note note; /* said; then, as it stands */
    unsigned parts;
    notes_done done;
    void *userdata;
};

static struct papers papers_of(const struct notes *notes)
{
    return (struct papers){ .state_dir = notes->state_dir, .folder = NOTES_FOLDER };
}

static void say_changed(const struct notes *notes, const char *id, const struct note *note)
{
    if (notes->changed)
        notes->changed(notes->listener, id, note);
}

void notes_listen(struct notes *notes, notes_changed changed, void *userdata)
{
    notes->changed = changed;
    notes->listener = userdata;
}

/* ---- what was kept ----------------------------------------------------------------------------- */

static int take(void *userdata, const char *id, const char *text)
{
    struct reading *reading = userdata;
    struct kept_note *kept = ARRAY_ADD(reading->all, reading->n);

    if (!kept)
        return -ENOMEM;
    snprintf(kept->id, sizeof(kept->id), "%s", id);
    note_parse(&kept->note, text);
    return 0;
}

static int run_read(void *data)
{
    struct reading *reading = data;

    return paper_each(&reading->papers, take, reading);
}

static void on_read(void *data, int result)
{
    struct reading *reading = data;
    struct store *store = reading->notes->store;
    size_t n = 0;

    if (result < 0)
        log_warning_errno(result, "Not all that was said of sessions can be read: %m");
    for (size_t i = 0; i < reading->n; i++)
        if (!store_has_note(store, reading->all[i].id, &reading->all[i].note))
            n += store_put_note(store, reading->all[i].id, &reading->all[i].note, NULL, NULL) >= 0;
    if (n > 0) {
        log_notice("The database did not have what was said of %zu sessions: it does again", n);
        say_changed(reading->notes, NULL, NULL);
    }
    free(reading->all);
    free(reading);
}

static int read_all(struct notes *notes)
{
    struct reading *reading = calloc(1, sizeof(*reading));
    const struct worker_job job = { run_read, on_read, reading };
    int r;

    if (!reading)
        return -ENOMEM;
    *reading = (struct reading){ .notes = notes, .papers = papers_of(notes) };
    r = worker_post(notes->worker, &job);
    if (r < 0)
        free(reading);
    return r;
}

/* ---- what is said ------------------------------------------------------------------------------ */

static void unlink_and_free(struct changing *changing)
{
    struct changing **at = &changing->notes->changing;

    while (*at != changing)
        at = &(*at)->next;
    *at = changing->next;
    free(changing);
}

static void end(struct changing *changing, int result)
{
    if (result >= 0)
        say_changed(changing->notes, changing->id, &changing->note);
    changing->done(changing->userdata, result, &changing->note);
    unlink_and_free(changing);
}

static void on_stored(void *userdata, int result)
{
    end(userdata, result);
}

static void on_written(void *data, int result)
{
    struct changing *changing = data;

    if (result >= 0)
        result = store_put_note(changing->notes->store, changing->id, &changing->note, on_stored,
                                changing);
    if (result < 0)
        end(changing, result);
}

/* What was taken back is an empty one: it says so to a database that had it. */
static int run_change(void *data)
{
    struct changing *changing = data;
    char text[PAPER_TEXT_MAX];
    struct note note;
    int r = paper_read(&changing->papers, changing->id, text);

    if (r < 0 && r != -ENOENT)
        return r;
    note_parse(&note, r < 0 ? "" : text);
    note_change(&note, &changing->note, changing->parts);
    changing->note = note;
    _Static_assert(NOTE_TEXT_MAX <= PAPER_TEXT_MAX, "it fits");
    note_format(&note, text);
    return paper_write(&changing->papers, changing->id, text);
}

int notes_change(struct notes *notes, const char *id, const struct note *said, unsigned parts,
                 notes_done done, void *userdata)
{
    struct changing *changing = calloc(1, sizeof(*changing));
    const struct worker_job job = { run_change, on_written, changing };
    int r;

    if (!changing)
        return -ENOMEM;
    *changing = (struct changing){ .notes = notes,
                                   .papers = papers_of(notes),
                                   .note = *said,
                                   .parts = parts,
                                   .done = done,
                                   .userdata = userdata };
    snprintf(changing->id, sizeof(changing->id), "%s", id);
    r = note_is_valid(said) ? worker_post(notes->worker, &job) : -EINVAL;
    if (r < 0) {
        free(changing);
        return r;
    }
    changing->next = notes->changing;
    notes->changing = changing;
    return 0;
}

/* ---- life -------------------------------------------------------------------------------------- */

int notes_new(struct notes **ret, struct worker *worker, struct store *store, const char *state_dir)
{
    struct notes *notes = calloc(1, sizeof(*notes));
    int r;

    if (!notes)
        return -ENOMEM;
    *notes = (struct notes){ .worker = worker, .store = store, .state_dir = strdup(state_dir) };
    r = notes->state_dir ? read_all(notes) : -ENOMEM;
    if (r < 0)
        notes_free(notes);
    else
        *ret = notes;
    return r;
}

struct notes *notes_free(struct notes *notes)
{
    if (!notes)
        return NULL;
    while (notes->changing) /* of a disk that never answered */
        unlink_and_free(notes->changing);
    free(notes->state_dir);
    free(notes);
    return NULL;
}
