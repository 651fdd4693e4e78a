/* SPDX-License-Identifier: MIT */
/* What people say of sessions, one after the other: who is asked for what, and what is answered, also when
 * a disk does not answer, and at the end. The parts that do it stand here in their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/corrections/corrections.h"
#include "daemon/util.h"
#include "fake_clock.h"

static struct {
    struct conf conf;
    struct corrections *corrections;
    sd_event *event;
    char did[400];   /* "find x; give x to 1; " */
    char heard[400]; /* "ok x 1; already id: ; " */
    /* what is to be answered */
    store_found found;
    void *finder;
    store_committed committed;
    void (*kept)(void *userdata, int result);
    void (*given)(void *userdata, int result, size_t n);
    notes_done noted;
    void *doer;
    const char *open; /* the runner's open session; "": none */
    enum session_state last_is;
    struct store_session row;
    int result;     /* of what is asked for at once */
    int put_result; /* of a run by hand */
    bool in_hand, reading, reading_logged, full;
    unsigned parts; /* said of how it was */
    bool again;
    struct deleted_session gone;
} f;

__attribute__((format(printf, 1, 2))) static int did(const char *format, ...)
{
    size_t length = strlen(f.did);
    va_list ap;

    va_start(ap, format);
    vsnprintf(f.did + length, sizeof(f.did) - length, format, ap);
    va_end(ap);
    return f.result;
}

/* ---- in the place of the parts ------------------------------------------------------------------ */

int store_find_session(struct store *store, const char *id, store_found found, void *userdata)
{
    f.found = found;
    f.finder = userdata;
    return did("find %s; ", id);
}

const char *store_why(const struct store *store, int error)
{
    return "the disk is full";
}

bool store_has_room_for(const struct store *store, size_t n)
{
    return !f.full;
}

bool sessions_has_in_hand(const struct sessions *sessions, const char *id)
{
    return f.in_hand;
}

bool sessions_is_reading(const struct sessions *sessions, const char *id)
{
    return f.reading;
}

int store_find_latest(struct store *store, const char *runner, store_found found, void *userdata)
{
    f.found = found;
    f.finder = userdata;
    return did("find latest of %s; ", runner);
}

size_t sessions_slot_of_runner(const struct sessions *sessions, size_t runner)
{
    return f.open[0] ? runner : TRACKER_NONE;
}

bool sessions_summary(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                      struct payload_session *ret)
{
    payload_session_init(ret);
    snprintf(ret->id, sizeof(ret->id), "%s", f.open);
    return f.open[0] != '\0';
}

bool sessions_last(const struct sessions *sessions, const char *runner, struct payload_session *ret)
{
    payload_session_init(ret);
    snprintf(ret->id, sizeof(ret->id), "last");
    ret->state = f.last_is;
    return true;
}

bool sessions_whose_in_hand(const struct sessions *sessions, const char *id,
                            char ret_runner[CONF_ID_MAX])
{
    snprintf(ret_runner, CONF_ID_MAX, "anna");
    return true;
}

bool store_session_ended(const struct store *store, const char *id)
{
    return false;
}

const char *import_instead(const struct import *import, const char *id)
{
    return "other";
}

bool logged_is_reading(const struct logged *logged)
{
    return f.reading_logged;
}

void logged_make_id(const struct logged *logged, int64_t now_usec, char ret[SESSION_ID_MAX])
{
    snprintf(ret, SESSION_ID_MAX, "hand");
}

void logged_row(const struct logged_run *run, struct store_session *ret)
{
    store_session_init(ret);
    snprintf(ret->session.id, sizeof(ret->session.id), "%s", run->id);
}

static int keep_logged(const char *what, const char *id, logged_done done, void *userdata)
{
    f.kept = done;
    f.doer = userdata;
    return did("%s %s; ", what, id);
}

int logged_keep(struct logged *logged, const struct logged_run *run, logged_done done,
                void *userdata)
{
    return keep_logged("log", run->id, done, userdata);
}

int logged_discard(struct logged *logged, const char *id, int64_t at_usec, logged_done done,
                   void *userdata)
{
    assert_true(at_usec > 0);
    return keep_logged("discard logged", id, done, userdata);
}

