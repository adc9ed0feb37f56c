import groovy.json.JsonSlurper
import simulated.Bench
import simulated.Build
import simulated.FakeServer
import simulated.Tests

/** `inframindPod`: the size is written into the YAML, and nothing else is touched. PyYAML reads what comes out. */
class PodTests {
    private static final Map ANSWER = [suggestions: [concurrency: 3, cpu_req: 2.5, mem_req_gb: 4], limits: [cpu: 2.5, mem_gb: 3.25], recommendation_id: 'rec-1']
    private static final Map SIZE = [cpu: '2500m', memory: '3328Mi']

    void run(Tests tests, Bench bench) {
        File folder = new File(bench.integration, 'test/pods')
        List files = folder.listFiles().findAll { it.name.endsWith('.yaml') }.sort()
        Map results = [:]
        files.each { File file ->
            boolean isRefused = file.name.startsWith('unknown-')
            tests.test("the pod ${file.name - '.yaml'} ${isRefused ? 'starts as it is written' : 'gets its size and keeps the rest'}") {
                String before = file.getText('UTF-8')
                Build build = bench.build()
                build.library.written = before
                build.library.size = ANSWER
                assert bench.run(build, 'inframindPod(yaml: written, answer: size) { sh \'echo runs with $IM_CONCURRENCY jobs\' }') == null
                String after = build.pods[0].yaml
                if (isRefused) {
                    assert after == before
                    assert Bench.lines(build).size() == 1 && Bench.lines(build)[0].startsWith('InfraMind: the pod starts as it is written: ')
                    return
                }
                assert build.log.contains('runs with 3 jobs')
                assert build.containers == ['build']
                // Every line that says nothing of a size is there, and in its order.
                assert rest(after) == rest(before)
                Map was = read(before)
                Map now = read(after)
                Map kept = [cpu: before =~ /cpu:.*inframind: keep/, memory: before =~ /memory:.*inframind: keep/].collectEntries { k, v -> [k, v.find()] }
                Map resources = container(now).resources
                ['cpu', 'memory'].each { name ->
                    if (kept[name]) {
                        assert resources.requests?.get(name) == container(was).resources.requests?.get(name)
                        assert resources.limits?.get(name) == container(was).resources.limits?.get(name)
                    } else {
                        assert resources.requests[name] == SIZE[name] && resources.limits[name] == SIZE[name]
                    }
                }
                // All the rest is what it was.
                [was, now].each { pod -> ['requests', 'limits'].each { section ->
                    ['cpu', 'memory'].each { container(pod).resources?.get(section)?.remove(it) }
                    if (container(pod).resources?.get(section)?.isEmpty() || container(pod).resources?.get(section) == null) container(pod).resources?.remove(section)
                    if (!container(pod).resources) container(pod).remove('resources')
                } }
                assert now == was
                if (before.contains('\r\n')) assert !after.replace('\r\n', '').contains('\n')
            }
        }

        tests.test('sizing a pod twice is sizing it once') {
            files.findAll { !it.name.startsWith('unknown-') }.each { File file ->
                Class type = bench.jenkins.type('io.inframind.PodYaml')
                String once = type.sized(file.getText('UTF-8'), null, SIZE, SIZE).yaml
                assert type.sized(once, null, SIZE, SIZE).yaml == once
            }
        }

        List quantities = [[1, '1024Mi'], [3.25, '3328Mi'], [5.125, '5248Mi'], [0.0001, '1Mi'], [7.0000001, '7169Mi'], [65536, '67108864Mi']]
        quantities.each { gib, expected ->
            tests.test("$gib GiB are $expected, never less than recommended") {
                assert bench.jenkins.type('io.inframind.PodYaml').memory(gib) == expected
            }
        }
        [[1, '1'], [2.5, '2500m'], [0.001, '1m'], [16, '16'], [3.0004, '3001m']].each { cores, expected ->
            tests.test("$cores cores are $expected") { assert bench.jenkins.type('io.inframind.PodYaml').cpu(cores) == expected }
        }

        tests.test('what the pod asks for today is told as the baseline') {
            Bench.friendly().withCloseable { FakeServer server ->
                Build build = bench.build(url: server.url, variables: [INFRAMIND_TOKEN: 'im_1'])
                build.plugins << 'http_request'
                assert bench.run(build, '''
                    inframindPod(params: [tool: 'make'], yaml: """
spec:
  containers:
    - name: build
      resources:
        requests:
          cpu: 1500m
          memory: 6Gi
""") { echo 'runs' }
                ''') == null
                assert new JsonSlurper().parseText(server.requests[0].body).context == [tool: 'make', baseline: [cpu_req: 1.5, mem_req_gb: 6]]
                assert build.pods[0].yaml.contains('memory: "3328Mi"')
            }
        }

        tests.test('an earlier answer of the build sizes its pods, without a new question') {
            Build build = bench.build()
            assert bench.run(build, '''
                node { inframindOptimize(params: [tool: 'make'], constraints: [max_cpu: 2]) }
                inframindPod(yaml: 'spec:\\n  containers:\\n    - name: build\\n') { echo 'runs' }
            ''') == null
            Map resources = container(read(build.pods[0].yaml)).resources
            assert resources.requests.cpu == build.variables.IM_CPU_REQUEST
            assert resources.limits.memory == (build.variables.IM_MEM_REQUEST_GB as int) * 1024 + 'Mi'
            assert build.scripts.size() == 1
        }

        tests.test('without an answer the pod starts as it is written, and the block runs where it would have run with one') {
            [[:], [container: "container: 'build', "]].each { option ->
                Build build = bench.build(url: Bench.nowhere())
                assert bench.run(build, "inframindPod(${option.container ?: ''}yaml: '''spec:\n  containers:\n    - name: build\n''', params: [tool: 'make']) { echo 'runs' }") == null
                assert build.pods[0].yaml == 'spec:\n  containers:\n    - name: build\n'
                assert build.log.contains('runs')
                assert build.containers == ['build']
                assert Bench.lines(build).size() == 1
            }
        }

        tests.test('an answer that stands in for one sizes nothing') {
            Build build = bench.build(url: Bench.nowhere())
            assert bench.run(build, '''
                def answer = node { inframindOptimize(params: [tool: 'make']) }
                inframindPod(yaml: 'spec:\\n  containers:\\n    - name: build\\n', answer: answer) { echo 'runs' }
            ''') == null
            assert build.pods[0].yaml == 'spec:\n  containers:\n    - name: build\n'
        }

        tests.test('other options of podTemplate pass through, and the value of the block comes back') {
            Build build = bench.build()
            build.library.size = ANSWER
            assert bench.run(build, '''
                def said = inframindPod(yaml: 'spec:\\n  containers:\\n    - name: build\\n', answer: size, template: [cloud: 'ci', inheritFrom: 'base']) { 'value' }
                echo "said $said"
            ''') == null
            assert build.pods[0].cloud == 'ci' && build.pods[0].inheritFrom == 'base'
            assert build.log.contains('said value')
        }
    }

    private static Map container(Map pod) { pod.spec.containers.find { it.name == 'build' } }

    /** The lines that hold no size, without their line ends. */
    private static List rest(String yaml) {
        yaml.replace('\r\n', '\n').split('\n').findAll { !(it =~ /^[\s-]*["']?(resources|requests|limits|cpu|memory)["']?\s*:/) && !(it =~ /^\s*(ephemeral-storage|example.com\/gpu):/) }*.replaceAll(/\s+$/, '')
    }

    private static Map read(String yaml) {
        Process python = ['python3', '-c', 'import sys, json, yaml; print(json.dumps(yaml.safe_load(sys.stdin.buffer.read()), default=str))'].execute()
        python.outputStream.withStream { it.write(yaml.getBytes('UTF-8')) }
        String text = python.inputStream.getText('UTF-8')
        if (python.waitFor() != 0) throw new AssertionError((Object) "PyYAML does not read it: ${python.errorStream.text}\n$yaml")
        (Map) new JsonSlurper().parseText(text)
    }
}
