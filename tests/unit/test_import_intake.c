/* SPDX-License-Identifier: MIT */
/* One file on its way: copied, known or read by a real process (this program, started again), kept;
 * and ended at any moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon/import/intake.h"
#include "daemon/import/read.h"
#include "daemon/util.h"
#include "disk_fixture.h"
#include "emulated.h"
#include "fake_clock.h"

#define RUN                                                                                        \
    "<?xml version=\"1.0\"?><gpx xmlns=\"http://www.topografix.com/GPX/1/1\"><trk>"                \
    "<type>running</type><trkseg>"                                                                 \
    "<trkpt lat=\"48.000\" lon=\"9\"><time>2025-06-01T06:00:00Z</time></trkpt>"                    \
    "<trkpt lat=\"48.001\" lon=\"9\"><time>2025-06-01T06:00:40Z</time></trkpt>"                    \
    "<trkpt lat=\"48.002\" lon=\"9\"><time>2025-06-01T06:01:20Z</time></trkpt>"                    \
    "</trkseg></trk></gpx>"

static struct {
    struct disk_fixture disk;
    struct past past;
    struct conf conf;
    struct owners owners;
    struct choice *choice;
    struct intake *intake;
    struct worker *folder_worker; /* NULL: it is the disk's */
    const char *state_dir;
    int64_t made_usec; /* when the database was */
    bool ended;
    enum intake_outcome outcome;
    int error;

    int64_t free_bytes, eaten_bytes; /* on the disk, less so much with each look; 0: as it is */
    int64_t quota_bytes;             /* to be written, from now on; 0: no end */
    int looks;
} f;

/* ---- a disk that fills up ------------------------------------------------------------------------- */

int __real_fstatvfs64(int fd, struct statvfs *ret);
int __wrap_fstatvfs64(int fd, struct statvfs *ret);
int __wrap_fstatvfs64(int fd, struct statvfs *ret)
{
    int r = __real_fstatvfs64(fd, ret);

    f.looks++;
    if (f.free_bytes == 0)
        return r;
    ret->f_frsize = 1;
    ret->f_bavail = (fsblkcnt_t)f.free_bytes;
    f.free_bytes -= f.eaten_bytes;
    return r;
}

ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
    struct stat st;

    if (f.quota_bytes == 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
        st.st_size + (int64_t)length <= f.quota_bytes)
        return __real_write(fd, bytes, length);
    errno = EDQUOT;
    return -1;
}

/* ---- who began it ------------------------------------------------------------------------------- */

static void on_done(void *userdata, enum intake_outcome outcome, int error)
{
    assert_false(f.ended);
    f.ended = true;
    f.outcome = outcome;
    f.error = error;
}

static struct intake_parts parts(void)
{
    return (struct intake_parts){ .event = f.disk.event,
                                  .worker = f.disk.worker,
                                  .folder_worker =
                                      f.folder_worker ? f.folder_worker : f.disk.worker,
                                  .state_dir = f.state_dir,
                                  .past = &f.past,
                                  .choice = f.choice,
                                  .owners = &f.owners,
                                  .made_usec = f.made_usec,
                                  .done = on_done };
}

static int begin(void **state)
{
    memset(&f, 0, sizeof(f));
    fake_clock_set_wall(FAKE_WALL_USEC);
    disk_fixture_init(&f.disk);
    f.state_dir = f.disk.dir;
    assert_int_equal(mkdir(disk_path(&f.disk, "anna"), 0750), 0);
    owners_set_conf(&f.owners, &f.conf);
    return choice_new(&f.choice);
}

static int end(void **state)
{
    f.intake = intake_free(f.intake);
    disk_fixture_settle(&f.disk);
    choice_free(f.choice);
    past_done(&f.past);
    owners_done(&f.owners);
    disk_fixture_done(&f.disk);
    return 0;
}

static struct folder_file look(const char *name)
{
    struct folder_file file = { .runner = "anna" };
    char path[64];
    struct stat st;

    snprintf(path, sizeof(path), "anna/%s", name);
    assert_int_equal(lstat(disk_path(&f.disk, path), &st), 0);
    file.size = st.st_size;
    file.mtime_nsec = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    file.inode = (uint64_t)st.st_ino;
    snprintf(file.name, sizeof(file.name), "%s", name);
    return file;
}

static void put(const char *name, const char *text)
{
    char path[64];

    snprintf(path, sizeof(path), "anna/%s", name);
    disk_write(&f.disk, path, text, strlen(text));
}

static void start(const struct folder_file *file)
{
    const struct intake_parts all = parts();

    f.ended = false;
    assert_int_equal(intake_file(&f.intake, &all, "anna", f.disk.dir, file), 0);
}

static void wait_for_end(enum intake_outcome outcome)
{
    while (!f.ended)
        assert_true(sd_event_run(f.disk.event, UINT64_MAX) >= 0);
    assert_int_equal(f.outcome, outcome);
}

static const struct result *import(const char *name)
{
    const struct folder_file file = look(name);

    start(&file);
    wait_for_end(INTAKE_OK);
    assert_non_null(intake_found(f.intake));
    assert_string_equal(intake_found(f.intake)->name, name);
    return intake_result(f.intake);
}

static int n_kept(void)
{
    return disk_count(&f.disk, "imported/anna/*.gz");
}