int logged_give(struct logged *logged, const char *id, const char *runner, logged_done done,
                void *userdata)
{
    return keep_logged("give logged", id, done, userdata);
}

int logged_restore(struct logged *logged, const char *id, logged_done done, void *userdata)
{
    return keep_logged("restore logged", id, done, userdata);
}

int logged_read_again(struct logged *logged)
{
    return did("read logged; ");
}

int logged_forget(struct logged *logged, const char *id, logged_done done, void *userdata)
{
    return keep_logged("take back", id, done, userdata);
}

int import_restore(struct import *import, const char *hash, const char *id,
                   void (*done)(void *userdata, int result), void *userdata)
{
    return keep_logged("restore file of", id, done, userdata);
}

const struct deleted_session *deleted_find(const struct deleted *deleted, const char *id)
{
    return f.gone.id[0] ? &f.gone : NULL;
}

int deleted_keep(struct deleted *deleted, const struct deleted_session *session, deleted_done done,
                 void *userdata)
{
    return keep_logged("aside", session->id, done, userdata);
}

void deleted_comes_back(struct deleted *deleted, const char *id, bool does)
{
}

void deleted_settled(struct deleted *deleted, const char *id)
{
    (void)did("settled %s; ", id);
}

int deleted_bring_back(struct deleted *deleted, const char *id, deleted_done done, void *userdata)
{
    return keep_logged("back", id, done, userdata);
}

int deleted_forget(struct deleted *deleted, const char *id, deleted_done done, void *userdata)
{
    return keep_logged("forget", id, done, userdata);
}

int64_t sessions_now_usec(const struct sessions *sessions)
{
    return 5;
}

int sessions_delete_stored(struct sessions *sessions, const struct store_session *stored,
                           store_committed done, void *userdata)
{
    f.committed = done;
    f.doer = userdata;
    return did("delete %s; ", stored->session.id);
}

int sessions_put_again(struct sessions *sessions, const struct store_session *row,
                       store_committed done, void *userdata)
{
    f.committed = done;
    f.doer = userdata;
    return did("put again %s %s; ", row->session.id, session_state_name(row->session.state));
}

int sessions_make_again(struct sessions *sessions, const char *id, struct store_session *ret)
{
    store_session_init(ret);
    snprintf(ret->session.id, sizeof(ret->session.id), "%s", id);
    ret->session.state = SESSION_UNASSIGNED;
    return did("make %s again; ", id);
}

int sessions_put_logged(struct sessions *sessions, const struct store_session *row,
                        store_committed done, void *userdata)
{
    f.committed = done;
    f.doer = userdata;
    (void)did("put %s; ", row->session.id);
    return f.put_result;
}

int notes_change(struct notes *notes, const char *id, const struct note *said, unsigned parts,
                 notes_done done, void *userdata)
{
    f.noted = done;
    f.doer = userdata;
    return did("note %g of %s; ", said->effort, id);
}

int sessions_stop(struct sessions *sessions, uint64_t now_usec, size_t runner, const char *id,
                  bool discard, char ret_id[SESSION_ID_MAX])
{
    snprintf(ret_id, SESSION_ID_MAX, "%s", id);
    return did("stop %s; ", id);
}

int sessions_give_open(struct sessions *sessions, uint64_t now_usec, const char *id, size_t runner,
                       char ret_id[SESSION_ID_MAX])
{
    snprintf(ret_id, SESSION_ID_MAX, "merged");
    return did("give open %s to %zu; ", id, runner);
}

int sessions_discard_stored(struct sessions *sessions, uint64_t now_usec,
                            const struct store_session *stored, store_committed done,
                            void *userdata)
{
    f.committed = done;
    f.doer = userdata;
    return did("discard %s; ", stored->session.id);
}

int sessions_give(struct sessions *sessions, const struct store_session *stored, size_t runner,
                  store_committed done, void *userdata)
{
    f.committed = done;
    f.doer = userdata;
    return did("give %s to %zu; ", stored->session.id, runner);
}

int import_discard(struct import *import, const struct store_session *session,
                   void (*done)(void *userdata, int result), void *userdata)
{
    f.kept = done;
    f.doer = userdata;
    return did("keep %s; ", session->session.id);
}

