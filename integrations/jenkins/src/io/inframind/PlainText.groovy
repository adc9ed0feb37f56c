package io.inframind

import com.cloudbees.groovy.cps.NonCPS

/** Text from outside (names of branches and jobs, words of a server) made fit for where it goes next. */
class PlainText implements Serializable {
    private static final long serialVersionUID = 1

    // Controls end a log line or drive a terminal; format characters turn text around; lone surrogates are no UTF-8.
    private static final String UNPRINTABLE = '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]'

    /** One line of at most `limit` characters that a log can show. */
    @NonCPS
    static String line(Object text, int limit) {
        String clean = shown(text).replaceAll(UNPRINTABLE, ' ').trim()
        return clean.length() <= limit ? clean : clean.substring(0, limit).replaceAll('\\p{Cs}', '') + '…'
    }

    /** A name as the server accepts it: no control characters, at most 1,024 bytes. */
    @NonCPS
    static String name(Object text) {
        String clean = shown(text).replaceAll(UNPRINTABLE, ' ').trim()
        // A character has at most three bytes, a pair of surrogates four: 340 are never more than 1,020.
        return clean.length() <= 340 ? clean : clean.substring(0, 340).replaceAll('\\p{Cs}', '')
    }

    /** Part of an identifier: everything but letters, digits, dots and dashes is gone, at most 200 characters. */
    @NonCPS
    static String identifier(Object text) {
        String clean = shown(text).replaceAll('[^A-Za-z0-9._-]+', '-')
        return clean.length() <= 200 ? clean : clean.substring(0, 200)
    }

    /** A value for `withEnv` that arrives as it is: Jenkins expands `$NAME` there, and `$$` is how it writes a dollar. */
    @NonCPS
    static String literal(Object value) {
        return shown(value).replace('$', '$$')
    }

    /** An address without the user name and password that CI systems put into it. */
    @NonCPS
    static String withoutCredentials(Object address) {
        return shown(address).replaceAll('://[^/]*@', '://')
    }

    /** Sixteen hexadecimal digits that were not there before. */
    @NonCPS
    static String unique() {
        return UUID.randomUUID().toString().replace('-', '').substring(0, 16)
    }

    @NonCPS
    private static String shown(Object text) {
        return text == null ? '' : text.toString()
    }
}
