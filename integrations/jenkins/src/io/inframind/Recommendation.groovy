package io.inframind

import com.cloudbees.groovy.cps.NonCPS

/** An answer of `POST /optimize`: read, checked against the bounds of the contract, and put into variables. */
class Recommendation implements Serializable {
    private static final long serialVersionUID = 1

    /**
     * The answer as plain maps, or null.
     *
     * Right JSON of the right shape may still be nonsense, as when something else answers at the server's address: a build
     * must not be started with a million jobs.
     */
    @NonCPS
    static Map read(String text) {
        Map answer = Json.read(text)
        if (answer == null || !(answer.get('suggestions') instanceof Map)) return null
        Map suggestions = (Map) answer.get('suggestions')
        // Servers of the field that know only suggestions are welcome; what they do add must be right.
        if (answer.get('limits') == null) {
            answer.put('limits', [cpu: suggestions.get('cpu_req'), mem_gb: suggestions.get('mem_req_gb')])
        }
        return isComplete(answer) ? answer : null
    }

    /** Whether every number a build would be run with is there and within the bounds of the contract. */
    @NonCPS
    static boolean isComplete(Map answer) {
        Object suggestions = answer.get('suggestions')
        Object limits = answer.get('limits')
        if (!(suggestions instanceof Map) || !(limits instanceof Map)) return false
        Object jobs = suggestions.get('concurrency')
        if (!isBetween(jobs, 1, 4096) || jobs.doubleValue() != jobs.longValue()) return false
        if (!isBetween(suggestions.get('cpu_req'), 0.001, 4096) || !isBetween(limits.get('cpu'), 0.001, 4096)) return false
        if (!isBetween(suggestions.get('mem_req_gb'), 0.001, 65536) || !isBetween(limits.get('mem_gb'), 0.001, 65536)) return false
        Object cache = suggestions.get('cache')
        if (cache != null && !(cache instanceof Map)) return false
        if (cache != null && cache.get('size_gb') != null && !isBetween(cache.get('size_gb'), 0, 65536)) return false
        Object id = answer.get('recommendation_id')
        return id == null || (id instanceof String && id ==~ '[A-Za-z0-9._:-]{1,128}')
    }

    /** An answer again, out of the variables that an earlier one set; null when there was none. */
    @NonCPS
    static Map again(Object jobs, Object cpu, Object memory, Object id) {
        if (!id || !jobs || !cpu || !memory) return null
        try {
            Map answer = [
                suggestions: [concurrency: Integer.parseInt(jobs.toString()), cpu_req: cpu.toString().toDouble(), mem_req_gb: memory.toString().toDouble()],
                limits: [cpu: cpu.toString().toDouble(), mem_gb: memory.toString().toDouble()], recommendation_id: id.toString()]
            return isComplete(answer) ? answer : null
        } catch (NumberFormatException changed) {
            return null
        }
    }

    /** What a build finds in its environment: `NAME=value`, for `withEnv`. All values are digits and letters. */
    @NonCPS
    static List variables(Map answer) {
        Map suggestions = (Map) answer.get('suggestions')
        Object limits = answer.get('limits')
        Object cache = suggestions.get('cache')
        List found = []
        add(found, 'IM_CONCURRENCY', decimal(suggestions.get('concurrency')))
        Object exact = limits instanceof Map ? limits.get('cpu') : null
        add(found, 'IM_CPU_REQUEST', decimal(exact != null ? exact : suggestions.get('cpu_req')))
        add(found, 'IM_MEM_REQUEST_GB', decimal(suggestions.get('mem_req_gb')))
        if (cache instanceof Map) {
            add(found, 'IM_CACHE_ENABLED', cache.get('ccache') == null ? null : (cache.get('ccache') == true ? 'true' : 'false'))
            add(found, 'IM_CACHE_SIZE_GB', decimal(cache.get('size_gb')))
        }
        add(found, 'INFRAMIND_RECOMMENDATION_ID', answer.get('recommendation_id'))
        return found
    }

    /**
     * What stands in for an answer when there is none. It has the same shape, so that `answer.suggestions.concurrency` is the
     * caller's own default, or null, and never an error.
     */
    @NonCPS
    static Map standIn(Object defaults) {
        Map own = new HashMap()
        if (defaults instanceof Map) {
            Map given = Json.read(Json.write(defaults))
            for (String name : ['concurrency', 'cpu_req', 'mem_req_gb', 'cache']) {
                if (given != null && given.get(name) != null) own.put(name, given.get(name))
            }
        }
        if (!(own.get('cache') instanceof Map)) own.put('cache', new HashMap())
        return [suggestions: own, limits: new HashMap(), source: 'defaults']
    }

    /** The answer in one line of a log. */
    @NonCPS
    static String summary(Map answer) {
        Map suggestions = (Map) answer.get('suggestions')
        String numbers = decimal(suggestions.get('concurrency')) + ' jobs, ' + decimal(answer.get('limits').get('cpu')) + ' CPU, ' +
            decimal(answer.get('limits').get('mem_gb')) + ' GiB'
        String why = PlainText.line(answer.get('rationale'), 300)
        return why.isEmpty() ? numbers : numbers + ': ' + why
    }

    /** At most three places, and none that says nothing: 4, 3.5. */
    @NonCPS
    static String decimal(Object number) {
        if (!(number instanceof Number)) return null
        return String.format(Locale.ROOT, '%.3f', number.doubleValue()).replaceAll('\\.?0+$', '')
    }

    @NonCPS
    private static void add(List found, String name, Object value) {
        if (value != null) found.add(name + '=' + value)
    }

    @NonCPS
    private static boolean isBetween(Object value, double low, double high) {
        return value instanceof Number && value.doubleValue() >= low && value.doubleValue() <= high
    }
}