int import_give(struct import *import, const struct store_session *session, const char *to,
                void (*done)(void *userdata, int result, size_t n_sessions), void *userdata)
{
    f.given = done;
    f.doer = userdata;
    return did("give file of %s to %s; ", session->session.id, to);
}

/* ---- who asks ----------------------------------------------------------------------------------- */

static void on_done(void *userdata, const struct correction_answer *answer)
{
    size_t length = strlen(f.heard);

    if (answer->code)
        snprintf(f.heard + length, sizeof(f.heard) - length, "%s %s: %s; ", answer->code,
                 answer->argument ? answer->argument : "-", answer->allowed);
    else
        snprintf(f.heard + length, sizeof(f.heard) - length, "ok %s %zu; ", answer->id,
                 answer->n_sessions);
}

static void ask(enum correction_kind kind, const char *id, const char *runner)
{
    struct correction what = { .kind = kind };

    snprintf(what.id, sizeof(what.id), "%s", id);
    snprintf(what.runner, sizeof(what.runner), "%s", runner);
    what.note.effort = 5;
    what.parts = f.parts;
    what.again = f.again;
    corrections_make(f.corrections, &what, on_done, NULL);
}

static void find(int result)
{
    f.found(f.finder, result, result == 0 ? &f.row : NULL);
}

static void assert_all(const char *done, const char *heard)
{
    assert_string_equal(f.did, done);
    assert_string_equal(f.heard, heard);
    f.did[0] = f.heard[0] = '\0';
}

static int setup(void **state)
{
    struct corrections_parts parts = { .conf = &f.conf };

    memset(&f, 0, sizeof(f));
    f.conf.n_runners = 2;
    strcpy(f.conf.runners[0].id, "anna");
    strcpy(f.conf.runners[1].id, "ben");
    store_session_init(&f.row);
    strcpy(f.row.session.id, "x");
    strcpy(f.row.session.runner, "anna");
    f.row.session.state = SESSION_ENDED;
    assert_return_code(sd_event_new(&f.event), 0);
    parts.event = f.event;
    f.open = "";
    f.last_is = SESSION_ENDED;
    return corrections_new(&f.corrections, &parts);
}

static int teardown(void **state)
{
    f.corrections = corrections_free(f.corrections);
    f.event = sd_event_unref(f.event);
    assert_int_equal(fake_clock_armed(), 0);
    return 0;
}

/* ---- the tests ---------------------------------------------------------------------------------- */

static void test_it_is_answered_when_it_is_on_the_disk(void **state)
{
    ask(CORRECTION_DISCARD, "x", "");
    find(0);
    assert_all("find x; discard x; ", "");
    f.committed(f.doer, 0);
    assert_all("", "ok x 1; ");
    ask(CORRECTION_ASSIGN, "x", "ben");
    find(0);
    assert_all("find x; give x to 1; ", "");
    f.committed(f.doer, -ENOSPC);
    assert_all("", "unavailable -: the disk is full; ");
}

static void test_a_file_is_the_imports_to_change(void **state)
{
    memset(f.row.file, 'a', sizeof(f.row.file) - 1);
    ask(CORRECTION_DISCARD, "x", "anna");
    find(0);
    assert_all("find x; keep x; ", "");
    f.kept(f.doer, 0); /* beside the copy: then it is stored */
    assert_all("discard x; ", "");
    f.committed(f.doer, 0);
    assert_all("", "ok x 1; ");
    ask(CORRECTION_DISCARD, "x", "");
    find(0);
    f.kept(f.doer, -EROFS);
    assert_all("find x; keep x; ", "unavailable -: the disk is full; ");
    ask(CORRECTION_ASSIGN, "x", "ben");
    find(0);
    f.given(f.doer, 0, 3);
    assert_all("find x; give file of x to ben; ", "ok x 3; ");
    ask(CORRECTION_ASSIGN, "x", "ben");
    find(0);
    f.given(f.doer, -ENOENT, 0); /* no copy of it: as far as it is known */
    assert_all("find x; give file of x to ben; give x to 1; ", "");
    f.committed(f.doer, 0);
    assert_all("", "ok x 1; ");
}

