import java.nio.file.Files
import simulated.Bench
import simulated.Build
import simulated.Tests

/** What users copy: every Jenkinsfile of the README and of docs/integrations.md, and examples/Jenkinsfile, as they stand there. */
class ExamplesTests {
    private static final PROBLEM = /no recommendation|not reported|not measured|as it is written/

    void run(Tests tests, Bench bench) {
        List examples = []
        String heading = 'first'
        StringBuilder code = null
        String pages = new File(bench.integration, 'README.md').getText('UTF-8') + new File(bench.repository, 'docs/integrations.md').getText('UTF-8')
        pages.eachLine { line ->
            if (line.startsWith('## ')) heading = line.substring(3)
            if (line == '```groovy') code = new StringBuilder()
            else if (line == '```' && code != null) {
                examples << [heading, code.toString()]
                code = null
            } else if (code != null) code << line << '\n'
        }
        examples.eachWithIndex { example, index ->
            tests.test("example ${index + 1} of the pages, under '${example[0]}', works as it stands there") {
                Build build = bench.build(variables: [INFRAMIND_CREDENTIALS_ID: 'inframind'])
                build.credentials.inframind = Bench.TOKEN
                if (example[1].contains('kubernetes {')) build.plugins << 'http_request'
                assert bench.jenkins.run(build, example[1]) == null
                assert build.currentBuild.currentResult == 'SUCCESS'
                assert Bench.lines(build).size() >= 1
                assert Bench.lines(build).every { !(it =~ PROBLEM) }
                assert build.log.any { it.contains('built with') || it.contains('package') }
                build.pods.each { assert it.yaml.contains('memory: "') }
                if (example[1].contains('inframindNotify')) assert bench.runOf(build).status == 'success'
            }
        }
        tests.test('the pages have the examples they should have') {
            assert examples.size() >= 9 && examples.last()[0] == 'Jenkins'
            assert examples.any { it[1].contains('matrix') } && examples.any { it[1].contains('parallel(') }
        }

        tests.test('examples/Jenkinsfile builds the demo project') {
            Build build = bench.build()
            // A real compiler needs its real surroundings.
            build.agent.PATH = "${build.agent.PATH}:/usr/bin:/bin".toString()
            Files.createSymbolicLink(new File(build.home, 'workspace/examples').toPath(), new File(bench.repository, 'examples').toPath())
            usePrepared(bench, new File(build.home, 'workspace/build'))
            assert bench.jenkins.run(build, new File(bench.repository, 'examples/Jenkinsfile').getText('UTF-8')) == null
            assert Bench.lines(build).every { !(it =~ PROBLEM) }
            assert build.log.any { it =~ /search +6/ }
            Map run = bench.runOf(build)
            assert run.status == 'success'
            assert run.steps.collect { [it.stage, it.step] } == [['Compile', 'compile'], ['Try', 'query']]
            assert run.steps.every { it.counters.exit_code == 0 }
        }
    }

    /** What `test/run` has compiled so far, less the program and one unit: so the build is real, and does not take a minute. */
    private static void usePrepared(Bench bench, File folder) {
        if (System.getenv('ONLY')) return
        File prepared = new File(bench.scratch, 'demo')
        File ended = new File(bench.scratch, 'demo.ended')
        long deadline = System.currentTimeMillis() + 600000
        while (!ended.exists()) {
            assert System.currentTimeMillis() < deadline : 'the demo project was not compiled in ten minutes'
            Thread.sleep(100)
        }
        new File(prepared, 'tally').delete()
        new File(prepared, 'src/main.o').delete()
        Files.createSymbolicLink(folder.toPath(), prepared.toPath())
    }
}
