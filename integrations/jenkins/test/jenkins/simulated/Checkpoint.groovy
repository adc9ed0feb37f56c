package simulated

import groovy.transform.CompileStatic
import java.util.concurrent.CopyOnWriteArrayList

/** Tries to serialize what is alive at one place of a script. */
class Checkpoint {
    /** What could not be serialized; a test fails on it, as an exception might be caught by what is tested. */
    static final List<String> FAILURES = new CopyOnWriteArrayList<String>()
    static volatile int count

    static void check(Map alive) {
        count++
        alive.each { name, value ->
            try {
                new Writer(new ByteArrayOutputStream()).writeObject(value)
            } catch (IOException failure) {
                FAILURES << "$name: $failure".toString()
            }
        }
    }

    /** What a closure holds on to; Jenkins serializes closures and scripts, plain Groovy cannot. */
    static List heldBy(Closure closure) {
        closure.class.declaredFields.findAll { it.type == Reference }.collect {
            it.accessible = true
            ((Reference) it.get(closure)).get()
        }
    }

    @CompileStatic
    private static class Writer extends ObjectOutputStream {
        Writer(OutputStream target) {
            super(target)
            enableReplaceObject(true)
        }

        @Override
        protected Object replaceObject(Object value) {
            if (value instanceof Script) return 'a script'
            if (value instanceof Closure) return heldBy((Closure) value)
            return value
        }
    }
}
