/* SPDX-License-Identifier: MIT */
/* What becomes of a file that came in, on file systems of all kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/import/after.h"
#include "daemon/mtime.h"
#include "daemon/util.h"
#include "disk_fixture.h"

#define HASH  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BEGIN "0123456789ab"

static struct disk_fixture disk;
static int refused; /* errno of a renaming that is to replace nothing; 0: it is known here */

int __real_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    if (refused == 0 || flags == 0)
        return __real_renameat2(from_fd, from, to_fd, to, flags);
    errno = refused;
    return -1;
}

static int begin(void **state)
{
    refused = 0;
    disk_fixture_init(&disk);
    return mkdir(disk_path(&disk, "anna"), 0750);
}

static int end(void **state)
{
    disk_fixture_done(&disk);
    return 0;
}

static struct folder_file put_at(const char *name, const char *text)
{
    struct folder_file file = { .runner = "anna" };
    struct stat st;
    char way[64];

    snprintf(file.name, sizeof(file.name), "%s", name);
    snprintf(way, sizeof(way), "anna/%s", name);
    disk_write(&disk, way, text, strlen(text));
    assert_return_code(lstat(disk_path(&disk, way), &st), errno);
    file.size = st.st_size;
    file.mtime_nsec = mtime_nsec(&st);
    file.inode = (uint64_t)st.st_ino;
    return file;
}

static struct folder_file put(const char *text)
{
    return put_at("run.fit", text);
}

static void import(const struct folder_file *file, enum conf_after what)
{
    assert_return_code(after_import(disk.worker, disk.dir, file, HASH, what), 0);
    disk_fixture_settle(&disk);
}

static void assert_file(const char *name, const char *expected)
{
    size_t length;
    _cleanup_free_ char *text = disk_read(&disk, name, &length);

    assert_string_equal(text, expected);
}

/* As ext4, XFS and btrfs know it; NFS and many of FUSE's, old kernels, and others. */
static const int worlds[] = { 0, EINVAL, ENOSYS, EOPNOTSUPP };

static void test_a_file_is_moved(void **state)
{
    for (size_t i = 0; i < ELEMENTSOF(worlds); i++) {
        const struct folder_file file = put("one");

        refused = worlds[i];
        import(&file, CONF_AFTER_MOVE);
        assert_int_equal(disk_count(&disk, "anna/run.fit"), 0);
        assert_file("anna/done/run.fit", "one");
        assert_return_code(unlink(disk_path(&disk, "anna/done/run.fit")), errno);
    }
}

/* Watches reuse names. */
static void test_what_lies_there_is_not_replaced(void **state)
{
    assert_return_code(mkdir(disk_path(&disk, "anna/done"), 0750), errno);
    disk_write(&disk, "anna/done/run.fit", "old", 3);
    for (size_t i = 0; i < ELEMENTSOF(worlds); i++) {
        const struct folder_file file = put("new");

        refused = worlds[i];
        import(&file, CONF_AFTER_MOVE);
        assert_int_equal(disk_count(&disk, "anna/run.fit"), 0);
        assert_file("anna/done/run.fit", "old");
        assert_file("anna/done/" BEGIN "-run.fit", "new");
        assert_return_code(unlink(disk_path(&disk, "anna/done/" BEGIN "-run.fit")), errno);
    }
}

static void test_a_link_that_leads_nowhere_is_there_as_well(void **state)
{
    assert_return_code(mkdir(disk_path(&disk, "anna/done"), 0750), errno);
    assert_return_code(symlink("nowhere", disk_path(&disk, "anna/done/run.fit")), errno);
    for (size_t i = 0; i < ELEMENTSOF(worlds); i++) {
        const struct folder_file file = put("new");

        refused = worlds[i];
        import(&file, CONF_AFTER_MOVE);
        assert_file("anna/done/" BEGIN "-run.fit", "new");
        assert_return_code(unlink(disk_path(&disk, "anna/done/" BEGIN "-run.fit")), errno);
    }
}

/* Into the one beside it: the names of two folders say nothing of one another. */
static void test_a_file_of_a_folder_below_is_moved_there(void **state)
{
    assert_return_code(mkdir(disk_path(&disk, "anna/a"), 0750), errno);
    assert_return_code(mkdir(disk_path(&disk, "anna/a/b"), 0750), errno);
    const struct folder_file moved = put_at("a/b/run.fit", "one");
    import(&moved, CONF_AFTER_MOVE);
    assert_file("anna/a/b/done/run.fit", "one");
    const struct folder_file again = put_at("a/b/run.fit", "two");
    import(&again, CONF_AFTER_MOVE);
    assert_file("anna/a/b/done/" BEGIN "-run.fit", "two");
    const struct folder_file deleted = put_at("a/b/run.fit", "three");
    import(&deleted, CONF_AFTER_DELETE);
    assert_int_equal(disk_count(&disk, "anna/a/b/run.fit"), 0);
}

static void test_a_link_to_a_folder_is_not_followed(void **state)
{
    assert_return_code(mkdir(disk_path(&disk, "anna/a"), 0750), errno);
    assert_return_code(symlink("a", disk_path(&disk, "anna/b")), errno);
    struct folder_file file = put_at("a/run.fit", "one");

    snprintf(file.name, sizeof(file.name), "b/run.fit");
    import(&file, CONF_AFTER_DELETE);
    assert_file("anna/a/run.fit", "one");
}

static void test_what_is_refused_stays(void **state)
{
    const struct folder_file file = put("one");

    refused = EROFS;
    import(&file, CONF_AFTER_MOVE);
    assert_file("anna/run.fit", "one");
}

static void test_another_file_of_its_name_stays(void **state)
{
    struct folder_file file = put("one");

    file.size++;
    import(&file, CONF_AFTER_MOVE);
    import(&file, CONF_AFTER_DELETE);
    assert_file("anna/run.fit", "one");
    file.size--;
    import(&file, CONF_AFTER_DELETE);
    assert_int_equal(disk_count(&disk, "anna/run.fit"), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_file_is_moved),
        T(test_a_file_of_a_folder_below_is_moved_there),
        T(test_a_link_to_a_folder_is_not_followed),
        T(test_what_lies_there_is_not_replaced),
        T(test_a_link_that_leads_nowhere_is_there_as_well),
        T(test_what_is_refused_stays),
        T(test_another_file_of_its_name_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
