/* SPDX-License-Identifier: MIT */
/* The state folder: its disk, the database and the recordings in it. Nothing is opened for writing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include "daemon/clock.h"
#include "daemon/doctor/folder.h"
#include "daemon/doctor/private.h"
#include "daemon/recording/disk.h"
#include "daemon/store/inspect.h"
#include "daemon/util.h"

#define MB           UINT64_C(1000000)
#define LOW_BYTES    (500 * MB)
#define FULL_BYTES   (64 * MB) /* what importing leaves to recordings */
#define FULL_INODES  64
#define INSPECT_USEC (5 * UINT64_C(1000000))

/* ---- the disk ---- */

enum doctor_line folder_judge_room(uint64_t free_bytes, uint64_t free_inodes, bool has_inodes,
                                   bool read_only)
{
    if (read_only)
        return DISK_READ_ONLY;
    if (free_bytes < FULL_BYTES || (has_inodes && free_inodes < FULL_INODES))
        return DISK_FULL;
    return free_bytes < LOW_BYTES ? DISK_LOW : DISK_ROOM;
}

static void look_room(struct doctor *doctor, const char *folder)
{
    struct statvfs fs;

    if (statvfs(folder, &fs) < 0) {
        doctor_say(doctor, DISK_SKIPPED, NULL, "%s: its disk does not tell its room: %s", folder,
                   strerror(errno));
        return;
    }
    uint64_t bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    enum doctor_line line =
        folder_judge_room(bytes, fs.f_favail, fs.f_files > 0, (fs.f_flag & ST_RDONLY) != 0);

    if (line == DISK_READ_ONLY)
        doctor_say(doctor, line, folder, "%s is on a disk that is mounted for reading only",
                   folder);
    else
        doctor_say(doctor, line, folder, "%s has %.1f GB free", folder, (double)bytes / 1e9);
}

/* Who is to have it: the service's user, where there is that user. */
static unsigned wanted_owner(const struct doctor *doctor, const struct stat *folder)
{
    struct person person;

    person_of(doctor->places.user, &person);
    return person.known ? person.uid : folder->st_uid;
}

static void look_owner(struct doctor *doctor, const char *folder, const struct stat *st)
{
    if (st->st_uid != wanted_owner(doctor, st))
        doctor_say(doctor, DISK_OWNER, folder, "%s is not user %s's, as whom the service runs",
                   folder, doctor->places.user);
    if (st->st_mode & 07)
        doctor_say(doctor, DISK_OPEN, folder, "%s is open to everybody on this machine (%04o)",
                   folder, (unsigned)st->st_mode & 07777);
}

/* ---- the database ---- */

static void say_inspected(struct doctor *doctor, const struct store_inspection *found)
{
    switch (found->result) {
    case INSPECT_SOUND:
        doctor_say(doctor, DATABASE_SOUND, NULL,
                   "sound, version %d, %lld sessions, %lld events "
                   "that wait for the broker",
                   found->version, (long long)found->sessions, (long long)found->events);
        break;
    case INSPECT_DAMAGED:
        doctor_say(doctor, DATABASE_BROKEN, NULL, "it is broken: %s", found->text);
        break;
    case INSPECT_NEWER:
        doctor_say(doctor, DATABASE_NEWER, NULL,
                   "it is a newer strided's: its version is %d, this one knows %d", found->version,
                   found->newest_version);
        break;
    case INSPECT_NONE:
        doctor_say(doctor, DATABASE_SKIPPED, NULL,
                   "there is none yet: strided makes it at its first start");
        break;
    case INSPECT_UNREADABLE:
        doctor_say(doctor, DATABASE_SKIPPED, NULL, "it cannot be looked into: %s", found->text);
        break;
    case INSPECT_UNFINISHED:
        doctor_say(doctor, DATABASE_SKIPPED, NULL,
                   "looking through it takes more than %d s; so far nothing is wrong",
                   (int)(INSPECT_USEC / 1000000));
        break;
    }
}

static bool is_aside(const char *name)
{
    size_t length = strlen(name);

    return strncmp(name, "strided.db.damaged-", 19) == 0 &&
           (length < 4 ||
            (strcmp(name + length - 4, "-wal") != 0 && strcmp(name + length - 4, "-shm") != 0));
}

