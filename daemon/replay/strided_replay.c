/* SPDX-License-Identifier: MIT */
/*
 * strided-replay: a recording in front, the messages behind. The same lib/ code as in the daemon, so
 * that a recording is a bug report, and a bug report becomes a test. See daemon/replay/README.md.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/readfile.h"
#include "daemon/recording/recovery.h"
#include "daemon/replay/anonymous.h"
#include "daemon/replay/course.h"
#include "daemon/replay/print.h"
#include "daemon/replay/program.h"
#include "daemon/replay/watch.h"
#include "daemon/util.h"

#define FILE_MAX_BYTES (256u << 20) /* a day of three sensors: 20 MB */
#define SAID_MAX       20           /* bad lines that are named one by one */

struct options {
    uint64_t every_usec;
    const char *anonymous; /* file to be written; NULL: messages are */
    const char *gateway;
    bool text, drop_heart;
};

static void usage(FILE *to)
{
    fputs(
        "Usage: strided-replay [OPTION ...] FILE...\n"
        "Prints what strided would have published of a recording, one 'topic payload' a line.\n\n",
        to);
    program_print_options(&replay_program, to, PROGRAM_COLUMNS);
    fputs("\nRecordings: sessions/ID.rec and records/TIME.rec in the state folder "
          "(/var/lib/strided).\n",
          to);
    program_print_statuses(&replay_program, to, PROGRAM_COLUMNS);
}

/* ---- reading ----------------------------------------------------------------------------------- */

/* What is wrong with each line that cannot be read; the rest is replayed. */
static size_t say_bad_lines(const char *path, const struct recovered *recovered)
{
    const char *line;
    size_t cursor = 0, length, number = 0, bad = 0;
    struct record record;

    while (recording_next_line(recovered->text, recovered->length, &cursor, &line, &length)) {
        enum recording_result result = recording_parse(line, length, recovered->plain, &record);

        number++;
        if (result != RECORDING_E_CHECKSUM && result != RECORDING_E_FORM)
            continue;
        if (bad++ < SAID_MAX)
            fprintf(stderr, "strided-replay: %s:%zu: %s\n", path, number,
                    result == RECORDING_E_CHECKSUM ? "torn or rotten: its sum is of another line"
                                                   : "not a line of this version of the form");
    }
    if (bad > SAID_MAX)
        fprintf(stderr, "strided-replay: %s: and %zu more\n", path, bad - SAID_MAX);
    return bad;
}

static int say(const char *path, const char *what)
{
    fprintf(stderr, "strided-replay: %s: %s\n", path, what);
    return -EINVAL;
}

/* < 0: there is nothing to be had of it, which was said. */
static int read_recording(const char *path, struct recovered *ret)
{
    _cleanup_free_ char *text = NULL;
    size_t length;
    int r = read_file(path, FILE_MAX_BYTES, &text, &length, NULL);

    if (r == -EINVAL)
        return say(path, "this is no regular file");
    if (r < 0)
        return say(path, r == -EFBIG ? "more than 256 MB" : strerror(-r));
    r = recovered_read(ret, TAKE_PTR(text), length);
    if (r < 0)
        return say(path, strerror(-r));
    if (ret->n > 0)
        return 0;
    recovered_done(ret);
    return say(path, "this is no recording: no line of it can be read, and the first should be "
                     "'" RECORDING_HEADER "'");
}

/* "sessions/20261121T040816Z-0.rec" is of the session 20261121T040816Z-0. */
static void id_of(const char *path, char ret[SESSION_ID_MAX])
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strcspn(name, ".");

    snprintf(ret, SESSION_ID_MAX, "%.*s", (int)(length < SESSION_ID_MAX ? length : 0), name);
    for (char *c = ret; *c; c++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+:-", *c))
            *c = '-';
    if (!ret[0])
        snprintf(ret, SESSION_ID_MAX, "session");
}

/* ---- what is done ------------------------------------------------------------------------------ */

