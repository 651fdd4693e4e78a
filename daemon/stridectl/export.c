/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/export.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/stridectl/ask.h"
#include "daemon/stridectl/progress.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/util.h"
#include "lib/base64.h"

struct file {
    const struct export_to *to;
    char path[4096];           /* its name, when it is whole */
    char under_way[4096 + 16]; /* and until then; "": there is none */
    FILE *out;
    struct progress progress;
    bool shown; /* it is begun */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = number;
}

__attribute__((format(printf, 2, 3))) static int fail(int status, const char *format, ...)
{
    va_list ap;

    fprintf(stderr, "stridectl: ");
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fprintf(stderr, "\n");
    return status;
}

/* ---- the file ----------------------------------------------------------------------------------- */

static int refuse_there(const char *path)
{
    return fail(EXIT_REFUSED, "%s is there already (--force puts this in its place)", path);
}

static int open_file(struct file *file)
{
    mode_t mask = umask(0);
    int fd;

    (void)umask(mask);
    if (!file->to->force && access(file->path, F_OK) == 0)
        return refuse_there(file->path);
    snprintf(file->under_way, sizeof(file->under_way), "%s.XXXXXX", file->path);
    fd = mkostemp(file->under_way, O_CLOEXEC);
    if (fd < 0) {
        file->under_way[0] = '\0';
        return fail(EXIT_REFUSED, "%s: %s", file->path, strerror(errno));
    }
    (void)fchmod(fd, 0666 & ~mask);
    file->out = fdopen(fd, "w");
    if (!file->out) {
        close(fd);
        return fail(EXIT_REFUSED, "%s: %s", file->path, strerror(errno));
    }
    return 0;
}

/* The name comes from the daemon: it is a name, and no way to another folder. */
static bool is_name(const char *name)
{
    return name && name[0] && name[0] != '.' && !strchr(name, '/') && strlen(name) < 256;
}

static int open_out(struct file *file, const json_t *data)
{
    const char *name = json_string_value(json_object_get(data, "name"));
    const char *encoding = json_string_value(json_object_get(data, "encoding"));

    if (file->to->path && strcmp(file->to->path, "-") == 0) {
        file->out = stdout;
        if (encoding && strcmp(encoding, "base64") == 0 && isatty(STDOUT_FILENO))
            return fail(EXIT_USAGE, "this is nothing for a terminal: put > FILE behind it");
        return 0;
    }
    if (!file->to->path && !is_name(name))
        return fail(EXIT_UNREACHABLE, "the answer makes no sense");
    snprintf(file->path, sizeof(file->path), "%s", file->to->path ? file->to->path : name);
    return open_file(file);
}

/* Not in the place of one that came meanwhile; where a file system can't say that at once, almost not. */
static int give_name(const struct file *file)
{
    if (file->to->force)
        return rename(file->under_way, file->path) == 0 ? 0 : -errno;
    if (renameat2(AT_FDCWD, file->under_way, AT_FDCWD, file->path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (access(file->path, F_OK) == 0)
        return -EEXIST;
    return rename(file->under_way, file->path) == 0 ? 0 : -errno;
}

static int finish(struct file *file)
{
    bool whole = fflush(file->out) == 0 && !ferror(file->out);
    int r;

    if (file->out == stdout)
        return whole ? 0 : fail(EXIT_REFUSED, "standard output: %s", strerror(errno));
    whole = fsync(fileno(file->out)) == 0 && whole;
    whole = fclose(file->out) == 0 && whole;
    file->out = NULL;
    r = whole ? give_name(file) : -EIO;
    if (r == -EEXIST)
        return refuse_there(file->path);
    if (r < 0)
        return fail(EXIT_REFUSED, "%s: %s", file->path, strerror(-r));
    file->under_way[0] = '\0';
    printf("%s\n", file->path);
    return 0;
}

static void let_go(struct file *file)
{
    if (file->out && file->out != stdout)
        fclose(file->out);
    if (file->under_way[0])
        (void)unlink(file->under_way);
}

/* ---- parts -------------------------------------------------------------------------------------- */

static int write_bytes(struct file *file, const void *bytes, size_t length)
{
    if (fwrite(bytes, 1, length, file->out) == length)
        return 0;
    return fail(EXIT_REFUSED, "%s: %s", file->path[0] ? file->path : "standard output",
                strerror(errno));
}

static int write_part(struct file *file, const json_t *data)
{
    const char *part = json_string_value(json_object_get(data, "part"));
    const char *encoding = json_string_value(json_object_get(data, "encoding"));
    _cleanup_free_ uint8_t *bytes = NULL;
    size_t length;

    if (!part || !encoding)
        return fail(EXIT_UNREACHABLE, "the answer makes no sense");
    if (strcmp(encoding, "text") == 0)
        return write_bytes(file, part, json_string_length(json_object_get(data, "part")));
    bytes = malloc(strlen(part) / 4 * 3 + 1);
    if (!bytes || !base64_decode(part, bytes, &length))
        return fail(EXIT_UNREACHABLE, "the answer makes no sense");
    return write_bytes(file, bytes, length);
}

/* Of what is done in one part nothing is shown. */
static void show_progress(struct file *file, const json_t *data)
{
    const json_t *done_of = json_object_get(data, "done_of");
    json_int_t n = json_integer_value(json_array_get(done_of, 0));
    json_int_t of = json_integer_value(json_array_get(done_of, 1));

    if (of <= 0 || (!file->shown && n >= of))
        return;
    if (!file->shown)
        progress_begin(&file->progress, file->path[0] ? file->path : "export");
    file->shown = true;
    progress_at(&file->progress, (double)n, (double)of);
}

/* > 0: how to end; 0 and *ret_more: there is another part. */
static int take_part(struct file *file, json_t *arguments, const json_t *data, bool *ret_more)
{
    const json_t *next = json_object_get(data, "next");
    int r = file->out ? 0 : open_out(file, data);

    if (r == 0)
        r = write_part(file, data);
    if (r != 0)
        return r;
    show_progress(file, data);
    *ret_more = json_is_string(next);
    if (*ret_more && json_equal(next, json_object_get(arguments, "cursor")))
        return fail(EXIT_UNREACHABLE, "the answer makes no sense");
    if (*ret_more)
        json_object_set(arguments, "cursor", (json_t *)next);
    return 0;
}

static int ask_all(struct file *file, json_t *arguments, json_t **ret_answer)
{
    bool more = true;
    int r = 0;

    while (r == 0 && more) {
        json_t *answer = NULL;
        const char *status;

        r = ask("export", arguments, &answer);
        status = json_string_value(json_object_get(answer, "status"));
        if (interrupted) {
            r = 128 + interrupted;
        } else if (r == 0 && (!status || strcmp(status, "ok") != 0)) {
            *ret_answer = answer;
            return 0;
        } else if (r == 0) {
            r = take_part(file, arguments, json_object_get(answer, "data"), &more);
        }
        json_decref(answer);
    }
    return r;
}

static void heed_signals(void)
{
    const struct sigaction action = { .sa_handler = on_signal };

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
}

int export_write(json_t *arguments, const struct export_to *to, json_t **ret_answer)
{
    struct file file = { .to = to };
    int r;

    if (to->path && strlen(to->path) >= sizeof(file.path))
        return fail(EXIT_USAGE, "the name of the file is too long");
    heed_signals();
    r = ask_all(&file, arguments, ret_answer);
    if (file.shown)
        progress_end(&file.progress);
    if (r == 0 && !*ret_answer)
        r = finish(&file);
    let_go(&file);
    return r;
}
