import Dispatch
import Synchronization

/// The lead among the servers of a PostgreSQL database: who holds an advisory lock of the session. PostgreSQL lets go of it
/// when the session ends, however it does.
final class PostgreSQLLeadership: Leadership {
    private let address: PostgreSQLAddress
    private let limits: PostgreSQLLimits
    /// libpq blocks, and the threads of the cooperative pool must not.
    private let queue = DispatchQueue(label: "inframind.storage.leadership")
    /// The session that holds the lock; used on `queue` only.
    private let session = Mutex<PostgreSQLConnection?>(nil)

    init(_ address: PostgreSQLAddress, limits: PostgreSQLLimits) {
        self.address = address
        self.limits = limits
    }

    /// Named after the schema, as the writers' lock is. The number is arbitrary, but the same in every version for good.
    private static let take = "SELECT pg_try_advisory_lock(1766204014, hashtext(current_schema()))::int"

    func isLeader() async -> Bool {
        await withCheckedContinuation { caller in
            queue.async { caller.resume(returning: self.session.withLock { self.holdsLock(&$0) }) }
        }
    }

    func resign() async {
        await withCheckedContinuation { caller in
            queue.async {
                self.session.withLock { $0 = nil }
                caller.resume()
            }
        }
    }

    private func holdsLock(_ session: inout sending PostgreSQLConnection?) -> Bool {
        do {
            // As long as the session lives, it holds what it took.
            if let session { return try session.run("SELECT 1", []).rows.count == 1 }
            let connection = try PostgreSQLConnection(url: address.currentURL(), limits: limits)
            guard try connection.run(Self.take, []).rows.first?.integer(0) == 1 else { return false }
            session = connection
            return true
        } catch {
            session = nil
            return false
        }
    }
}
