/// What a driver supplies to ``SQLStore``: a database that lends sessions.
protocol SQLDatabase: Sendable {
    /// Lends `body` a session that sees one state of the database and changes nothing.
    ///
    /// - Throws: what `body` throws; ``StoreError/unavailable(_:)``; ``StoreError/overloaded(retryAfterSeconds:)``;
    ///   `CancellationError`.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T

    /// Runs `body` in a transaction: durable when this returns, undone when it throws. No two transactions of one
    /// database run at the same time, whichever process they are of.
    ///
    /// Blocks the calling thread. A driver that loses its connection begins again: `body` may run more than once.
    ///
    /// - Throws: what `body` throws; ``StoreError/unavailable(_:)``.
    func transaction(_ body: (any SQLSession) throws -> Void) throws

    var leadership: any Leadership { get }

    /// Nothing may be called afterwards.
    func close() async throws
}
