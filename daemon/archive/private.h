/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind archive.h share; each uses those below it only:
 *   archive.c  life, who waits, and how they are answered
 *   take.c     the parts of a document: where one begins, what is in it, how it ends
 *   file.c     the file of one session: which one, told in parts
 *   convert.c  of one that came in as another, a FIT file: a process of its own makes it
 *   made.c     the file on the worker, where it is made
 *   held.c     those that were made last: held for a minute
 *   part.c     rows as the text of a part
 *   rows.c     a stored row as JSON, and as cells
 *   said.c     how an answer is given, once
 */
#include <jansson.h>
#include "daemon/archive/archive.h"
#include "daemon/import/child.h"
#include "lib/csv.h"

struct archive_source { /* what the file of a session is made of */
    char id[SESSION_ID_MAX], runner[CONF_ID_MAX], hash[STORE_HASH_MAX];
    int64_t start_usec, end_usec; /* of the session */
    int place;                    /* of it in its file; < 0: not known */
    bool as_fit;                  /* and not as it came */
    bool barometric;              /* its runner's altitudes, of a file that does not say */
};

struct archive_made { /* in a file without a name */
    int fd;           /* < 0: there is none */
    int64_t size;
    uint64_t digest;
    const char *format;
    bool converted; /* it came as another */
};

struct archive_request {
    struct archive *archive;
    struct archive_request *next;
    struct archived_question question;
    archived_done done; /* NULL: answered already */
    void *userdata;
    uint64_t until_usec;
    struct archive_cursor {
        int section;   /* of the document */
        int64_t n, of; /* told so far, of so many; of < 0: not counted */
        char key[80];  /* of the last row of that section that was told; "" = none */
    } cursor;
    struct archive_conversion *conversion; /* what it waits for; NULL: nothing */
    /* when that is made, and held */
    void (*go_on)(struct archive_request *request, const struct archive_source *source);
};

struct archive_held {
    struct archive_source source;
    struct archive_made made;
    const char *why;     /* there is none, and nobody heard that yet */
    bool untold;         /* who asks for the first part is given this one */
    uint64_t until_usec; /* unless it is asked for again; 0: nothing is held here */
};

#define ARCHIVE_HELD_MAX 3 /* who takes one in parts has it made once, beside some others */

struct archive {
    struct archive_parts parts;
    struct archive_request *first; /* who waits, or whose reading is under way */
    size_t n;
    bool stopping;
    struct clock_timer *timer;
    struct clock_timer *rest; /* nobody asked for a moment: what was taken to answer goes back */
    struct archive_held held[ARCHIVE_HELD_MAX];
    struct clock_timer *held_timer;
    struct archive_conversion *conversions; /* in the order they were asked for */
    struct child *child;                    /* of one of them */
};

/* said.c */
void archive_say(struct archive_request *request, const struct archived *answer);
void archive_refuse(struct archive_request *request, const char *code, const char *argument,
                    const char *message, const char *allowed);
/* Why the store did not answer. */
void archive_refuse_store(struct archive_request *request, int error);
/* Why the file of a session could not be made. */
void archive_refuse_file(struct archive_request *request, const char *why);
/* Nothing is under way for it any more: it is gone. */
void archive_end(struct archive_request *request);
void archive_refuse_and_end(struct archive_request *request, const char *code, const char *argument,
                            const char *message, const char *allowed);
/* "" is the beginning; false: it is none that we made. */
bool archive_read_cursor(const char *text, struct archive_cursor *ret);
void archive_write_cursor(const struct archive_cursor *cursor,
                          char ret[static ARCHIVED_CURSOR_MAX]);

/* take.c, file.c: each ends the request, at once or later */
void archive_take(struct archive_request *request);
void archive_take_file(struct archive_request *request);

/* convert.c */
struct archive_job;
/* Takes from the job what it is made of and into; the request waits for it to go on, unless it is answered
 * already. */
void archive_convert(struct archive_request *request, struct archive_job *job);
/* It waits for what is under way already; false: nothing is. */
bool archive_await(struct archive_request *request, const struct archive_source *source);
void archive_convert_stop(struct archive *archive); /* and nothing comes any more */

/* held.c */
bool archive_same_source(const struct archive_source *a, const struct archive_source *b);
int archive_open_held(struct archive *archive);
/* Takes what was made; why: it could not be. untold: nobody was given any of it. */
void archive_hold(struct archive *archive, const struct archive_source *source,
                  struct archive_made *made, const char *why, bool untold);
/* NULL: none. first: for the first part, which is made anew unless that costs too much. */
struct archive_held *archive_held_of(struct archive *archive, const struct archive_source *source,
                                     bool first);
void archive_let_go(struct archive_held *held);
void archive_close_held(struct archive *archive);

/* made.c */
#define ARCHIVE_PART_BYTES (ARCHIVED_PART_MAX / 4 * 3) /* in Base64 it is a part */
struct archive_job {                                   /* the worker's, until it is done */
    struct archive_request *request;
    char state_dir[4096];
    struct archive_source source;
    struct archive_made made; /* fd < 0: it is to be made */
    int kept_fd;              /* >= 0: what is made of it has to be converted first, into made */
    const char *why;          /* there is none */
    int64_t offset;
    uint8_t bytes[ARCHIVE_PART_BYTES];
    size_t length;
};
int archive_job_run(void *data);
/* On the worker: what a conversion wrote. NULL, or why it is none. */
const char *archive_look_at_converted(struct archive_made *made);

/* part.c */
enum archive_section {
    ARCHIVE_SESSIONS,
    ARCHIVE_DAYS, /* from the log in memory; all others are stored */
    ARCHIVE_VERDICTS,
    ARCHIVE_IMPORTS,
    ARCHIVE_SAID,
    ARCHIVE_SECTIONS,
};
struct archive_part {
    struct archive_request *request;
    char *text; /* ARCHIVED_PART_MAX, and a NUL */
    size_t length;
    bool failed; /* no memory, or a row that no part has room for */
};
const char *archive_section_name(enum archive_section section);
/* Of the document that is asked for. */
int archive_first_section(const struct archived_question *question);
int archive_last_section(const struct archived_question *question);
/* At the beginning of a section what stands before its rows; else nothing. */
void archive_part_open(struct archive_part *part);
/* Takes the row; key: where the next one is behind. False: it has no room here. */
bool archive_part_add(struct archive_part *part, json_t *row, const char *key);
/* All rows of the section are told; the cursor is at the next one, -1: there is none. */
void archive_part_close(struct archive_part *part);

/* rows.c: new references; NULL: no memory */
json_t *archive_session_json(const struct store_session *row, bool hide_heart);
json_t *archive_day_json(const struct training_day *day, bool hide_heart);
json_t *archive_verdict_json(const struct store_verdict *row, bool hide_heart);
json_t *archive_said_json(const struct store_said *row, bool hide_heart);
json_t *archive_import_json(const struct store_import *row);
json_t *archive_settings_json(const struct conf *conf, size_t runner, bool hide_heart);
enum archive_columns { ARCHIVE_COLUMNS_SESSION, ARCHIVE_COLUMNS_DAY };
void archive_csv_head(struct csv *csv, enum archive_columns columns);
void archive_csv_row(struct csv *csv, enum archive_columns columns, const json_t *row);
