/* SPDX-License-Identifier: MIT */
#include "daemon/import/intake.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "daemon/clock.h"
#include "daemon/import/refusal.h"
#include "daemon/log.h"
#include "daemon/util.h"

struct intake {
    struct intake_parts parts;
    struct folder_file file;
    bool reopened;             /* it is a kept copy, and `file` what that is called */
    char owner[CONF_ID_MAX];   /* whose it is */
    struct knee_reference own; /* it is read with, of its runner */
    char from[CONF_ID_MAX];    /* whose it was; "": it is not given */
    int64_t own_usec;          /* before the run that began then; 0: none is compared */
    bool lacks_days;           /* its copy is there again without them */
    bool insists;              /* a person asks for it */
    bool again;                /* it came in before */
    struct store_session *was; /* and this is what it came to; of one that is given, too */
    size_t n_was;
    struct copy *copy;
    struct child *child;
    struct result *result;
};

static void end(struct intake *intake, enum intake_outcome outcome, int error)
{
    intake->parts.done(intake->parts.userdata, outcome, error);
}

/* ---- what it says ------------------------------------------------------------------------------ */

static int new_result(struct intake *intake, const char *hash)
{
    intake->result = calloc(1, sizeof(*intake->result));
    if (!intake->result)
        return -ENOMEM;
    result_init(intake->result, &intake->file, intake->owner, hash, clock_wall_usec());
    memcpy(intake->result->from, intake->from, sizeof(intake->result->from));
    return 0;
}

/* Another database had it, and told it: this one was begun later than the copy was made. When it was run says
 * nothing of that, as an old file may come in late, and its own clock may be wrong. */
static bool is_rebuilt(const struct intake *intake)
{
    int64_t kept_usec = copy_said(intake->copy)->kept_usec;

    return intake->again || (kept_usec && kept_usec < intake->parts.made_usec);
}

/* Which of two counts is chosen when nothing is between the choice and the store any more. */
static void on_kept(void *userdata, int result)
{
    struct intake *intake = userdata;
    int r;

    /* of one that is read again nothing is news, of one that is given all is, to both */
    if (!intake->from[0] && is_rebuilt(intake))
        result_note_rebuilt(intake->result);
    if (result != COPY_OK && result != COPY_AGAIN)
        return end(intake, INTAKE_E_DISK, result < 0 ? result : copy_error(intake->copy));
    r = result_choose(intake->result, intake->parts.choice);
    if (r < 0) {
        choice_undo(intake->parts.choice);
        log_error_errno(r, "Failed to import %s: %m", intake->result->import.name);
        return end(intake, INTAKE_E_FAILED, r);
    }
    end(intake, INTAKE_OK, 0);
}

static void describe_reading(const struct intake *intake, struct store_import *row)
{
    row->read_with = owners_read_with(intake->parts.owners, intake->owner);
    row->compared_usec = intake->own_usec;
    row->own_cadence_spm = intake->own.cadence_spm;
    row->own_speed_m_s = intake->own.speed_m_s;
}

/* By the clock that says when a database was begun, too; where there is one, it came in with that. */
static void stamp(const struct intake *intake)
{
    int64_t kept_usec = copy_said(intake->copy)->kept_usec;
    int64_t usec = kept_usec ? kept_usec : clock_wall_usec();
    const struct timespec now = { .tv_sec = (time_t)(usec / 1000000),
                                  .tv_nsec = (long)(usec % 1000000) * 1000 };
    const struct timespec times[] = { now, now };
    _cleanup_close_ int fd = intake->reopened ? -1 : copy_open(intake->copy);

    if (fd >= 0)
        (void)futimens(fd, times);
}

static void take(struct intake *intake, const struct report *report)
{
    const struct intake_parts *parts = &intake->parts;
    const struct tz *zone = owners_tz(parts->owners, intake->owner);
    const struct days *known = copy_days(intake->copy);
    struct days days;
    struct tz utc;
    int r;

    tz_init_utc(&utc);
    result_take(intake->result, report, copy_said(intake->copy), known, zone ? zone : &utc);
    describe_reading(intake, &intake->result->import);
    if (intake->again)
        result_keep(intake->result, intake->was, intake->n_was);
    else if (intake->from[0])
        result_keep_given(intake->result, intake->was, intake->n_was);
    result_days(intake->result, known, &days);
    stamp(intake);
    r = copy_keep(intake->copy, &days, on_kept, intake);
    if (r < 0) {
        log_error_errno(r, "Failed to import %s: %m", intake->result->import.name);
        end(intake, INTAKE_E_FAILED, r);
    }
}

