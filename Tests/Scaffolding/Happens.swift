/// Asks until the answer is yes, for as long as a slow machine may take: for what comes soon, and nobody says when.
///
/// - Returns: false when it did not.
public func happens(_ isSo: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !isSo() {
        guard .now < deadline else { return false }
        try await Task.sleep(for: .milliseconds(2))
    }
    return true
}
