package simulated

import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import java.nio.file.Files

/** What the suites stand on: the library, the live server, workspaces. */
class Bench {
    /** Builds of the test that runs, for the report of its failure. */
    static final List<Build> LAST = Collections.synchronizedList([])
    static final String TOKEN = 'dev-key-change-in-production'

    final File integration = new File(System.getenv('JENKINS_INTEGRATION'))
    final File repository = integration.parentFile.parentFile
    final String serverURL = System.getenv('INFRAMIND_TEST_URL')
    final File programs = new File(System.getenv('INFRAMIND_BIN_DIR'))
    final File scratch = new File(System.getenv('SCRATCH'))
    final Jenkins jenkins = new Jenkins(integration)
    private int number

    /** A build on an agent; with `inframind` on its PATH unless told otherwise. */
    Build build(Map options = [:]) {
        Build build = new Build()
        build.home = new File(scratch, "build-${++number}")
        File workspace = new File(build.home, 'workspace')
        workspace.mkdirs()
        File tools = new File(build.home, 'tools')
        tools.mkdirs()
        (options.tools ?: ['curl', 'head', 'tail', 'tr', 'mkdir', 'rm', 'timeout', 'make', 'sh', 'cat', 'sleep', 'touch', 'env', 'true', 'false', 'seq', 'grep', 'test', 'printf', 'echo', 'cp', 'ls', 'ps']).each { link(tools, it) }
        if (options.inframind != false) Files.createSymbolicLink(new File(tools, 'inframind').toPath(), new File(programs, 'inframind').toPath())
        // A program that was built to measure coverage writes a file where it runs, unless told otherwise.
        build.agent = [PATH: tools.path, HOME: build.home.path, LLVM_PROFILE_FILE: '/dev/null']
        Map given = [
            JENKINS_URL: 'http://jenkins.example/', JOB_NAME: "demo-$number", BUILD_NUMBER: '7', BUILD_TAG: "jenkins-demo-$number-7",
            BUILD_URL: "http://jenkins.example/job/demo-$number/7/", INFRAMIND_URL: options.url ?: serverURL,
        ]
        (given + (options.variables ?: [:])).each { name, value -> if (value) build.variables[name] = value.toString() }
        new File(workspace, 'Makefile').text = options.makefile ?: 'all:\n\t@echo built with -j$(words $(filter -j%,$(MAKEFLAGS))) $(IM_CONCURRENCY)\ntest check package:\n\t@echo $@\nfail:\n\t@exit 3\n.PHONY: all test check package fail\n'
        LAST << build
        build
    }

    private static void link(File folder, String tool) {
        String path = ['/usr/bin', '/bin', '/usr/local/bin'].collect { "$it/$tool" }.find { new File(it).canExecute() }
        if (path) Files.createSymbolicLink(new File(folder, tool).toPath(), new File(path).toPath())
    }

    Throwable run(Build build, String jenkinsfile) { jenkins.run(build, "@Library('inframind') _\n" + jenkinsfile) }

    /** The run as the server has it; null when it has none. */
    Map runOf(Build build) { get("/runs/${build.variables.INFRAMIND_RUN_ID}") }

    Object get(String path) { ask('GET', path, null) }

    /** A token of its own for one build: `[id: …, secret: …]`. */
    Map newToken() {
        Map made = (Map) ask('POST', '/tokens', [name: "build $number", scopes: ['ingest']])
        [id: made.info.id, secret: made.token]
    }

    void revoke(String tokenID) { ask('DELETE', "/tokens/$tokenID", null) }

    private Object ask(String method, String path, Map body) {
        HttpURLConnection connection = (HttpURLConnection) new URL(serverURL + path).openConnection()
        connection.requestMethod = method
        connection.setRequestProperty('X-IM-Token', TOKEN)
        connection.setRequestProperty('Content-Type', 'application/json')
        if (body != null) {
            connection.doOutput = true
            connection.outputStream.withStream { it.write(JsonOutput.toJson(body).getBytes('UTF-8')) }
        }
        if (connection.responseCode >= 300) return null
        String text = connection.inputStream.getText('UTF-8')
        text.empty ? null : new JsonSlurper().parseText(text)
    }

    /** The answer of a server of the field, changed where a test wants it. */
    static String answer(Map changes = [:]) {
        JsonOutput.toJson([
            suggestions: [concurrency: 3, cpu_req: 2.5, mem_req_gb: 4, cache: [ccache: true, size_gb: 10]],
            rationale: 'Three jobs.', recommendation_id: 'rec-1', limits: [cpu: 2.5, mem_gb: 3.25]] + changes)
    }

    /** The lines that InfraMind wrote into the log. */
    static List<String> lines(Build build) { build.log.findAll { it.startsWith('InfraMind: ') } }

    /** An address where nobody listens. */
    static String nowhere() {
        new ServerSocket(0, 1, InetAddress.getByName('127.0.0.1')).withCloseable { "http://127.0.0.1:$it.localPort" }
    }

    /** Puts a program of the test's own in the place of one on the agent. */
    static void replaceTool(Build build, String name, String script) {
        File file = new File(build.home, "tools/$name")
        Files.deleteIfExists(file.toPath())
        file.text = script
        file.executable = true
    }

    /** A server that takes everything and recommends three jobs. */
    static FakeServer friendly(Map changes = [:]) {
        new FakeServer({ path, body -> path == '/optimize' ? [200, answer(changes)] : [200, '{"ok":true}'] })
    }
}
