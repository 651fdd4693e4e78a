/* SPDX-License-Identifier: MIT */
/*
 * A log line must never hold up or end the service. Text is made in a buffer of a fixed size (a name
 * that a device chose may be in it, so control characters are taken out), and a stderr that nobody
 * reads from is left alone rather than waited for: what could not be written is counted and said
 * with the next line that can.
 *
 * systemd sets JOURNAL_STREAM to "device:inode" of the socket it made our stderr; if stderr is that
 * socket still, lines go to the journal directly, with fields (SENSOR=, SESSION=) that a person can
 * filter by. Else they are text for whoever holds stderr.
 */
#define SD_JOURNAL_SUPPRESS_LOCATION /* CODE_FILE= would always be this file */
#include "daemon/log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include "daemon/util.h"

#define LINE_MAX_BYTES 2048 /* at most PIPE_BUF, so that a pipe takes all of it or nothing */
#define FIELDS_MAX     14

static atomic_int max_level = LOG_INFO;
static atomic_bool to_journal;
static atomic_uint lost_lines;

static const char *const level_words[] = {
    [LOG_EMERG] = "emergency", [LOG_ALERT] = "alert",     [LOG_CRIT] = "critical",
    [LOG_ERR] = "error",       [LOG_WARNING] = "warning", [LOG_NOTICE] = "notice",
    [LOG_INFO] = "info",       [LOG_DEBUG] = "debug",
};

static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    uintmax_t device, inode;
    char rest;
    struct stat st;

    if (!stream || sscanf(stream, "%ju:%ju%c", &device, &inode, &rest) != 2)
        return false;
    return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/* A file opened later would else become number 2, and log lines would go into a recording. */
static void occupy_standard_fds(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) < 0)
            return;
}

void log_init(void)
{
    occupy_standard_fds();
    /* A reader of our stderr that goes away is no reason to end. */
    struct sigaction action;
    if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
    atomic_store(&to_journal, stderr_is_journal());
}

void log_set_max_level(int level)
{
    atomic_store(&max_level, level);
}

static void clean(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
}

/* Writes all of the line or, where that would wait, nothing. */
static bool try_stderr(const char *line, size_t length)
{
    struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };

    if (poll(&fd, 1, 0) != 1 || !(fd.revents & POLLOUT))
        return false;
    ssize_t n;
    do
        n = write(STDERR_FILENO, line, length);
    while (n < 0 && errno == EINTR);
    return n >= 0;
}

static void send_stderr(int level, const char *text)
{
    char line[LINE_MAX_BYTES + 64];
    unsigned lost = atomic_load(&lost_lines);

    if (lost > 0) {
        int n = snprintf(line, sizeof(line), "warning: %u log lines could not be written\n", lost);
        if (try_stderr(line, (size_t)n))
            atomic_fetch_sub(&lost_lines, lost);
    }
    int n = snprintf(line, sizeof(line), "%s: %s\n", level_words[level], text);
    if (!try_stderr(line, (size_t)n))
        atomic_fetch_add(&lost_lines, 1);
}

static int send_journal(int level, const char *const *fields, const char *text)
{
    char message[LINE_MAX_BYTES + 16], priority[16];
    struct iovec iov[FIELDS_MAX + 2];
    int n = 0;

    snprintf(message, sizeof(message), "MESSAGE=%s", text);
    snprintf(priority, sizeof(priority), "PRIORITY=%d", level);
    iov[n++] = (struct iovec){ message, strlen(message) };
    iov[n++] = (struct iovec){ priority, strlen(priority) };
    for (; fields && *fields && n < FIELDS_MAX + 2; fields++)
        iov[n++] = (struct iovec){ (char *)*fields, strlen(*fields) }; /* only read from */
    return sd_journal_sendv(iov, n);
}

void log_full(int level, const char *const *fields, const char *format, ...)
{
    int saved = errno;
    char text[LINE_MAX_BYTES];
    va_list ap;

    if (level < LOG_EMERG || level > LOG_DEBUG || level > atomic_load(&max_level))
        return;
    va_start(ap, format);
    int n = vsnprintf(text, sizeof(text), format, ap); /* errno untouched yet: %m is the caller's */
    va_end(ap);
    if (n < 0)
        snprintf(text, sizeof(text), "(a log line could not be formatted: %s)", format);
    if (n >= (int)sizeof(text))
        memcpy(text + sizeof(text) - 4, "...", 4);
    clean(text);
    if (!atomic_load(&to_journal) || send_journal(level, fields, text) < 0)
        send_stderr(level, text);
    errno = saved;
}
