import simulated.Bench
import simulated.Checkpoint
import simulated.Jenkins
import simulated.LibraryRules
import simulated.Tests

/** The source of the library: what the sandbox approves, what CPS can carry, what a shell can parse. */
class LibraryTests {
    private static final Set STEPS = [
        'echo', 'sh', 'isUnix', 'withEnv', 'withCredentials', 'string', 'timeout', 'stage', 'node', 'podTemplate', 'container',
        'libraryResource', 'httpRequest'] as Set

    void run(Tests tests, Bench bench) {
        List signatures = new File(bench.integration, 'test/approved-signatures.txt').readLines()
        List sources = []
        ['vars', 'src'].each { new File(bench.integration, it).eachFileRecurse { file -> if (file.name.endsWith('.groovy')) sources << file } }

        tests.test('the library calls nothing but steps and what the sandbox approves') {
            LibraryRules rules = new LibraryRules(signatures, STEPS)
            rules.check(sources)
            assert rules.objections == []
            assert sources.size() >= 10
        }

        List forbidden = [
            ['a file', "new File('/etc/passwd')"], ['an address', "new URL('http://x')"], ['a thread', 'Thread.start { }'],
            ['a process', "'id'.execute()"], ['a class by name', "Class.forName('x')"], ['a loop with a closure', '[1].each { echo it }'],
            ['a matcher across steps', "def found = ('a' =~ 'b')"], ['the environment of Jenkins', 'System.getenv()'],
            ['the other slurper', 'new groovy.json.JsonSlurperClassic()'], ['a computed call', '"${name}"()'],
        ]
        forbidden.each { name, line ->
            tests.test("the check of the library objects to $name") {
                File file = File.createTempFile('forbidden', '.groovy', bench.scratch)
                file.text = "def call() {\n    $line\n}\n"
                LibraryRules rules = new LibraryRules(signatures, STEPS)
                rules.check([file])
                assert rules.objections.size() >= 1
            }
        }
        List mixed = [['a step', "echo 'x'"], ['code that Jenkins may interrupt', 'other()']]
        mixed.each { name, line ->
            tests.test("the check of the library objects to $name in a method that cannot be interrupted") {
                File file = File.createTempFile('mixed', '.groovy', bench.scratch)
                file.text = "@NonCPS\ndef call() {\n    $line\n}\ndef other() {}\n"
                LibraryRules rules = new LibraryRules(signatures, STEPS)
                rules.check([file])
                assert rules.objections.size() == 1
            }
        }

        List alive = [
            ['a matcher', "def found = ('a' =~ 'a')\n    echo 'x'"], ['an iterator', "def left = [a: 1].entrySet().iterator()\n    echo 'x'"],
            ['the map of a slurper', "def map = new groovy.json.JsonSlurper().parseText('{\"a\":1}')\n    echo 'x'"],
            ['a matcher that a closure holds', "def found = ('a' =~ 'a')\n    node { echo found.toString() }"],
        ]
        alive.each { name, lines ->
            tests.test("the check of what is alive during a step objects to $name") {
                File library = File.createTempDir('library', '')
                try {
                    ['vars', 'src', 'resources'].each { new File(library, it).mkdirs() }
                    new File(library, 'vars/unfit.groovy').text = "def call() {\n    $lines\n}\n"
                    new Jenkins(library).run(bench.build(), "@Library('inframind') _\nunfit()")
                    assert !Checkpoint.FAILURES.empty
                } finally {
                    library.deleteDir()
                    Checkpoint.FAILURES.clear()
                }
            }
        }

        tests.test('every global variable has its page of help') {
            List globals = new File(bench.integration, 'vars').list().findAll { it.endsWith('.groovy') }
            assert globals.every { new File(bench.integration, "vars/${it - '.groovy'}.txt").length() > 200 }
        }

        ['sh', 'dash', 'bash'].each { shell ->
            tests.test("$shell can parse talk.sh") {
                Process process = [shell, '-n', new File(bench.integration, 'resources/io/inframind/talk.sh').path].execute()
                assert process.waitFor() == 0 || process.errorStream.text.contains('not found')
            }
        }

        List exits = [
            ['script returned exit code 2', 2], ['script returned exit code 137', 137], ['script returned exit code 0', 1],
            ['script returned exit code 999', 1], ['script returned exit code -1073741510', 1], ['boom', 1], [null, 1], ['exit code 7 is bad', 1],
        ]
        exits.each { message, expected ->
            tests.test("an exception saying '$message' is exit status $expected") {
                assert bench.jenkins.type('io.inframind.ExitStatus').of(new hudson.AbortException((String) message)) == expected
            }
        }
    }
}
