#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// <linux/sched.h>; older headers lack them.
#define INTO_CGROUP 0x200000000ULL

/// The first 88 bytes of the kernel's `struct clone_args` (CLONE_ARGS_SIZE_VER2, Linux 5.7).
struct clone_arguments {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

/// A copy of this process, in the cgroup if there is one; as fork(2) returns.
static pid_t copy_process(int cgroup) {
#ifdef SYS_clone3
    struct clone_arguments arguments = {
        // Not CLONE_VM: a parent whose memory is shared must not return from this function before the child's exec.
        .flags = CLONE_VFORK | (cgroup >= 0 ? INTO_CGROUP : 0),
        .exit_signal = SIGCHLD,
        .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0,
    };
    pid_t process = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    // Without a cgroup any other call will do: old kernels lack this one, and old container runtimes forbid it.
    if (process >= 0 || cgroup >= 0) return process;
#endif
    if (cgroup >= 0) {
        errno = ENOSYS;
        return -1;
    }
    return fork();
}

/// What inframind_become does, sparing the descriptor `report`.
static int become(const struct inframind_command *command, int report) {
    // KILL, STOP and the two the C library keeps for itself refuse, and stay as they are.
    for (int number = 1; number < NSIG; number++)
        signal(number, sigismember(&command->defaulted_signals, number) == 1 ? SIG_DFL : SIG_IGN);
    for (int index = 0; index < command->closed_count; index++)
        if (command->closed[index] != report) close(command->closed[index]);
    sigprocmask(SIG_SETMASK, &command->signal_mask, NULL);
    environ = (char **)command->environment;
    execvp(command->executable, command->arguments);
    return errno;
}

int inframind_become(const struct inframind_command *command) { return become(command, -1); }

/// The new process: only what signal handlers may do as well. Signals are blocked until here: a handler of ours must
/// not run in the copy.
static _Noreturn void run(const struct inframind_command *command, int report) {
    int code = become(command, report);
    if (report >= 0) {
        ssize_t ignored = write(report, &code, sizeof code);
        (void)ignored;
    }
    _exit(127);
}

int inframind_spawn(const struct inframind_command *command, pid_t *process, bool *was_placed) {
    int report[2];
    *was_placed = true;
    if (pipe2(report, O_CLOEXEC) != 0) {
        if (errno != EMFILE && errno != ENFILE) return errno;
        // Without a descriptor to spare the command runs all the same; only why it could not start stays unknown.
        report[0] = report[1] = -1;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = copy_process(command->cgroup);
    int refusal = errno;
    if (child == 0) run(command, report[1]);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (report[1] >= 0) close(report[1]);
    int code = 0;
    if (child < 0) {
        *was_placed = command->cgroup < 0;
        code = refusal;
    } else {
        // The end of the pipe closes when the process becomes the command.
        ssize_t length = 0;
        while (report[0] >= 0 && (length = read(report[0], &code, sizeof code)) < 0 && errno == EINTR) {}
        if (length == sizeof code)
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        else
            code = 0;
        *process = child;
    }
    if (report[0] >= 0) close(report[0]);
    return code;
}
