/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/export.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/stridectl/follow.h"
#include "daemon/stridectl/interrupt.h"
#include "daemon/stridectl/outfile.h"
#include "daemon/stridectl/progress.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/util.h"
#include "lib/base64.h"

struct writing {
    const struct export_to *to;
    struct outfile file;
    struct progress progress;
    bool shown; /* it is begun */
};

static int fail(int status, const char *why)
{
    fprintf(stderr, "stridectl: %s\n", why);
    return status;
}

/* ---- the file ----------------------------------------------------------------------------------- */

/* The name comes from the daemon: it is a name, and no way to another folder. */
static bool is_name(const char *name)
{
    return name && name[0] && name[0] != '.' && !strchr(name, '/') && strlen(name) < 256;
}

/* Only then there is something to take away in the end: where else it is written may block, and is left at once. */
static bool writes_beside(const char *path)
{
    struct stat st;

    return strcmp(path, "-") != 0 && (stat(path, &st) < 0 || S_ISREG(st.st_mode));
}

static int open_out(struct writing *writing, const json_t *data)
{
    const char *name = json_string_value(json_object_get(data, "name"));
    const char *encoding = json_string_value(json_object_get(data, "encoding"));
    const char *path = writing->to->path ? writing->to->path : name;
    int r;

    if (!writing->to->path && !is_name(name))
        return fail(EXIT_UNREACHABLE, "the answer makes no sense");
    if (writes_beside(path))
        interrupt_heed();
    r = outfile_open(&writing->file, path, writing->to->force);
    if (r == 0 && writing->file.out == stdout && encoding && strcmp(encoding, "base64") == 0 &&
        isatty(STDOUT_FILENO))
        return fail(EXIT_USAGE, "this is nothing for a terminal: put > FILE behind it");
    return r;
}

/* ---- parts -------------------------------------------------------------------------------------- */

static int write_part(struct writing *writing, const json_t *data)
{
    const char *part = json_string_value(json_object_get(data, "part"));
    const char *encoding = json_string_value(json_object_get(data, "encoding"));
    _cleanup_free_ uint8_t *bytes = NULL;
    size_t length;

    if (!part || !encoding)
        return fail(EXIT_UNREACHABLE, "the answer makes no sense");
    if (strcmp(encoding, "text") == 0)
        return outfile_write(&writing->file, part,
                             json_string_length(json_object_get(data, "part")));
    bytes = malloc(strlen(part) / 4 * 3 + 1);
    if (!bytes || !base64_decode(part, bytes, &length))
        return fail(EXIT_UNREACHABLE, "the answer makes no sense");
    return outfile_write(&writing->file, bytes, length);
}

/* Of what is done in one part nothing is shown. */
static void show_progress(struct writing *writing, const json_t *data)
{
    const json_t *done_of = json_object_get(data, "done_of");
    json_int_t n = json_integer_value(json_array_get(done_of, 0));
    json_int_t of = json_integer_value(json_array_get(done_of, 1));

    if (of <= 0 || (!writing->shown && n >= of))
        return;
    if (!writing->shown)
        progress_begin(&writing->progress, writing->file.path[0] ? writing->file.path : "export");
    writing->shown = true;
    progress_at(&writing->progress, (double)n, (double)of);
}

/* > 0: how to end; 0 and *ret_more: there is another part. */
static int take_part(struct writing *writing, json_t *arguments, const json_t *data, bool *ret_more)
{
    const json_t *next = json_object_get(data, "next");
    int r = writing->file.out ? 0 : open_out(writing, data);

    if (r == 0)
        r = write_part(writing, data);
    if (r != 0)
        return r;
    show_progress(writing, data);
    *ret_more = json_is_string(next);
    if (*ret_more && json_equal(next, json_object_get(arguments, "cursor")))
        return fail(EXIT_UNREACHABLE, "the answer makes no sense");
    if (*ret_more)
        json_object_set(arguments, "cursor", (json_t *)next);
    return 0;
}

static int ask_all(struct writing *writing, json_t *arguments, json_t **ret_answer)
{
    bool more = true;
    int r = 0;

    while (r == 0 && more) {
        json_t *answer = NULL;
        const char *status;
        int number;

        r = follow("export", arguments, "making it, seconds:", &answer);
        status = json_string_value(json_object_get(answer, "status"));
        number = interrupt_pending();
        if (r == 0 && number) {
            r = EXIT_SIGNALLED + number;
        } else if (r == 0 && (!status || strcmp(status, "ok") != 0)) {
            *ret_answer = answer;
            return 0;
        } else if (r == 0) {
            r = take_part(writing, arguments, json_object_get(answer, "data"), &more);
        }
        json_decref(answer);
    }
    return r;
}

int export_write(json_t *arguments, const struct export_to *to, json_t **ret_answer)
{
    struct writing writing = { .to = to };
    int r;

    r = ask_all(&writing, arguments, ret_answer);
    if (writing.shown)
        progress_end(&writing.progress);
    if (r == 0 && !*ret_answer)
        r = outfile_finish(&writing.file);
    if (r == 0 && !*ret_answer && writing.file.path[0])
        printf("%s\n", writing.file.path);
    outfile_let_go(&writing.file);
    return r;
}