static void assert_reason(const struct result *result, const char *like)
{
    assert_int_equal(result->import.verdict, STORE_REFUSED);
    assert_int_equal(result->n_sessions, 0);
    if (!strstr(result->import.reason, like))
        fail_msg("%s", result->import.reason);
}

/* ---- files -------------------------------------------------------------------------------------- */

static void test_a_run_is_kept_before_it_is_told_of(void **state)
{
    const struct result *result;
    char kept[128];

    skip_emulated();
    put("run.gpx", RUN);
    result = import("run.gpx");
    assert_int_equal(result->import.verdict, STORE_IMPORTED);
    assert_string_equal(result->import.runner, "anna");
    assert_int_equal(result->n_sessions, 1);
    assert_int_equal(result->sessions[0].session.kind, SESSION_RUN);
    assert_string_equal(result->sessions[0].session.day, "2025-06-01");
    assert_true(result->sessions[0].session.distance_m > 200);
    snprintf(kept, sizeof(kept), "imported/anna/%s.gz", intake_hash(f.intake));
    assert_int_equal(disk_count(&f.disk, kept), 1);
}

static void test_what_is_no_run_is_refused_and_not_kept(void **state)
{
    skip_emulated();
    put("letter.gpx", "Left, right, right again, and down the hill.");
    assert_reason(import("letter.gpx"), "Refused: it is no");
    f.intake = intake_free(f.intake);
    disk_fixture_settle(&f.disk);
    assert_int_equal(n_kept(), 0);
}

static void test_bytes_that_came_before_are_not_read_again(void **state)
{
    struct folder_file again;

    skip_emulated();
    put("run.gpx", RUN);
    past_note(&f.past, &import("run.gpx")->import);
    intake_free(f.intake);
    put("again.gpx", RUN);
    again = look("again.gpx");
    start(&again);
    wait_for_end(INTAKE_E_KNOWN);
    assert_true(past_is_taken(&f.past, intake_hash(f.intake)));
    f.intake = intake_free(f.intake);
    disk_fixture_settle(&f.disk);
    assert_int_equal(n_kept(), 1);
}

/* With After=delete the file that came again would have been the last there is of it. */
static void test_a_copy_that_was_taken_away_is_kept_again(void **state)
{
    struct folder_file again;
    char path[160];

    skip_emulated();
    put("run.gpx", RUN);
    past_note(&f.past, &import("run.gpx")->import);
    snprintf(path, sizeof(path), "%s/imported/anna/%s.gz", f.disk.dir, intake_hash(f.intake));
    intake_free(f.intake);
    assert_int_equal(unlink(path), 0);
    again = look("run.gpx");
    start(&again);
    wait_for_end(INTAKE_E_KNOWN);
    assert_false(intake_lacks_days(f.intake)); /* they stayed */
    f.intake = intake_free(f.intake);
    disk_fixture_settle(&f.disk);
    assert_int_equal(n_kept(), 1);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(unlink(path), 0);
    memcpy(strrchr(path, '.'), ".days", sizeof(".days"));
    assert_int_equal(unlink(path), 0);
    start(&again);
    wait_for_end(INTAKE_E_KNOWN);
    assert_true(intake_lacks_days(f.intake));
    f.intake = intake_free(f.intake);
    disk_fixture_settle(&f.disk);
    start(&again); /* once: then it is read again */
    wait_for_end(INTAKE_E_KNOWN);
    assert_false(intake_lacks_days(f.intake));
}

static void test_bytes_of_somebody_else_are_refused(void **state)
{
    struct store_import row;

    skip_emulated();
    put("run.gpx", RUN);
    row = import("run.gpx")->import;
    intake_free(f.intake);
    snprintf(row.runner, sizeof(row.runner), "ben");
    past_note(&f.past, &row);
    assert_reason(import("run.gpx"), "the same file was imported for another runner");
}

static void assert_gives_over(const char *session)
{
    char like[STORE_REASON_MAX];

    snprintf(like, sizeof(like),
             "was imported for ben; 'session assign id=%s runner=anna' gives it over", session);
    assert_reason(intake_result(f.intake), like);
}

/* The database is lost, and with it what came in for whom: the copy still lies where it belongs. */
static void test_bytes_whose_copy_is_anothers_are_refused(void **state)
{
    struct store_session row;
    char from[160], to[160];

    skip_emulated();
    put("run.gpx", RUN);
    row = import("run.gpx")->sessions[0];
    snprintf(from, sizeof(from), "%s/imported/anna/%s.gz", f.disk.dir, row.file);
    snprintf(to, sizeof(to), "%s/imported/ben/%s.gz", f.disk.dir, row.file);
    intake_free(f.intake);
    assert_int_equal(mkdir(disk_path(&f.disk, "imported/ben"), 0750), 0);
    assert_int_equal(rename(from, to), 0);
    snprintf(row.session.runner, sizeof(row.session.runner), "ben");
    assert_return_code(choice_put(f.choice, &row), 0);
    import("run.gpx");
    assert_gives_over(row.session.id);
}

static void reopen(const char *runner, const char *hash, const char *from)
{
    const struct intake_parts all = parts();
    struct kept_file kept;

    snprintf(kept.runner, sizeof(kept.runner), "%s", runner);
    snprintf(kept.hash, sizeof(kept.hash), "%s", hash);
    intake_free(f.intake);
    f.ended = false;
    assert_int_equal(
        from ? intake_given(&f.intake, &all, &kept, from) : intake_kept(&f.intake, &all, &kept), 0);
    wait_for_end(INTAKE_OK);
}