static int play(const struct options *options, const char *path, const struct recovered *recovered)
{
    struct print print = { .out = stdout, .text = options->text, .gateway = options->gateway };
    char id[SESSION_ID_MAX];
    int n = 1;

    if (watch_is_meant(recovered)) {
        n = watch_play(&print, recovered, options->every_usec);
    } else {
        id_of(path, id);
        course_play(&print, recovered, id, options->every_usec);
    }
    if (n < 0 || print.no_memory)
        return say(path, strerror(ENOMEM));
    if (n == 0)
        fprintf(stderr, "strided-replay: %s: nobody ran in it\n", path);
    if (print.nobodys && !options->text)
        fprintf(stderr,
                "strided-replay: %s: a session in it is nobody's: nothing is published of "
                "that (--text shows it)\n",
                path);
    return 0;
}

static int write_anonymous(const struct options *options, const struct recovered *recovered)
{
    FILE *out = fopen(options->anonymous, "wxe");
    bool good;

    if (!out)
        return say(options->anonymous,
                   errno == EEXIST ? "there is such a file: it is left alone" : strerror(errno));
    good = anonymous_write(recovered, options->drop_heart, out);
    good = fclose(out) == 0 && good;
    if (good)
        return 0;
    (void)unlink(options->anonymous); /* half a copy would only be in the way */
    return say(options->anonymous, "it could not be written");
}

static int do_file(const struct options *options, const char *path)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    size_t bad;
    int r = read_recording(path, &recovered);

    if (r < 0)
        return REPLAY_DAMAGED;
    bad = say_bad_lines(path, &recovered);
    if (options->text && recovered.bad)
        printf("unreadable_lines=%zu\n", recovered.bad);
    r = options->anonymous ? write_anonymous(options, &recovered) : play(options, path, &recovered);
    return r < 0 || bad > 0 ? REPLAY_DAMAGED : 0;
}

/* ---- options ----------------------------------------------------------------------------------- */

static int wrong(const char *what)
{
    fprintf(stderr, "strided-replay: %s\n", what);
    return REPLAY_USAGE;
}

/* -1: go on */
static int take_option(int option, struct options *ret)
{
    char *end;
    long seconds;

    switch (option) {
    case 'e':
        seconds = strtol(optarg, &end, 10);
        if (*end || end == optarg || seconds < 1 || seconds > 3600)
            return wrong("--every takes 1 to 3600 seconds");
        ret->every_usec = (uint64_t)seconds * 1000000;
        return -1;
    case 'g':
        ret->gateway = optarg;
        return conf_id_is_valid(optarg) ? -1
                                        : wrong("--gateway takes 1 to 31 of a-z, 0-9, _ and -");
    case 't':
        ret->text = true;
        return -1;
    case 'a':
        ret->anonymous = optarg;
        return -1;
    case 'd':
        ret->drop_heart = true;
        return -1;
    case 'V':
        printf("strided-replay %s\n", STRIDED_VERSION);
        return 0;
    case 'h':
        usage(stdout);
        return 0;
    default:
        usage(stderr);
        return REPLAY_USAGE;
    }
}

static int check(const struct options *options, int n_files)
{
    if (n_files < 1)
        return wrong("which recording? (--help)");
    if (options->anonymous && n_files > 1)
        return wrong("--anonymous takes one recording at a time");
    if (options->drop_heart && !options->anonymous)
        return wrong("--drop-heart is for --anonymous");
    return 0;
}

int main(int argc, char **argv)
{
    struct options options = { .every_usec = 10000000, .gateway = "replay" };
    struct program_getopt known;
    int option, r = -1;

    program_getopt(&replay_program, "", &known);
    while (r < 0 && (option = getopt_long(argc, argv, known.letters, known.options, NULL)) >= 0)
        r = take_option(option, &options);
    if (r >= 0)
        return r;
    r = check(&options, argc - optind);
    for (int i = optind; r != REPLAY_USAGE && i < argc; i++)
        if (do_file(&options, argv[i]) != 0)
            r = REPLAY_DAMAGED;
    if (fflush(stdout) != 0 || ferror(stdout))
        return REPLAY_DAMAGED;
    return r;
}