static void look_aside(struct doctor *doctor, const char *folder)
{
    _cleanup_closedir_ DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (is_aside(entry->d_name))
            doctor_say(doctor, DATABASE_ASIDE, NULL,
                       "one was found broken before, and set aside as %s", entry->d_name);
}

/* The database and what SQLite keeps beside it: all of it is written, or none. */
static void look_writable(struct doctor *doctor, const char *database, unsigned owner)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    char path[4200];
    struct stat st;

    for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
        snprintf(path, sizeof(path), "%s%s", database, ends[i]);
        if (stat(path, &st) == 0 && (st.st_uid != owner || (st.st_mode & 0600) != 0600))
            doctor_say(doctor, DATABASE_OWNER, database, "%s is not user %s's to write", path,
                       doctor->places.user);
    }
}

static void look_database(struct doctor *doctor, const char *folder, const struct stat *above)
{
    struct store_inspection found;

    store_inspect(folder, clock_machine_usec() + INSPECT_USEC, &found);
    say_inspected(doctor, &found);
    look_writable(doctor, found.path, wanted_owner(doctor, above));
    look_aside(doctor, folder);
}

/* ---- the recordings ---- */

struct recordings {
    size_t n, others, foreign; /* recordings, what was set aside, and whose owner is another */
    uint64_t bytes;
};

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), n = strlen(end);

    return length > n && strcmp(name + length - n, end) == 0;
}

static void count_file(struct recordings *recordings, int folder_fd, const char *name,
                       unsigned owner)
{
    struct stat st;

    if (name[0] == '.' || fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    recordings->foreign += st.st_uid != owner;
    if (ends_with(name, RECORDING_SUFFIX)) {
        recordings->n++;
        recordings->bytes += (uint64_t)st.st_size;
    } else if (strstr(name, RECORDING_SUFFIX ".other"))
        recordings->others++;
}

static void look_recordings(struct doctor *doctor, const char *above, const struct stat *st)
{
    struct recordings recordings = { 0 };
    unsigned owner = wanted_owner(doctor, st);
    char folder[4096];
    struct dirent *entry;
    struct stat own;

    snprintf(folder, sizeof(folder), "%s/" RECORDING_FOLDER, above);
    _cleanup_closedir_ DIR *dir = opendir(folder);
    if (!dir || fstat(dirfd(dir), &own) < 0) {
        doctor_say(doctor, RECORDINGS_SKIPPED, NULL, "%s: %s", folder,
                   errno == ENOENT ? "it is not there yet" : strerror(errno));
        return;
    }
    recordings.foreign = own.st_uid != owner;
    while ((entry = readdir(dir)))
        count_file(&recordings, dirfd(dir), entry->d_name, owner);
    if (recordings.foreign)
        doctor_say(doctor, RECORDINGS_OWNER, folder,
                   "%zu in %s are not user %s's, who is to write "
                   "them",
                   recordings.foreign, folder, doctor->places.user);
    if (recordings.others)
        doctor_say(doctor, RECORDINGS_OTHER, NULL,
                   "%zu files in %s took the place of a recording, or could not be read, and were "
                   "set aside as *.rec.other",
                   recordings.others, folder);
    if (!recordings.foreign)
        doctor_say(doctor, RECORDINGS_THERE, NULL, "%zu sessions, %.1f MB", recordings.n,
                   (double)recordings.bytes / 1e6);
}

/* ---- all of it ---- */

static void skip(struct doctor *doctor, const char *folder, int error)
{
    const char *why = error == ENOENT   ? "is not there yet: strided makes it at its first start"
                      : error == EACCES ? "is for root and the service: run it with sudo"
                                        : strerror(error);

    doctor_say(doctor, DISK_SKIPPED, NULL, "%s %s", folder, why);
    doctor_say(doctor, DATABASE_SKIPPED, NULL, "%s %s", folder, why);
    doctor_say(doctor, RECORDINGS_SKIPPED, NULL, "%s %s", folder, why);
}

void doctor_look_folder(struct doctor *doctor)
{
    const char *folder = doctor->places.state_dir;
    struct stat st;

    if (stat(folder, &st) < 0 || access(folder, R_OK | X_OK) < 0) {
        skip(doctor, folder, errno);
        return;
    }
    look_room(doctor, folder);
    look_owner(doctor, folder, &st);
    look_database(doctor, folder, &st);
    look_recordings(doctor, folder, &st);
}
