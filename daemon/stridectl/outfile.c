/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/stridectl/stridectl.h"
#include "daemon/util.h"

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

static int refuse_there(const char *path)
{
    return fail(EXIT_REFUSED, "%s is there already (--force puts this in its place)", path);
}

static const char *name_of(const struct outfile *file)
{
    return file->path[0] ? file->path : "standard output";
}

static int open_beside(struct outfile *file)
{
    mode_t mask = umask(0);
    int fd;

    (void)umask(mask);
    snprintf(file->under_way, sizeof(file->under_way), "%s.XXXXXX", file->path);
    fd = mkostemp(file->under_way, O_CLOEXEC);
    if (fd < 0) {
        file->under_way[0] = '\0';
        return fail(EXIT_REFUSED, "%s: %s", file->path, strerror(errno));
    }
    (void)fchmod(fd, 0666 & ~mask);
    file->out = fdopen(fd, "w");
    if (file->out)
        return 0;
    close(fd);
    return fail(EXIT_REFUSED, "%s: %s", file->path, strerror(errno));
}

int outfile_open(struct outfile *file, const char *path, bool force)
{
    struct stat st;

    *file = (struct outfile){ .force = force };
    if (strcmp(path, "-") == 0) {
        file->out = stdout;
        return 0;
    }
    if (strlen(path) >= sizeof(file->path))
        return fail(EXIT_USAGE, "the name of the file is too long");
    snprintf(file->path, sizeof(file->path), "%s", path);
    if (stat(path, &st) < 0)
        return open_beside(file);
    if (!S_ISREG(st.st_mode)) {
        file->out = fopen(path, "we");
        return file->out ? 0 : fail(EXIT_REFUSED, "%s: %s", path, strerror(errno));
    }
    return force ? open_beside(file) : refuse_there(path);
}

int outfile_write(struct outfile *file, const void *bytes, size_t length)
{
    if (fwrite(bytes, 1, length, file->out) == length)
        return 0;
    return fail(EXIT_REFUSED, "%s: %s", name_of(file), strerror(errno));
}

/* Not in the place of one that came meanwhile; where a file system can't say that at once, almost not. */
static int give_name(const struct outfile *file)
{
    if (file->force)
        return rename(file->under_way, file->path) == 0 ? 0 : -errno;
    if (renameat2(AT_FDCWD, file->under_way, AT_FDCWD, file->path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (access(file->path, F_OK) == 0)
        return -EEXIST;
    return rename(file->under_way, file->path) == 0 ? 0 : -errno;
}

static int close_out(struct outfile *file)
{
    FILE *out = TAKE_PTR(file->out);
    bool whole = fflush(out) == 0 && !ferror(out);
    int error = whole ? 0 : errno;

    if (out == stdout)
        return -error;
    if (file->under_way[0] && fsync(fileno(out)) < 0 && !error)
        error = errno;
    if (fclose(out) != 0 && !error)
        error = errno;
    return -error;
}

int outfile_finish(struct outfile *file)
{
    int r = close_out(file);

    if (r == 0 && file->under_way[0])
        r = give_name(file);
    if (r == -EEXIST)
        return refuse_there(file->path);
    if (r < 0)
        return fail(EXIT_REFUSED, "%s: %s", name_of(file), strerror(-r));
    file->under_way[0] = '\0';
    return 0;
}

void outfile_let_go(struct outfile *file)
{
    if (file->out && file->out != stdout)
        fclose(file->out);
    if (file->under_way[0])
        (void)unlink(file->under_way);
}
