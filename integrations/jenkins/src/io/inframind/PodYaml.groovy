package io.inframind

import com.cloudbees.groovy.cps.NonCPS

/**
 * The YAML of a pod, changed where one container's `resources` stand, and nowhere else: comments, order, quotes and whatever
 * else is in it stay byte for byte. Reading and writing it with a parser would need a plugin and lose the comments.
 *
 * It knows block style, and `{…}` for `resources`, `requests` and `limits` themselves. What it does not know it leaves as it is
 * and says so: a pod that starts with the size it was written with is better than one that does not start.
 *
 * `cpu` or `memory` with `# inframind: keep` behind it, in requests or limits, is left alone in both: a limit below its request
 * would be a pod that Kubernetes refuses.
 */
class PodYaml implements Serializable {
    private static final long serialVersionUID = 1

    private static final String KEEP = '.*#\\s*inframind:\\s*keep\\s*$'

    /**
     * The YAML with new sizes: `[yaml: …, container: …, problem: …]`; with a problem, `yaml` is what was given.
     *
     * @param container whose resources; null: the only one beside `jnlp`, which runs the agent and not the build.
     * @param requests `[cpu: '2', memory: '3072Mi']`, and `limits` likewise.
     */
    @NonCPS
    static Map sized(String yaml, Object container, Map requests, Map limits) {
        try {
            PodYaml pod = new PodYaml(yaml)
            String name = pod.find(container == null ? null : container.toString())
            pod.resize(requests, limits)
            return [yaml: pod.text(), container: name, problem: null]
        } catch (Throwable unknown) {
            return [yaml: yaml, container: null, problem: PlainText.line(unknown.getMessage(), 300)]
        }
    }

    /** The name of the container whose size would be written; null when it cannot be told. */
    @NonCPS
    static String containerOf(String yaml, Object container) {
        if (container != null) return container.toString()
        try {
            return new PodYaml(yaml).find(null)
        } catch (Throwable unknown) {
            return null
        }
    }

    /** What the container asks for as it is written, for `context.baseline`: cpu_req in cores, mem_req_gb in GiB. */
    @NonCPS
    static Map baseline(String yaml, Object container) {
        Map found = new HashMap()
        try {
            PodYaml pod = new PodYaml(yaml)
            pod.find(container == null ? null : container.toString())
            Double cpu = quantity(pod.written('requests', 'cpu'))
            Double memory = quantity(pod.written('requests', 'memory'))
            if (cpu != null && cpu > 0) found.put('cpu_req', cpu)
            if (memory != null && memory > 0) found.put('mem_req_gb', memory / 1073741824)
        } catch (Throwable unknown) {
            return new HashMap()
        }
        return found
    }

    /** `n` GiB as Kubernetes writes it, in whole MiB and never less than `n`. */
    @NonCPS
    static String memory(Number gib) {
        return ((long) Math.ceil(gib.doubleValue() * 1024)) + 'Mi'
    }

    /** `n` cores as Kubernetes writes them: 2, 1500m. */
    @NonCPS
    static String cpu(Number cores) {
        long millicores = (long) Math.ceil(cores.doubleValue() * 1000 - 0.0001)
        return millicores % 1000 == 0 ? ((long) (millicores / 1000)) + '' : millicores + 'm'
    }

    // Lines as they are, and the same lines with the dash of a list item turned into a space: so a key has one place where it
    // begins, whether it is the first of its item or not.
    private final List lines
    private final List keys
    private final String ending
    private int first
    private int end
    private int indent

    private PodYaml(String yaml) {
        ending = yaml.contains('\r\n') ? '\r\n' : '\n'
        lines = []
        keys = []
        for (String line : yaml.replace('\r\n', '\n').split('\n', -1)) {
            lines.add(line)
            keys.add(line.replaceFirst('^( *)-( )', '$1 $2').replaceFirst('^( *)-$', '$1'))
        }
    }

    @NonCPS
    private String text() {
        return String.join(ending, lines)
    }