static void test_what_was_discarded_is_so_whenever_it_is_read(void **state)
{
    char hash[SHA256_TEXT_MAX], path[128], line[128];
    const struct result *result;

    skip_emulated();
    put("run.gpx", RUN);
    snprintf(hash, sizeof(hash), "%s", import("run.gpx")->import.hash);
    snprintf(line, sizeof(line), "%s 1806229800000000\n",
             intake_result(f.intake)->sessions[0].session.id);
    snprintf(path, sizeof(path), "imported/%s.discarded", hash);
    disk_write(&f.disk, path, line, strlen(line));
    reopen("anna", hash, NULL);
    result = intake_result(f.intake);
    assert_int_equal(result->import.verdict, STORE_IMPORTED);
    assert_int_equal(result->sessions[0].session.state, SESSION_DISCARDED);
    assert_non_null(strstr(result->import.reason, "was discarded on 2027-03-28"));
    assert_string_equal(choice_runner(f.choice, result->sessions[0].session.id), "");
}

/* With its name, though his folder never had it. */
static void test_a_copy_that_is_given_is_read_for_its_new_owner(void **state)
{
    char hash[SHA256_TEXT_MAX], from[160], to[160];
    const struct result *result;

    skip_emulated();
    put("run.gpx", RUN);
    past_note(&f.past, &import("run.gpx")->import);
    snprintf(hash, sizeof(hash), "%s", intake_hash(f.intake));
    snprintf(from, sizeof(from), "%s/imported/anna/%s.gz", f.disk.dir, hash);
    snprintf(to, sizeof(to), "%s/imported/ben/%s.gz", f.disk.dir, hash);
    assert_int_equal(mkdir(disk_path(&f.disk, "imported/ben"), 0750), 0);
    assert_int_equal(rename(from, to), 0);
    f.made_usec =
        INT64_MAX; /* it was read for her when the database was another: it is his only now */
    reopen("ben", hash, "anna");
    result = intake_result(f.intake);
    assert_false(result->sessions[0].rebuilt);
    assert_string_equal(result->import.runner, "ben");
    assert_string_equal(result->import.name, "run.gpx");
    assert_string_equal(result->from, "anna");
    assert_string_equal(result->sessions[0].session.runner, "ben");
}

/* Killed between the copy and its row: the next start finds a copy that has none. */
static void test_a_copy_that_was_given_before_a_kill_is_its_new_owners(void **state)
{
    char hash[SHA256_TEXT_MAX], from[160], to[160];

    skip_emulated();
    f.conf.n_runners = 2;
    snprintf(f.conf.runners[0].id, sizeof(f.conf.runners[0].id), "anna");
    snprintf(f.conf.runners[1].id, sizeof(f.conf.runners[1].id), "ben");
    owners_set_conf(&f.owners, &f.conf);
    put("run.gpx", RUN);
    past_note(&f.past, &import("run.gpx")->import);
    snprintf(hash, sizeof(hash), "%s", intake_hash(f.intake));
    snprintf(from, sizeof(from), "%s/imported/anna/%s.gz", f.disk.dir, hash);
    snprintf(to, sizeof(to), "%s/imported/ben/%s.gz", f.disk.dir, hash);
    assert_int_equal(mkdir(disk_path(&f.disk, "imported/ben"), 0750), 0);
    assert_int_equal(rename(from, to), 0);
    f.made_usec = INT64_MAX;
    reopen("ben", hash, NULL);
    assert_int_equal(intake_result(f.intake)->import.verdict, STORE_IMPORTED);
    assert_string_equal(intake_result(f.intake)->from, "anna");
    assert_false(intake_result(f.intake)->sessions[0].rebuilt);
    past_done(&f.past); /* and of a database that was lost nobody knows from whom */
    f.past = (struct past){ 0 };
    choice_free(f.choice);
    assert_int_equal(choice_new(&f.choice), 0);
    reopen("ben", hash, NULL);
    assert_true(intake_result(f.intake)->sessions[0].rebuilt);
}

/* It had been ben's, and eve's before: it comes from him whose sessions it made. */
static void test_a_copy_that_was_on_its_way_back_before_a_kill_is_its_first_owners(void **state)
{
    static const char *const names[] = { "anna", "ben", "eve" };
    struct store_import row;
    struct store_session session;

    skip_emulated();
    f.conf.n_runners = 3;
    for (size_t i = 0; i < 3; i++)
        snprintf(f.conf.runners[i].id, sizeof(f.conf.runners[i].id), "%s", names[i]);
    owners_set_conf(&f.owners, &f.conf);
    put("run.gpx", RUN);
    row = import("run.gpx")->import;
    session = intake_result(f.intake)->sessions[0];
    for (size_t i = 0; i < 3; i++) {
        snprintf(row.runner, sizeof(row.runner), "%s", names[i]);
        row.verdict = i == 1 ? STORE_IMPORTED : STORE_REFUSED;
        past_note(&f.past, &row);
    }
    snprintf(session.session.runner, sizeof(session.session.runner), "ben");
    assert_return_code(choice_put(f.choice, &session), 0);
    reopen("anna", row.hash, NULL);
    assert_int_equal(intake_result(f.intake)->import.verdict, STORE_IMPORTED);
    assert_string_equal(intake_result(f.intake)->import.runner, "anna");
    assert_string_equal(intake_result(f.intake)->from, "ben");
}

