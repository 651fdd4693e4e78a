/* SPDX-License-Identifier: MIT */
/* A recording as it may lie on a disk after a crash or a merge: what is read of it, in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/recording/recovery.h"

#define PLAIN "strided-recording 1 plain\n"
#define BOOT1 "A 0123456789abcdef0123456789abcdef 1000000 1700000000000000 synced\n"
#define BOOT2 "A fedcba9876543210fedcba9876543210 500000 1700000100000000 synced\n"
#define ANNA  "R anna female 1990 180 50 - -\n"
#define BEN   "R ben male 1980 200 60 - -\n"
#define POD   "S 0 pod C0:DE:00:00:00:01 auto 1.000 p\n"
#define STRAP "S 1 strap C0:DE:00:00:00:02 auto 1.000 s\n"
#define BEGIN "G 1000000 motion\n"

/* The types and times of what was read, as "A N10 E". */
static void summarise(const struct recovered *recovered, char *ret, size_t size)
{
    static const char letters[] = {
        [RECORD_AXIS] = 'A',   [RECORD_RUNNER] = 'R',       [RECORD_SENSOR] = 'S',
        [RECORD_BEGIN] = 'G',  [RECORD_NOTIFICATION] = 'N', [RECORD_LINK] = 'L',
        [RECORD_UNIT] = 'U',   [RECORD_INCLINE] = 'I',      [RECORD_TOLD] = 'T',
        [RECORD_OWN] = 'K',    [RECORD_MERGED] = 'M',       [RECORD_END] = 'E',
        [RECORD_JOINED] = 'J', [RECORD_LOCAL] = 'Z',
    };
    size_t length = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < recovered->n; i++) {
        struct record record;

        recovered_get(recovered, i, &record);
        char letter = letters[record.type];

        length += (size_t)snprintf(ret + length, size - length, "%s%c", i ? " " : "", letter);
        if (letter == 'R')
            length += (size_t)snprintf(ret + length, size - length, "%s", record.runner.id);
        if (letter == 'K')
            length += (size_t)snprintf(ret + length, size - length, "%.0f", record.own.cadence_spm);
        if (letter == 'N' || letter == 'I')
            length +=
                (size_t)snprintf(ret + length, size - length, "%d", (int)(record.t_usec / 1000000));
    }
}

