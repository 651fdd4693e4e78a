/* SPDX-License-Identifier: MIT */
/*
 * bluetoothd does not tell its version on the bus. What dpkg says is asked first: it takes no process, and
 * has the revision, too.
 */
#include "daemon/doctor/bluez_version.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "daemon/util.h"

#define TELL_MS 1000

/* ---- what is known ---- */

static const struct bluez_bug bugs[] = {
    { 0, 63, true, "strided was never tried with so old a one", "README, 'Where it runs'" },
    { 64, 64, true, "links end by themselves and notifications stay away", "bluez issue 509" },
    { 0, 83, false,
      "a program that takes notifications by AcquireNotify can crash it (strided does not)",
      "bluez commit 476ae809a" },
    { 79, 83, false, "a sensor whose first connect fails is forgotten until it is heard again",
      "bluez issue 1489" },
    { 87, 87, true, "it was seen to crash when a device is connected", "bluez issue 2355" },
};

const struct bluez_bug *bluez_bug_of(unsigned major, unsigned minor, size_t i)
{
    unsigned version = major < 5 ? 0 : minor;

    if (major > 5)
        return NULL;
    for (size_t k = 0; k < ELEMENTSOF(bugs); k++)
        if (version >= bugs[k].first && version <= bugs[k].last && i-- == 0)
            return &bugs[k];
    return NULL;
}

/* ---- which it is ---- */

bool bluez_version_parse(const char *text, unsigned *ret_major, unsigned *ret_minor)
{
    unsigned major, minor;
    char after = '\0';
    int n = sscanf(text, "%3u.%4u%c", &major, &minor, &after);

    if (n < 2 || (after >= '0' && after <= '9'))
        return false;
    *ret_major = major;
    *ret_minor = minor;
    return true;
}

static void closefilep(FILE **file)
{
    if (*file)
        fclose(*file);
}

bool bluez_version_of_dpkg(const char *path, char *ret, size_t size)
{
    _cleanup_(closefilep) FILE *file = fopen(path, "re");
    _cleanup_free_ char *line = NULL;
    bool ours = false, installed = false;
    size_t room = 0;

    while (file && getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "Package: ", 9) == 0) {
            ours = strcmp(line + 9, "bluez") == 0;
            installed = false;
        } else if (ours && strncmp(line, "Status: ", 8) == 0)
            installed = strstr(line, " installed") != NULL;
        else if (ours && installed && strncmp(line, "Version: ", 9) == 0)
            return snprintf(ret, size, "%s", line + 9) > 0;
    }
    return false;
}

static void tell_version(const char *path, int fd)
{
    char *const argv[] = { (char *)path, (char *)"--version", NULL };
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)dup2(nowhere, STDIN_FILENO);
    (void)dup2(nowhere, STDERR_FILENO);
    (void)dup2(fd, STDOUT_FILENO);
    execv(path, argv);
    _exit(127);
}

/* Its first words; a program that has none within a second is none that tells its version. */
static ssize_t hear(int fd, char *ret, size_t size)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

    return poll(&poll_fd, 1, TELL_MS) == 1 ? read(fd, ret, size) : -1;
}

bool bluez_version_of_program(const char *path, char *ret, size_t size)
{
    int ends[2];
    pid_t pid;
    ssize_t n;

    if (access(path, X_OK) < 0 || pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid = fork();
    if (pid == 0)
        tell_version(path, ends[1]);
    close(ends[1]);
    n = hear(ends[0], ret, size - 1);
    close(ends[0]);
    if (pid > 0) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
    }
    ret[n > 0 ? n : 0] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
    return ret[0] != '\0';
}
