package simulated

/** Runs named tests, one line of TAP each, and prints the log of a build that disappointed. */
class Tests {
    int count
    int failed
    private final String only = System.getenv('ONLY')

    void test(String sentence, Closure body) {
        if (only && !sentence.contains(only)) return
        count++
        Checkpoint.FAILURES.clear()
        Bench.LAST.clear()
        long began = System.currentTimeMillis()
        try {
            body()
            if (!Checkpoint.FAILURES.empty) throw new AssertionError((Object) "not serializable while a step runs: ${Checkpoint.FAILURES.unique(false)}")
            println "ok $count - $sentence"
            if (System.getenv("TIMES")) println "# ${System.currentTimeMillis() - began} ms"
        } catch (Throwable failure) {
            failed++
            println "not ok $count - $sentence"
            failure.toString().readLines().each { println "#   $it" }
            failure.stackTrace.findAll { it.fileName?.endsWith('Tests.groovy') || it.className.startsWith('io.inframind') }.take(6).each { println "#   at $it" }
            Bench.LAST.each { build -> build.log.each { println "#   | $it" } }
        }
        System.out.flush()
    }

    /** Ends the plan. Without a single checkpoint the check of serializability would be a test that cannot fail. */
    void finish() {
        println "1..$count"
        println "# ${count - failed} of $count passed, $Checkpoint.count places checked for what is alive there"
        if (!only && Checkpoint.count == 0) failed++
        System.exit(failed == 0 ? 0 : 1)
    }
}