static void test_a_file_that_is_too_large_is_known_by_its_looks(void **state)
{
    char first[SHA256_TEXT_MAX];
    int fd;

    put("large.fit", "x");
    fd = open(disk_path(&f.disk, "anna/large.fit"), O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, COPY_SIZE_MAX + 1), 0);
    assert_reason(import("large.fit"), "it is larger than 256 MB");
    snprintf(first, sizeof(first), "%s", intake_hash(f.intake));
    assert_int_equal(strlen(first), SHA256_TEXT_MAX - 1);
    intake_free(f.intake);
    assert_string_equal(import("large.fit")->import.hash, first);
    intake_free(f.intake);
    assert_int_equal(ftruncate(fd, COPY_SIZE_MAX + 2), 0);
    assert_string_not_equal(import("large.fit")->import.hash, first);
    close(fd);
}

/* ---- what is in the way ------------------------------------------------------------------------- */

static void test_what_is_not_there_as_it_was_seen_is_left_to_the_next_look(void **state)
{
    struct folder_file file;

    put("run.gpx", RUN);
    file = look("run.gpx");
    file.size--;
    start(&file);
    wait_for_end(INTAKE_E_CHANGED);
    intake_free(f.intake);
    snprintf(file.name, sizeof(file.name), "gone.gpx");
    start(&file);
    wait_for_end(INTAKE_E_CHANGED);
    assert_int_equal(n_kept(), 0);
}

static void test_a_link_is_not_followed(void **state)
{
    struct folder_file file;

    put("run.gpx", RUN);
    assert_int_equal(symlink("run.gpx", disk_path(&f.disk, "anna/link.gpx")), 0);
    file = look("link.gpx");
    start(&file);
    wait_for_end(INTAKE_E_UNREADABLE);
    assert_int_equal(f.error, -ELOOP);
}

static void test_our_own_folder_refuses(void **state)
{
    struct folder_file file;

    put("run.gpx", RUN);
    file = look("run.gpx");
    f.state_dir = "/nowhere/at/all";
    start(&file);
    wait_for_end(INTAKE_E_DISK);
    assert_int_equal(f.error, -ENOENT);
}

/* ---- room ----------------------------------------------------------------------------------------- */

#define LARGE_BYTES (3 << 20)

/* Bytes that no packing makes fewer. */
static struct folder_file put_large(void)
{
    uint32_t *words = malloc(LARGE_BYTES), word = 1;

    assert_non_null(words);
    for (size_t i = 0; i < LARGE_BYTES / sizeof(*words); i++)
        words[i] = word = word * 1664525 + 1013904223;
    disk_write(&f.disk, "anna/large.fit", words, LARGE_BYTES);
    free(words);
    return look("large.fit");
}

static void copy(const struct folder_file *file, enum intake_outcome outcome)
{
    f.intake = intake_free(f.intake);
    start(file);
    wait_for_end(outcome);
}

static void assert_no_room(void)
{
    const struct result *result = intake_result(f.intake);

    assert_non_null(result);
    assert_reason(result, "no room for its 3 MB");
    assert_non_null(strstr(result->import.reason, "once 67 MB are free"));
    assert_non_null(strstr(result->import.reason, "64 MB are kept for recordings"));
    assert_true(result->import.passes);
    assert_int_equal(strlen(result->import.hash), SHA256_TEXT_MAX - 1);
}

/* Nothing of it is copied before it is known that there is room for all of it. */
static void test_a_file_that_there_is_no_room_for_is_not_begun(void **state)
{
    const struct folder_file file = put_large();

    f.free_bytes = COPY_RESERVE + LARGE_BYTES - 1;
    copy(&file, INTAKE_E_ROOM);
    assert_no_room();
    assert_int_equal(disk_count(&f.disk, "imported/anna/new"), 0);
    assert_int_equal(f.looks, 1);
    f.free_bytes = COPY_RESERVE + LARGE_BYTES;
    copy(&file, INTAKE_OK);
    assert_null(strstr(intake_result(f.intake)->import.reason, "no room"));
}

static void test_room_that_others_take_meanwhile_is_theirs(void **state)
{
    const struct folder_file file = put_large();

    f.free_bytes = COPY_RESERVE + LARGE_BYTES;
    f.eaten_bytes = 8 << 20;
    copy(&file, INTAKE_E_ROOM);
    assert_no_room();
    f.intake = intake_free(f.intake);
    assert_int_equal(disk_count(&f.disk, "imported/anna/*"), 0);
}

/* Of what is free not all may be ours. */
static void test_a_file_that_is_beyond_a_quota_is_refused(void **state)
{
    const struct folder_file file = put_large();

    f.quota_bytes = 1 << 20;
    copy(&file, INTAKE_E_ROOM);
    assert_no_room();
    f.intake = intake_free(f.intake);
    assert_int_equal(disk_count(&f.disk, "imported/anna/*"), 0);
}

