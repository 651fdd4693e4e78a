/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a file of a finished activity says: one stream of facts, the same whatever the format (FIT,
 * GPX, TCX). A reader takes bytes as they come and hands each fact to a sink the moment it is read;
 * nothing is kept, so a file may be as long as it likes. What the facts add up to is totals.h.
 *
 * Every number is in SI units or says its unit, and is NAN where the file does not give it: a value
 * that a format marks as invalid, and one no body or planet has (a heart rate of 0, a latitude of
 * 200, a distance below 0) is not given either.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACTIVITY_TEXT_MAX    48        /* bytes of a name with its NUL */
#define ACTIVITY_BEATS_MAX   127       /* R-R intervals in one fact */
#define ACTIVITY_NO_TIME     INT64_MIN /* a time that the file does not give */
#define ACTIVITY_PARTS_MAX   64        /* activities in one file; what follows is told as trouble */
#define ACTIVITY_SAMPLES_MAX 2000000   /* 23 days at 1 Hz; a file with more is refused */

enum activity_kind {
    ACTIVITY_KIND_UNKNOWN, /* the file does not say; samples are taken */
    ACTIVITY_KIND_ACTIVITY,
    ACTIVITY_KIND_COURSE,
    ACTIVITY_KIND_WORKOUT,
    ACTIVITY_KIND_SEGMENT,
    ACTIVITY_KIND_MONITORING, /* a whole day's steps, not a session */
    ACTIVITY_KIND_SETTINGS,
    ACTIVITY_KIND_OTHER,
};

enum activity_sport {
    ACTIVITY_SPORT_UNKNOWN,
    ACTIVITY_SPORT_RUNNING,
    ACTIVITY_SPORT_WALKING,
    ACTIVITY_SPORT_HIKING,
    ACTIVITY_SPORT_CYCLING,
    ACTIVITY_SPORT_SWIMMING,
    ACTIVITY_SPORT_TRANSITION, /* between two sports of one race */
    ACTIVITY_SPORT_OTHER,
};

/* What the rules make of a sport. */
enum activity_class {
    ACTIVITY_CLASS_UNKNOWN,
    ACTIVITY_CLASS_RUN,
    ACTIVITY_CLASS_WALK, /* walks and hikes: stored and shown, only their descent counts */
    ACTIVITY_CLASS_OTHER,
};

enum activity_trouble_kind {
    /* the rest is read */
    ACTIVITY_TROUBLE_CHECKSUM,   /* of a FIT file: some byte of it is not as it was written */
    ACTIVITY_TROUBLE_UNFINISHED, /* the recorder never wrote how long the file is */
    ACTIVITY_TROUBLE_PARTS,      /* more than ACTIVITY_PARTS_MAX activities */
    /* reading ends here, what was read before stands */
    ACTIVITY_TROUBLE_CUT,      /* the bytes end before the file does */
    ACTIVITY_TROUBLE_CORRUPT,  /* the bytes make no sense from here on */
    ACTIVITY_TROUBLE_TRAILING, /* whole, and followed by something that is none of it */
    /* reading ends here, and nothing of the file should be taken */
    ACTIVITY_TROUBLE_EMPTY,
    ACTIVITY_TROUBLE_FORMAT,   /* neither FIT, GPX nor TCX */
    ACTIVITY_TROUBLE_ARCHIVE,  /* a zip or the like: something to unpack */
    ACTIVITY_TROUBLE_DOCTYPE,  /* a document type declaration: where entities are declared */
    ACTIVITY_TROUBLE_ENCODING, /* letters that we have no table of */
    ACTIVITY_TROUBLE_BOMB,     /* unpacks to more than the limit */
    ACTIVITY_TROUBLE_TOKEN,    /* one XML tag longer than any there is */
    ACTIVITY_TROUBLE_SAMPLES,  /* more than ACTIVITY_SAMPLES_MAX */
    ACTIVITY_TROUBLE_MEMORY,   /* the parser was given no more */
};

enum activity_fact_type {
    ACTIVITY_FILE,   /* where it comes from; a FIT file may have several */
    ACTIVITY_SAMPLE, /* one point */
    ACTIVITY_PLACE,  /* a point of a route to go, not of a way that was gone: as a sample */
    ACTIVITY_HEART, /* heart rate loaded from the strap afterwards: behind the samples of its time */
    ACTIVITY_BEATS,   /* R-R intervals, of the time of the last sample */
    ACTIVITY_TIMER,   /* the watch was started or stopped */
    ACTIVITY_LAP,     /* one lap, stated */
    ACTIVITY_SESSION, /* one activity, stated: before, between or behind its samples */
    ACTIVITY_SPORT,   /* chosen at the start: all there is of a session that was never stated */
    ACTIVITY_DEVICE,  /* a sensor that took part */
    ACTIVITY_TROUBLE,
};

