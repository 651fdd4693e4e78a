/* SPDX-License-Identifier: MIT */
/*
 * What Paho is told of a link that broke below a write, and that its memory comes to no harm by it. The
 * broker is a thread that takes each link, reads for a while and resets it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <MQTTAsync.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "daemon/broker/paho/shelf.h"
#include "daemon/broker/paho/wire.h" /* so that it is linked: writev() is its own */

#define LINKS    20
#define MESSAGES 4000

static int listen_on(int *ret_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_return_code(bind(fd, (struct sockaddr *)&address, sizeof(address)), errno);
    assert_return_code(listen(fd, 8), errno);
    assert_return_code(getsockname(fd, (struct sockaddr *)&address, &length), errno);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void reset(int fd)
{
    struct linger linger = { .l_onoff = 1 };

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    close(fd);
}

/* ---- one write --------------------------------------------------------------------------------- */

static char abc[] = "abc", defg[] = "defg";
static struct iovec parts[] = { { abc, 3 }, { defg, 4 } };

/* A link of TCP within this process; the far end is the caller's to end. */
static int connected(int *ret_far)
{
    int port, server = listen_on(&port), fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                   .sin_port = htons((uint16_t)port) };

    assert_return_code(connect(fd, (struct sockaddr *)&address, sizeof(address)), errno);
    *ret_far = accept4(server, NULL, NULL, SOCK_CLOEXEC);
    assert_return_code(*ret_far, errno);
    close(server);
    return fd;
}

static void test_a_write_on_a_broken_link_is_done_and_the_read_ends(void **state)
{
    int far, fd = connected(&far);
    char byte;

    assert_int_equal(writev(fd, parts, 2), 7);
    reset(far);
    for (int i = 0; i < 3; i++) /* the first may be the one that hears of the reset */
        assert_int_equal(writev(fd, parts, 2), 7);
    assert_true(read(fd, &byte, 1) <= 0);
    assert_int_equal(read(fd, &byte, 1), 0);
    close(fd);
}

static void test_a_write_that_has_to_wait_says_so(void **state)
{
    static char much[1 << 20];
    struct iovec all = { much, sizeof(much) };
    int far, fd = connected(&far);
    ssize_t n;

    assert_return_code(fcntl(fd, F_SETFL, O_NONBLOCK), errno);
    while ((n = writev(fd, &all, 1)) > 0)
        ;
    assert_int_equal(n, -1);
    assert_int_equal(errno, EAGAIN);
    close(fd);
    close(far);
}

static void test_what_is_no_link_fails_as_ever(void **state)
{
    int pair[2];

    assert_int_equal(writev(-1, parts, 2), -1);
    assert_int_equal(errno, EBADF);
    assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), errno);
    close(pair[1]);
    assert_int_equal(writev(pair[0], parts, 2), -1);
    assert_int_equal(errno, EPIPE);
    close(pair[0]);
}

/* ---- Paho above it ------------------------------------------------------------------------------ */

static sem_t up, down;
static atomic_bool is_down;
static atomic_uint given_back_twice;

static void on_trace(enum MQTTASYNC_TRACE_LEVELS level, char *message)
{
    if (strstr(message, "Failed to remove heap item"))
        given_back_twice++;
}

static void on_up(void *context, MQTTAsync_successData5 *data)
{
    sem_post(&up);
}

static void on_down(void *context, char *why)
{
    is_down = true;
    sem_post(&down);
}

static void on_refused(void *context, MQTTAsync_failureData5 *data)
{
    on_down(context, NULL);
    sem_post(&up);
}

static int on_message(void *context, char *topic, int length, MQTTAsync_message *message)
{
    return 1;
}

struct broker {
    int server;
    SSL_CTX *tls; /* NULL: without */
};