/* That is no fault of the file: the first bytes of another would not fit either. */
static void test_a_disk_that_is_full_takes_none(void **state)
{
    const struct folder_file file = put_large();

    f.free_bytes = COPY_RESERVE - 1;
    copy(&file, INTAKE_E_DISK);
    assert_int_equal(f.error, -ENOSPC);
    f.free_bytes = 0;
    f.quota_bytes = 1;
    copy(&file, INTAKE_E_DISK);
    assert_int_equal(f.error, -EDQUOT);
}

/* The live run of those minutes is displaced by the file when that is stored, and not a step before. */
static void test_a_choice_is_made_again_when_the_disk_refused_the_copy(void **state)
{
    char path[160];
    struct store_session live;
    struct folder_file file;

    skip_emulated();
    put("run.gpx", RUN);
    live = import("run.gpx")->sessions[0];
    snprintf(path, sizeof(path), "%s/imported/anna/%s.gz", f.disk.dir, live.file);
    f.intake = intake_free(f.intake);
    choice_free(f.choice);
    assert_int_equal(choice_new(&f.choice), 0);
    live.file[0] = '\0';
    live.session.distance_m = NAN;
    snprintf(live.session.id, sizeof(live.session.id), "20250601T060000Z-anna");
    assert_return_code(choice_put(f.choice, &live), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0750), 0);
    file = look("run.gpx");
    start(&file);
    wait_for_end(INTAKE_E_DISK);
    f.intake = intake_free(f.intake);
    disk_fixture_settle(&f.disk);
    assert_string_equal(choice_instead(f.choice, live.session.id), "");
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(import("run.gpx")->n_choices, 1);
    assert_string_equal(intake_result(f.intake)->choices[0].id, live.session.id);
}

/* ---- kept copies -------------------------------------------------------------------------------- */

static struct kept_file keep_one(void)
{
    struct kept_file kept = { .runner = "anna" };

    skip_emulated();
    put("run.gpx", RUN);
    snprintf(kept.hash, sizeof(kept.hash), "%s", import("run.gpx")->import.hash);
    f.intake = intake_free(f.intake);
    f.ended = false;
    return kept;
}

static void take_kept(const struct kept_file *kept, bool rebuilt)
{
    const struct intake_parts all = parts();

    f.ended = false;
    assert_int_equal(intake_kept(&f.intake, &all, kept), 0);
    wait_for_end(INTAKE_OK);
    assert_int_equal(intake_result(f.intake)->sessions[0].rebuilt, rebuilt);
    f.intake = intake_free(f.intake);
}

/* An old run that comes in late is news, though its row was lost by a kill, and it is older than any
 * database. What came into another database is none, as a copy or as a file that still lies there. */
static void test_what_came_into_another_database_is_no_news(void **state)
{
    const struct kept_file kept = keep_one();

    f.made_usec = clock_wall_usec();
    take_kept(&kept, false);
    f.made_usec++;
    take_kept(&kept, true);
    assert_true(import("run.gpx")->sessions[0].rebuilt);
    f.intake = intake_free(f.intake);
    disk_fixture_settle(&f.disk);
    fake_clock_advance(1000000); /* and it stays so, should its row be lost again */
    assert_true(import("run.gpx")->sessions[0].rebuilt);
    f.intake = intake_free(f.intake);
    disk_fixture_settle(&f.disk);
    take_kept(&kept, true);
    f.made_usec = 0; /* nobody knows */
    take_kept(&kept, false);
}

/* A disk that fails for a moment has lost nothing: what it has stays to be read again. */
static void test_a_copy_that_cannot_be_seen_may_be_there(void **state)
{
    assert_false(kept_has(f.disk.dir, "anna", "none"));
    assert_int_equal(symlink("imported", disk_path(&f.disk, "imported")), 0);
    assert_true(kept_has(f.disk.dir, "anna", "none"));
}

/* The run may have been discarded. */
static void test_what_was_said_and_cannot_be_read_is_waited_for(void **state)
{
    const struct kept_file kept = keep_one();
    const struct intake_parts all = parts();
    char path[128];

    snprintf(path, sizeof(path), "imported/%s.discarded", kept.hash);
    assert_int_equal(mkdir(disk_path(&f.disk, path), 0750), 0);
    assert_int_equal(intake_kept(&f.intake, &all, &kept), 0);
    wait_for_end(INTAKE_E_FAILED);
    f.intake = intake_free(f.intake);
    const struct folder_file file = look("run.gpx");
    start(&file);
    wait_for_end(INTAKE_E_UNSAID);
    assert_int_equal(f.error, -EISDIR);
}

static void test_a_kept_copy_is_read_again(void **state)
{
    const struct kept_file kept = keep_one();
    const struct intake_parts all = parts();

    assert_int_equal(intake_kept(&f.intake, &all, &kept), 0);
    wait_for_end(INTAKE_OK);
    assert_null(intake_found(f.intake));
    assert_int_equal(intake_result(f.intake)->n_sessions, 1);
    assert_string_equal(intake_result(f.intake)->import.hash, kept.hash);
    f.intake = intake_free(f.intake);
    assert_int_equal(n_kept(), 1);
}

static void test_a_kept_copy_that_is_damaged_is_passed_over(void **state)
{
    const struct kept_file kept = keep_one();
    const struct intake_parts all = parts();
    char path[128];

    snprintf(path, sizeof(path), "imported/anna/%s.gz", kept.hash);
    disk_write(&f.disk, path, "x", 1);
    assert_int_equal(intake_kept(&f.intake, &all, &kept), 0);
    wait_for_end(INTAKE_E_FAILED);
}

