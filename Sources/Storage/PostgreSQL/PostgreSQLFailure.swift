import CPostgres

/// What PostgreSQL, or the way to it, said when something did not work.
struct PostgreSQLFailure: Error, Hashable, Sendable {
    /// Five characters (https://www.postgresql.org/docs/current/errcodes-appendix.html); empty when the connection failed.
    var sqlState: String
    /// One line, without values of rows.
    var message: String
    /// Nothing more can be said on this connection.
    var isConnectionLost: Bool

    /// The content of one write is to blame: data exceptions, broken constraints.
    var blamesContent: Bool { sqlState.hasPrefix("22") || sqlState.hasPrefix("23") }

    /// The same again may work: the connection was lost, the server is starting or stopping, two transactions met, or a
    /// lock was not to be had in time.
    var isPassing: Bool {
        isConnectionLost || Self.passingStates.contains(sqlState) || sqlState.hasPrefix("08")
    }

    /// Serialization failure, deadlock, lock not available, statement timeout, shutting down, crashed, starting up,
    /// no connection left, idle for too long, and a standby where a primary was.
    private static let passingStates: Set = [
        "40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53300", "25P03", "25006",
    ]

    /// The same in the product's words.
    var storeError: StoreError {
        blamesContent
            ? .conflict("The database refuses this content: \(message).")
            : .unavailable("The database does not answer: \(message).")
    }
}

extension PostgreSQLFailure {
    /// What the last call on `connection` failed with; `result` where there is one.
    init(_ connection: OpaquePointer, result: OpaquePointer? = nil) {
        let state = result.flatMap { PQresultErrorField($0, Self.sqlStateField) }.map { String(cString: $0) }
        let primary = result.flatMap { PQresultErrorField($0, Self.messageField) }.map { String(cString: $0) }
        let whole = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        self.init(
            sqlState: state ?? "", message: Self.firstLine(primary ?? whole),
            isConnectionLost: PQstatus(connection) != CONNECTION_OK)
    }

    /// `PG_DIAG_SQLSTATE` and `PG_DIAG_MESSAGE_PRIMARY`: characters in C, which Swift does not import.
    private static let sqlStateField = Int32(UInt8(ascii: "C"))
    private static let messageField = Int32(UInt8(ascii: "M"))

    private static func firstLine(_ text: String) -> String {
        var line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no reason given"
        while line.hasSuffix(".") { line.removeLast() }
        return line
    }
}