static void on_read(void *userdata, enum child_result outcome, const union child_said *said);

/* What it came to before was believed when it came in: a clock that is slow now takes none of that away. */
static int64_t newest_usec(const struct intake *intake)
{
    int64_t usec = clock_wall_usec();

    for (size_t i = 0; i < intake->n_was; i++)
        if (intake->was[i].session.end_usec > usec)
            usec = intake->was[i].session.end_usec;
    return usec + ORDERS_SKEW_USEC;
}

static int read_copy(struct intake *intake)
{
    const struct intake_parts *parts = &intake->parts;
    struct orders orders = orders_of(newest_usec(intake));
    _cleanup_close_ int fd = copy_open(intake->copy);

    if (fd < 0)
        return fd;
    owners_orders(parts->owners, intake->owner, &orders);
    orders.own_cadence_spm = intake->own.cadence_spm;
    orders.own_speed_m_s = intake->own.speed_m_s;
    return child_start(&intake->child, parts->event, fd, &orders, on_read, intake);
}

/* What a step is compared with depends on when it was run, which only the file says: so it is read
 * once more. false: it was read so, or there is nothing to compare, or with. */
static bool compare(struct intake *intake, const struct report *report)
{
    struct knee_reference own = { NAN, NAN, 1 };
    int64_t at_usec = report_comparable_usec(report);
    int r;

    if (at_usec == intake->own_usec)
        return false;
    intake->own_usec = at_usec;
    if (at_usec && intake->parts.reference)
        (void)intake->parts.reference(intake->parts.userdata, intake->owner, at_usec, &own);
    if (isnan(own.speed_m_s) && isnan(intake->own.speed_m_s))
        return false;
    intake->own = own;
    intake->child = child_free(intake->child);
    r = read_copy(intake);
    if (r < 0) {
        log_error_errno(r, "Failed to read %s: %m", intake->file.name);
        end(intake, INTAKE_E_FAILED, r);
    }
    return true;
}

static void on_read(void *userdata, enum child_result outcome, const union child_said *said)
{
    struct intake *intake = userdata;
    const struct report *report = said ? &said->report : NULL;

    if (outcome == CHILD_OK && report_is_taken(report)) {
        if (!compare(intake, report))
            take(intake, report);
        return;
    }
    refusal_unread(intake->result, outcome, report);
    end(intake, INTAKE_OK, 0);
}

/* ---- its copy ---------------------------------------------------------------------------------- */

/* It stays what was said of it, and whoever puts it there again is to see that. */
static void recall(struct intake *intake, const char *hash)
{
    const struct said *said = copy_said(intake->copy);

    if ((said->n_discarded > 0 || said->deleted || said->keeper[0]) &&
        new_result(intake, hash) >= 0)
        refusal_known(intake->result, said);
}

/* Of a kept copy: it may be on its way from another. */
static void find_giver(struct intake *intake)
{
    const struct intake_parts *parts = &intake->parts;
    const char *hash = copy_hash(intake->copy);

    past_giver(parts->past, parts->choice, parts->owners->conf, hash, intake->owner, intake->from);
    past_look(parts->past, hash, intake->from, &intake->file); /* by its name */
}

static int recall_given(struct intake *intake)
{
    intake->was = calloc(ACTIVITY_PARTS_MAX, sizeof(*intake->was));
    if (!intake->was)
        return -ENOMEM;
    intake->n_was = choice_rows_of_file(intake->parts.choice, copy_hash(intake->copy), intake->from,
                                        intake->was, ACTIVITY_PARTS_MAX);
    return 0;
}

/* It may have been discarded, or be of another day: it waits until that can be read. */
static void refuse_unsaid(struct intake *intake)
{
    char name[COPY_UNREAD_MAX];
    int error = copy_unread(intake->copy, name);

    log_warning("What was said of %s, in " FOLDER_COPIES "/%s, cannot be read: %s",
                intake->file.name, name, strerrordesc_np(-error));
    end(intake, intake->reopened ? INTAKE_E_FAILED : INTAKE_E_UNSAID, error);
}

