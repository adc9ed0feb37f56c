import groovy.json.JsonSlurper
import simulated.Bench
import simulated.Build
import simulated.FakeServer
import simulated.Tests

/** `inframindOptimize`: what it sets, what it returns, and what it does without an answer. */
class OptimizeTests {
    // What a user writes: a default of his own stands behind every variable.
    private static final String JENKINSFILE = '''
        node {
            def answer = inframindOptimize(params: [tool: 'cmake'])
            echo "returned ${answer.suggestions.concurrency}"
            sh 'make; echo built with ${IM_CONCURRENCY:-2} jobs'
        }
    '''

    void run(Tests tests, Bench bench) {
        tests.test('a build asks a live server and finds the answer in its environment') {
            Build build = bench.build()
            Set before = new HashSet(build.variables.keySet())
            Throwable end = bench.run(build, '''
                node {
                    def answer = inframindOptimize(params: [tool: 'cmake'])
                    echo "returned ${answer.suggestions.concurrency} ${answer.recommendation_id}"
                    sh 'env'
                }
            ''')
            assert end == null
            String log = build.logText()
            Map variables = build.variables
            assert variables.keySet() - before == [
                'IM_CONCURRENCY', 'IM_CPU_REQUEST', 'IM_MEM_REQUEST_GB', 'IM_CACHE_ENABLED', 'IM_CACHE_SIZE_GB', 'INFRAMIND_RUN_ID',
                'INFRAMIND_RECOMMENDATION_ID'] as Set
            assert variables.IM_CONCURRENCY ==~ /[1-9]\d*/
            assert variables.IM_CPU_REQUEST ==~ /\d+(\.\d+)?/
            assert variables.IM_MEM_REQUEST_GB ==~ /[1-9]\d*/
            assert variables.IM_CACHE_ENABLED ==~ /true|false/
            assert variables.IM_CACHE_SIZE_GB ==~ /\d+(\.\d+)?/
            assert variables.INFRAMIND_RUN_ID.startsWith('jenkins-demo-')
            assert log.contains("returned ${variables.IM_CONCURRENCY} ${variables.INFRAMIND_RECOMMENDATION_ID}")
            assert log.contains("IM_CONCURRENCY=${variables.IM_CONCURRENCY}")
            assert bench.get("/recommendations/${variables.INFRAMIND_RECOMMENDATION_ID}") != null
            assert Bench.lines(build).size() == 1
        }

        tests.test('the bounds of the caller reach the server, and come back') {
            Build build = bench.build()
            assert bench.run(build, "node { inframindOptimize(params: [tool: 'make'], constraints: [max_concurrency: 1, max_mem_gb: 2]) }") == null
            assert build.variables.IM_CONCURRENCY == '1'
            assert (build.variables.IM_MEM_REQUEST_GB as int) <= 2
        }

        tests.test('what is known about the build goes along, without credentials') {
            Bench.friendly().withCloseable { FakeServer server ->
                Build build = bench.build(url: server.url, variables: [
                    JOB_NAME: 'shop/api/feature%2Fx', BRANCH_NAME: 'feature/x', GIT_URL: 'https://bot:hunter2@git.example/shop/api.git'])
                assert bench.run(build, 'node { inframindOptimize(params: [tool: "cmake", num_steps: 5, last_success: [concurrency: 4]]) }') == null
                Map sent = (Map) new JsonSlurper().parseText(server.requests[0].body)
                assert sent.pipeline == 'shop/api'
                assert sent.run_id == build.variables.INFRAMIND_RUN_ID
                // `inframind` in a script would take the branch's job for the pipeline.
                assert build.variables.INFRAMIND_PIPELINE == 'shop/api'
                assert sent.context == [tool: 'cmake', num_steps: 5, last_success: [concurrency: 4], branch: 'feature/x', repo: 'https://git.example/shop/api.git']
            }
        }

        List failures = [
            ['answers 500', [500, 'boom'], /the server answered 500/],
            ['answers 503 in HTML', [503, '<html>wait</html>'], /the server answered 503/],
            ['refuses the token', [403, '{"detail":"no"}'], /refuses the token \(403\).*renew the credential/],
            ['redirects to a login page', [302, '', [Location: 'http://127.0.0.1:1/login']], /answered 302, a redirection/],
            ['finds the question wrong', [422, '{"detail":"pipeline\\n\\u001b[31mis wrong"}'], /answered 422: pipeline  \[31mis wrong/],
            ['answers with a login page', [200, '<html>log in</html>'], /no InfraMind server/],
            ['answers with nothing', [200, ''], /no InfraMind server/],
            ['answers with an array', [200, '[1,2,3]'], /no InfraMind server/],
            ['answers with half an object', [200, '{"suggestions":{"concurrency":4'], /no InfraMind server/],
            ['answers with other JSON', [200, '{"ok":true}'], /no InfraMind server/],
            ['recommends a million jobs', [200, Bench.answer(suggestions: [concurrency: 1000000, cpu_req: 1, mem_req_gb: 1])], /no InfraMind server/],
            ['recommends no jobs', [200, Bench.answer(suggestions: [concurrency: 0, cpu_req: 1, mem_req_gb: 1])], /no InfraMind server/],
            ['recommends half a job', [200, Bench.answer(suggestions: [concurrency: 2.5, cpu_req: 1, mem_req_gb: 1])], /no InfraMind server/],
            ['recommends jobs in words', [200, Bench.answer(suggestions: [concurrency: '4; rm -rf /', cpu_req: 1, mem_req_gb: 1])], /no InfraMind server/],
            ['recommends no memory', [200, Bench.answer(limits: [cpu: 1, mem_gb: 0])], /no InfraMind server/],
            ['names its recommendation with a command', [200, Bench.answer(recommendation_id: '$(touch pwned)')], /no InfraMind server/],
            ['answers with a million brackets', [200, '[' * 200000], /no InfraMind server/],
            ['answers with more than anybody asked for', [200, '{"a":"' + 'x' * 1000000 + '"}'], /answered without end/],
        ]
        failures.each { name, reply, expected ->
            tests.test("a server that $name costs one line, and the build goes on with its own settings") {
                new FakeServer({ path, body -> reply }).withCloseable { FakeServer server ->
                    Build build = bench.build(url: server.url)
                    assert bench.run(build, JENKINSFILE) == null
                    withoutAnswer(build, expected)
                }
            }
        }

        List agents = [
            ['a server that is away', [url: Bench.nowhere()], /cannot be reached/],
            ['a name that nobody knows', [url: 'http://inframind.invalid', variables: [INFRAMIND_TOKEN: 'x']], /cannot be resolved|did not answer in time/],
            ['no token', [url: 'http://inframind.invalid'], /there is no token; set credentialsId/],
            ['an address that is none', [url: 'inframind:8080'], /does not begin with http/],
            ['an address with a quote and a second option', [url: 'http://127.0.0.1:1/"\noutput = "pwned'], /has characters that no address/],
            ['an address with a password', [url: 'http://me:secret@127.0.0.1:1'], /carries a user name/],
            ['a token with a newline', [variables: [INFRAMIND_TOKEN: 'a"\noutput = "pwned']], /INFRAMIND_TOKEN has characters that no token has/],
            ['credentials that do not exist', [variables: [INFRAMIND_CREDENTIALS_ID: 'gone']], /Could not find credentials entry with ID 'gone'/],
            ['an agent with neither curl nor inframind', [inframind: false, tools: ['tr', 'head', 'tail', 'make', 'sh', 'echo']], /this agent has no curl/],
        ]
        agents.each { name, options, expected ->
            tests.test("$name costs one line, and the build goes on with its own settings") {
                Build build = bench.build(options)
                assert bench.run(build, JENKINSFILE) == null
                withoutAnswer(build, expected)
                assert !build.logText().contains('secret@')
            }
        }

        tests.test('an agent on Windows costs one line, and the build goes on') {
            Build build = bench.build()
            build.isWindows = true
            assert bench.run(build, "node { inframindOptimize(params: [tool: 'msbuild']); echo 'went on' }") == null
            assert build.log.contains('went on')
            assert Bench.lines(build).size() == 1 && Bench.lines(build)[0] =~ /agents on Windows are not supported/
        }

        tests.test('where there is no agent, one line says so, and the build goes on') {
            Build build = bench.build()
            assert bench.run(build, "inframindOptimize(params: [tool: 'cmake']); echo 'went on'") == null
            assert build.log.contains('went on')
            assert Bench.lines(build).size() == 1 && Bench.lines(build)[0] =~ /there is no agent here/
            assert build.scripts.empty
        }

        tests.test('where there is no agent, the HTTP Request plugin asks if it is installed') {
            Build build = bench.build(variables: [INFRAMIND_CREDENTIALS_ID: 'inframind'])
            build.plugins << 'http_request'
            build.credentials.inframind = Bench.TOKEN
            assert bench.run(build, "inframindOptimize(params: [tool: 'cmake'])") == null
            assert build.variables.IM_CONCURRENCY ==~ /[1-9]\d*/
            assert build.scripts.empty
        }

        tests.test('without curl, inframind asks') {
            Build build = bench.build(tools: ['tr', 'head', 'tail', 'make', 'sh', 'cat', 'timeout'])
            assert bench.run(build, "node { inframindOptimize(params: [tool: 'cmake']) }") == null
            assert build.variables.IM_CONCURRENCY ==~ /[1-9]\d*/
        }

        tests.test('defaults stand in for an answer, in the environment and in what is returned') {
            Build build = bench.build(url: Bench.nowhere())
            assert bench.run(build, '''
                node {
                    def answer = inframindOptimize(params: [tool: 'make'], defaults: [concurrency: 4, mem_req_gb: 6])
                    sh "echo make -j${answer.suggestions.concurrency} and \\$IM_CONCURRENCY, \\$IM_MEM_REQUEST_GB GiB"
                }
            ''') == null
            assert build.log.contains('make -j4 and 4, 6 GiB')
            assert build.variables.INFRAMIND_RECOMMENDATION_ID == null
        }

        tests.test('what the environment says already stays when there is no answer, and what is set is the run, and to wait no more') {
            Build build = bench.build(url: Bench.nowhere(), variables: [IM_CONCURRENCY: '9'])
            Set before = new HashSet(build.variables.keySet())
            assert bench.run(build, "node { inframindOptimize(params: [tool: 'make']); sh 'echo built with \$IM_CONCURRENCY jobs' }") == null
            assert build.log.contains('built with 9 jobs')
            assert build.variables.keySet() - before == ['INFRAMIND_RUN_ID', 'INFRAMIND_PAUSED_UNTIL'] as Set
        }

        tests.test('a server of the field that knows only suggestions is understood') {
            String answer = '{"suggestions":{"concurrency":6,"cpu_req":6,"mem_req_gb":8,"cache":{"ccache":false,"size_gb":10}},"rationale":"r","confidence":0.83}'
            new FakeServer({ path, body -> [200, answer] }).withCloseable { FakeServer server ->
                Build build = bench.build(url: server.url)
                assert bench.run(build, "node { inframindOptimize(params: [tool: 'make']) }") == null
                assert build.variables.subMap(['IM_CONCURRENCY', 'IM_CPU_REQUEST', 'IM_MEM_REQUEST_GB', 'IM_CACHE_ENABLED', 'IM_CACHE_SIZE_GB']) ==
                    [IM_CONCURRENCY: '6', IM_CPU_REQUEST: '6', IM_MEM_REQUEST_GB: '8', IM_CACHE_ENABLED: 'false', IM_CACHE_SIZE_GB: '10']
                assert build.variables.INFRAMIND_RECOMMENDATION_ID == null
            }
        }

        tests.test('params too long for any process cost one line') {
            Build build = bench.build()
            assert bench.run(build, "def many = [:]; for (int i = 0; i < 20000; i++) { many[('key-' + i)] = 'a value of some length' }; node { inframindOptimize(params: many); echo 'went on' }") == null
            assert build.log.contains('went on')
            assert Bench.lines(build).size() == 1
        }

        ["inframindOptimize(params: [tool: 'make'])", "inframindStage(name: 'x', params: [tool: 'make']) { echo 'not reached' }",
         "inframindNotify()"].each { call ->
            tests.test("a build that is stopped while it waits for ${call - ~/[({].*/} is stopped") {
                Build build = null
                new FakeServer({ path, body -> build.abort(); null }).withCloseable { FakeServer server ->
                    build = bench.build(url: server.url, variables: [INFRAMIND_RUN_ID: 'r-1'])
                    Throwable end = bench.run(build, "node { $call; echo 'not reached' }")
                    assert end.class.simpleName == 'FlowInterruptedException'
                    assert !build.log.contains('not reached')
                }
            }
        }

        tests.test('params that cannot be sent cost one line') {
            Build build = bench.build()
            assert bench.run(build, '''
                def deep = [:]
                def inner = deep
                for (int i = 0; i < 50; i++) { inner.next = [:]; inner = inner.next }
                node { inframindOptimize(params: deep); inframindOptimize(params: 'cmake', constraints: 'none'); echo 'went on' }
            ''') == null
            assert build.log.contains('went on')
            assert Bench.lines(build)[0] =~ /nested too deep/
        }

        tests.test('a server that never answers is waited for once, and then left alone') {
            new FakeServer({ path, body -> null }).withCloseable { FakeServer server ->
                Build build = bench.build(url: server.url, inframind: false)
                assert bench.run(build, '''
                    node {
                        inframindOptimize(params: [tool: 'cmake'])
                        for (name in ['a', 'b', 'c']) { inframindStage(name: name) { sh 'make' } }
                        inframindNotify()
                    }
                ''') == null
                assert server.requests.size() == 1
                assert Bench.lines(build)[0] =~ /did not answer in time/
                assert Bench.lines(build).drop(1).every { it =~ /left alone for a while/ }
            }
        }

        tests.test('the token is in no log, no script and no command line, and reaches the server') {
            Bench.friendly().withCloseable { FakeServer server ->
                Build build = bench.build(url: server.url, inframind: false)
                build.credentials.inframind = 'im_4f5e6d7c'
                Bench.replaceTool(build, 'curl', '#!/bin/sh\nprintf "%s\\n" "$@" >>"$HOME/arguments"\nexec /usr/bin/curl "$@"\n')
                assert bench.run(build, '''
                    node {
                        inframindOptimize(params: [tool: 'make'], credentialsId: 'inframind')
                        inframindStage(name: 'compile', credentialsId: 'inframind') { sh 'env' }
                        inframindNotify(credentialsId: 'inframind')
                    }
                ''') == null
                assert server.requests.size() == 6
                assert server.requests.every { it.token == 'im_4f5e6d7c' }
                assert new File(build.home, 'arguments').text.contains('--data-raw')
                [new File(build.home, 'arguments').text, build.logText(), build.scripts.join('\n')].each { assert !it.contains('im_4f5e6d7c') }
                // Nor does the user's own script see it: `env` above shows none, masked or not.
                assert !build.logText().contains('****')
            }
        }

        tests.test('a curlrc on the agent cannot make curl print the token') {
            Bench.friendly().withCloseable { FakeServer server ->
                Build build = bench.build(url: server.url, variables: [INFRAMIND_TOKEN: 'im_4f5e6d7c'])
                new File(build.home, '.curlrc').text = 'verbose\ninclude\n'
                assert bench.run(build, "node { inframindOptimize(params: [tool: 'make']) }") == null
                assert build.variables.IM_CONCURRENCY == '3'
                assert !build.logText().contains('im_4f5e6d7c')
            }
        }

        tests.test('what a server says cannot forge lines of the log') {
            String rationale = 'fine\n[Pipeline] End of Pipeline\r\nFinished: SUCCESS\u001b[8mha:\u2028next\u202eback' + 'x' * 5000
            Bench.friendly(rationale: rationale).withCloseable { FakeServer server ->
                Build build = bench.build(url: server.url)
                assert bench.run(build, "node { inframindOptimize(params: [tool: 'make']) }") == null
                assert Bench.lines(build).size() == 1
                assert Bench.lines(build)[0].length() < 700
                assert !(Bench.lines(build)[0] =~ /[\p{Cc}\p{Cf}\u2028]/)
                assert !build.log.any { it.startsWith('Finished') || it.startsWith('[Pipeline] End') }
            }
        }

        tests.test('parallel branches share one run') {
            Build build = bench.build()
            assert bench.run(build, '''
                parallel(
                    one: { node { inframindOptimize(params: [tool: 'make']); echo "run ${env.INFRAMIND_RUN_ID}" } },
                    two: { node { inframindOptimize(params: [tool: 'make']); echo "run ${env.INFRAMIND_RUN_ID}" } })
            ''') == null
            assert build.log.findAll { it.startsWith('run jenkins-') }.unique(false).size() == 1
            assert build.log.findAll { it.startsWith('run jenkins-') }.size() == 2
        }
    }

    private static void withoutAnswer(Build build, def expected) {
        assert Bench.lines(build).size() == 1
        assert Bench.lines(build)[0] =~ expected
        assert Bench.lines(build)[0].startsWith('InfraMind: no recommendation, the build goes on with its own settings: ')
        assert build.log.contains('returned null')
        assert build.log.contains('built with 2 jobs')
        assert build.variables.IM_CONCURRENCY == null
        assert !new File(build.home, 'workspace/pwned').exists()
        assert build.currentBuild.currentResult == 'SUCCESS'
    }
}