    /** Finds the container, and where it begins and ends. */
    @NonCPS
    private String find(String wanted) {
        int documents = 0
        for (int i = 0; i < lines.size(); i++) {
            if (lines[i] ==~ '---(\\s.*)?' && hasContent(0, i)) documents++
            if (lines[i] ==~ ' *\\t.*\\S.*') throw new Exception('the YAML is indented with tabs')
        }
        if (documents > 0) throw new Exception('the YAML has more than one document')
        // In a Jenkinsfile the whole pod is often indented.
        int begin = 0
        while (begin < lines.size() && (isNothing(begin) || lines[begin] ==~ '(---|%).*')) begin++
        int column = begin < lines.size() ? indentOf(lines[begin]) : 0
        int spec = key('spec', begin, lines.size(), column)
        if (spec < 0) throw new Exception('the YAML has no line with spec')
        int specEnd = blockEnd(spec, column, lines.size(), false)
        int inner = childIndent(spec, specEnd)
        int containers = key('containers', spec + 1, specEnd, inner)
        if (containers < 0) throw new Exception('the YAML has no containers in block style')
        if (!isBare(containers, 'containers')) throw new Exception('the containers are not in block style')
        int listEnd = blockEnd(containers, inner, specEnd, true)
        int dash = -1
        List found = []
        List begins = []
        for (int i = containers + 1; i < listEnd; i++) {
            def item = (lines[i] =~ '^( *)-( .*)?$')
            if (!item.find()) continue
            if (dash < 0) dash = item.group(1).length()
            if (item.group(1).length() == dash) begins.add(i)
        }
        for (int i = 0; i < begins.size(); i++) {
            int from = begins[i]
            int to = i + 1 < begins.size() ? begins[i + 1] : listEnd
            int own = columnOfItem(from, to)
            int at = key('name', from, to, own)
            if (at >= 0) found.add([name: plainValue(at, 'name'), from: from, to: to, column: own])
        }
        List fitting = []
        for (Object each : found) {
            if (wanted == null ? each.name != 'jnlp' : each.name == wanted) fitting.add(each)
        }
        if (fitting.size() != 1) {
            throw new Exception(
                wanted == null ? 'there are ' + fitting.size() + ' containers to choose from; name one: container' :
                    'the YAML has ' + fitting.size() + ' containers called ' + wanted)
        }
        first = fitting[0].from
        end = fitting[0].to
        indent = fitting[0].column
        return fitting[0].name
    }

    @NonCPS
    private void resize(Map requests, Map limits) {
        // A trailing comment, or blank lines, belong to what follows.
        int last = end
        while (last > first + 1 && isNothing(last - 1)) last--
        end = last
        int at = key('resources', first, end, indent)
        if (at < 0) {
            int name = key('name', first, end, indent)
            List block = [spaces(indent) + 'resources:']
            block.addAll(sectionLines('requests', requests, indent + 2))
            block.addAll(sectionLines('limits', limits, indent + 2))
            insert(name + 1, block)
            return
        }
        if (lines[at] ==~ KEEP) throw new Exception('the resources of the container are marked to be kept')
        int stop = blockEnd(at, indent, end, false)
        refuseReferences(at, stop)
        if (!isBare(at, 'resources')) {
            if (!(keys[at] ==~ '^ *["\']?resources["\']?\\s*:\\s*(\\{\\s*\\}|null|~)\\s*(#.*)?$')) {
                throw new Exception('resources of the container are written in a way that is not understood; write them in block style')
            }
            replace(at, lines[at].replaceFirst('(\\{\\s*\\}|null|~)\\s*', ''))
            stop = at + 1
        }
        int inner = childIndent(at, stop)
        if (inner <= indent) inner = indent + 2
        Map kept = keptNames(at, stop, inner)
        stop += section('requests', without(requests, kept), at, stop, inner)
        section('limits', without(limits, kept), at, stop, inner)
    }

