import Scaffolding
import Testing

/// As `happens`; the test fails and ends when it does not.
func eventually(
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
) async throws {
    guard try await happens(isSo) else {
        Issue.record(what, sourceLocation: sourceLocation)
        throw NeverHappened()
    }
}

struct NeverHappened: Error {}
