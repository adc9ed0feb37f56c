package simulated

import hudson.AbortException
import java.util.concurrent.atomic.AtomicReference
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException
import org.jenkinsci.plugins.workflow.steps.MissingContextVariableException

/** The steps of a Pipeline, for Jenkinsfiles and for `vars`. `sh` really runs. */
abstract class PipelineScript extends Script {
    /** The build that runs on this thread. */
    static Build here() { Context.current().build }

    Object getEnv() { here().env }
    Object getCurrentBuild() { here().currentBuild }
    Object getScm() { [:] }

    Object propertyMissing(String name) {
        if (here().library.containsKey(name)) return here().library[name]
        Object value = here().env.getProperty(name)
        if (value != null) return value
        throw new MissingPropertyException(name, this.class)
    }

    Object methodMissing(String name, Object arguments) {
        if (here().library.containsKey(name)) return here().library[name].invokeMethod('call', arguments)
        throw new NoSuchMethodError("No such DSL method '$name' found among steps")
    }

    void echo(Object message) {
        here().waiting {}
        here().say(message.toString())
    }

    void error(Object message) { throw new AbortException(message.toString()) }

    void unstable(Object message) {
        echo(message)
        here().currentBuild.result = 'UNSTABLE'
    }

    Object isUnix() {
        agentNeeded()
        !here().isWindows
    }

    Object sh(Object script) { sh([script: script]) }

    Object sh(Map step) {
        agentNeeded()
        Build build = here()
        if (build.isWindows) throw new AbortException('Cannot run program "sh"')
        Context context = Context.current()
        String text = step.script.toString()
        build.scripts << text
        if (!step.returnStdout && !step.label) build.say('+ sh')
        File file = new File(build.home, "script-${build.scriptCount++}.sh")
        file.setText(text, 'UTF-8')
        // A first line #! names the interpreter; without one the shell shows each command.
        List command = text.startsWith('#!') ? text.readLines()[0].substring(2).trim().split(' +').toList() : ['/bin/sh', '-xe']
        if (command[0] == '/bin/sh') command = build.shell + command.drop(1)
        ProcessBuilder builder = new ProcessBuilder(['/usr/bin/setsid'] + command + [file.path]).directory(context.workspace)
        builder.environment().clear()
        builder.environment().putAll(build.agent + context.environment())
        Process process = builder.start()
        process.outputStream.close()
        Build.RunningStep running = new Build.RunningStep(process: process, context: context)
        build.running << running
        StringBuffer output = new StringBuffer()
        int status = build.waiting {
            Thread errors = Thread.start { lines(process.errorStream) { build.say(it) } }
            lines(process.inputStream) { step.returnStdout ? output.append(it).append('\n') : build.say(it) }
            errors.join()
            process.waitFor()
        }
        build.running.remove(running)
        if (running.isInterrupted) throw new FlowInterruptedException()
        if (step.returnStatus) return status
        if (status != 0) throw new AbortException("script returned exit code $status")
        step.returnStdout ? output.toString() : null
    }

    Object withEnv(List variables, Closure body) {
        Map named = [:]
        variables.each { String pair ->
            int equals = pair.indexOf('=')
            named[pair.substring(0, equals)] = pair.substring(equals + 1)
        }
        inside(variables: named, isExpanding: true, body)
    }

    Map string(Map binding) { binding }

    Object withCredentials(List bindings, Closure body) {
        Map named = [:]
        bindings.each { binding ->
            String secret = here().credentials[binding.credentialsId]
            if (secret == null) throw new AbortException("Could not find credentials entry with ID '${binding.credentialsId}'")
            here().secrets << secret
            named[binding.variable.toString()] = secret
        }
        inside(variables: named, body)
    }

    Object stage(Object name, Closure body) {
        here().say("[Pipeline] { ($name)")
        inside(variables: [STAGE_NAME: name.toString()], body)
    }

    Object node(Object label = '', Closure body) {
        File workspace = new File(here().home, 'workspace')
        workspace.mkdirs()
        inside(workspace: workspace, variables: [WORKSPACE: workspace.path, NODE_NAME: 'agent-1', EXECUTOR_NUMBER: '0'], body)
    }

