package io.inframind

import com.cloudbees.groovy.cps.NonCPS

/** What an exception of a Pipeline step says about how the work ended. */
class ExitStatus implements Serializable {
    private static final long serialVersionUID = 1

    /** 128 + SIGTERM: what Jenkins sends to the processes of a build that is stopped. */
    static final int INTERRUPTED = 143

    /** The exit status, 1 to 255; 1 when the exception does not tell. */
    @NonCPS
    static int of(Throwable failure) {
        if (isInterruption(failure)) return INTERRUPTED
        String message = failure.getMessage()
        // The words of the `sh` step. Windows and lost agents give numbers that are no exit status.
        def found = message == null ? null : (message =~ 'exit code (\\d{1,3})$')
        if (found == null || !found.find()) return 1
        int status = Integer.parseInt(found.group(1))
        return status >= 1 && status <= 255 ? status : 1
    }

    /** Whether somebody, or a time limit, stopped the build. Told by name: the class is one of a plugin's. */
    @NonCPS
    static boolean isInterruption(Throwable failure) {
        return failure.getClass().getName().endsWith('.FlowInterruptedException') || failure.getClass().getName() == 'java.lang.InterruptedException'
    }

    /** The word of the wire contract for it. */
    @NonCPS
    static String word(int exitCode) {
        return exitCode == 0 ? 'success' : (exitCode == INTERRUPTED ? 'aborted' : 'failure')
    }

    /** The word of the wire contract for a result of Jenkins. Unstable: the tests said no. */
    @NonCPS
    static String wordForResult(Object result) {
        String name = result == null ? 'SUCCESS' : result.toString()
        if (name == 'SUCCESS') return 'success'
        return name == 'ABORTED' || name == 'NOT_BUILT' ? 'aborted' : 'failure'
    }
}
