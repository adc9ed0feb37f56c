import Testing

/// Asks until the answer is yes, for as long as a slow machine may take; then the test fails.
func eventually(
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try await !isSo() {
        guard .now < deadline else {
            Issue.record(what, sourceLocation: sourceLocation)
            throw NeverHappened()
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

struct NeverHappened: Error {}
