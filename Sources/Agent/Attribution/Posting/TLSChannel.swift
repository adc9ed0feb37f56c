/// An encrypted connection to the server.
final class TLSChannel: HTTPChannel {
    private let socket: SocketChannel
    private let session: TLSSession
    private var isOpen = false

    var descriptor: Int32 { socket.descriptor }

    /// Begins to connect.
    ///
    /// - Parameter host: the name, or the numeric address, that the server's certificate must be for.
    init(_ address: SocketAddress, host: String, _ context: TLSContext) throws(SocketChannel.Failed) {
        socket = try SocketChannel(address)
        do throws(TLSFailure) {
            session = try context.session(over: socket.descriptor, host: host)
        } catch {
            throw SocketChannel.Failed(reason: error.description)
        }
    }

    deinit { session.close() }

    func open() -> ChannelProgress {
        if !isOpen {
            let progress = socket.open()
            guard case .done = progress else { return progress }
            isOpen = true
        }
        return progress(session.shakeHands(), atEnd: nil)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> ChannelProgress { progress(session.write(bytes), atEnd: nil) }

    /// The end of the connection is the end of the answer: whether that is whole, its length tells.
    func read(into bytes: UnsafeMutableRawBufferPointer) -> ChannelProgress {
        progress(session.read(into: bytes), atEnd: .done(0))
    }

    private func progress(_ transfer: Transfer, atEnd end: ChannelProgress?) -> ChannelProgress {
        switch transfer {
        case .done(let count): .done(count)
        case .wait(let interest): .wait(forWriting: interest == .writing)
        case .ended: end ?? .failed(session.failure ?? "the connection was closed")
        }
    }
}