    Object dir(Object path, Closure body) {
        File folder = new File(Context.current().workspace, path.toString())
        folder.mkdirs()
        inside(workspace: folder, body)
    }

    Object script(Closure body) { body() }
    Object container(Object name, Closure body) {
        here().containers << name.toString()
        body()
    }

    Object podTemplate(Map template, Closure body) {
        here().pods << template
        inside(variables: [POD_LABEL: 'pod-' + here().pods.size()], body)
    }

    Object retry(Object times, Closure body) {
        for (int attempt = 1; ; attempt++) {
            try {
                return body()
            } catch (FlowInterruptedException stopped) {
                throw stopped
            } catch (Exception failure) {
                if (attempt >= times) throw failure
                here().say('Retrying')
            }
        }
    }

    Object catchError(Map options = [:], Closure body) {
        try {
            return body()
        } catch (FlowInterruptedException stopped) {
            throw stopped
        } catch (Exception failure) {
            here().say("ERROR: ${failure.message}")
            here().currentBuild.result = options.buildResult ?: 'FAILURE'
        }
    }

    Object timeout(Map limit, Closure body) {
        Context context = Context.current().inner([:])
        Build build = here()
        long milliseconds = (limit.time as long) * ([SECONDS: 1000L, MINUTES: 60000L, HOURS: 3600000L][limit.unit ?: 'MINUTES'])
        Timer timer = new Timer(true)
        timer.schedule({
            context.isExpired = true
            build.running.findAll { it.context.isWithin(context) }.each { it.interrupt() }
        } as TimerTask, milliseconds)
        try {
            return Context.within(context) { body() }
        } finally {
            timer.cancel()
        }
    }

    Object parallel(Map branches) {
        Map options = branches.findAll { !(it.value instanceof Closure) }
        AtomicReference<Throwable> first = new AtomicReference<Throwable>()
        Context context = Context.current()
        Build build = here()
        List<Thread> threads = []
        branches.findAll { it.value instanceof Closure }.each { name, body ->
            threads << new Thread({
                build.turn.lock()
                try {
                    Context.within(context.inner([:])) { body() }
                } catch (Throwable failure) {
                    if (first.compareAndSet(null, failure) && options.failFast) {
                        build.running.findAll { it.context.isWithin(context) }.each { it.interrupt() }
                    }
                } finally {
                    build.turn.unlock()
                }
            }, "branch $name")
        }
        build.waiting {
            threads*.start()
            threads*.join()
        }
        if (first.get() != null) throw first.get()
    }

    void writeFile(Map step) {
        agentNeeded()
        File file = new File(Context.current().workspace, step.file.toString())
        file.parentFile.mkdirs()
        file.setText(step.text.toString(), 'UTF-8')
    }

    Object readFile(Object path) {
        agentNeeded()
        new File(Context.current().workspace, path instanceof Map ? path.file : path.toString()).getText('UTF-8')
    }

    Object fileExists(Object path) { new File(Context.current().workspace, path.toString()).exists() }
    Object libraryResource(String path) { new File(here().resources, path).getText('UTF-8') }
    Object checkout(Object scm) { here().say('checkout') }
    Object archiveArtifacts(Map options) { agentNeeded() }

    Object httpRequest(Map request) {
        if (!('http_request' in here().plugins)) throw new NoSuchMethodError("No such DSL method 'httpRequest' found among steps")
        here().waiting { HttpRequestStep.send(request) }
    }

    Object pipeline(Closure body) { new Declarative(this, body).run() }

    static void lines(InputStream stream, Closure each) {
        try {
            stream.eachLine('UTF-8') { each(it) }
        } catch (IOException killed) {
            // The pipe of a process that was stopped ends anyhow.
        }
    }

    static void agentNeeded() {
        if (Context.current().workspace == null) throw new MissingContextVariableException('hudson.FilePath')
    }

    static Object inside(Map changes, Closure body) {
        Context.within(Context.current().inner(changes)) { body() }
    }
}