/* ---- days --------------------------------------------------------------------------------------- */

#define EAST "Pacific/Kiritimati" /* there it is the first of June */
#define WEST "Pacific/Pago_Pago"  /* and there the last of May */

static void live_in(const char *anna, const char *ben)
{
    f.conf.n_runners = 2;
    snprintf(f.conf.runners[0].id, sizeof(f.conf.runners[0].id), "anna");
    snprintf(f.conf.runners[1].id, sizeof(f.conf.runners[1].id), "ben");
    snprintf(f.conf.runners[0].time_zone, sizeof(f.conf.runners[0].time_zone), "%s", anna);
    snprintf(f.conf.runners[1].time_zone, sizeof(f.conf.runners[1].time_zone), "%s", ben);
    owners_set_conf(&f.owners, &f.conf);
}

static void assert_day(const char *day, int hours)
{
    const struct store_session *row = &intake_result(f.intake)->sessions[0];

    assert_string_equal(row->session.day, day);
    assert_int_equal(row->utc_offset_s, hours * 3600);
}

static struct kept_file keep_one_of(const char *zone)
{
    struct kept_file kept;

    skip_emulated();
    live_in(zone, zone);
    kept = keep_one();
    return kept;
}

static void test_a_day_outlives_the_database_and_the_zone(void **state)
{
    const struct kept_file kept = keep_one_of(EAST);

    live_in(WEST, WEST);
    reopen("anna", kept.hash, NULL);
    assert_day("2025-06-01", 14);
    import("run.gpx"); /* it still lies there, too */
    assert_day("2025-06-01", 14);
}

static void give_copy(const char *hash, const char *from, const char *to)
{
    char source[160], target[160];

    snprintf(source, sizeof(source), "%s/imported/%s", f.disk.dir, to);
    (void)mkdir(source, 0750);
    snprintf(source, sizeof(source), "%s/imported/%s/%s.gz", f.disk.dir, from, hash);
    snprintf(target, sizeof(target), "%s/imported/%s/%s.gz", f.disk.dir, to, hash);
    assert_return_code(rename(source, target), errno);
    reopen(to, hash, from);
}

/* Who has it is dated by their own zone, and by that of the moment in which they got it first. */
static void test_a_day_is_the_same_when_the_file_comes_back(void **state)
{
    const struct kept_file kept = keep_one_of(EAST);

    live_in(WEST, "UTC");
    give_copy(kept.hash, "anna", "ben");
    assert_day("2025-06-01", 0);
    live_in(WEST, WEST);
    give_copy(kept.hash, "ben", "anna");
    assert_day("2025-06-01", 14);
    give_copy(kept.hash, "anna", "ben");
    assert_day("2025-06-01", 0);
}

static void read_again(const struct kept_file *kept, const struct store_session *rows, size_t n)
{
    const struct intake_parts all = parts();
    struct store_outdated was = { .own = { NAN, NAN, 1 }, .sessions = rows, .n_sessions = n };

    snprintf(was.import.runner, sizeof(was.import.runner), "%s", kept->runner);
    snprintf(was.import.hash, sizeof(was.import.hash), "%s", kept->hash);
    f.intake = intake_free(f.intake);
    f.ended = false;
    assert_int_equal(intake_again(&f.intake, &all, &was), 0);
    wait_for_end(INTAKE_OK);
}

/* Its row was not valid. */
static void test_a_day_outlives_its_row(void **state)
{
    const struct kept_file kept = keep_one_of(EAST);

    live_in(WEST, WEST);
    read_again(&kept, NULL, 0);
    assert_day("2025-06-01", 14);
}

/* It came in before days were written down: what its row says is, as soon as it is read again. */
static void test_a_day_is_written_down_from_its_row(void **state)
{
    const struct kept_file kept = keep_one_of(EAST);
    struct store_session row;
    char path[160];

    reopen("anna", kept.hash, NULL);
    row = intake_result(f.intake)->sessions[0];
    snprintf(path, sizeof(path), "%s/imported/anna/%s.days", f.disk.dir, kept.hash);
    assert_return_code(unlink(path), errno);
    live_in(WEST, WEST);
    read_again(&kept, &row, 1);
    assert_day("2025-06-01", 14);
    reopen("anna", kept.hash, NULL);
    assert_day("2025-06-01", 14);
}

/* A line that is rotten says nothing; whoever can read it may. */
static void test_a_day_that_is_rotten_is_that_of_the_zone(void **state)
{
    const struct kept_file kept = keep_one_of(EAST);
    char path[128];

    snprintf(path, sizeof(path), "imported/anna/%s.days", kept.hash);
    disk_write(&f.disk, path, "1748757600000000 5040x\n", 23);
    live_in(WEST, WEST);
    reopen("anna", kept.hash, NULL);
    assert_day("2025-05-31", -11);
    live_in(EAST, EAST); /* and from then on it is known again */
    reopen("anna", kept.hash, NULL);
    assert_day("2025-05-31", -11);
}

