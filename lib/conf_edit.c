/* SPDX-License-Identifier: MIT */
#include "lib/conf_edit.h"

#include <string.h>

#define BLANK " \t\r"

struct line {
    const char *at;
    size_t length;              /* with its newline */
    const char *said, *said_to; /* without the blanks around it */
};

/* false: there is none any more. */
static bool next_line(const char *text, size_t length, size_t *at, struct line *ret)
{
    if (*at >= length)
        return false;
    const char *from = text + *at, *newline = memchr(from, '\n', length - *at);
    const char *to = newline ? newline : text + length;

    *ret = (struct line){ .at = from, .said = from, .said_to = to };
    ret->length = (size_t)(to - from) + (newline != NULL);
    *at += ret->length;
    while (ret->said < ret->said_to && *ret->said && strchr(BLANK, *ret->said))
        ret->said++;
    while (ret->said_to > ret->said && ret->said_to[-1] && strchr(BLANK, ret->said_to[-1]))
        ret->said_to--;
    return true;
}

static bool is_header(const struct line *line)
{
    return line->said < line->said_to && *line->said == '[';
}

static const char *skip_blank(const char *at, const char *end)
{
    while (at < end && *at && strchr(BLANK, *at))
        at++;
    return at;
}

/* "[Sensor pod]", with blanks and brackets as the parser bears them */
static bool is_header_of(const struct line *line, const char *name)
{
    static const char word[] = "Sensor";
    const char *at = skip_blank(line->said + 1, line->said_to), *end = line->said_to;

    end -= end[-1] == ']';
    while (end > at && end[-1] && strchr(BLANK, end[-1]))
        end--;
    if ((size_t)(end - at) < sizeof(word) || memcmp(at, word, sizeof(word) - 1) != 0)
        return false;
    const char *id = skip_blank(at + sizeof(word) - 1, end);

    return id > at + sizeof(word) - 1 && (size_t)(end - id) == strlen(name) &&
           memcmp(id, name, strlen(name)) == 0;
}

static bool is_key(const struct line *line, const char *key)
{
    size_t length = strlen(key), whole = (size_t)(line->said_to - line->said);

    if (whole <= length || memcmp(line->said, key, length) != 0)
        return false;
    const char *equals = skip_blank(line->said + length, line->said_to);

    return equals < line->said_to && *equals == '=';
}

bool conf_edit_has_sensor(const char *text, size_t length, const char *name)
{
    struct line line;

    for (size_t at = 0; next_line(text, length, &at, &line);)
        if (is_header(&line) && is_header_of(&line, name))
            return true;
    return false;
}

/* ---- writing ----------------------------------------------------------------------------------- */

struct writer {
    conf_edit_write write;
    void *userdata;
    bool open;  /* the last line has no newline yet */
    bool apart; /* what comes next begins a paragraph by itself */
};

static void put(struct writer *writer, const char *text, size_t length)
{
    writer->write(writer->userdata, text, length);
}

static void put_text(struct writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

static void put_line(struct writer *writer, const struct line *line)
{
    put(writer, line->at, line->length);
    writer->open = line->at[line->length - 1] != '\n';
    writer->apart = line->said == line->said_to;
}

static void put_value(struct writer *writer, const char *key, const char *value)
{
    put_text(writer, key);
    put_text(writer, value);
    put_text(writer, "\n");
}

static void put_values(struct writer *writer, const char *address, const char *runner)
{
    if (writer->open)
        put_text(writer, "\n");
    writer->open = writer->apart = false;
    put_value(writer, "Address=", address);
    if (runner)
        put_value(writer, "Runner=", runner);
}

static void append_section(struct writer *writer, const char *name, const char *address,
                           const char *runner)
{
    if (writer->open)
        put_text(writer, "\n");
    put_text(writer, writer->apart ? "[Sensor " : "\n[Sensor ");
    put_text(writer, name);
    put_text(writer, "]\n");
    writer->open = false;
    put_values(writer, address, runner);
}

void conf_edit_set_sensor(const char *text, size_t length, const char *name, const char *address,
                          const char *runner, conf_edit_write write, void *userdata)
{
    struct writer writer = { .write = write, .userdata = userdata, .apart = length == 0 };
    bool inside = false, found = false;
    struct line line;

    for (size_t at = 0; next_line(text, length, &at, &line);) {
        if (is_header(&line))
            inside = is_header_of(&line, name);
        else if (inside && (is_key(&line, "Address") || (runner && is_key(&line, "Runner"))))
            continue;
        put_line(&writer, &line);
        if (is_header(&line) && inside && !found) {
            put_values(&writer, address, runner);
            found = true;
        }
    }
    if (!found)
        append_section(&writer, name, address, runner);
}

void conf_edit_drop_sensor(const char *text, size_t length, const char *name, conf_edit_write write,
                           void *userdata)
{
    struct writer writer = { .write = write, .userdata = userdata };
    bool inside = false;
    struct line line;

    for (size_t at = 0; next_line(text, length, &at, &line);) {
        if (is_header(&line))
            inside = is_header_of(&line, name);
        if (!inside)
            put_line(&writer, &line);
    }
}

void conf_edit_section_at(const char *text, size_t length, unsigned line_number, size_t *ret_from,
                          size_t *ret_to)
{
    unsigned number = 0;
    bool in_section = false;
    struct line line;

    *ret_from = *ret_to = 0;
    for (size_t at = 0; next_line(text, length, &at, &line);) {
        size_t from = (size_t)(line.at - text);
        bool header = is_header(&line);

        if (++number > line_number && header)
            return;
        if (number <= line_number && (header || !in_section))
            *ret_from = from;
        in_section |= header;
        *ret_to = at;
        if (number >= line_number && !in_section)
            return; /* above the first section each line is by itself */
    }
}
