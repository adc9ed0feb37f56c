import Foundation

/// A place for one connection: made when it is needed, made anew when it was lost. One thread at a time.
final class PostgreSQLSlot: @unchecked Sendable {
    // Unchecked: its owner lends it to one thread at a time, a queue's or whoever holds the writers' mutex.
    private let address: PostgreSQLAddress
    private let limits: PostgreSQLLimits
    private var connection: PostgreSQLConnection?

    init(_ address: PostgreSQLAddress, limits: PostgreSQLLimits) {
        self.address = address
        self.limits = limits
    }

    /// Between BEGIN and COMMIT runs `body`; tries again, with growing pauses, when something failed in passing.
    ///
    /// A commit whose answer was lost may have happened. Trying again is safe all the same: every write of the store is
    /// idempotent, so a second time changes nothing.
    ///
    /// - Parameter begin: what begins the transaction.
    /// - Throws: what `body` throws, ``StoreError/unavailable(_:)``.
    func transaction<T>(_ begin: String, _ body: (any SQLSession) throws -> T) throws -> T {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(limits.patienceSeconds)
        var pause = Self.firstPause
        while true {
            do {
                return try attempt(begin, body)
            } catch let retry as Retry {
                // A share of chance keeps servers that lost the same database from coming back in step.
                let share = pause * Double.random(in: 0.5...1)
                guard clock.now + .seconds(share) < deadline else { throw retry.failure.storeError }
                // Blocks the slot's own thread.
                Thread.sleep(forTimeInterval: share)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    /// Seconds. The first is about what a failover to a connection that is there already takes; the longest is what a
    /// client may wait beyond the moment the database is back.
    private static let (firstPause, longestPause) = (0.01, 0.5)

    func disconnect() { connection = nil }

    /// Failed in passing; nothing was kept, or the same again changes nothing.
    private struct Retry: Error {
        var failure: PostgreSQLFailure
    }

    private func attempt<T>(_ begin: String, _ body: (any SQLSession) throws -> T) throws -> T {
        do {
            let connection = try usableConnection()
            do {
                try connection.begin(begin)
                let result = try body(PostgreSQLSession(connection: connection))
                try connection.runScript("COMMIT")
                return result
            } catch {
                let failure = error as? PostgreSQLFailure ?? connection.failure
                // Whatever state the session is in, the next transaction must not begin inside it.
                if connection.isUsable { try? connection.runScript("ROLLBACK") }
                if !connection.isUsable || !connection.isIdle { self.connection = nil }
                let blamesDatabase = error is PostgreSQLFailure || (error as? StoreError)?.isUnavailable == true
                if blamesDatabase, let failure, failure.isPassing { throw Retry(failure: failure) }
                throw error
            }
        } catch let failure as PostgreSQLFailure {
            guard failure.isPassing else { throw failure.storeError }
            throw Retry(failure: failure)
        }
    }

    private func usableConnection() throws -> PostgreSQLConnection {
        if let connection, connection.isUsable { return connection }
        connection = nil
        let made = try PostgreSQLConnection(url: address.currentURL(), limits: limits)
        connection = made
        return made
    }
}