/* What was said beside the copy holds when the database is lost. */
static void test_nothing_is_said_beside_a_copy_that_is_refused(void **state)
{
    memset(f.row.file, 'a', sizeof(f.row.file) - 1);
    f.full = true;
    ask(CORRECTION_DISCARD, "x", "");
    find(0);
    assert_all("find x; ", "unavailable -: No buffer space available; ");
    f.full = false;
    ask(CORRECTION_DISCARD, "x", "");
    find(0);
    assert_all("find x; keep x; ", "");
}

static void test_what_cannot_be_done_is_said(void **state)
{
    static const struct {
        enum correction_kind kind;
        const char *runner, *of, *reason;
        enum session_state is;
        int found;
        const char *heard;
    } rows[] = {
        { CORRECTION_DISCARD, "", "anna", "", SESSION_ENDED, -ENOENT,
          "not_found id: the id of any that was recorded or came in as a file; " },
        { CORRECTION_DISCARD, "", "anna", "", SESSION_ENDED, -EROFS,
          "unavailable -: the disk is full; " },
        { CORRECTION_DISCARD, "ben", "anna", "", SESSION_ENDED, 0,
          "bad_argument runner: its own runner, or the id alone; " },
        { CORRECTION_DISCARD, "", "anna", "", SESSION_DISCARDED, 0, "already id: ; " },
        { CORRECTION_ASSIGN, "ben", "anna", "", SESSION_DISCARDED, 0, "already id: ; " },
        { CORRECTION_DISCARD, "", "", "merged into 20270328T080000Z-1", SESSION_DISCARDED, 0,
          "already id: 20270328T080000Z-1; " },
        { CORRECTION_ASSIGN, "anna", "anna", "", SESSION_ENDED, 0, "already runner: ; " },
        { CORRECTION_ASSIGN, "eve", "anna", "", SESSION_ENDED, 0, "not_found runner: ; " },
    };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        print_message("  %zu\n", i);
        f.row.session.state = rows[i].is;
        snprintf(f.row.session.runner, sizeof(f.row.session.runner), "%s", rows[i].of);
        snprintf(f.row.reason, sizeof(f.row.reason), "%s", rows[i].reason);
        ask(rows[i].kind, "x", rows[i].runner);
        find(rows[i].found);
        assert_all("find x; ", rows[i].heard);
    }
    f.result = -EINVAL;
    ask(CORRECTION_DISCARD, "../x", "");
    assert_all("find ../x; ",
               "bad_argument id: letters, digits and . _ - + :, the first a letter or digit; ");
}

static void test_what_is_open_is_done_at_once(void **state)
{
    f.in_hand = true;
    ask(CORRECTION_DISCARD, "x", "");
    assert_all("stop x; ", "ok x 1; ");
    ask(CORRECTION_ASSIGN, "x", "ben");
    assert_all("give open x to 1; ", "ok merged 1; ");
    f.result = TRACKER_E_ALREADY;
    ask(CORRECTION_ASSIGN, "x", "ben");
    assert_all("give open x to 1; ", "busy id: the same once it has ended, the clock is known and "
                                     "the disk has room; session stop ends it; ");
    f.result = TRACKER_E_REFUSED;
    ask(CORRECTION_ASSIGN, "x", "ben");
    assert_all("give open x to 1; ",
               "unavailable id: the same once it has ended; session stop ends it, and the journal "
               "says why; ");
    f.result = SESSIONS_E_ANOTHERS;
    ask(CORRECTION_DISCARD, "x", "ben");
    assert_all("stop x; ", "bad_argument runner: its own runner, or the id alone; ");
}

/* After a start: nobody knows yet what becomes of it. */
static void test_what_is_not_read_back_yet_is_no_session_that_is_not(void **state)
{
    static const char busy[] =
        "busy id: the same again in a moment; some minutes where the database "
        "was lost; ";

    f.reading = true;
    ask(CORRECTION_DISCARD, "x", "");
    assert_all("", busy);
    ask(CORRECTION_ASSIGN, "x", "ben");
    assert_all("", busy);
    f.reading = false;
    f.reading_logged = true;
    ask(CORRECTION_DISCARD, "x", "");
    assert_all("", busy);
    f.reading_logged = false;
    ask(CORRECTION_DISCARD, "x", "");
    assert_all("find x; ", "");
    find(-ENOENT);
}