static void test_a_day_that_cannot_be_read_is_waited_for(void **state)
{
    const struct kept_file kept = keep_one_of(EAST);
    const struct intake_parts all = parts();
    char path[160];

    snprintf(path, sizeof(path), "%s/imported/anna/%s.days", f.disk.dir, kept.hash);
    assert_return_code(unlink(path), errno);
    assert_return_code(mkdir(path, 0750), errno);
    assert_int_equal(intake_kept(&f.intake, &all, &kept), 0);
    wait_for_end(INTAKE_E_FAILED);
    f.intake = intake_free(f.intake);
    const struct folder_file file = look("run.gpx");
    start(&file);
    wait_for_end(INTAKE_E_UNSAID);
    assert_int_equal(f.error, -EISDIR);
}

/* ---- a clock that is slow ------------------------------------------------------------------------ */

#define TRACK(day)                                                                                 \
    "<trk><type>running</type><trkseg>"                                                            \
    "<trkpt lat=\"48.000\" lon=\"9\"><time>" day "T06:00:00Z</time></trkpt>"                       \
    "<trkpt lat=\"48.001\" lon=\"9\"><time>" day "T06:00:40Z</time></trkpt>"                       \
    "<trkpt lat=\"48.002\" lon=\"9\"><time>" day "T06:01:20Z</time></trkpt></trkseg></trk>"
#define RUNS                                                                                       \
    "<?xml version=\"1.0\"?><gpx xmlns=\"http://www.topografix.com/GPX/1/1\">" TRACK("2025-06-01") \
        TRACK("2025-04-01") "</gpx>"

/* It was believed when they came in: they are not news that a clock of today could judge. */
static void test_a_clock_that_is_slow_takes_no_session_away(void **state)
{
    struct kept_file runs = { .runner = "anna" };
    struct store_session rows[2];

    skip_emulated();
    put("runs.gpx", RUNS);
    snprintf(runs.hash, sizeof(runs.hash), "%s", import("runs.gpx")->import.hash);
    assert_int_equal(intake_result(f.intake)->n_sessions, 2);
    memcpy(rows, intake_result(f.intake)->sessions, sizeof(rows));
    fake_clock_set_wall(INT64_C(1746057600000000)); /* 2025-05-01 */
    read_again(&runs, rows, 2);
    assert_int_equal(intake_result(f.intake)->n_sessions, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct store_session *row = &intake_result(f.intake)->sessions[i];

        assert_int_equal(row->session.state, SESSION_ENDED);
        assert_string_equal(row->session.id, rows[i].session.id);
        assert_true(row->session.start_usec == rows[i].session.start_usec);
        assert_true(row->session.distance_m == rows[i].session.distance_m);
    }
}

static void assert_given(size_t i, const char *id)
{
    const struct store_session *row = &intake_result(f.intake)->sessions[i];

    assert_string_equal(row->session.id, id);
    assert_string_equal(row->session.runner, "ben");
    assert_int_equal(row->session.state, SESSION_ENDED);
    assert_string_equal(choice_runner(f.choice, id), "ben");
}

/* A reader that left out the newest gave the other a name that its place in the file no longer gives. */
static void test_a_file_that_is_given_keeps_the_names_of_its_sessions(void **state)
{
    struct kept_file runs = { .runner = "anna" };
    struct store_session rows[2];

    skip_emulated();
    put("runs.gpx", RUNS);
    snprintf(runs.hash, sizeof(runs.hash), "%s", import("runs.gpx")->import.hash);
    rows[1] = intake_result(f.intake)->sessions[1];
    rows[1].session.id[strlen(rows[1].session.id) - 1] = '0';
    choice_free(f.choice);
    assert_int_equal(choice_new(&f.choice), 0);
    read_again(&runs, &rows[1], 1);
    assert_int_equal(intake_result(f.intake)->n_sessions, 2);
    assert_string_equal(intake_result(f.intake)->sessions[1].session.id, rows[1].session.id);
    memcpy(rows, intake_result(f.intake)->sessions, sizeof(rows));
    give_copy(runs.hash, "anna", "ben");
    assert_int_equal(intake_result(f.intake)->n_sessions, 2);
    for (size_t i = 0; i < 2; i++)
        assert_given(i, rows[i].session.id);
    assert_int_equal(choice_standing(f.choice, runs.hash), 2);
}

static void test_a_file_is_given_whole_whatever_the_clock_says(void **state)
{
    char hash[SHA256_TEXT_MAX], ids[2][SESSION_ID_MAX];

    skip_emulated();
    put("runs.gpx", RUNS);
    snprintf(hash, sizeof(hash), "%s", import("runs.gpx")->import.hash);
    for (size_t i = 0; i < 2; i++)
        memcpy(ids[i], intake_result(f.intake)->sessions[i].session.id, sizeof(ids[i]));
    fake_clock_set_wall(INT64_C(1746057600000000)); /* 2025-05-01 */
    give_copy(hash, "anna", "ben");
    assert_int_equal(intake_result(f.intake)->n_sessions, 2);
    for (size_t i = 0; i < 2; i++)
        assert_given(i, ids[i]);
}

/* ---- descriptors -------------------------------------------------------------------------------- */

