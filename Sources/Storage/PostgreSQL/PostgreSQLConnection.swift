import CPostgres

/// One connection to PostgreSQL. Not thread-safe: whoever holds it is alone with it.
final class PostgreSQLConnection {
    private let handle: OpaquePointer
    /// Names of prepared statements by their text. The product's statements are constants, so there are not many.
    private var prepared: [String: String] = [:]
    /// Tables whose size the planner knows well enough.
    var measuredTables: Set<RowBuffer.Table> = []
    /// The last failure since ``begin(_:)``, for who must decide whether to try again; ``StoreError`` no longer says.
    private(set) var failure: PostgreSQLFailure?

    /// Connects, and makes the session what the store relies on.
    ///
    /// - Parameters:
    ///   - url: as libpq reads it: `postgresql://user@host/name?sslmode=verify-full`.
    ///   - limits: how long anything may take.
    /// - Throws: ``PostgreSQLFailure``.
    init(url: String, limits: PostgreSQLLimits) throws {
        // What comes before "dbname" are defaults that the URL may change.
        let parameters: [(name: String, value: String)] = [
            ("connect_timeout", "\(limits.connectSeconds)"), ("application_name", "inframind"),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            // A cut network is noticed when data stays unacknowledged, not after the kernel's quarter of an hour.
            ("tcp_user_timeout", "\(limits.statementSeconds * 1000)"),
            ("target_session_attrs", "read-write"), ("dbname", url), ("client_encoding", "UTF8"),
        ]
        let handle = Self.withCStrings(parameters.map(\.name)) { names in
            Self.withCStrings(parameters.map(\.value)) { values in PQconnectdbParams(names, values, 1) }
        }
        guard let handle else {
            throw PostgreSQLFailure(sqlState: "", message: "out of memory", isConnectionLost: true)
        }
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else { throw PostgreSQLFailure(handle) }
        // "relation already exists, skipping" is nothing to tell an operator.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // Every statement that is asked often finds its rows by an index, foreign keys included. A plan made while a table was
        // empty reads the whole of it, and a session keeps that plan until somebody analyzes the table: 12,000 runs of one step
        // took 52 s, and 0.8 s with this.
        try runScript(
            """
            SET enable_seqscan = off;
            SET statement_timeout = '\(limits.statementSeconds)s';
            SET idle_in_transaction_session_timeout = '\(limits.idleInTransactionSeconds)s';
            SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
            """)
        let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? ""
        guard encoding == "UTF8" else {
            throw PostgreSQLFailure(
                sqlState: "", message: "the database is encoded as \(encoding); make one with ENCODING 'UTF8'",
                isConnectionLost: false)
        }
    }

    deinit { PQfinish(handle) }

    var isUsable: Bool { PQstatus(handle) == CONNECTION_OK }

