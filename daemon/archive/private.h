/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind archive.h share; each uses those below it only:
 *   archive.c  life, who waits, and how they are answered
 *   take.c     the parts of a document: where one begins, what is in it, how it ends
 *   file.c     the file of one session: held for a minute, told in parts
 *   convert.c  of one that came in as another, a FIT file: a process of its own makes it
 *   made.c     the same on the worker, where it is made
 *   part.c     rows as the text of a part
 *   rows.c     a stored row as JSON, and as cells
 *   said.c     how an answer is given, once
 */
#include <jansson.h>
#include "daemon/archive/archive.h"
#include "daemon/import/child.h"
#include "lib/csv.h"

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
};

struct archive_held { /* the file of a session that was asked for last */
    int fd;
    char id[SESSION_ID_MAX];
    int64_t size;
    uint64_t digest;
    const char *format;
    bool converted;            /* it came as another */
    struct clock_timer *timer; /* until nobody asks for the rest of it */
};

struct archive {
    struct archive_parts parts;
    struct archive_request *first; /* who waits, or whose reading is under way */
    size_t n;
    struct clock_timer *timer;
    struct clock_timer *rest; /* nobody asked for a moment: what was taken to answer goes back */
    struct archive_held held;
    struct archive_job *converting; /* the first is being made a FIT file, the others wait */
    struct child *child;
};

/* said.c */
void archive_say(struct archive_request *request, const struct archived *answer);
void archive_refuse(struct archive_request *request, const char *code, const char *argument,
                    const char *message, const char *allowed);
/* Why the store did not answer. */
void archive_refuse_store(struct archive_request *request, int error);
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
int archive_open_held(struct archive *archive);
void archive_drop_held(struct archive *archive);

/* made.c */
#define ARCHIVE_PART_BYTES (ARCHIVED_PART_MAX / 4 * 3) /* in Base64 it is a part */
struct archive_job {                                   /* the worker's, until it is done */
    struct archive_request *request;
    char state_dir[4096];
    char id[SESSION_ID_MAX], runner[CONF_ID_MAX], hash[STORE_HASH_MAX];
    int64_t start_usec, end_usec; /* of the session */
    bool as_fit;                  /* and not as it came */
    int64_t offset;
    /* The made file; fd < 0: it is to be made */
    int fd;
    bool converted;
    int64_t size; /* < 0: not measured yet */
    uint64_t digest;
    const char *format;
    const char *why; /* there is none */
    int fit_fd;      /* < 0: it is as it was asked for; else empty, for what it is made */
    struct archive_job *next;
    void (*done)(void *data, int result); /* when it is made */
    uint8_t bytes[ARCHIVE_PART_BYTES];
    size_t length;
};
int archive_job_run(void *data);

/* convert.c */
/* Takes the job; `done` gets it back, later or at once, as the worker's would. */
void archive_convert(struct archive *archive, struct archive_job *job,
                     void (*done)(void *data, int result));
void archive_convert_stop(struct archive *archive); /* and nothing comes any more */

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
