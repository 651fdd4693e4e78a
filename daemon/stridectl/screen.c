/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/screen.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "daemon/util.h"

#define LINES_UNLESS_TOLD 24

/* the other screen, cursor away, no line goes on in the next one; and all of that back */
#define ENTER "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
#define LEAVE "\x1b[?7h\x1b[?25h\x1b[?1049l"

static struct {
    volatile sig_atomic_t entered, has_mode;
    struct termios mode; /* as it was */
} screen;

static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

bool screen_is_there(void)
{
    const char *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

/* Nothing here but calls that a signal handler may make. */
void screen_leave(void)
{
    if (!screen.entered)
        return;
    screen.entered = 0;
    if (write(STDOUT_FILENO, LEAVE, strlen(LEAVE)) < 0) {
        /* the terminal is gone, and so is what would be mended */
    }
    if (screen.has_mode)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &screen.mode);
}

static void on_crash(int signal_number)
{
    screen_leave();
    raise(signal_number); /* SA_RESETHAND: now it ends us, as it would have */
}

static void one_key_at_a_time(void)
{
    struct termios mode;

    if (!screen.has_mode)
        screen.has_mode = tcgetattr(STDIN_FILENO, &screen.mode) == 0;
    if (!screen.has_mode)
        return;
    mode = screen.mode;
    mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

void screen_enter(void)
{
    struct sigaction action = { .sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND };

    for (size_t i = 0; i < ELEMENTSOF(crashes); i++)
        sigaction(crashes[i], &action, NULL);
    one_key_at_a_time();
    screen.entered = 1;
    fputs(ENTER, stdout);
    fflush(stdout);
}

static int lines_there_are(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row
                                                                           : LINES_UNLESS_TOLD;
}

void screen_show(const char *text)
{
    int lines = lines_there_are();

    fputs("\x1b[H", stdout);
    for (int i = 0; *text && i < lines; i++) {
        int length = (int)strcspn(text, "\n");

        printf("%s%.*s\x1b[K", i ? "\r\n" : "", length, text);
        text += length + (text[length] == '\n');
    }
    fputs("\x1b[0m\x1b[J", stdout);
    fflush(stdout);
}