static void on_kept_again(void *userdata, int result)
{
    struct intake *intake = userdata;

    intake->lacks_days = copy_days(intake->copy)->n == 0;
    if (result == COPY_OK || result == COPY_AGAIN)
        end(intake, INTAKE_E_KNOWN, 0);
    else
        end(intake, INTAKE_E_DISK, result < 0 ? result : copy_error(intake->copy));
}

/* Its runner has sessions of it, and somebody took its copy away: the file that came may go as soon as it is
 * known, and nothing could be read again. */
static bool lacks_copy(const struct intake *intake, const char *hash)
{
    const struct said *said = copy_said(intake->copy);
    const struct choice *choice = intake->parts.choice;

    return !intake->reopened && !said->kept_usec && !said->keeper[0] &&
           strcmp(choice_runner(choice, choice_of_file(choice, hash)), intake->owner) == 0;
}

static void end_known(struct intake *intake, const char *hash)
{
    int r;

    recall(intake, hash);
    if (!lacks_copy(intake, hash))
        return end(intake, INTAKE_E_KNOWN, 0);
    stamp(intake);
    r = copy_keep(intake->copy, NULL, on_kept_again, intake);
    if (r >= 0)
        return;
    log_error_errno(r, "Failed to keep %s: %m", intake->file.name);
    end(intake, INTAKE_E_FAILED, r);
}

/* Known, of somebody else, or to be read. */
static void judge_content(struct intake *intake)
{
    char unread[COPY_UNREAD_MAX];
    const struct past *past = intake->parts.past;
    const char *hash = copy_hash(intake->copy);
    int r;

    if (intake->reopened && !intake->again && !intake->from[0])
        find_giver(intake);
    if (!intake->again && !intake->from[0] && past_knows(past, hash, intake->owner) &&
        (!intake->insists || past_is_taken(past, hash)))
        return end_known(intake, hash);
    if (copy_unread(intake->copy, unread) < 0)
        return refuse_unsaid(intake);
    r = new_result(intake, hash);
    if (r >= 0 && !intake->reopened && copy_said(intake->copy)->deleted) {
        refusal_deleted(intake->result);
        return end(intake, INTAKE_OK, 0);
    }
    if (r >= 0 && !intake->reopened &&
        (past_is_taken(past, hash) || copy_said(intake->copy)->keeper[0])) {
        refusal_anothers(intake->result, copy_said(intake->copy)->keeper,
                         choice_of_file(intake->parts.choice, hash));
        return end(intake, INTAKE_OK, 0);
    }
    if (r >= 0 && intake->from[0])
        r = recall_given(intake);
    if (r >= 0)
        r = read_copy(intake);
    if (r < 0) {
        log_error_errno(r, "Failed to read %s: %m", intake->file.name);
        end(intake, INTAKE_E_FAILED, r);
    }
}

/* It was not read. */
static void refuse_looks(struct intake *intake, int result)
{
    char hash[SHA256_TEXT_MAX];
    int r;

    refusal_name(&intake->file, hash);
    r = new_result(intake, hash);
    if (r < 0)
        return end(intake, INTAKE_E_FAILED, r);
    if (result == COPY_E_LARGE)
        refusal_large(intake->result);
    else
        refusal_room(intake->result, intake->file.size);
    end(intake, result == COPY_E_LARGE ? INTAKE_OK : INTAKE_E_ROOM, 0);
}

/* Nothing is told of it: the file itself may still come. */
static void skip_kept(struct intake *intake, int result)
{
    log_warning("The kept copy %s/%s cannot be read again: %s", intake->owner, intake->file.name,
                result == COPY_E_DAMAGED ? "it is not what it was" : strerrordesc_np(-result));
    end(intake, INTAKE_E_FAILED, result);
}

static void on_copied(void *userdata, int result)
{
    struct intake *intake = userdata;

    if (result == COPY_OK)
        judge_content(intake);
    else if (result == COPY_E_DISK)
        end(intake, INTAKE_E_DISK, copy_error(intake->copy));
    else if (result == COPY_E_LARGE || result == COPY_E_ROOM)
        refuse_looks(intake, result);
    else if (result == COPY_E_DAMAGED || (result < 0 && intake->reopened))
        skip_kept(intake, result);
    else if (result < 0 && result != -ENOENT)
        end(intake, INTAKE_E_UNREADABLE, result);
    else
        end(intake, INTAKE_E_CHANGED, 0);
}