    /** Writes one section; returns how many lines were added. */
    @NonCPS
    private int section(String name, Map values, int resources, int stop, int inner) {
        if (values.isEmpty()) return 0
        int before = lines.size()
        int at = key(name, resources + 1, stop, inner)
        if (at < 0) {
            insert(contentEnd(resources, stop), sectionLines(name, values, inner))
            return lines.size() - before
        }
        int close = blockEnd(at, inner, stop, false)
        if (!isBare(at, name)) {
            unfold(at, name, inner)
            close = at + 1 + (lines.size() - before)
        }
        int deepest = childIndent(at, close)
        if (deepest <= inner) deepest = inner + 2
        for (Object entry : values.entrySet()) {
            int line = key(entry.key, at + 1, close, deepest)
            if (line >= 0) {
                setValue(line, entry.key, entry.value)
            } else {
                insert(at + 1, [spaces(deepest) + entry.key + ': ' + quoted(entry.value)])
                close++
            }
        }
        return lines.size() - before
    }

    /** `requests: {cpu: 1, memory: 2Gi}` becomes one line each. */
    @NonCPS
    private void unfold(int at, String name, int inner) {
        def flow = (keys[at] =~ '^ *["\']?' + name + '["\']?\\s*:\\s*(\\{([^{}\\[\\]#]*)\\}|null|~)\\s*(#.*)?$')
        if (!flow.find()) throw new Exception(name + ' of the container are written in a way that is not understood; write them in block style')
        List block = []
        String inside = flow.group(2) == null ? '' : flow.group(2)
        for (String pair : inside.split(',')) {
            if (pair.trim().isEmpty()) continue
            if (!(pair ==~ '\\s*["\']?[A-Za-z0-9./_-]+["\']?\\s*:\\s+["\']?[A-Za-z0-9.+-]+["\']?\\s*')) {
                throw new Exception(name + ' of the container are written in a way that is not understood; write them in block style')
            }
            block.add(spaces(inner + 2) + pair.trim())
        }
        String head = lines[at].substring(0, lines[at].indexOf(':') + 1)
        replace(at, flow.group(3) == null ? head : head + '  ' + flow.group(3))
        insert(at + 1, block)
    }

    /** The names of which a line says that they stay. */
    @NonCPS
    private Map keptNames(int resources, int stop, int inner) {
        Map kept = new HashMap()
        for (String section : ['requests', 'limits']) {
            int at = key(section, resources + 1, stop, inner)
            if (at < 0) continue
            int close = blockEnd(at, inner, stop, false)
            for (String name : ['cpu', 'memory']) {
                int line = key(name, at + 1, close, childIndent(at, close))
                if (lines[at] ==~ KEEP || (line >= 0 && lines[line] ==~ KEEP)) kept.put(name, true)
            }
        }
        return kept
    }

    @NonCPS
    private String written(String section, String name) {
        int at = key('resources', first, end, indent)
        if (at < 0) return null
        int stop = blockEnd(at, indent, end, false)
        int inner = key(section, at + 1, stop, childIndent(at, stop))
        if (inner < 0) return null
        int close = blockEnd(inner, childIndent(at, stop), stop, false)
        int line = key(name, inner + 1, close, childIndent(inner, close))
        return line < 0 ? null : plainValue(line, name)
    }

    /** Anchors, aliases and merges reach beyond what is changed here. */
    @NonCPS
    private void refuseReferences(int from, int to) {
        for (int i = from; i < to; i++) {
            if (keys[i] ==~ '^[^#]*:\\s+[&*!].*' || keys[i] ==~ '^\\s*["\']?<<["\']?\\s*:.*') {
                throw new Exception('resources of the container use anchors, aliases or tags')
            }
        }
    }

    /** The line of a key that begins in `column`; -1 when there is none. */
    @NonCPS
    private int key(String name, int from, int to, int column) {
        for (int i = from; i < to; i++) {
            if (isNothing(i) || indentOf(keys[i]) != column) continue
            if (keys[i].substring(column) ==~ '["\']?' + java.util.regex.Pattern.quote(name) + '["\']?\\s*:(\\s.*)?') return i
        }
        return -1
    }

