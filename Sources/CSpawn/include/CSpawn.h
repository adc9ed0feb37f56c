#ifndef INFRAMIND_CSPAWN_H
#define INFRAMIND_CSPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/// What a new process is to be. All of it is prepared before the process exists, because a copy of a process with
/// threads may neither allocate nor lock.
struct inframind_command {
    /// Looked up in the PATH of `environment` unless it has a slash, as execvpe(3) does.
    const char *executable;
    char *const *arguments;
    char *const *environment;
    /// Signals that get their default action again. All others are ignored.
    sigset_t defaulted_signals;
    sigset_t signal_mask;
    /// Descriptors to close.
    const int *closed;
    int closed_count;
    /// An open v2 cgroup directory the process is born in, or -1.
    int cgroup;
};

/// Starts a process and waits until it has become `command`, or failed to.
///
/// posix_spawn(3) cannot do this before glibc 2.39: a process that is *born* in a cgroup needs no move, and a move makes
/// the kernel wait for every processor, some ten milliseconds.
///
/// - `was_placed` is false when the kernel refused to make the process in `cgroup`; there is no process then, and the
///   result says why.
///
/// Without a descriptor for the answer the process is not waited for, and ends with status 127 when it fails.
///
/// Returns 0 with the process in `process`, or an error number.
int inframind_spawn(const struct inframind_command *command, pid_t *process, bool *was_placed);

/// Turns this process into `command`, whose `cgroup` is not looked at. Calls only what signal handlers may call.
///
/// Returns an error number, and only when that failed. Signals and descriptors are changed then.
int inframind_become(const struct inframind_command *command);

#endif