/* A reload while the file's copy was looked for. */
static void test_a_runner_who_went_meanwhile_gets_nothing(void **state)
{
    memset(f.row.file, 'a', sizeof(f.row.file) - 1);
    ask(CORRECTION_ASSIGN, "x", "ben");
    find(0);
    assert_all("find x; give file of x to ben; ", "");
    f.conf.n_runners = 1;
    f.given(f.doer, -ENOENT, 0);
    assert_all("", "not_found runner: ; ");
    f.in_hand = true;
    ask(CORRECTION_DISCARD, "x", "ben");
    assert_all("", "not_found runner: ; ");
    ask(CORRECTION_ASSIGN, "x", "ben");
    assert_all("", "not_found runner: ; ");
}

static void test_how_it_was_is_said_of_any(void **state)
{
    const struct note said = { .effort = 5 };

    ask(CORRECTION_NOTE, "x", "anna");
    find(0);
    assert_all("find x; note 5 of x; ", "");
    f.noted(f.doer, 0, &said);
    assert_all("", "ok x 1; ");
    ask(CORRECTION_NOTE, "x", "ben");
    find(0);
    assert_all("find x; ", "bad_argument runner: its own runner, or the id alone; ");
    ask(CORRECTION_NOTE, "x", "");
    find(0);
    f.noted(f.doer, -ENOSPC, &said);
    assert_all("find x; note 5 of x; ", "unavailable -: the disk is full; ");
    f.in_hand = true;
    ask(CORRECTION_NOTE, "y", "ben");
    assert_all("", "bad_argument runner: its own runner, or the id alone; ");
    f.result = -ENOMEM;
    ask(CORRECTION_NOTE, "y", "");
    assert_all("note 5 of y; ", "unavailable -: the disk is full; ");
}

static void test_where_none_is_named_it_is_the_latest(void **state)
{
    const struct note said = { .effort = 5 };

    ask(CORRECTION_NOTE, "", "anna");
    find(0);
    assert_all("find latest of anna; note 5 of x; ", "");
    f.noted(f.doer, 0, &said);
    assert_all("", "ok x 1; ");
    ask(CORRECTION_NOTE, "", "anna");
    find(-ENOENT);
    assert_all("find latest of anna; ",
               "not_found id: the id of any that was recorded or came in as a file; ");
    f.in_hand = true; /* it ended, and waits for its date */
    ask(CORRECTION_NOTE, "", "anna");
    f.noted(f.doer, 0, &said);
    assert_all("note 5 of last; ", "ok last 1; ");
    f.last_is = SESSION_DISCARDED;
    ask(CORRECTION_NOTE, "", "anna");
    assert_all("find latest of anna; ", "");
    find(-ENOENT);
    f.heard[0] = '\0';
    f.open = "open";
    ask(CORRECTION_NOTE, "", "anna");
    f.noted(f.doer, 0, &said);
    assert_all("note 5 of open; ", "ok open 1; ");
}

static void test_a_run_by_hand_is_kept_before_it_is_put(void **state)
{
    const struct note said = { .effort = 5 };

    ask(CORRECTION_LOG, "", "");
    assert_all("log hand; ", "");
    f.kept(f.doer, 0);
    assert_all("put hand; ", "");
    f.committed(f.doer, 0);
    assert_all("", "ok hand 1; ");
    f.parts = NOTE_EFFORT;
    ask(CORRECTION_LOG, "", "");
    assert_all("note 5 of hand; ", "");
    f.noted(f.doer, 0, &said);
    assert_all("log hand; ", "");
    f.kept(f.doer, -ENOSPC);
    f.kept(f.doer, 0);
    assert_all("take back hand; ", "unavailable -: the disk is full; ");
    ask(CORRECTION_LOG, "", "");
    f.noted(f.doer, -ENOSPC, &said);
    assert_all("note 5 of hand; ", "unavailable -: the disk is full; ");
    f.full = true;
    ask(CORRECTION_LOG, "", "");
    assert_all("", "unavailable -: the disk is full; ");
}

