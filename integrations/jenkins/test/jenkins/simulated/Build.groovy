package simulated

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.locks.ReentrantLock

/**
 * One build of a simulated Jenkins: its log, environment, credentials and steps.
 *
 * Jenkins runs the Groovy of a build on one thread and changes branches only at steps. Here each branch has a thread, and a fair
 * lock lets one of them go on at a time and passes it on at every step: so branches interleave where they would there.
 */
class Build {
    final Map<String, String> variables = Collections.synchronizedMap([:])
    final List<String> log = new CopyOnWriteArrayList<String>()
    final Map<String, String> credentials = [:]
    /** Names of the optional plugins that are installed. */
    final Set<String> plugins = [] as Set
    final List<Map> pods = []
    final List<String> containers = new CopyOnWriteArrayList<String>()
    final Set<String> secrets = Collections.synchronizedSet([] as Set)
    /** Every script that a `sh` step ran, and its environment's size. */
    final List<String> scripts = new CopyOnWriteArrayList<String>()
    final CurrentBuild currentBuild = new CurrentBuild()
    final Environment env = new Environment()
    final ReentrantLock turn = new ReentrantLock(true)
    final List<RunningStep> running = new CopyOnWriteArrayList<RunningStep>()
    /** Pattern → what to do when a line of the log matches, once. */
    final Map<String, Closure> watchers = new ConcurrentHashMap<String, Closure>()

    Map<String, Object> library = [:]
    File resources
    File home
    /** The agent's own environment: PATH, HOME. */
    Map<String, String> agent = [:]
    /** What `#!/bin/sh` starts on this agent. */
    List<String> shell = ['/bin/sh']
    boolean isWindows
    int scriptCount

    static class RunningStep {
        Process process
        Context context
        volatile boolean isInterrupted

        void interrupt() {
            isInterrupted = true
            // The whole group at once: one by one, a shell could start another process in between.
            ['kill', '-9', '--', "-${process.pid()}".toString()].execute().waitFor()
        }
    }

    static class CurrentBuild implements Serializable {
        String result
        int number = 7
        long startTimeInMillis = System.currentTimeMillis()
        String displayName = '#7'

        String getCurrentResult() { result ?: 'SUCCESS' }
        long getDuration() { System.currentTimeMillis() - startTimeInMillis }
        // A result only ever gets worse, as in Jenkins.
        void setResult(String value) {
            List order = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']
            if (result == null || order.indexOf(value) > order.indexOf(result)) result = value
        }
    }

    /** `env`: reading sees what surrounds the step, writing changes the whole build. */
    static class Environment implements Serializable {
        Object getProperty(String name) { Context.current().environment()[name] }
        void setProperty(String name, Object value) {
            if (value == null || value.toString().empty) Context.current().build.variables.remove(name)
            else Context.current().build.variables[name] = value.toString()
        }
    }

    void say(String text) {
        String shown = text
        secrets.each { if (it) shown = shown.replace(it, '****') }
        // A console is read by lines: what looks like one line of ours must be one.
        shown.split('\n', -1).each { line ->
            log << line
            watchers.keySet().findAll { line =~ it }.each { key -> watchers.remove(key)?.call() }
        }
    }

    String logText() { log.join('\n') }

    /** Lets the other branches go on while `blocking` waits. */
    def <T> T waiting(Closure<T> blocking) {
        turn.unlock()
        try {
            return blocking()
        } finally {
            turn.lock()
        }
    }

    /** What a click on "stop" does: the steps that run now are interrupted, later ones are not. */
    void abort() {
        currentBuild.result = 'ABORTED'
        running.each { it.interrupt() }
    }

    /** Runs a Jenkinsfile; returns the exception it ended with, or null. */
    Throwable run(Closure script) {
        Throwable end = null
        Context.within(new Context(build: this)) {
            turn.lock()
            try {
                script()
            } catch (Throwable failure) {
                end = failure
                boolean isStop = failure.class.simpleName == 'FlowInterruptedException'
                currentBuild.result = isStop ? 'ABORTED' : 'FAILURE'
                say("ERROR: ${failure.message}")
            } finally {
                turn.unlock()
            }
        }
        end
    }
}
