/* SPDX-License-Identifier: MIT */
/*
 * Limits alone do not hold a decoder that was led astray: it could close one of its three descriptors
 * and open a socket in its place, or become another program. So the kernel is told, by a filter that it
 * runs at each system call, which few there may be; all others fail with EPERM. (To end the process
 * instead would turn a C library that asks for something new, and does without, into files that are not
 * read.)
 *
 *   the architecture is ours?   no: fail
 *   the number is in the table? yes: let it through
 *   fail
 */
#include "daemon/import/cage.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "daemon/util.h"

#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCHITECTURE AUDIT_ARCH_X86_64 /* numbers of x32 are above all in the table */
#elif defined(__i386__)
#define ARCHITECTURE AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEL__)
#define ARCHITECTURE AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#error "which AUDIT_ARCH_ of <linux/audit.h> is this?"
#endif

static const uint32_t let_through[] = {
    /* the file, and what is said of it */
    __NR_read,
    __NR_write,
    __NR_lseek,
#ifdef __NR__llseek
    __NR__llseek,
#endif
    __NR_close,
    /* malloc */
    __NR_brk,
#ifdef __NR_mmap
    __NR_mmap,
#endif
#ifdef __NR_mmap2
    __NR_mmap2,
#endif
    __NR_munmap,
    __NR_mremap,
    __NR_madvise,
    /* the salt of expat's tables, where the vDSO does not know the time */
    __NR_getrandom,
    __NR_getpid,
#ifdef __NR_gettimeofday
    __NR_gettimeofday,
#endif
#ifdef __NR_clock_gettime
    __NR_clock_gettime,
#endif
#ifdef __NR_clock_gettime64
    __NR_clock_gettime64,
#endif
    /* the end */
    __NR_futex,
#ifdef __NR_futex_time64
    __NR_futex_time64,
#endif
    __NR_rt_sigreturn,
    __NR_restart_syscall,
    __NR_exit,
    __NR_exit_group,
};

#define AT(field) ((uint32_t)offsetof(struct seccomp_data, field))
#define REFUSE    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

int cage_close(void)
{
    struct sock_filter filter[5 + 2 * ELEMENTSOF(let_through)] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        REFUSE,
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(nr)),
    };
    const struct sock_fprog program = { .len = ELEMENTSOF(filter), .filter = filter };
    size_t n = 4;

    for (size_t i = 0; i < ELEMENTSOF(let_through); i++) {
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, let_through[i], 0, 1);
        filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    filter[n] = (struct sock_filter)REFUSE;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        return -errno;
    return 0;
}