struct activity_file {
    enum activity_kind kind;
    char maker[ACTIVITY_TEXT_MAX];   /* "garmin", "" */
    char product[ACTIVITY_TEXT_MAX]; /* "Forerunner 610", "3121" (the maker's number), "" */
};

struct activity_sample {
    double latitude_deg, longitude_deg; /* WGS 84; both or neither */
    double altitude_m;
    double distance_m; /* from the start of the file or of its activity; never below 0 */
    double speed_m_s;
    /* As FIT, TCX and GPX write cadence: strides of one foot, or turns of the crank, a minute. How
     * many steps that is depends on the sport and on who wrote it: totals.h. */
    double cycles_per_min;
    double heart_rate_bpm; /* 1 to 254 */
    double power_w;
    double temperature_c;
    double grade_pct; /* rise per run, as somebody told it: a treadmill, a person */
};

struct activity_lap {
    int64_t start_usec; /* t_usec of the fact is the lap's end */
    double elapsed_s, timer_s, distance_m;
    double ascent_m, descent_m;
};

/* As the file states it; t_usec of the fact is its start. */
struct activity_session {
    enum activity_sport sport;
    int sub_sport; /* FIT's number, -1 = not given */
    bool indoors;  /* treadmill, track under a roof, simulated: altitude means nothing */
    double elapsed_s, timer_s, distance_m;
    double heart_rate_mean_bpm, heart_rate_max_bpm;
    double cycles_mean_per_min, cycles;
    double steps; /* of both feet, where it says so itself, whatever its cycles are */
    double ascent_m, descent_m;
};

struct activity_choice {
    enum activity_sport sport;
    int sub_sport; /* FIT's number, -1 = not given */
    bool indoors;
};

struct activity_device {
    bool barometer; /* the recorder's own: altitude is barometric (science sheet 4.3) */
    bool route;     /* altitude is that of a route that was followed */
    char maker[ACTIVITY_TEXT_MAX], product[ACTIVITY_TEXT_MAX];
};

struct activity_trouble {
    enum activity_trouble_kind kind;
    uint64_t at_byte;               /* of the unpacked file */
    char detail[ACTIVITY_TEXT_MAX]; /* for a log; may be "" */
};

struct activity_fact {
    enum activity_fact_type type;
    int64_t t_usec; /* UTC; ACTIVITY_NO_TIME */
    int part; /* activities of GPX and TCX are apart, 0, 1, ..; those of FIT by their time, all 0 */
    union {
        struct activity_file file;
        struct activity_sample sample;
        double heart_rate_bpm;
        struct {
            int n;
            double rr_ms[ACTIVITY_BEATS_MAX];
        } beats;
        bool running; /* TIMER */
        struct activity_lap lap;
        struct activity_session session;
        struct activity_choice choice; /* SPORT */
        struct activity_device device;
        struct activity_trouble trouble;
    };
};

/* Where the facts go. The fact is the reader's: copy what is to last. */
struct activity_sink {
    void (*on_fact)(void *context, const struct activity_fact *fact);
    void *context;
};

/* The memory of the parsers we wrap (expat, zlib). Returning NULL is answered with TROUBLE_MEMORY.
 * All three NULL: libc's. They must outlive the reader. */
struct activity_allocator {
    void *(*allocate)(size_t size);
    void *(*reallocate)(void *block, size_t size);
    void (*release)(void *block);
};

/* A fact with every number NAN and no text. */
struct activity_fact activity_fact(enum activity_fact_type type, int64_t t_usec);
void activity_emit(const struct activity_sink *sink, const struct activity_fact *fact);
void activity_emit_trouble(const struct activity_sink *sink, enum activity_trouble_kind kind,
                           uint64_t at_byte, const char *detail);

/* Give up values that nothing on Earth has, one by one. Every reader passes its facts through. */
void activity_sample_limit(struct activity_sample *sample);
void activity_lap_limit(struct activity_lap *lap);
void activity_session_limit(struct activity_session *session);

/* Reading ends with this. */
bool activity_trouble_stops(enum activity_trouble_kind kind);
/* Nothing of such a file is to be taken. */
bool activity_trouble_refuses(enum activity_trouble_kind kind);
/* What a person reads: "the file ends in the middle". */
const char *activity_trouble_text(enum activity_trouble_kind kind);

enum activity_class activity_class_of(enum activity_sport sport);
const char *activity_sport_name(enum activity_sport sport);
const char *activity_class_name(enum activity_class class);
const char *activity_kind_name(enum activity_kind kind);