/* The next start would put what is kept of it. */
static void test_a_run_by_hand_that_is_refused_is_taken_back_before_it_is_said(void **state)
{
    static const char unsure[] =
        "unavailable -: a look at sessions after the next start, before it is entered again: what "
        "was kept of it could not be taken back; ";

    ask(CORRECTION_LOG, "", "");
    f.kept(f.doer, 0);
    f.committed(f.doer, -EROFS); /* a newer strided's database */
    assert_all("log hand; put hand; take back hand; ", "");
    f.kept(f.doer, 0);
    assert_all("", "unavailable -: the disk is full; ");
    ask(CORRECTION_LOG, "", "");
    f.put_result = -ENOBUFS; /* there is no room any more */
    f.kept(f.doer, 0);
    f.kept(f.doer, 0);
    assert_all("log hand; put hand; take back hand; ", "unavailable -: the disk is full; ");
    ask(CORRECTION_LOG, "", "");
    f.kept(f.doer, -EIO); /* it may be there all the same */
    f.kept(f.doer, -EIO);
    assert_all("log hand; take back hand; ", unsure);
    ask(CORRECTION_LOG, "", "");
    f.result = -ENOMEM;
    f.kept(f.doer, -EIO);
    assert_all("log hand; take back hand; ", unsure);
}

static void test_what_is_said_of_a_run_by_hand_is_kept_before_it_is_stored(void **state)
{
    memset(f.row.file, 'a', sizeof(f.row.file) - 1);
    strcpy(f.row.session.source.distance, STORE_BY_HAND);
    ask(CORRECTION_DISCARD, "x", "");
    find(0);
    assert_all("find x; discard logged x; ", "");
    f.kept(f.doer, 0);
    assert_all("discard x; ", "");
    f.committed(f.doer, 0);
    assert_all("", "ok x 1; ");
    ask(CORRECTION_ASSIGN, "x", "ben");
    find(0);
    f.kept(f.doer, 0);
    f.committed(f.doer, 0);
    assert_all("find x; give logged x; give x to 1; ", "ok x 1; ");
    ask(CORRECTION_ASSIGN, "x", "ben");
    find(0);
    f.kept(f.doer, -EROFS);
    assert_all("find x; give logged x; ", "unavailable -: the disk is full; ");
}

static void test_one_that_goes_is_kept_aside_before_it_is_stored(void **state)
{
    ask(CORRECTION_DELETE, "x", "anna");
    find(0);
    f.kept(f.doer, 0);
    f.committed(f.doer, 0);
    assert_all("find x; aside x; delete x; settled x; ", "ok x 1; ");
    strcpy(f.row.session.source.distance, STORE_BY_HAND);
    memset(f.row.file, 'a', sizeof(f.row.file) - 1);
    ask(CORRECTION_DELETE, "x", "");
    find(0);
    f.kept(f.doer, 0);
    f.kept(f.doer, 0);
    f.committed(f.doer, -ENOSPC);
    assert_all("find x; aside x; discard logged x; delete x; ",
               "unavailable -: the disk is full; ");
    strcpy(f.row.session.source.distance, "file");
    f.row.session.state = SESSION_DISCARDED; /* and it may be deleted all the same */
    ask(CORRECTION_DELETE, "x", "");
    find(0);
    f.kept(f.doer, 0);
    f.kept(f.doer, -EROFS);
    assert_all("find x; aside x; keep x; ", "unavailable -: the disk is full; ");
    ask(CORRECTION_DELETE, "x", "ben");
    find(0);
    assert_all("find x; ", "bad_argument runner: its own runner, or the id alone; ");
    strcpy(f.row.reason, STORE_DELETED);
    ask(CORRECTION_DELETE, "x", "");
    find(0);
    assert_all("find x; ", "already id: undo=true, for a day; ");
    f.full = true;
    f.row.reason[0] = '\0';
    ask(CORRECTION_DELETE, "x", "");
    find(0);
    assert_all("find x; ", "unavailable -: the disk is full; ");
    f.in_hand = true;
    ask(CORRECTION_DELETE, "x", "");
    assert_all("", "busy id: the same once it has ended, the clock is known and the disk has room; "
                   "session stop ends it; ");
}