    /// Whether the session is outside of any transaction.
    var isIdle: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }

    /// Runs what begins a transaction.
    ///
    /// - Throws: ``PostgreSQLFailure``.
    func begin(_ script: String) throws {
        failure = nil
        try runScript(script)
    }

    /// Runs a statement and returns its rows, and how many it changed.
    ///
    /// - Throws: ``PostgreSQLFailure``.
    func run(_ statement: String, _ values: [SQLValue]) throws -> StatementOutcome {
        let name = try prepare(statement)
        let parameters = PostgreSQLParameters(values)
        let result = parameters.withPointers { values, lengths, formats in
            PQexecPrepared(handle, name, Int32(parameters.count), values, lengths, formats, Self.binary)
        }
        defer { PQclear(result) }
        try check(result)
        return try result.map(Self.outcome) ?? StatementOutcome(rows: [], changed: 0)
    }

    private static func outcome(_ result: OpaquePointer) throws -> StatementOutcome {
        let changed = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        return StatementOutcome(rows: try PostgreSQLRows.decode(result), changed: changed)
    }

    /// Runs statements in one round trip (https://www.postgresql.org/docs/current/libpq-pipeline-mode.html), and returns
    /// what came of each. Few rows may come back: while we send, nobody reads them.
    ///
    /// - Throws: ``PostgreSQLFailure`` of the first that failed; those after it did not run.
    func runPipelined(_ statements: [SQLStatement]) throws -> [StatementOutcome] {
        if statements.isEmpty { return [] }
        let names = try statements.map { try prepare($0.text) }
        guard PQenterPipelineMode(handle) == 1 else { throw PostgreSQLFailure(handle) }
        for (name, statement) in zip(names, statements) {
            let parameters = PostgreSQLParameters(statement.values)
            let isSent = parameters.withPointers { values, lengths, formats in
                PQsendQueryPrepared(handle, name, Int32(parameters.count), values, lengths, formats, Self.binary)
            }
            guard isSent == 1 else { throw remembered(PostgreSQLFailure(handle)) }
        }
        guard PQpipelineSync(handle) == 1 else { throw remembered(PostgreSQLFailure(handle)) }
        var outcomes: [StatementOutcome] = []
        var failure: PostgreSQLFailure?
        // Each statement's result ends with NULL; the mark sent last comes back after all of them.
        var isSynchronised = false
        while !isSynchronised {
            guard let result = PQgetResult(handle) else {
                guard isUsable else { throw remembered(PostgreSQLFailure(handle)) }
                continue
            }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                outcomes.append(try Self.outcome(result))
            case PGRES_PIPELINE_SYNC: isSynchronised = true
            case PGRES_PIPELINE_ABORTED: break
            default: failure = failure ?? PostgreSQLFailure(handle, result: result)
            }
        }
        guard PQexitPipelineMode(handle) == 1 else { throw remembered(PostgreSQLFailure(handle)) }
        if let failure { throw remembered(failure) }
        return outcomes
    }

    /// Begins to send rows. ``endCopy()`` must follow, or the connection be given up.
    func beginCopy(_ statement: String) throws {
        let result = PQexec(handle, statement)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COPY_IN else {
            throw remembered(PostgreSQLFailure(handle, result: result))
        }
    }

    func putCopy(_ bytes: UnsafeRawBufferPointer) throws {
        let base = bytes.bindMemory(to: CChar.self).baseAddress
        guard PQputCopyData(handle, base, Int32(clamping: bytes.count)) == 1 else {
            throw remembered(PostgreSQLFailure(handle))
        }
    }

    /// What the server has to say about the rows.
    func endCopy() throws {
        guard PQputCopyEnd(handle, nil) == 1 else { throw remembered(PostgreSQLFailure(handle)) }
        var failure: PostgreSQLFailure?
        while let result = PQgetResult(handle) {
            defer { PQclear(result) }
            if PQresultStatus(result) != PGRES_COMMAND_OK {
                failure = failure ?? PostgreSQLFailure(handle, result: result)
            }
            guard isUsable else { break }
        }
        if let failure { throw remembered(failure) }
    }

    private func remembered(_ failure: PostgreSQLFailure) -> PostgreSQLFailure {
        self.failure = failure
        return failure
    }

    /// Runs one or more statements without values, in one round trip.
    ///
    /// - Throws: ``PostgreSQLFailure``.
    func runScript(_ script: String) throws {
        let result = PQexec(handle, script)
        defer { PQclear(result) }
        try check(result)
    }

    private static let binary: Int32 = 1

    private func prepare(_ statement: String) throws -> String {
        if let name = prepared[statement] { return name }
        let name = "s\(prepared.count)"
        let result = PQprepare(handle, name, statement, 0, nil)
        defer { PQclear(result) }
        try check(result)
        prepared[statement] = name
        return name
    }

    private func check(_ result: OpaquePointer?) throws {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return
        default: throw remembered(PostgreSQLFailure(handle, result: result))
        }
    }

    private static func withCStrings<T>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> T) -> T {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for text in texts {
            starts.append(bytes.count)
            bytes.append(contentsOf: text.utf8CString)
        }
        return bytes.withUnsafeBufferPointer { bytes in
            var pointers = starts.map { start in bytes.baseAddress.map { $0 + start } }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { pointers in
                guard let base = pointers.baseAddress else { preconditionFailure("There is at least the end mark.") }
                return body(base)
            }
        }
    }
}

/// How long things may take.
struct PostgreSQLLimits: Hashable, Sendable {
    /// Seconds to connect to one address.
    var connectSeconds = 3
    /// Seconds one statement may run, waiting for locks included.
    var statementSeconds = 10
    /// Seconds a session may sit in a transaction before the server ends it. A process that hangs there holds the
    /// writers' lock.
    var idleInTransactionSeconds = 10
    /// Seconds during which what failed in passing is tried again: longer than a restart of the database takes.
    var patienceSeconds = 8.0
    /// Connections that read. Each costs the server a process of some 10 MiB.
    var readers = 6
    /// Reads that may wait for a connection.
    var waitingReads = 1000
}
