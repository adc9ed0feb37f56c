import Foundation
import Scaffolding
import Synchronization
import Testing

@testable import Storage

/// A second cluster, which all tests that need one share; the shared first one knows it as a foreign server.
enum OtherNode {
    /// What the first cluster calls it.
    static let server = "other_node"

    private static let started = Mutex<Result<PostgreSQLCluster, any Error>?>(nil)

    static func cluster() throws -> PostgreSQLCluster {
        try started.withLock { started in
            if let started { return try started.get() }
            let result = Result {
                let cluster = try PostgreSQLCluster()
                try introduce(cluster)
                return cluster
            }
            started = result
            return try result.get()
        }
    }

    private static func introduce(_ other: PostgreSQLCluster) throws {
        let url = try #require(URLComponents(string: other.url))
        let (host, port) = try (#require(url.host), #require(url.port))
        let (user, password) = try (#require(url.user), #require(url.password))
        let connection = try PostgreSQLConnection(url: PostgreSQLCluster.shared().url, limits: PostgreSQLLimits())
        try connection.runScript(
            """
            CREATE EXTENSION postgres_fdw;
            CREATE SERVER \(server) FOREIGN DATA WRAPPER postgres_fdw
                OPTIONS (host '\(host)', port '\(port)', dbname '\(url.path.dropFirst())', batch_size '64');
            CREATE USER MAPPING FOR CURRENT_USER SERVER \(server)
                OPTIONS (user '\(user)', password '\(password)');
            """)
    }
}