static const struct row {
    const char *label, *text, *expected;
    size_t bad, found;
} rows[] = {
    { "nothing", "", "", 0 },
    { "a header alone", PLAIN, "", 0 },
    { "in order", PLAIN BOOT1 POD "N 2000000 0 2a53 00\nN 3000000 0 2a53 00\nE 3000000 told x\n",
      "A S N2 N3 E", 0 },
    { "merged lines are sorted by time",
      PLAIN BOOT1 POD "N 5000000 0 2a53 00\nN 2000000 0 2a53 00\nI 3000000 -8\n", "A S N2 I3 N5",
      0 },
    { "what declares goes first", PLAIN BOOT1 "N 2000000 0 2a53 00\n" POD "N 1000000 0 2a53 00\n",
      "A S N1 N2", 0 },
    { "an end stays behind what stands before it",
      PLAIN BOOT1 POD "N 4000000 0 2a53 00\nE 2000000 idle x\n", "A S N4 E", 0 },
    { "times of two boots are not compared",
      PLAIN BOOT1 POD "N 9000000 0 2a53 00\n" BOOT2 "N 600000 0 2a53 00\n", "A S N9 A N0", 0 },
    { "who it was given to stands in the place of each it was thought to be",
      PLAIN BOOT1 ANNA "K 170 3\n" POD "N 2000000 0 2a53 00\n" BOOT2 ANNA
                       "N 600000 0 2a53 00\nE 700000 told x\n" BEN "K 180 -\n",
      "A Rben K180 S N2 A Rben Rben K180 N0 E", 0 },
    { "given twice, it is the last one's",
      PLAIN BOOT1 ANNA POD "N 2000000 0 2a53 00\nE 3000000 told x\n" BEN ANNA,
      "A Ranna S Ranna Ranna N2 E", 0 },
    { "one who is said before the end takes nobody's place",
      PLAIN BOOT1 "R - - 0 0 0 - -\n" POD "N 2000000 0 2a53 00\n" ANNA "E 3000000 told x\n",
      "A R S Ranna N2 E", 0 },
    { "a rotten line is left out and counted",
      PLAIN BOOT1 POD "N 2000000 0 2a53 zz\nN 3000000 0 2a53 00\n", "A S N3", 1 },
    { "garbage", PLAIN "\x01\x02\x03\nnonsense\n" BOOT1, "A", 1 },
    { "copies of what stands there whole say nothing",
      PLAIN BOOT1 ANNA POD BEGIN "N 2000000 0 2a53 00\nC 26 " BOOT1 "C 93 " ANNA "C 120 " POD
                                 "C 159 " BEGIN "N 3000000 0 2a53 00\n",
      "A Ranna S G N2 N3", 0 },
    { "what only a copy tells stands where it stood",
      PLAIN BOOT1 "R an?a\n" POD "S 1 ?\n" BEGIN "N 2000000 0 2a53 00\nC 93 " ANNA "C 137 " STRAP
                  "C 93 " ANNA "N 3000000 0 2a53 00\nE 4000000 told x\n",
      "A Ranna S S G N2 N3 E", 2, 2 },
    { "so it does in an earlier boot",
      PLAIN BOOT1 "R an?a\n" POD "N 2000000 0 2a53 00\n" BOOT2 "N 600000 0 2a53 00\nC 93 " ANNA,
      "A Ranna S N2 A N0", 1, 1 },
    { "a boot that only a copy tells of",
      PLAIN BOOT1 POD "N 9000000 0 2a53 00\nA ?\nN 600000 0 2a53 00\nC 152 " BOOT2, "A S N9 A N0",
      1, 1 },
    { "said behind the end, it says whose it is from the first line on",
      PLAIN BOOT1 ANNA POD "N 2000000 0 2a53 00\nE 3000000 told x\nR b?n\nC 197 " BEN,
      "A Rben S Rben N2 E", 1, 1 },
    { "lines that were moved are found by what they say",
      PLAIN POD BOOT1 "C 0 " BOOT1 "N 2000000 0 2a53 00\nC 900000 " POD, "S A N2", 0 },
    { "a copy of nothing that has copies",
      PLAIN BOOT1 POD "C 93 N 2000000 0 2a53 00\nC x " ANNA "C 93\nC 93 C 93 " ANNA
                      "N 3000000 0 2a53 00\n",
      "A S N3", 0 },
    { "another's lines, all of them",
      PLAIN BOOT1 POD "N 5000000 0 2a53 00\nJ 6000000 belt 4\n" STRAP BEGIN
                      "N 2000000 1 2acd 00\nN 6000000 1 2acd 00\nM 6000000 belt\n"
                      "N 7000000 0 2a53 00\n",
      "A S S G N2 N5 J N6 M N7", 0 },
    { "another's lines that were cut off are none; what came after the cut is its own",
      PLAIN BOOT1 POD "N 5000000 0 2a53 00\nJ 6000000 belt 4\n" STRAP BEGIN
                      "N 2000000 1 2acd 00\n" BOOT1 "N 7000000 0 2a53 00\n",
      "A S A N5 N7", 0 },
    { "what the next process says of its day came after the cut",
      PLAIN BOOT1 POD "J 6000000 belt 4\n" STRAP BEGIN "Z anna 1700000000 3600\n", "A S Z", 0 },
    { "a day stays where it was said, also behind the end",
      PLAIN BOOT1 POD "N 5000000 0 2a53 00\nZ anna 1700000000 3600\nN 3000000 0 2a53 00\n"
                      "E 5000000 idle x\nZ ben 1700000000 0\n",
      "A S N3 N5 Z E Z", 0 },
    { "nothing came after the cut",
      PLAIN BOOT1 POD "N 5000000 0 2a53 00\nJ 6000000 belt 4\n" STRAP BEGIN "N 2000000 1 2acd 00\n",
      "A S N5", 0 },
    { "cut off before the first of them", PLAIN BOOT1 POD "J 6000000 belt 4\n", "A S", 0 },
    { "a cut, and its end",
      PLAIN BOOT1 POD "N 5000000 0 2a53 00\nJ 6000000 belt 4\n" STRAP "E 5000000 idle x\n",
      "A S N5 E", 0 },
    { "a cut, and once more",
      PLAIN BOOT1 POD "N 5000000 0 2a53 00\nJ 6000000 belt 2\n" STRAP "J 6000000 belt 2\n" STRAP
                      "N 2000000 1 2acd 00\nM 6000000 belt\n",
      "A S S N2 N5 J M", 0 },
    { "of two that are whole the later counts: the first was read back with holes",
      PLAIN BOOT1 POD "J 6000000 belt 2\n" STRAP "N 2000000 1 2acd zz\nM 6000000 belt\n"
                      "J 6000000 belt 2\n" STRAP "N 2000000 1 2acd 00\nM 6000000 belt\n",
      "A S M J S N2 M", 0 },
    { "they are all there though the last word rotted",
      PLAIN BOOT1 POD "J 6000000 belt 2\n" STRAP "N 2000000 1 2acd 00\nM 6000000 b?lt\n"
                      "N 7000000 0 2a53 00\n",
      "A S J S N2 N7", 1 },
    { "the last word is there though a line was swallowed",
      PLAIN BOOT1 POD "J 6000000 belt 3\n" STRAP "N 2000000 1 2acd 00?N 3000000 1 2acd 00\n"
                      "M 6000000 belt\nN 7000000 0 2a53 00\n",
      "A S J S M N7", 1 },
    { "the lines of an M line alone stand where they stand",
      PLAIN BOOT1 POD "M 6000000 belt\n" STRAP "N 2000000 1 2acd 00\n", "A S M S N2", 0 },
    { "copies among them are nobody's lines",
      PLAIN BOOT1 "S ?\nJ 6000000 belt 2\n" STRAP "C 93 " POD
                  "N 2000000 1 2acd 00\nM 6000000 belt\n",
      "A S J S N2 M", 1, 1 },
    { "what is cut off has no copies",
      PLAIN BOOT1 POD "J 6000000 belt 4\nS 1 ?\n" BOOT1 "C 150 " STRAP, "A S A", 0 },
    { "nor one that claims to be of a line behind it",
      PLAIN BOOT1 POD "N 5000000 0 2a53 00\nJ 6000000 belt 4\nC 9999 " STRAP "E 5000000 idle x\n",
      "A S N5 E", 0 },
    { "but who came again has",
      PLAIN BOOT1 POD "J 6000000 belt 2\n" STRAP "C 150 " STRAP
                      "J 6000000 belt 2\nS 1 ?\nN 2000000 1 2acd 00\nM 6000000 belt\nC 254 " STRAP,
      "A S J S N2 M", 1, 1 },
    { "a line without its sum where sums are wanted", "strided-recording 1 *0000\n" BOOT1, "", 1 },
};

