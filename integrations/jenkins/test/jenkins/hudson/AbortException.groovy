package hudson

/** Stands in for the exception of a step that failed with a sentence. */
class AbortException extends IOException {
    AbortException(String message) { super((String) message) }
}
