import groovy.json.JsonSlurper
import java.nio.file.Files
import java.util.concurrent.atomic.AtomicInteger
import simulated.Bench
import simulated.Build
import simulated.FakeServer
import simulated.Tests

/** `inframindStage`: measures, reports, and lets everything through. */
class StageTests {
    void run(Tests tests, Bench bench) {
        [[true, 'with inframind'], [false, 'without inframind']].each { hasProgram, how ->
            tests.test("$how, a stage is reported with its recommendation, and its value is the block's") {
                Build build = bench.build(inframind: hasProgram)
                assert bench.run(build, '''
                    node {
                        inframindOptimize(params: [tool: 'make'])
                        def said = inframindStage(name: 'compile') {
                            sh 'make'
                            return 'the value of the block'
                        }
                        echo "said $said"
                        inframindNotify()
                    }
                ''') == null
                assert build.log.contains('said the value of the block')
                assert build.log.contains('[Pipeline] { (compile)')
                Map run = bench.runOf(build)
                assert run.status == 'success'
                assert run.recommendation_id == build.variables.INFRAMIND_RECOMMENDATION_ID
                assert run.steps*.step == ['compile'] && run.steps*.stage == ['']
                assert run.steps[0].counters.exit_code == 0 && run.steps[0].counters.wall_s >= 0
                // What inframind knows of the worker tells who measured.
                assert (run.steps[0].counters.settings != null) == hasProgram
                assert Bench.lines(build).size() == 2
            }

            tests.test("$how, a failing stage fails the build as it would have, and its exit status is reported") {
                Build build = bench.build(inframind: hasProgram)
                Throwable end = bench.run(build, '''
                    pipeline {
                        agent any
                        stages {
                            stage('Build') { steps { inframindStage(name: 'compile') { sh 'exit 3' } } }
                            stage('Never') { steps { echo 'not reached' } }
                        }
                        post {
                            always { inframindNotify() }
                            failure { echo 'as usual' }
                        }
                    }
                ''')
                assert end.class.name == 'hudson.AbortException' && end.message == 'script returned exit code 3'
                assert build.log.contains('as usual') && !build.log.contains('not reached')
                Map run = bench.runOf(build)
                assert run.status == 'failure'
                assert run.steps*.step == ['compile'] && run.steps*.stage == ['Build']
                assert run.steps[0].counters.exit_code == 3
            }

            tests.test("$how, a stopped build is reported, and stays stopped") {
                Build build = bench.build(inframind: hasProgram)
                build.watchers['working on it'] = { build.abort() }
                Throwable end = bench.run(build, '''
                    pipeline {
                        agent any
                        stages { stage('Build') { steps { inframindStage(name: 'compile') { sh 'echo working on it; sleep 600' } } } }
                        post {
                            always { inframindNotify() }
                            aborted { echo 'was aborted' }
                        }
                    }
                ''')
                assert end.class.simpleName == 'FlowInterruptedException'
                assert build.currentBuild.result == 'ABORTED'
                assert build.log.contains('was aborted')
                Map run = bench.runOf(build)
                assert run.status == 'cancellation' || run.status == 'aborted'
                assert run.steps[0].counters.exit_code == 143
            }

            tests.test("$how, an attempt that failed and one that worked are two steps of one run") {
                Build build = bench.build(inframind: hasProgram)
                assert bench.run(build, '''
                    node {
                        retry(2) {
                            inframindStage(name: 'flaky') { sh 'test -e again || { touch again; exit 7; }' }
                        }
                        inframindNotify()
                    }
                ''') == null
                Map run = bench.runOf(build)
                assert run.steps*.step == ['flaky', 'flaky']
                assert run.steps.sort { it.started_at }*.counters*.exit_code == [7, 0]
                assert run.steps*.span_id.unique(false).size() == 2
            }

            tests.test("$how, stages in stages are steps of their own, also when they have one name") {
                Build build = bench.build(inframind: hasProgram)
                assert bench.run(build, '''
                    node {
                        inframindStage(name: 'all') {
                            inframindStage(name: 'compile') { sh 'make' }
                            inframindStage(name: 'all') { sh 'make test' }
                        }
                        inframindNotify()
                    }
                ''') == null
                Map run = bench.runOf(build)
                assert run.steps.collect { [it.stage, it.step] }.sort { it.join() } == [['', 'all'], ['all', 'all'], ['all', 'compile']]
                Map outer = run.steps.find { it.stage == '' }
                assert run.steps.every { it.started_at >= outer.started_at && it.stopped_at <= outer.stopped_at }
            }

            tests.test("$how, cells of a matrix on one machine measure steps of one name apart") {
                Build build = bench.build(inframind: hasProgram)
                assert bench.run(build, '''
                    pipeline {
                        agent none
                        stages {
                            stage('All') {
                                matrix {
                                    axes {
                                        axis { name 'PLATFORM'; values 'linux', 'musl' }
                                        axis { name 'MODE'; values 'debug', 'release' }
                                    }
                                    stages {
                                        stage('Build') {
                                            agent any
                                            // All four are at it at the same time.
                                            steps { inframindStage(name: 'compile') { sh 'touch at-$PLATFORM-$MODE; until test -e at-linux-debug -a -e at-linux-release -a -e at-musl-debug -a -e at-musl-release; do sleep 0.05; done' } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                ''') == null
                Map run = bench.runOf(build)
                assert run.steps*.step == ['compile'] * 4
                assert run.steps*.span_id.unique(false).size() == 4
                assert run.steps.every { it.counters.exit_code == 0 && it.stopped_at != null }
                assert run.steps.every { (it.counters.settings != null) == hasProgram }
                assert Bench.lines(build).empty
            }
        }

        tests.test('parallel stages with params of their own see their own settings, and the build none of them') {
            new FakeServer({ path, body ->
                if (path != '/optimize') return [200, '{"ok":true}']
                int jobs = new JsonSlurper().parseText(body).context.tool == 'cargo' ? 7 : 2
                [200, Bench.answer(suggestions: [concurrency: jobs, cpu_req: 1, mem_req_gb: 1], recommendation_id: "rec-$jobs")]
            }).withCloseable { FakeServer server ->
                Build build = bench.build(url: server.url, inframind: false)
                assert bench.run(build, '''
                    def branches = [:]
                    for (tool in ['cargo', 'make']) {
                        def mine = tool
                        branches[mine] = {
                            node {
                                inframindStage(name: "build $mine", params: [tool: mine]) {
                                    sh 'true'
                                    sh "echo $mine gets \\$IM_CONCURRENCY of \\$INFRAMIND_RECOMMENDATION_ID"
                                    echo "$mine has ${env.IM_CONCURRENCY}"
                                }
                            }
                        }
                    }
                    parallel(branches)
                    echo "outside ${env.IM_CONCURRENCY}"
                ''') == null
                ['cargo gets 7 of rec-7', 'make gets 2 of rec-2', 'cargo has 7', 'make has 2', 'outside null'].each { assert build.log.contains(it) }
                List sent = server.requests.collect { [path: it.path] + new JsonSlurper().parseText(it.body) }
                // Each is a run of its own, so that its outcome meets its own recommendation.
                ['cargo', 'make'].each { tool ->
                    String runID = sent.find { it.path == '/optimize' && it.context.tool == tool }.run_id
                    assert runID.startsWith(build.variables.INFRAMIND_RUN_ID + '-')
                    assert sent.findAll { it.run_id == runID }*.path == ['/optimize', '/builds/start', '/builds/step', '/builds/step', '/builds/complete']
                    assert sent.find { it.run_id == runID && it.path == '/builds/start' }.recommendation_id == (tool == 'cargo' ? 'rec-7' : 'rec-2')
                    assert sent.find { it.run_id == runID && it.path == '/builds/complete' }.status == 'success'
                }
            }
        }

        tests.test('a stage with params is asked for, measured and ended by inframind, too') {
            Build build = bench.build()
            assert bench.run(build, '''
                node { inframindStage(name: 'compile', params: [tool: 'make']) { sh 'echo run is $INFRAMIND_RUN_ID' } }
            ''') == null
            String runID = build.log.find { it.startsWith('run is ') } - 'run is '
            Map run = (Map) bench.get("/runs/$runID")
            assert run.status == 'success' && run.recommendation_id != null && run.steps*.step == ['compile']
        }

        tests.test('a stage with params and no answer runs with the defaults it names') {
            Build build = bench.build(url: Bench.nowhere(), inframind: false)
            assert bench.run(build, '''
                node { inframindStage(name: 'compile', params: [tool: 'make'], defaults: [concurrency: 3]) { sh 'echo gets $IM_CONCURRENCY' } }
            ''') == null
            assert build.log.contains('gets 3')
        }

        [true, false].each { hasProgram ->
            tests.test("a stage whose question got no answer is not taken for one that used the build's, ${hasProgram ? 'with' : 'without'} inframind") {
                Build build = bench.build(inframind: hasProgram)
                assert bench.run(build, '''
                    node {
                        inframindOptimize(params: [tool: 'make'])
                        inframindStage(name: 'compile', params: [tool: 'make'], constraints: [max_concurrency: -1]) {
                            sh 'echo run $INFRAMIND_RUN_ID used ${INFRAMIND_RECOMMENDATION_ID:-none}'
                        }
                    }
                ''') == null
                List words = build.log.find { it.startsWith('run jenkins-') }.split(' ').toList()
                assert words.last() == 'none'
                Map run = (Map) bench.get("/runs/${words[1]}")
                assert run.steps*.step == ['compile'] && run.recommendation_id == null
            }
        }

        tests.test('the name that a build gives its pipeline first holds for its run') {
            Build build = bench.build()
            assert bench.run(build, '''
                node {
                    inframindOptimize(params: [tool: 'make'], pipeline: 'shop/api')
                    inframindStage(name: 'compile') { sh 'echo $INFRAMIND_PIPELINE' }
                    inframindNotify()
                }
            ''') == null
            assert bench.runOf(build).pipeline == 'shop/api'
            assert build.log.contains('shop/api')
        }

        tests.test('a build that is stopped while its report goes out is stopped') {
            Build build = null
            new FakeServer({ path, body -> build.abort(); null }).withCloseable { FakeServer server ->
                build = bench.build(url: server.url, inframind: false)
                Throwable end = bench.run(build, "node { inframindStage(name: 'compile') { sh 'make' }; echo 'not reached' }")
                assert end.class.simpleName == 'FlowInterruptedException'
                assert !build.log.contains('not reached')
            }
        }

        tests.test('a time limit around a stage is the limit that counts') {
            Build build = bench.build()
            Throwable end = bench.run(build, '''
                node {
                    try {
                        timeout(time: 1, unit: 'SECONDS') { inframindStage(name: 'endless') { sh 'sleep 600' } }
                    } finally {
                        inframindNotify(status: 'timeout')
                    }
                }
            ''')
            assert end.class.simpleName == 'FlowInterruptedException'
            Map run = bench.runOf(build)
            assert run.status == 'timeout' && run.steps[0].counters.exit_code == 143
        }

        [true, false].each { hasProgram ->
            tests.test("a token that ends in the middle of a build costs lines, and nothing else, ${hasProgram ? 'with' : 'without'} inframind") {
                Map token = bench.newToken()
                Build build = bench.build(inframind: hasProgram, variables: [INFRAMIND_CREDENTIALS_ID: 'inframind'])
                build.credentials.inframind = token.secret
                build.watchers['the token ends here'] = { bench.revoke(token.id) }
                assert bench.run(build, '''
                    node {
                        inframindOptimize(params: [tool: 'make'])
                        echo 'the token ends here'
                        inframindStage(name: 'compile') { sh 'make' }
                        inframindNotify()
                    }
                ''') == null
                assert Bench.lines(build).size() == 3
                assert !(Bench.lines(build)[0] =~ /no recommendation/)
                assert Bench.lines(build).drop(1).every { it =~ /\(403\)/ }
                assert Bench.lines(build)[1] =~ (hasProgram ? /kept for later/ : /renew the credential/)
            }
        }

        tests.test('with inframind, a server that is away loses nothing: the report waits on the agent') {
            Build build = bench.build(url: Bench.nowhere())
            assert bench.run(build, "node { inframindStage(name: 'compile') { sh 'make' } }") == null
            assert Bench.lines(build).size() == 1 && Bench.lines(build)[0] =~ /step compile: .*kept for later/
            List kept = []
            new File(build.home, '.local/state/inframind/spool').eachFileRecurse { if (it.name.endsWith('.json')) kept << it }
            assert kept.size() == 1 && kept[0].text.contains('compile')
            assert new File(build.home, '.local/state/inframind/jenkins').list().length == 0
        }

        tests.test('what waited on the agent goes out with the next build') {
            String url = Bench.nowhere()
            Build first = bench.build(url: url)
            assert bench.run(first, "node { inframindStage(name: 'compile') { sh 'make' } }") == null
            new FakeServer(new URL(url).port, { path, body -> [200, '{"ok":true}'] }).withCloseable { FakeServer server ->
                Build second = bench.build(url: url)
                second.agent.HOME = first.agent.HOME
                assert bench.run(second, "node { inframindStage(name: 'compile') { sh 'make' } }") == null
                List stopped = server.requests.findAll { it.path == '/builds/step' && it.body.contains('"stop"') }.collect { new JsonSlurper().parseText(it.body).run_id }
                assert stopped as Set == [first, second]*.variables*.INFRAMIND_RUN_ID as Set
            }
        }

        List broken = [
            ['fails', '#!/bin/sh\nexit 1\n'], ['is for another processor', '\u0000\u0001ELF'],
            ['prints rubbish', '#!/bin/sh\necho "done measured"; echo "$@"; exit 1\n'],
            ['works at the begin only', '#!/bin/sh\ncase "$*" in *begin*) exit 0 ;; esac\necho out of order >&2; exit 1\n'],
        ]
        broken.each { name, program ->
            tests.test("an inframind that $name is replaced by time and status") {
                Build build = bench.build(inframind: false)
                Bench.replaceTool(build, 'inframind', program)
                assert bench.run(build, "node { inframindStage(name: 'compile') { sh 'make' }; inframindNotify() }") == null
                assert bench.runOf(build).steps*.step == ['compile']
            }
        }

        tests.test('a block that takes its home away is still reported') {
            Build build = bench.build()
            assert bench.run(build, 'node { inframindStage(name: "compile") { sh \'rm -rf "$HOME/.local"\' }; inframindNotify() }') == null
            assert bench.runOf(build).steps*.step == ['compile']
        }

        tests.test('a block that takes its workspace away costs one line') {
            Build build = bench.build()
            assert bench.run(build, 'node { inframindStage(name: "compile") { sh \'rm -rf "$WORKSPACE"\' }; echo "went on" }') == null
            assert build.log.contains('went on')
            assert Bench.lines(build).size() == 1
        }

        File busybox = new File('/usr/bin/busybox')
        if (!busybox.canExecute()) println '# skipped, as BusyBox is not installed: an agent with the small tools of BusyBox'
        else tests.test('an agent with the small tools of BusyBox asks, measures and reports') {
            Build build = bench.build(tools: ['curl', 'make', 'echo'])
            ['sh', 'head', 'tail', 'tr', 'mkdir', 'rm', 'timeout'].each {
                Files.createSymbolicLink(new File(build.home, "tools/$it").toPath(), busybox.toPath())
            }
            // What /bin/sh is there.
            build.shell = ['/usr/bin/busybox', 'sh']
            assert bench.run(build, """
                node {
                    inframindOptimize(params: [tool: 'make'])
                    inframindStage(name: 'compile') { sh 'make' }
                    inframindNotify()
                }
            """) == null
            Map run = bench.runOf(build)
            assert run.status == 'success' && run.steps[0].counters.settings != null
        }

        tests.test('without curl, inframind does it all') {
            Build build = bench.build(tools: ['tr', 'head', 'tail', 'mkdir', 'rm', 'timeout', 'make', 'sh', 'echo'])
            assert bench.run(build, """
                node {
                    inframindOptimize(params: [tool: 'make'])
                    inframindStage(name: 'compile') { sh 'make' }
                    inframindNotify()
                }
            """) == null
            Map run = bench.runOf(build)
            assert run.status == 'success' && run.steps*.step == ['compile'] && run.recommendation_id != null
        }

        List odd = [
            ['no arguments', 'inframindStage { sh "make" }', 'step'],
            ['a name that is no text', 'inframindStage(name: 42) { sh "make" }', '42'],
            ['a name of blanks', 'inframindStage(name: " ") { sh "make" }', 'step'],
            ['a name alone', 'inframindStage("compile") { sh "make" }', 'compile'],
            ['arguments it does not know', 'inframindStage(name: "compile", colour: "blue", params: null) { sh "make" }', 'compile'],
        ]
        odd.each { name, call, expected ->
            tests.test("a stage with $name runs its block") {
                Build build = bench.build(inframind: false)
                assert bench.run(build, "node { $call; inframindNotify() }") == null
                assert bench.runOf(build).steps*.step == [expected]
            }
        }

        tests.test('inside a stage of its own name, no second one is opened') {
            Build build = bench.build()
            assert bench.run(build, 'node { stage("compile") { inframindStage(name: "compile") { sh "make" } } }') == null
            assert build.log.count('[Pipeline] { (compile)') == 1
        }

        tests.test('without an agent, a block runs and one line says that it is not reported') {
            Build build = bench.build()
            assert bench.run(build, 'inframindStage(name: "approve") { echo "went on" }') == null
            assert build.log.contains('went on')
            assert Bench.lines(build).size() == 1 && Bench.lines(build)[0] =~ /step approve was not reported: there is no agent here/
        }

        tests.test('an exception that is none of Jenkins comes out as it went in') {
            Build build = bench.build()
            Throwable end = bench.run(build, 'node { inframindStage(name: "compile") { throw new IllegalStateException("mine") } }')
            assert end.class == IllegalStateException && end.message == 'mine'
        }

        tests.test('failFast stops the other branches, and their steps are reported') {
            Build build = bench.build(inframind: false)
            Throwable end = bench.run(build, '''
                node {
                    try {
                        parallel(failFast: true,
                            slow: { inframindStage(name: 'slow') { sh 'touch begun; sleep 600' } },
                            wrong: { inframindStage(name: 'wrong') { sh 'until test -e begun; do sleep 0.05; done; exit 5' } })
                    } finally {
                        inframindNotify(status: 'failure')
                    }
                }
            ''')
            assert end != null
            assert bench.runOf(build).steps.collectEntries { [it.step, it.counters.exit_code] } == [slow: 143, wrong: 5]
        }
    }
}