/* ---- life -------------------------------------------------------------------------------------- */

static struct intake *new_intake(const struct intake_parts *parts, const char *owner)
{
    struct intake *intake = calloc(1, sizeof(*intake));

    if (!intake)
        return NULL;
    intake->parts = *parts;
    intake->own = (struct knee_reference){ NAN, NAN, 1 };
    snprintf(intake->owner, sizeof(intake->owner), "%s", owner);
    return intake;
}

static int begun(struct intake **ret, struct intake *intake, int r)
{
    if (r < 0)
        intake_free(intake);
    else
        *ret = intake;
    return r;
}

int intake_file(struct intake **ret, const struct intake_parts *parts, const char *owner,
                const char *folder, const struct folder_file *file)
{
    const struct copy_workers workers = { parts->worker, parts->folder_worker };
    struct intake *intake = new_intake(parts, owner);

    if (!intake)
        return -ENOMEM;
    intake->file = *file;
    return begun(ret, intake,
                 copy_begin(&intake->copy, &workers, parts->state_dir, owner, folder, file,
                            on_copied, intake));
}

static int reopen(struct intake **ret, struct intake *intake, const char *hash)
{
    const struct intake_parts *parts = &intake->parts;

    intake->reopened = true;
    snprintf(intake->file.runner, sizeof(intake->file.runner), "%s", intake->owner);
    snprintf(intake->file.name, sizeof(intake->file.name), "%s.gz", hash);
    return begun(ret, intake,
                 copy_reopen(&intake->copy, parts->worker, parts->state_dir, intake->owner, hash,
                             on_copied, intake));
}

int intake_kept(struct intake **ret, const struct intake_parts *parts, const struct kept_file *kept)
{
    struct intake *intake = new_intake(parts, kept->runner);

    return intake ? reopen(ret, intake, kept->hash) : -ENOMEM;
}

int intake_again(struct intake **ret, const struct intake_parts *parts,
                 const struct store_outdated *was)
{
    struct intake *intake = new_intake(parts, was->import.runner);

    if (!intake)
        return -ENOMEM;
    intake->again = true;
    intake->own = was->own;
    intake->own_usec = was->own_usec;
    intake->n_was = was->n_sessions;
    intake->was = calloc(was->n_sessions + 1, sizeof(*intake->was));
    if (!intake->was)
        return begun(ret, intake, -ENOMEM);
    if (was->n_sessions > 0)
        memcpy(intake->was, was->sessions, was->n_sessions * sizeof(*intake->was));
    return reopen(ret, intake, was->import.hash);
}

int intake_given(struct intake **ret, const struct intake_parts *parts,
                 const struct kept_file *kept, const char *from)
{
    int r = intake_kept(ret, parts, kept);

    if (r < 0)
        return r;
    snprintf((*ret)->from, sizeof((*ret)->from), "%s", from);
    past_look(parts->past, kept->hash, from, &(*ret)->file);
    return 0;
}

bool intake_is_reading(const struct intake *intake)
{
    return intake && copy_is_reading(intake->copy);
}

void intake_insist(struct intake *intake)
{
    intake->insists = true;
}

bool intake_lacks_days(const struct intake *intake)
{
    return intake->lacks_days;
}

const struct folder_file *intake_found(const struct intake *intake)
{
    return intake->reopened ? NULL : &intake->file;
}

const char *intake_hash(const struct intake *intake)
{
    return intake->result ? intake->result->import.hash : copy_hash(intake->copy);
}

void intake_unread(const struct intake *intake, char ret[COPY_UNREAD_MAX])
{
    (void)copy_unread(intake->copy, ret);
}

const struct result *intake_result(const struct intake *intake)
{
    return intake->result;
}

struct intake *intake_free(struct intake *intake)
{
    if (!intake)
        return NULL;
    child_free(intake->child);
    copy_free(intake->copy);
    free(intake->result);
    free(intake->was);
    free(intake);
    return NULL;
}