/* What was closed may be somebody else's by now: the database's, a link's. */
static void test_a_file_that_was_read_is_closed_once(void **state)
{
    int others[32];

    skip_emulated();
    put("run.gpx", RUN);
    (void)import("run.gpx");
    for (size_t i = 0; i < ELEMENTSOF(others); i++)
        assert_return_code(others[i] = open("/dev/null", O_RDONLY | O_CLOEXEC), errno);
    f.intake = intake_free(f.intake);
    disk_fixture_settle(&f.disk);
    for (size_t i = 0; i < ELEMENTSOF(others); i++)
        assert_return_code(close(others[i]), errno);
}

/* ---- a folder that hangs ------------------------------------------------------------------------ */

static int hang(void *data)
{
    char byte;

    return read(*(int *)data, &byte, 1) == 1 ? 0 : -EIO;
}

/* It is given up; then a kept copy is read, which needs no folder; and it comes back to nobody. */
static void test_a_folder_that_hangs_holds_up_its_own_file_only(void **state)
{
    const struct kept_file kept = keep_one();
    struct intake_parts all;
    struct folder_file file;
    int ends[2];

    assert_int_equal(worker_new(&f.folder_worker, f.disk.event), 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(
        worker_post(f.folder_worker, &(struct worker_job){ .run = hang, .data = &ends[0] }), 0);
    put("two.gpx", RUN);
    file = look("two.gpx");
    start(&file);
    assert_true(intake_is_reading(f.intake));
    f.intake = intake_free(f.intake);
    all = parts();
    assert_int_equal(intake_kept(&f.intake, &all, &kept), 0);
    assert_false(intake_is_reading(f.intake));
    wait_for_end(INTAKE_OK);
    f.intake = intake_free(f.intake);
    assert_int_equal(write(ends[1], "x", 1), 1);
    f.folder_worker = worker_free(f.folder_worker);
    assert_int_equal(disk_count(&f.disk, "imported/anna/new"), 0);
    assert_int_equal(n_kept(), 1);
    assert_false(intake_is_reading(NULL));
    close(ends[0]);
    close(ends[1]);
}

/* ---- the end at any moment ---------------------------------------------------------------------- */

static void test_nothing_that_counts_is_left_of_one_that_is_ended(void **state)
{
    struct folder_file file;

    put("run.gpx", RUN);
    file = look("run.gpx");
    for (int steps = 0; steps < 40; steps++) {
        start(&file);
        for (int i = 0; i < steps && !f.ended; i++)
            assert_true(sd_event_run(f.disk.event, UINT64_MAX) >= 0);
        f.intake = intake_free(f.intake);
        if (f.ended)
            return; /* it was never told of before */
        disk_fixture_settle(&f.disk);
        assert_false(f.ended);
        assert_int_equal(disk_count(&f.disk, "imported/anna/new"), 0);
    }
    fail_msg("it never ended");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_run_is_kept_before_it_is_told_of),
        TEST(test_what_is_no_run_is_refused_and_not_kept),
        TEST(test_bytes_that_came_before_are_not_read_again),
        TEST(test_a_copy_that_was_taken_away_is_kept_again),
        TEST(test_bytes_of_somebody_else_are_refused),
        TEST(test_bytes_whose_copy_is_anothers_are_refused),
        TEST(test_what_was_discarded_is_so_whenever_it_is_read),
        TEST(test_a_copy_that_is_given_is_read_for_its_new_owner),
        TEST(test_a_copy_that_was_given_before_a_kill_is_its_new_owners),
        TEST(test_a_copy_that_was_on_its_way_back_before_a_kill_is_its_first_owners),
        TEST(test_a_file_that_is_too_large_is_known_by_its_looks),
        TEST(test_what_is_not_there_as_it_was_seen_is_left_to_the_next_look),
        TEST(test_a_link_is_not_followed),
        TEST(test_our_own_folder_refuses),
        TEST(test_a_file_that_there_is_no_room_for_is_not_begun),
        TEST(test_room_that_others_take_meanwhile_is_theirs),
        TEST(test_a_file_that_is_beyond_a_quota_is_refused),
        TEST(test_a_disk_that_is_full_takes_none),
        TEST(test_a_choice_is_made_again_when_the_disk_refused_the_copy),
        TEST(test_what_came_into_another_database_is_no_news),
        TEST(test_a_copy_that_cannot_be_seen_may_be_there),
        TEST(test_what_was_said_and_cannot_be_read_is_waited_for),
        TEST(test_a_kept_copy_is_read_again),
        TEST(test_a_kept_copy_that_is_damaged_is_passed_over),
        TEST(test_a_day_outlives_the_database_and_the_zone),
        TEST(test_a_day_is_the_same_when_the_file_comes_back),
        TEST(test_a_day_outlives_its_row),
        TEST(test_a_day_is_written_down_from_its_row),
        TEST(test_a_day_that_is_rotten_is_that_of_the_zone),
        TEST(test_a_day_that_cannot_be_read_is_waited_for),
        TEST(test_a_clock_that_is_slow_takes_no_session_away),
        TEST(test_a_file_that_is_given_keeps_the_names_of_its_sessions),
        TEST(test_a_file_is_given_whole_whatever_the_clock_says),
        TEST(test_a_file_that_was_read_is_closed_once),
        TEST(test_a_folder_that_hangs_holds_up_its_own_file_only),
        TEST(test_nothing_that_counts_is_left_of_one_that_is_ended),
    };
    sigset_t child;

    if (argc == 3 && strcmp(argv[1], READ_ARGUMENT) == 0)
        return read_main(argv[2]);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
