package io.inframind

import com.cloudbees.groovy.cps.NonCPS
import groovy.json.JsonOutput
import groovy.json.JsonSlurper

/**
 * JSON without a plugin, inside what the sandbox approves.
 *
 * The sandbox approves `JsonSlurper`, and not its `Classic` sibling; its maps cannot be serialized, so none of them leaves
 * this class: what is returned is made of HashMap, ArrayList, String, Number and Boolean.
 */
class Json implements Serializable {
    private static final long serialVersionUID = 1

    /** Deeper than anything InfraMind says or takes. */
    private static final int DEEPEST = 12

    /** The object in `text`; null when it is not JSON, or no object. */
    @NonCPS
    static Map read(String text) {
        try {
            Object value = new JsonSlurper().parseText(text)
            return value instanceof Map ? (Map) plain(value, 0) : null
        } catch (Throwable rubbish) {
            // StackOverflowError as well: somebody may answer with a million brackets.
            return null
        }
    }

    /**
     * One line. Everything beyond ASCII is escaped, so no encoding can break it; dollars are, too, so that `withEnv` finds
     * nothing to expand.
     */
    @NonCPS
    static String write(Map value) {
        Map plain = (Map) plain(value, 0)
        return JsonOutput.toJson(plain).replace('$', '\\u0024').replace('\u007f', '\\u007f')
    }

    @NonCPS
    private static Object plain(Object value, int depth) {
        if (depth > DEEPEST) throw new Exception('nested too deep')
        if (value == null || value instanceof Boolean) return value
        if (value instanceof Number) return isFinite(value) ? value : null
        if (value instanceof Map) {
            Map copy = new HashMap()
            for (Object entry : value.entrySet()) copy.put(PlainText.name(entry.key), plain(entry.value, depth + 1))
            return copy
        }
        if (value instanceof Collection) {
            List copy = []
            for (Object item : value) copy.add(plain(item, depth + 1))
            return copy
        }
        return PlainText.line(value, 4000)
    }

    @NonCPS
    private static boolean isFinite(Object number) {
        String text = number.toString()
        return text != 'NaN' && !text.endsWith('Infinity')
    }
}
