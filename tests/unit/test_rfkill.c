/* SPDX-License-Identifier: MIT */
/* Reading /sys/class/rfkill, on a folder of our own that looks like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon/bluez/rfkill.h"

static char folder[] = "/tmp/strided-rfkill-XXXXXX";

static void put(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/rfkill3/%s", folder, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void test_only_a_blocked_bluetooth_switch_counts(void **state)
{
    static const struct {
        const char *label, *type, *soft, *hard;
        bool blocked;
    } rows[] = {
        { "free", "bluetooth\n", "0\n", "0\n", false },
        { "by software", "bluetooth\n", "1\n", "0\n", true },
        { "by a switch", "bluetooth\n", "0\n", "1\n", true },
        { "another radio", "wlan\n", "1\n", "1\n", false },
        { "empty files", "", "", "", false },
        { "garbage", "bluetoothbluetoothbluetooth\n", "1111111", "x", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("%s\n", rows[i].label);
        put("type", rows[i].type);
        put("soft", rows[i].soft);
        put("hard", rows[i].hard);
        assert_int_equal(rfkill_blocks_bluetooth(folder), rows[i].blocked);
    }
}

static void test_a_machine_without_rfkill(void **state)
{
    assert_false(rfkill_blocks_bluetooth("/nonexistent/rfkill"));
}

static int setup(void **state)
{
    char path[64];
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/rfkill3", folder);
    return mkdir(path, 0700);
}

static int teardown(void **state)
{
    static const char *const names[] = { "rfkill3/type", "rfkill3/soft", "rfkill3/hard", "rfkill3",
                                         "" };
    char path[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_a_blocked_bluetooth_switch_counts),
        cmocka_unit_test(test_a_machine_without_rfkill),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