/* A key and a certificate that nobody else knows. */
static SSL_CTX *new_tls(void)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();

    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(SSL_CTX_use_certificate(tls, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return tls;
}

static int take(SSL *tls, int fd, char *bytes, int size)
{
    return tls ? SSL_read(tls, bytes, size) : (int)read(fd, bytes, (size_t)size);
}

static int give(SSL *tls, int fd, const char *bytes, int size)
{
    return tls ? SSL_write(tls, bytes, size) : (int)write(fd, bytes, (size_t)size);
}

/* What it reads of a link before it resets it is another each time. */
static void serve(const struct broker *broker, int left)
{
    static const char connack[] = { 0x20, 3, 0, 0, 0 };
    int fd = accept4(broker->server, NULL, NULL, SOCK_CLOEXEC);
    SSL *tls = broker->tls ? SSL_new(broker->tls) : NULL;
    char bytes[4096];
    int n = 1;

    if (tls) {
        SSL_set_fd(tls, fd);
        n = SSL_accept(tls);
    }
    if (n > 0)
        n = take(tls, fd, bytes, sizeof(bytes));
    if (n > 0)
        n = give(tls, fd, connack, sizeof(connack));
    for (; n > 0 && n < left; n = take(tls, fd, bytes, sizeof(bytes)))
        left -= n;
    SSL_free(tls);
    reset(fd);
}

static void *broker_main(void *userdata)
{
    for (int i = 0; i < LINKS; i++)
        serve(userdata, 100 + i * 997 % 6000);
    return NULL;
}

static MQTTAsync connect_to(const char *uri, MQTTAsync_SSLOptions *tls, struct paho_shelf *shelf)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    MQTTAsync_connectOptions how = MQTTAsync_connectOptions_initializer5;
    MQTTAsync client;

    options.sendWhileDisconnected = 0;
    options.maxBufferedMessages = MESSAGES;
    how.ssl = tls;
    how.onSuccess5 = on_up;
    how.onFailure5 = on_refused;
    is_down = false;
    paho_shelf_init(shelf);
    assert_int_equal(MQTTAsync_createWithOptions(&client, uri, "test", MQTTCLIENT_PERSISTENCE_USER,
                                                 &shelf->store, &options),
                     MQTTASYNC_SUCCESS);
    assert_int_equal(MQTTAsync_setCallbacks(client, NULL, on_down, on_message, NULL),
                     MQTTASYNC_SUCCESS);
    assert_int_equal(MQTTAsync_connect(client, &how), MQTTASYNC_SUCCESS);
    sem_wait(&up);
    return client;
}

static void publish_until_it_breaks(MQTTAsync client)
{
    static char payload[700];
    MQTTAsync_message message = MQTTAsync_message_initializer;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;

    message.payload = payload;
    message.qos = 1;
    for (int i = 0; i < MESSAGES && !is_down; i++) {
        message.payloadlen = 100 + i % 500;
        (void)MQTTAsync_sendMessage(client, "strided/hall/runner/anna/event", &message, &response);
    }
    sem_wait(&down);
}

static void check_breaks(SSL_CTX *tls)
{
    struct broker broker = { .tls = tls };
    MQTTAsync_SSLOptions options = MQTTAsync_SSLOptions_initializer;
    int port;
    char uri[64];
    pthread_t thread;

    options.enableServerCertAuth = 0;
    broker.server = listen_on(&port);
    snprintf(uri, sizeof(uri), "%s://127.0.0.1:%d", tls ? "ssl" : "tcp", port);
    given_back_twice = 0;
    MQTTAsync_setTraceCallback(on_trace);
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
    assert_int_equal(pthread_create(&thread, NULL, broker_main, &broker), 0);
    for (int i = 0; i < LINKS;
         i++) { /* each of a new client: Paho may hang that connects at once again */
        struct paho_shelf shelf;
        MQTTAsync client = connect_to(uri, tls ? &options : NULL, &shelf);

        publish_until_it_breaks(client);
        MQTTAsync_destroy(&client);
    }
    pthread_join(thread, NULL);
    close(broker.server);
    assert_int_equal(given_back_twice, 0);
}

static void test_what_was_not_written_is_given_back_once(void **state)
{
    check_breaks(NULL);
}

/* Of a session of TLS that breaks while it is made, Paho may leave some behind, which is not asked here. */
static void test_so_it_is_under_tls(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    skip();
#endif
    SSL_CTX *tls = new_tls();

    check_breaks(tls);
    SSL_CTX_free(tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_write_on_a_broken_link_is_done_and_the_read_ends),
        cmocka_unit_test(test_a_write_that_has_to_wait_says_so),
        cmocka_unit_test(test_what_is_no_link_fails_as_ever),
        cmocka_unit_test(test_what_was_not_written_is_given_back_once),
        cmocka_unit_test(test_so_it_is_under_tls),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    sem_init(&up, 0, 0);
    sem_init(&down, 0, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