static void a_recording_is_read_as_far_as_it_is_sound(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct recovered recovered = { 0 };
        char got[256];

        print_message("  %s\n", rows[i].label);
        assert_int_equal(recovered_read(&recovered, strdup(rows[i].text), strlen(rows[i].text)), 0);
        summarise(&recovered, got, sizeof(got));
        assert_string_equal(got, rows[i].expected);
        assert_true(rows[i].bad ? recovered.bad >= rows[i].bad : recovered.bad == 0);
        assert_int_equal(recovered.found, rows[i].found);
        recovered_done(&recovered);
        assert_null(recovered.text);
    }
}

/* With sums: each byte of each line that declares rots in its turn, and its copy stands in for it. */
static void a_byte_that_rots_in_what_declares_changes_nothing(void **state)
{
    static const char *const said[] = {
        "A 0123456789abcdef0123456789abcdef 1000000 1700000000000000 synced",
        "R anna female 1990 180 50 - -",
        "K 170 3",
        "S 0 pod C0:DE:00:00:00:01 auto 1 p",
        "G 1000000 motion",
    };
    enum { SAID = sizeof(said) / sizeof(said[0]), BYTES = 4096 };
    char text[BYTES] = "strided-recording 1\n", got[256];
    size_t length = strlen(text), head, place[SAID];
    struct recovered recovered;

    for (size_t i = 0; i < SAID; i++) {
        struct record record;

        place[i] = length;
        assert_int_equal(recording_parse(said[i], strlen(said[i]), true, &record), RECORDING_OK);
        length += recording_format(&record, text + length, BYTES - length);
    }
    head = length;
    for (size_t i = 0; i < SAID; i++)
        length += recording_copy_format(said[i], strlen(said[i]), (uint32_t)place[i], text + length,
                                        BYTES - length);
    for (size_t at = 0; at < head; at++) {
        char *rotten = memcpy(malloc(length), text, length);

        rotten[at] ^= 0x15;
        assert_int_equal(recovered_read(&recovered, rotten, length), 0);
        summarise(&recovered, got, sizeof(got));
        assert_string_equal(got, "A Ranna K170 S G");
        assert_true(recovered.found <= 2); /* two where the end between them rots */
        for (size_t i = 0; i < SAID; i++) {
            uint32_t found_at;
            size_t n;

            assert_memory_equal(recovered_said(&recovered, i, &n, &found_at), said[i],
                                strlen(said[i]));
            assert_int_equal(n, strlen(said[i]));
            assert_int_equal(found_at, place[i]);
        }
        recovered_done(&recovered);
    }
}

/* Half a day of a pod and a strap: 4 MB of text. What it takes beside that is bounded. */
static void half_a_day_takes_little_memory(void **state)
{
    enum { LINES = 86400, BYTES = 64 };
    struct record record = { .type = RECORD_NOTIFICATION,
                             .notification = { 0x2a53, 10, "0123456789" } };
    struct recovered recovered = { 0 };
    size_t length = 0, before;
    char *text = malloc((size_t)LINES * BYTES);

    assert_non_null(text);
    for (int i = 0; i < LINES; i++) {
        record.t_usec = (uint64_t)i * 500000;
        length += recording_format(&record, text + length, BYTES);
    }
    before = mallinfo2().uordblks + mallinfo2().hblkhd;
    assert_int_equal(recovered_read(&recovered, text, length), 0);
    assert_int_equal(recovered.n, LINES);
    assert_true(mallinfo2().uordblks + mallinfo2().hblkhd - before <= length);
    recovered_get(&recovered, LINES - 1, &record);
    assert_int_equal(record.t_usec, (LINES - 1) * UINT64_C(500000));
    recovered_done(&recovered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_is_read_as_far_as_it_is_sound),
        cmocka_unit_test(a_byte_that_rots_in_what_declares_changes_nothing),
        cmocka_unit_test(half_a_day_takes_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
