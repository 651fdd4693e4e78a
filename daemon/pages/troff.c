/* SPDX-License-Identifier: MIT */
#include "daemon/pages/troff.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "daemon/util.h"
#include "lib/utf8.h"

#define LINE_COLUMNS 78

/* ---- characters ------------------------------------------------------------------------------- */

/* What would be read as a command, or be set as a typographer likes it and not as one types it. */
static const char *escape_of(char c)
{
    switch (c) {
    case '\\':
        return "\\(rs";
    case '"':
        return "\\(dq";
    case '\'':
        return "\\(aq";
    case '`':
        return "\\(ga";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    default:
        return NULL;
    }
}

static uint32_t code_point(const char *text, size_t length)
{
    uint32_t code = (unsigned char)text[0] & (0xffu >> (length + 1));

    for (size_t i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    return code;
}

/* A hyphen between letters is one; that of an option or of a number is a minus, which no line is
 * broken at and which can be copied. */
static bool is_minus(const char *text, size_t at, bool literal)
{
    return literal || at == 0 || !isalpha((unsigned char)text[at - 1]);
}

static void put_character(FILE *to, const char *text, size_t *at, bool literal)
{
    const char *escape = escape_of(text[*at]);
    size_t length = utf8_character(text + *at, strlen(text + *at));

    if (escape)
        fputs(escape, to);
    else if (text[*at] == '-')
        fputs(is_minus(text, *at, literal) ? "\\-" : "-", to);
    else if (length > 1)
        fprintf(to, "\\[u%04X]", (unsigned)code_point(text + *at, length));
    else
        fputc(text[*at], to);
    *at += length > 0 ? length : 1;
}

/* ---- text ------------------------------------------------------------------------------------- */

/* Bytes of the {NAME} that begins here; 0: this brace is one. */
static size_t place_length(const char *text)
{
    size_t n;

    if (text[0] != '{' || !isalpha((unsigned char)text[1]))
        return 0;
    n = 1 + strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    return text[n] == '}' ? n + 1 : 0;
}

/* A text on its way: its lines and its fonts, of which one may go over several words. */
struct setter {
    FILE *to;
    bool literal; /* between backticks */
    int column;
};

static void put_place(FILE *to, const char *text, size_t length)
{
    fputs("\\fI", to);
    for (size_t at = 1; at < length - 1;)
        put_character(to, text, &at, true);
    fputs("\\fP", to);
}

/* As troff wants it; changes the font for what comes behind. */
static void put_word(FILE *to, const char *text, size_t length, bool *literal)
{
    for (size_t at = 0; at < length;) {
        size_t place = *literal ? 0 : place_length(text + at);

        if (text[at] == '`') {
            *literal = !*literal;
            fputs(*literal ? "\\fB" : "\\fP", to);
            at++;
        } else if (place > 0) {
            put_place(to, text + at, place);
            at += place;
        } else {
            put_character(to, text, &at, *literal);
        }
    }
}

/* At the beginning of a line a dot would be a command; a quote is escaped wherever it stands. */
static void set_word(struct setter *setter, const char *text, size_t length, bool may_break)
{
    _cleanup_free_ char *word = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&word, &size);

    if (!memory)
        abort();
    put_word(memory, text, length, &setter->literal);
    fclose(memory);
    if (may_break && setter->column > 0 && setter->column + 1 + (int)size > LINE_COLUMNS) {
        fputc('\n', setter->to);
        setter->column = 0;
    }
    fprintf(setter->to, "%s%s", setter->column > 0 ? " " : word[0] == '.' ? "\\&" : "", word);
    setter->column += (int)size + (setter->column > 0);
}

/* A sentence begins a line, so that troff knows where one ended. */
static bool ends_sentence(const char *word, size_t length)
{
    const char *next = word + length + strspn(word + length, " ");

    return length > 1 && strchr(".?!", word[length - 1]) && *next &&
           (isupper((unsigned char)*next) || *next == '`');
}

static void put_text(FILE *to, const char *text, bool may_break)
{
    struct setter setter = { .to = to };

    text += strspn(text, " ");
    while (*text) {
        size_t length = strcspn(text, " ");
        bool ended = may_break && !setter.literal && ends_sentence(text, length);

        set_word(&setter, text, length, may_break);
        text += length;
        text += strspn(text, " ");
        if (ended) {
            fputc('\n', to);
            setter.column = 0;
        }
    }
    if (setter.column > 0)
        fputc('\n', to);
}

/* ---- pieces ----------------------------------------------------------------------------------- */

void troff_head(struct troff *page, const struct troff_title *title)
{
    fputs(".\\\" SPDX-License-Identifier: MIT\n"
          ".\\\" Written by the build from the tables of the program.\n"
          ".TH ",
          page->to);
    for (const char *c = title->name; *c; c++)
        fputc(toupper((unsigned char)*c), page->to);
    fprintf(page->to, " %d %s \"%s\"\n.nh\n.ad l\n.SH NAME\n%s \\- ", title->section, title->date,
            title->source, title->name);
    put_text(page->to, title->purpose, false);
}

void troff_section(struct troff *page, const char *title)
{
    fputs(".SH ", page->to);
    put_text(page->to, title, false);
    page->headed = true;
}

void troff_subsection(struct troff *page, const char *title)
{
    fputs(".SS ", page->to);
    put_text(page->to, title, false);
    page->headed = true;
}

void troff_paragraph(struct troff *page, const char *text)
{
    fputs(page->headed ? "" : ".PP\n", page->to);
    put_text(page->to, text, true);
    page->headed = false;
}

void troff_item(struct troff *page, const char *term, const char *text)
{
    fputs(".TP\n", page->to);
    page->headed = false;
    put_text(page->to, term, false);
    put_text(page->to, text, true);
}

void troff_inner_begin(struct troff *page)
{
    page->headed = false;
    fputs(".RS\n", page->to);
}

void troff_inner_end(struct troff *page)
{
    fputs(".RE\n", page->to);
}

void troff_example(struct troff *page, const char *lines)
{
    fputs(page->headed ? "" : ".PP\n", page->to);
    page->headed = false;
    fputs(".RS 4\n.EX\n", page->to);
    while (*lines) {
        size_t length = strcspn(lines, "\n");

        if (lines[0] == '.')
            fputs("\\&", page->to);
        for (size_t at = 0; at < length;)
            put_character(page->to, lines, &at, true);
        fputc('\n', page->to);
        lines += length + (lines[length] == '\n');
    }
    fputs(".EE\n.nh\n.RE\n", page->to); /* .EE hyphenates again */
}
