package simulated

/** What surrounds a step: each block step makes a new one around its body. Branches of `parallel` begin with their parent's. */
class Context {
    static final InheritableThreadLocal<Context> CURRENT = new InheritableThreadLocal<Context>()

    Build build
    Context outer
    /** Null: there is no agent here. */
    File workspace
    Map<String, String> variables = [:]
    /** Whether `variables` came through `withEnv`, where Jenkins expands `$NAME`. */
    boolean isExpanding
    /** Set when a time limit around this has run out. */
    volatile boolean isExpired

    static Context current() { CURRENT.get() }

    static <T> T within(Context context, Closure<T> body) {
        Context before = CURRENT.get()
        CURRENT.set(context)
        try {
            return body()
        } finally {
            CURRENT.set(before)
        }
    }

    Context inner(Map changes) {
        new Context([build: build, outer: this, workspace: workspace] + changes)
    }

    /** The variables a process would get. As in Jenkins, an empty value takes the variable away. */
    Map<String, String> environment() {
        Map found = outer == null ? new LinkedHashMap(build.variables) : outer.environment()
        Map before = new LinkedHashMap(found)
        variables.each { name, value ->
            String text = isExpanding ? expand(value, before) : value
            if (text) found[name] = text else found.remove(name)
        }
        found
    }

    /** As hudson.Util.replaceMacro: `$NAME`, `${NAME}`, `$$`; what is not known stays as it is written. */
    static String expand(String text, Map known) {
        text.replaceAll(/\$([A-Za-z0-9_]+|\{[A-Za-z0-9_.]+\}|\$)/) { List<String> found ->
            String name = found[1]
            if (name == '$') return '$'
            name = name.startsWith('{') ? name[1..-2] : name
            known.containsKey(name) ? known[name] : found[0]
        }
    }

    boolean isWithin(Context other) { this.is(other) || (outer != null && outer.isWithin(other)) }
}
