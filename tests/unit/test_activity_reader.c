/* SPDX-License-Identifier: MIT */
/* What a folder of files may hold besides good ones: each is refused with its reason, in bounded
 * memory. */
#include "read_text.h"

#define GPX_HEAD "<gpx><trk><trkseg>"
#define POINT    "<trkpt lat=\"1\" lon=\"2\"><hr>99</hr></trkpt>"
#define GPX_TAIL "</trkseg></trk></gpx>"

static uint8_t packed[1 << 20];

/* gzip around a text that is written `times` times. */
static size_t pack(const char *head, const char *text, uint64_t times, const char *tail)
{
    z_stream stream = { .next_out = packed, .avail_out = sizeof(packed) };
    uint64_t left = times;

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)head;
    stream.avail_in = (uInt)strlen(head);
    assert_int_equal(deflate(&stream, Z_NO_FLUSH), Z_OK);
    for (; left > 0; left--) {
        stream.next_in = (Bytef *)(uintptr_t)text;
        stream.avail_in = (uInt)strlen(text);
        assert_int_equal(deflate(&stream, Z_NO_FLUSH), Z_OK);
    }
    stream.next_in = (Bytef *)(uintptr_t)tail;
    stream.avail_in = (uInt)strlen(tail);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return sizeof(packed) - stream.avail_out;
}

static void test_what_is_no_activity_file(void **state)
{
    static const struct {
        const char *label, *bytes;
        size_t length;
        enum activity_trouble_kind trouble;
    } rows[] = {
        { "no byte", "", 0, ACTIVITY_TROUBLE_EMPTY },
        { "one byte", "x", 1, ACTIVITY_TROUBLE_FORMAT },
        { "text", "Dear diary, today I ran.", 24, ACTIVITY_TROUBLE_FORMAT },
        { "a web page", "<!-- --><html><body/></html>", 28, ACTIVITY_TROUBLE_FORMAT },
        { "zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 14, ACTIVITY_TROUBLE_FORMAT },
        { "a zip", "PK\3\4 0123456789", 15, ACTIVITY_TROUBLE_ARCHIVE },
        { "a FIT header and nothing", "\x0e\x20\0\0\5\0\0\0.FIT\0\0", 14, ACTIVITY_TROUBLE_CUT },
        { "half a FIT header", "\x0e\x20\0\0\5\0\0\0.F", 10, ACTIVITY_TROUBLE_FORMAT },
        { "blanks", "                ", 16, ACTIVITY_TROUBLE_FORMAT },
        { "two bytes of gzip", "\x1f\x8b", 2, ACTIVITY_TROUBLE_CUT },
        { "gzip that is none", "\x1f\x8b\1\2\3\4\5\6\7\1\2\3\4", 13, ACTIVITY_TROUBLE_CORRUPT },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].label);
        read_bytes(rows[i].bytes, rows[i].length);
        assert_int_equal(count_of(&kept, ACTIVITY_TROUBLE), 1);
        assert_trouble(&kept, 0, rows[i].trouble);
        assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 0);
    }
}

static void test_packed_files(void **state)
{
    size_t n = pack(GPX_HEAD, POINT, 1, GPX_TAIL);

    read_bytes(packed, n);
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 1);
    assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
    memset(packed + n, 0, 512); /* padded, as on a tape */
    read_bytes(packed, n + 512);
    assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
    read_bytes(packed, n - 5);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_CUT);
}

static void test_members_of_gzip_are_one_file(void **state)
{
    static uint8_t both[4096];
    size_t first = pack("<gpx><trk>", "<trkseg>", 1, POINT), second;

    memcpy(both, packed, first);
    second = pack(POINT, POINT, 1, GPX_TAIL);
    memcpy(both + first, packed, second);
    read_bytes(both, first + second);
    assert_int_equal(count_of(&kept, ACTIVITY_SAMPLE), 3);
    assert_null(fact_of(&kept, ACTIVITY_TROUBLE, 0));
}

static void test_packed_twice_is_refused(void **state)
{
    static uint8_t inner[4096];
    size_t n = pack(GPX_HEAD, POINT, 1, GPX_TAIL);
    z_stream stream = {
        .next_in = inner, .avail_in = (uInt)n, .next_out = packed, .avail_out = sizeof(packed)
    };

    memcpy(inner, packed, n);
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    read_bytes(packed, sizeof(packed) - stream.avail_out);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_FORMAT);
}

/* Blanks are good XML, and nearly nothing when packed. */
static void test_a_bomb_of_gzip(void **state)
{
    static struct reader reader;
    static char blanks[4097];
    struct activity_sink sink = { keep, &kept };
    size_t n;

    memset(blanks, ' ', 4096);
    n = pack("<gpx>", blanks, 512, "</gpx>");
    assert_true(n < 10000);
    kept.n = 0;
    reader_init(&reader, &sink, NULL);
    assert_true(reader.unpacked_max == READER_UNPACKED_MAX);
    reader.unpacked_max = 2 << 20;
    assert_false(reader_feed(&reader, packed, n));
    reader_end(&reader);
    assert_int_equal(kept.n, 2); /* what the first element says, and that */
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_BOMB);
}

