/* SPDX-License-Identifier: MIT */
/* daemon/broker/paho/wire.c: the one link is cut, and nothing else is touched by that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "daemon/broker/paho/wire.h"
#include "tests/unit/emulated.h"

struct link {
    int listener, here, there, port;
};

static struct link make_link(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof(address);
    struct link made;

    made.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_return_code(bind(made.listener, (struct sockaddr *)&address, length), 0);
    assert_return_code(listen(made.listener, 1), 0);
    assert_return_code(getsockname(made.listener, (struct sockaddr *)&address, &length), 0);
    made.port = ntohs(address.sin_port);
    made.here = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_return_code(connect(made.here, (struct sockaddr *)&address, length), 0);
    made.there = accept(made.listener, NULL, NULL);
    assert_return_code(made.there, 0);
    return made;
}

static void end_link(const struct link *link)
{
    close(link->here);
    close(link->there);
    close(link->listener);
}

static bool is_cut(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void test_the_link_to_that_port_is_cut(void **state)
{
    struct link one = make_link(), other = make_link();

    assert_true(paho_wire_cut(one.port));
    assert_true(is_cut(one.there));
    assert_false(is_cut(other.there));
    end_link(&one);
    assert_false(paho_wire_cut(one.port)); /* nothing leads there any more */
    end_link(&other);
}

/* In a child: locks are told from one's own by another process only. */
static bool is_locked(const char *path)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int status;
    pid_t child = fork();

    if (child == 0) {
        int fd = open(path, O_RDWR | O_CLOEXEC);
        _exit(fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status == 0;
}

/* SQLite's are of this kind: the close of any descriptor of the file gives them up. */
static void test_a_lock_on_a_file_is_kept(void **state)
{
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    char path[] = "/tmp/strided-wire-XXXXXX";
    struct link link;

    skip_emulated();
    int fd = mkstemp(path);
    assert_return_code(fd, 0);
    assert_return_code(fcntl(fd, F_SETLK, &lock), 0);
    assert_true(is_locked(path));
    link = make_link();
    assert_true(paho_wire_cut(link.port));
    assert_true(is_locked(path));
    end_link(&link);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_link_to_that_port_is_cut),
        cmocka_unit_test(test_a_lock_on_a_file_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
