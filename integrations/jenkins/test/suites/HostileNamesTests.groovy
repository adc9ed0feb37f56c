import groovy.json.JsonSlurper
import simulated.Bench
import simulated.Build
import simulated.FakeServer
import simulated.Tests

/** Names from branches, jobs and Jenkinsfiles: each arrives at the server as it is, or cleaned, and is a command nowhere. */
class HostileNamesTests {
    static final List<String> NAMES = [
        'it\'s "quoted"', '$(touch pwned)', '`touch pwned`', '"; touch pwned; "', "'; touch pwned; '", '&& touch pwned #', '| touch pwned',
        '$INFRAMIND_URL', '${INFRAMIND_URL}', '$$', '$${HOME}', '$', 'a$', '\\', '\\\\"', '\\u0024(touch pwned)', '%s%n%d', '*', '~', '-rf',
        '--help', '--server=http://evil.example', '--', '../../../etc/passwd', '@/etc/passwd', 'LD_PRELOAD=/tmp/x.so', '{"a":1}', '"}],"x":[{"', 'ünïcödé 构建 🚀',
        'x' * 5000, '🚀' * 2000, 'null', '<script>alert(1)</script>', '[Pipeline] End', "url = \"http://evil\"\n", 'a\tb\tc', 'a=b', '!history', '\u00ff',
    ]
    /** Those of which something has to go: what stands behind is what arrives. */
    static final Map<String, String> CLEANED = [
        'two\nlines': 'two lines', 'Finished: SUCCESS\r\nInfraMind: forged': 'Finished: SUCCESS  InfraMind: forged', 'nul\u0000byte': 'nul byte',
        '\u001b[31mred\u001b[8mha:': '[31mred [8mha:', 'right\u202eleft': 'right left', 'half a pair \ud800': 'half a pair', 'next\u0085line\u2028here': 'next line here',
    ]

    void run(Tests tests, Bench bench) {
        [[true, 'with inframind'], [false, 'without inframind']].each { hasProgram, how ->
            tests.test("$how, ${NAMES.size() + CLEANED.size()} hostile names of stages arrive as names") {
                Build build = bench.build(inframind: hasProgram)
                build.library.hostile = NAMES + CLEANED.keySet()
                assert bench.run(build, '''
                    node {
                        inframindOptimize(params: [tool: 'make'])
                        for (int i = 0; i < hostile.size(); i++) {
                            inframindStage(name: hostile[i], stage: hostile[i]) { sh 'true' }
                        }
                        inframindNotify()
                    }
                ''') == null
                List expected = (NAMES.collect { shortened(it) } + CLEANED.values()).sort()
                Map run = bench.runOf(build)
                assert run.steps*.step.sort() == expected
                assert run.steps*.stage.sort() == expected
                assert run.status == 'success'
                unharmed(build)
                assert Bench.lines(build).size() == 2
            }
        }

        List places = ['BRANCH_NAME', 'CHANGE_BRANCH', 'GIT_BRANCH', 'GIT_COMMIT', 'GIT_URL', 'JOB_NAME', 'BUILD_URL', 'NODE_NAME', 'INFRAMIND_IMAGE', 'STAGE_NAME']
        NAMES.take(14).plus(CLEANED.keySet()).findAll { !it.contains('\u0000') }.each { name ->
            tests.test("where Jenkins says ${groovy.json.JsonOutput.toJson(name).take(60)}, it reaches no shell and no log, and the run is taken") {
                Bench.friendly().withCloseable { FakeServer server ->
                    Build build = bench.build(inframind: false, url: server.url, variables: places.collectEntries { [(it): name] })
                    assert bench.run(build, "node { inframindOptimize(params: [tool: 'make']); inframindStage(name: 'compile') { sh 'true' }; inframindNotify() }") == null
                    assert server.requests*.path == ['/optimize', '/builds/start', '/builds/step', '/builds/step', '/builds/start', '/builds/complete']
                    List sent = server.requests.collect { new JsonSlurper().parseText(it.body) }
                    String expected = CLEANED[name] ?: name
                    assert sent[0].context.branch == expected && sent[1].branch == expected && sent[1].commit == expected
                    assert sent[2].stage == expected && sent[2].step == 'compile'
                    assert sent*.run_id.unique(false).size() == 1 && sent[0].run_id ==~ /[A-Za-z0-9._-]+/
                    unharmed(build)
                    assert Bench.lines(build).size() == 2
                }
            }
        }

        tests.test('hostile params and credentials ids are values, too') {
            NAMES.take(12).each { name ->
                Bench.friendly().withCloseable { FakeServer server ->
                    Build build = bench.build(url: server.url)
                    build.library.hostile = name
                    build.credentials[name] = 'im_1'
                    assert bench.run(build, "node { inframindOptimize(params: [tool: hostile, (hostile): [hostile]], credentialsId: hostile) }") == null
                    Map context = new JsonSlurper().parseText(server.requests[0].body).context
                    assert context.tool == name && context[name] == [name]
                    unharmed(build)
                }
            }
        }

        tests.test('a name of a container that is hostile selects no container and harms nothing') {
            NAMES.each { name ->
                Build build = bench.build(url: Bench.nowhere())
                build.library.hostile = name
                assert bench.run(build, "inframindPod(yaml: 'spec:\\n  containers:\\n  - name: build\\n', container: hostile, answer: [suggestions: [concurrency: 1, cpu_req: 1, mem_req_gb: 1], limits: [cpu: 1, mem_gb: 1]]) { echo 'went on' }") == null
                assert build.pods[0].yaml == 'spec:\n  containers:\n  - name: build\n'
                assert build.log.contains('went on')
            }
        }
    }

    private static String shortened(String name) {
        String clean = name.replaceAll('[\\p{Cc}]', ' ').trim()
        clean.length() <= 340 ? clean : clean.substring(0, 340)
    }

    private static void unharmed(Build build) {
        assert !new File(build.home, 'workspace/pwned').exists() && !new File(build.home, 'pwned').exists()
        assert !build.log.any { it.startsWith('Finished') || it.startsWith('InfraMind: forged') }
        // The scripts are the library's own, the same for every name.
        assert build.scripts.every { it == 'true' || it.startsWith('#!/bin/sh\n# Talks to InfraMind') }
    }
}