/* At each start, for each of the last day. */
static void test_what_a_kill_cut_off_is_done_again(void **state)
{
    f.again = true;
    strcpy(f.gone.id, "x");
    ask(CORRECTION_DELETE, "x", ""); /* its row does not say it yet */
    find(0);
    f.kept(f.doer, 0);
    f.committed(f.doer, 0);
    assert_all("find x; aside x; delete x; settled x; ", "ok x 1; ");
    strcpy(f.row.reason, STORE_DELETED);
    ask(CORRECTION_DELETE, "x", "");
    find(0);
    f.kept(f.doer, 0);
    assert_all("find x; aside x; settled x; ", "ok x 1; ");
    ask(CORRECTION_DELETE, "x", ""); /* the database is another */
    find(-ENOENT);
    f.kept(f.doer, 0);
    assert_all("find x; aside x; settled x; ", "ok x 1; ");
    strcpy(f.gone.file, "aa"); /* which has its row again in a moment */
    ask(CORRECTION_DELETE, "x", "");
    find(-ENOENT);
    assert_all("find x; ", "busy id: ; ");
}

static void test_one_that_is_deleted_comes_back(void **state)
{
    ask(CORRECTION_UNDELETE, "x", "");
    assert_all("", "not_found id: ; ");
    f.gone.was = SESSION_ENDED;
    strcpy(f.gone.id, "x");
    strcpy(f.gone.runner, "anna");
    f.row.session.state = SESSION_DISCARDED;
    ask(CORRECTION_UNDELETE, "x", "ben");
    find(0);
    assert_all("find x; ", "bad_argument runner: its own runner, or the id alone; ");
    ask(CORRECTION_UNDELETE, "x", "anna");
    find(0);
    f.kept(f.doer, 0);
    f.committed(f.doer, 0);
    f.kept(f.doer, 0);
    assert_all("find x; back x; put again x ended; forget x; ", "ok x 1; ");
    ask(CORRECTION_UNDELETE, "x", ""); /* without its row */
    find(-ENOENT);
    f.kept(f.doer, 0);
    f.committed(f.doer, 0);
    f.kept(f.doer, 0);
    assert_all("find x; back x; make x again; put again x unassigned; forget x; ", "ok x 1; ");
    strcpy(f.gone.file, "aa");
    ask(CORRECTION_UNDELETE, "x", "");
    find(-ENOENT);
    assert_all("find x; ", "busy id: the same again in a moment; ");
    ask(CORRECTION_UNDELETE, "x", "");
    find(0);
    f.kept(f.doer, 0);
    f.committed(f.doer, 0);
    f.kept(f.doer, 0);
    assert_all("find x; restore file of x; put again x ended; forget x; ", "ok x 1; ");
    f.gone.by_hand = true;
    ask(CORRECTION_UNDELETE, "x", "");
    find(-ENOENT);
    f.kept(f.doer, 0);
    f.kept(f.doer, 0);
    assert_all("find x; restore logged x; read logged; forget x; ", "ok x 1; ");
    f.gone.was = SESSION_DISCARDED; /* it stays that */
    ask(CORRECTION_UNDELETE, "x", "");
    find(0);
    f.committed(f.doer, 0);
    f.kept(f.doer, 0);
    assert_all("find x; put again x discarded; forget x; ", "ok x 1; ");
}

static void test_who_brings_one_back_is_who_has_it_by_now(void **state)
{
    static const char anothers[] = "bad_argument runner: its own runner, or the id alone; ";

    f.gone.was = SESSION_ENDED;
    strcpy(f.gone.id, "x");
    strcpy(f.gone.runner, "anna");
    strcpy(f.gone.file, "aa");
    f.row.session.state = SESSION_DISCARDED;
    strcpy(f.row.session.runner, "ben"); /* its file went to him since */
    ask(CORRECTION_UNDELETE, "x", "anna");
    find(0);
    assert_all("find x; ", anothers);
    ask(CORRECTION_UNDELETE, "x", "ben");
    find(0);
    f.kept(f.doer, 0);
    f.committed(f.doer, 0);
    f.kept(f.doer, 0);
    assert_all("find x; restore file of x; put again x ended; forget x; ", "ok x 1; ");
    f.gone.file[0] = '\0'; /* without its row nobody knows better than what is kept of it */
    ask(CORRECTION_UNDELETE, "x", "ben");
    find(-ENOENT);
    assert_all("find x; ", anothers);
    ask(CORRECTION_UNDELETE, "x", "anna");
    find(-ENOENT);
    assert_all("find x; back x; ", "");
}