static void test_entities_are_never_expanded(void **state)
{
    static const char *const rows[] = {
        "<!DOCTYPE gpx [<!ENTITY a \"ha\"><!ENTITY b "
        "\"&a;&a;&a;\">]><gpx><trk><name>&b;</name></trk>"
        "</gpx>",
        "<!DOCTYPE gpx SYSTEM \"file:///etc/hostname\"><gpx/>",
        "<?xml version=\"1.0\"?><!DOCTYPE gpx [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
        "<gpx><trk><name>&x;</name></trk></gpx>",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_text(rows[i]);
        assert_int_equal(count_of(&kept, ACTIVITY_TROUBLE), 1);
        assert_trouble(&kept, 0, ACTIVITY_TROUBLE_DOCTYPE);
    }
    read_text("<gpx><trk><name>&never;</name></trk></gpx>");
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_CORRUPT);
}

static void test_a_tag_that_never_ends(void **state)
{
    size_t n = pack("<gpx creator=\"", "0123456789abcdef", 1 << 16, "\"/>");

    read_pieces(packed, n, 4096, NULL);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_TOKEN);
}

static void test_elements_in_elements_without_end(void **state)
{
    size_t n = pack("<gpx>", "<a>", 1 << 16, "");

    read_pieces(packed, n, 4096, NULL);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_TOKEN);
}

/* ---- ten million points, little memory ------------------------------------------------------- */

static size_t in_use, most;

static void *count_allocate(size_t size)
{
    size_t *block = in_use + size > 2 << 20 ? NULL : malloc(size + 16);

    if (!block)
        return NULL;
    *block = size;
    in_use += size;
    most = in_use > most ? in_use : most;
    return block + 16 / sizeof(size_t);
}

static void count_release(void *memory)
{
    size_t *block = memory;

    if (!memory)
        return;
    block -= 16 / sizeof(size_t);
    in_use -= *block;
    free(block);
}

static void *count_reallocate(void *memory, size_t size)
{
    void *grown = count_allocate(size);
    size_t old = memory ? ((size_t *)memory)[-(int)(16 / sizeof(size_t))] : 0;

    if (grown && memory)
        memcpy(grown, memory, old < size ? old : size);
    if (grown)
        count_release(memory);
    return grown;
}

static const struct activity_allocator counting = { count_allocate, count_reallocate,
                                                    count_release };

static int samples;
static enum activity_trouble_kind refusal;

static void count_sample(void *context, const struct activity_fact *fact)
{
    samples += fact->type == ACTIVITY_SAMPLE;
    if (fact->type == ACTIVITY_TROUBLE)
        refusal = fact->trouble.kind;
}

#define FEW 20000 /* in the place of ACTIVITY_SAMPLES_MAX: an emulated processor is slow */

/* Feeds a head and then the same bytes, which hold some points, until ten million are through. */
static void feed_points(const void *head, size_t n_head, const void *bytes, size_t n_bytes,
                        int points)
{
    static struct reader reader;
    struct activity_sink sink = { count_sample, NULL };
    bool more;

    samples = 0;
    most = 0;
    reader_init(&reader, &sink, &counting);
    assert_int_equal(reader.samples_max, ACTIVITY_SAMPLES_MAX);
    reader.samples_max = FEW;
    more = reader_feed(&reader, head, n_head);
    assert_true(more);
    for (int fed = 0; fed < 10000000 && more; fed += points)
        more = reader_feed(&reader, bytes, n_bytes);
    reader_end(&reader);
    assert_false(more);
    assert_int_equal(samples, FEW);
    assert_int_equal(refusal, ACTIVITY_TROUBLE_SAMPLES);
    assert_true(most < 1 << 20);
    assert_int_equal(in_use, 0);
}

static void test_ten_million_points_of_gpx(void **state)
{
    static const char point[] = "<trkpt lat=\"1\" lon=\"2\"/>";
    static char bytes[1000 * sizeof(point)];
    size_t n = 0;

    for (int i = 0; i < 1000; i++, n += sizeof(point) - 1)
        memcpy(bytes + n, point, sizeof(point) - 1);
    feed_points(GPX_HEAD, strlen(GPX_HEAD), bytes, n, 1000);
}

static void test_ten_million_points_of_fit(void **state)
{
    static struct fit_bytes file;
    static uint8_t bytes[65536];

    fit_open(&file, 14);
    memset(file.bytes + 4, 0xff, 4); /* 4 GB, it says */
    define(&file, 0, 20, "3 1 2");
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = i & 1 ? 120 : 0;
    feed_points(file.bytes, file.length, bytes, sizeof(bytes), sizeof(bytes) / 2);
}

static void *no_memory(size_t size)
{
    return NULL;
}

static void *no_more_memory(void *block, size_t size)
{
    return NULL;
}

static void test_parsers_without_memory(void **state)
{
    static const struct activity_allocator none = { no_memory, no_more_memory, count_release };
    size_t n = pack(GPX_HEAD, POINT, 1, GPX_TAIL);

    read_pieces(packed, n, n, &none);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_MEMORY);
    read_pieces(GPX_HEAD, strlen(GPX_HEAD), 1, &none);
    assert_trouble(&kept, 0, ACTIVITY_TROUBLE_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_activity_file),
        cmocka_unit_test(test_packed_files),
        cmocka_unit_test(test_members_of_gzip_are_one_file),
        cmocka_unit_test(test_packed_twice_is_refused),
        cmocka_unit_test(test_a_bomb_of_gzip),
        cmocka_unit_test(test_entities_are_never_expanded),
        cmocka_unit_test(test_a_tag_that_never_ends),
        cmocka_unit_test(test_elements_in_elements_without_end),
        cmocka_unit_test(test_ten_million_points_of_gpx),
        cmocka_unit_test(test_ten_million_points_of_fit),
        cmocka_unit_test(test_parsers_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