    /** Where the block below a key ends. A list may stand in the column of its key. */
    @NonCPS
    private int blockEnd(int at, int column, int limit, boolean isList) {
        for (int i = at + 1; i < limit; i++) {
            if (isNothing(i)) continue
            int own = indentOf(lines[i])
            if (own < column || (own == column && !(isList && lines[i] ==~ '^ *-( .*)?$'))) return i
        }
        return limit
    }

    @NonCPS
    private int contentEnd(int from, int stop) {
        int last = stop
        while (last > from + 1 && isNothing(last - 1)) last--
        return last
    }

    @NonCPS
    private int childIndent(int at, int stop) {
        for (int i = at + 1; i < stop; i++) {
            if (!isNothing(i)) return indentOf(keys[i])
        }
        return -1
    }

    @NonCPS
    private int columnOfItem(int from, int to) {
        for (int i = from; i < to; i++) {
            if (!isNothing(i) && !keys[i].trim().isEmpty()) return indentOf(keys[i])
        }
        return -1
    }

    @NonCPS
    private boolean isBare(int at, String name) {
        return keys[at] ==~ '^ *["\']?' + name + '["\']?\\s*:\\s*(#.*)?$'
    }

    @NonCPS
    private String plainValue(int at, String name) {
        def found = (keys[at] =~ '^ *["\']?' + name + '["\']?\\s*:\\s+(["\']?)([^"\'#\\s]+)\\1\\s*(#.*)?$')
        return found.find() ? found.group(2) : null
    }

    @NonCPS
    private void setValue(int at, String name, String value) {
        def found = (lines[at] =~ '^(.*?["\']?' + name + '["\']?\\s*:)\\s*("[^"]*"|\'[^\']*\'|[^#\\s]*)(\\s+#.*)?\\s*$')
        if (!found.find()) throw new Exception(name + ' of the container is written in a way that is not understood')
        replace(at, found.group(1) + ' ' + quoted(value) + (found.group(3) == null ? '' : found.group(3)))
    }

    @NonCPS
    private List sectionLines(String name, Map values, int column) {
        List block = [spaces(column) + name + ':']
        for (Object entry : values.entrySet()) block.add(spaces(column + 2) + entry.key + ': ' + quoted(entry.value))
        return block
    }

    // Quoted, or `cpu: 2` would be a number to one reader and a quantity to the next.
    @NonCPS
    private static String quoted(Object value) {
        return '"' + value + '"'
    }

    @NonCPS
    private static Map without(Map values, Map kept) {
        Map rest = [:]
        for (Object entry : values.entrySet()) {
            if (!kept.containsKey(entry.key)) rest.put(entry.key, entry.value)
        }
        return rest
    }

    @NonCPS
    private boolean hasContent(int from, int to) {
        for (int i = from; i < to; i++) {
            if (!isNothing(i) && !(lines[i] ==~ '(---|%).*')) return true
        }
        return false
    }

    @NonCPS
    private boolean isNothing(int at) {
        return lines[at] ==~ '\\s*(#.*)?'
    }

    @NonCPS
    private static int indentOf(String line) {
        int column = 0
        while (column < line.length() && line.substring(column, column + 1) == ' ') column++
        return column
    }

    @NonCPS
    private static String spaces(int count) {
        return ' ' * count
    }

    @NonCPS
    private void replace(int at, String line) {
        lines[at] = line.replaceFirst('\\s+$', '')
        keys[at] = lines[at].replaceFirst('^( *)-( )', '$1 $2')
    }

    @NonCPS
    private void insert(int at, List block) {
        for (int i = 0; i < block.size(); i++) {
            lines.add(at + i, block[i])
            keys.add(at + i, block[i])
            end++
        }
    }

    /** A quantity as a number of cores or bytes; null when it is none that is known here. */
    @NonCPS
    private static Double quantity(String text) {
        if (text == null) return null
        def found = (text =~ '^(\\d{1,15}(?:\\.\\d{1,9})?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$')
        if (!found.find()) return null
        Map factors = [m: 0.001, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 1024, Mi: 1048576, Gi: 1073741824, Ti: 1099511627776L]
        double factor = found.group(2) == null ? 1 : factors.get(found.group(2)).doubleValue()
        return found.group(1).toDouble() * factor
    }
}