static void test_one_after_the_other(void **state)
{
    ask(CORRECTION_DISCARD, "x", "");
    ask(CORRECTION_ASSIGN, "y", "ben");
    assert_all("find x; ", "");
    find(0);
    assert_all("discard x; ", "");
    f.committed(f.doer, 0);
    assert_all("find y; ", "ok x 1; ");
    find(-ENOENT);
    assert_all("", "not_found id: the id of any that was recorded or came in as a file; ");
}

/* Whoever asked is told so, and what had not begun is not done behind their back. */
static void test_a_disk_that_does_not_answer_is_not_waited_for(void **state)
{
    static const char refused[] = "unavailable -: the same again once it does; ";
    char both[200];

    ask(CORRECTION_DISCARD, "x", "");
    ask(CORRECTION_DISCARD, "y", "");
    snprintf(both, sizeof(both), "%s%s", refused, refused);
    fake_clock_advance(20 * UINT64_C(1000000));
    assert_all("find x; ", both);
    find(0); /* it is back */
    assert_all("", "");
    ask(CORRECTION_DISCARD, "x", "");
    find(0);
    fake_clock_advance(20 * UINT64_C(1000000));
    assert_all("find x; discard x; ", refused);
    f.committed(f.doer, 0);
    assert_all("", "");
}

/* Entered again, one without a start would count twice. */
static void test_only_a_run_by_hand_that_is_under_way_goes_on(void **state)
{
    ask(CORRECTION_LOG, "", "");
    ask(CORRECTION_LOG, "", "");
    assert_all("log hand; ", "");
    fake_clock_advance(20 * UINT64_C(1000000));
    assert_all("", "unavailable -: a look at sessions before it is entered again: it goes on; "
                   "unavailable -: the same again once it does: nothing was done; ");
    f.kept(f.doer, 0); /* as they were told */
    f.committed(f.doer, 0);
    assert_all("put hand; ", "");
    ask(CORRECTION_LOG, "", "");
    ask(CORRECTION_LOG, "", "");
    f.did[0] = '\0';
    corrections_stop(f.corrections);
    assert_all("", "unavailable -: a look at sessions once it is back, before it is entered again; "
                   "unavailable -: the same again once it is back; ");
    f.kept(f.doer, 0);
    f.committed(f.doer, 0);
    assert_all("put hand; ", "");
}

static void test_too_many_at_once(void **state)
{
    for (int i = 0; i < 64; i++)
        ask(CORRECTION_DISCARD, "x", "");
    assert_all("find x; ", "");
    ask(CORRECTION_DISCARD, "x", "");
    assert_all("", "busy -: the same again later; ");
}

static void test_at_the_end_whoever_waits_is_told(void **state)
{
    ask(CORRECTION_DISCARD, "x", "");
    ask(CORRECTION_DISCARD, "y", "");
    find(0);
    f.did[0] = '\0';
    corrections_stop(f.corrections);
    assert_all("",
               "unavailable -: the same again once it is back; unavailable -: the same again once "
               "it is back; ");
    f.committed(f.doer, 0); /* the worker ends what it has begun */
    assert_all("", "");
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_it_is_answered_when_it_is_on_the_disk),
        T(test_a_file_is_the_imports_to_change),
        T(test_nothing_is_said_beside_a_copy_that_is_refused),
        T(test_what_cannot_be_done_is_said),
        T(test_what_is_open_is_done_at_once),
        T(test_what_is_not_read_back_yet_is_no_session_that_is_not),
        T(test_a_runner_who_went_meanwhile_gets_nothing),
        T(test_how_it_was_is_said_of_any),
        T(test_where_none_is_named_it_is_the_latest),
        T(test_a_run_by_hand_is_kept_before_it_is_put),
        T(test_a_run_by_hand_that_is_refused_is_taken_back_before_it_is_said),
        T(test_what_is_said_of_a_run_by_hand_is_kept_before_it_is_stored),
        T(test_one_that_goes_is_kept_aside_before_it_is_stored),
        T(test_what_a_kill_cut_off_is_done_again),
        T(test_one_that_is_deleted_comes_back),
        T(test_who_brings_one_back_is_who_has_it_by_now),
        T(test_one_after_the_other),
        T(test_a_disk_that_does_not_answer_is_not_waited_for),
        T(test_only_a_run_by_hand_that_is_under_way_goes_on),
        T(test_too_many_at_once),
        T(test_at_the_end_whoever_waits_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
