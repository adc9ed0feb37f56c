import groovy.json.JsonSlurper
import simulated.Bench
import simulated.Build
import simulated.FakeServer
import simulated.Tests

/** `inframindNotify`: ends the run, once, with the word for how it ended. */
class NotifyTests {
    void run(Tests tests, Bench bench) {
        List results = [
            ['SUCCESS', 'success'], ['UNSTABLE', 'failure'], ['FAILURE', 'failure'], ['ABORTED', 'aborted'], ['NOT_BUILT', 'aborted'],
        ]
        results.each { result, word ->
            tests.test("a build that is $result is told as $word") {
                Bench.friendly().withCloseable { FakeServer server ->
                    Build build = bench.build(url: server.url)
                    assert bench.run(build, "node { inframindOptimize(params: [tool: 'make']); currentBuild.result = '$result'; inframindNotify() }") == null
                    Map sent = (Map) new JsonSlurper().parseText(server.requests.find { it.path == '/builds/complete' }.body)
                    assert sent.status == word
                    assert sent.run_id == build.variables.INFRAMIND_RUN_ID
                    assert sent.duration_s >= 0
                }
            }
        }

        tests.test('a run without any stage is known to the server all the same') {
            Build build = bench.build()
            assert bench.run(build, "node { inframindOptimize(params: [tool: 'make']); sh 'make'; inframindNotify() }") == null
            Map run = bench.runOf(build)
            assert run.status == 'success' && run.pipeline == build.variables.JOB_NAME
            assert run.recommendation_id == build.variables.INFRAMIND_RECOMMENDATION_ID
        }

        tests.test('ending a run twice changes nothing') {
            Build build = bench.build()
            assert bench.run(build, "node { inframindOptimize(params: [tool: 'make']); inframindNotify(); inframindNotify(status: 'failure') }") == null
            assert bench.runOf(build).status == 'success'
            assert Bench.lines(build).every { !(it =~ /not reported/) }
        }

        tests.test('in a build where nothing was asked or measured there is nothing to end') {
            Build build = bench.build()
            assert bench.run(build, 'node { inframindNotify() }') == null
            assert Bench.lines(build) == ['InfraMind: nothing was asked or measured in this build, so there is no run to end.']
            assert build.scripts.empty
        }

        List statuses = [['a status that is none', "'great; rm -rf /'"], ['a status that is no text', '42'], ['an empty status', "''"]]
        statuses.each { name, status ->
            tests.test("$name breaks nothing") {
                Build build = bench.build()
                assert bench.run(build, "node { inframindOptimize(params: [tool: 'make']); inframindNotify(status: $status); echo 'went on' }") == null
                assert build.log.contains('went on')
            }
        }

        [['away', { Bench.nowhere() }, /cannot be reached/]].each { name, url, expected ->
            tests.test("a server that is $name at the end costs one line, also with inframind") {
                Build build = bench.build(variables: [INFRAMIND_RUN_ID: 'r-1'], url: url())
                assert bench.run(build, 'node { inframindNotify() }') == null
                assert Bench.lines(build).size() == 1 && Bench.lines(build)[0] =~ expected
            }
        }

        tests.test('post of a pipeline without an agent says what to do, and leaves the result alone') {
            Build build = bench.build()
            assert bench.run(build, '''
                pipeline {
                    agent none
                    stages { stage('Build') { agent any; steps { inframindStage(name: 'compile') { sh 'make' } } } }
                    post { always { inframindNotify() } }
                }
            ''') == null
            assert build.currentBuild.currentResult == 'SUCCESS'
            assert Bench.lines(build).size() == 1 && Bench.lines(build)[0] =~ /there is no agent here/
        }
    }
}
