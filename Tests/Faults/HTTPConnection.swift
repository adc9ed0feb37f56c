import Scaffolding

/// A keep-alive connection of one client, which connects anew when it must and never repeats a request by itself.
public final class HTTPConnection {
    private let port: UInt16
    private let timeoutSeconds: Int
    private var socket: LoopbackSocket?
    private var buffer: [UInt8] = []

    /// The key of a server that runs for development on loopback.
    private static let token = "dev-key-change-in-production"

    /// - Parameter timeoutSeconds: what our own client allows a whole exchange.
    public init(port: UInt16, timeoutSeconds: Int = 10) {
        self.port = port
        self.timeoutSeconds = timeoutSeconds
    }

    /// - Throws: ``LoopbackSocket/Failure``; ``HTTPMessage/Unreadable``. The connection is given up then.
    public func ask(_ method: String, _ path: String, body: String = "") throws -> HTTPMessage {
        do {
            let socket = try self.socket ?? LoopbackSocket(connectingTo: port, timeoutSeconds: timeoutSeconds)
            self.socket = socket
            let head = """
                \(method) \(path) HTTP/1.1\r
                Host: 127.0.0.1:\(port)\r
                X-IM-Token: \(Self.token)\r
                Content-Type: application/json\r
                Content-Length: \(body.utf8.count)\r
                \r

                """
            try socket.send(Array(head.utf8) + Array(body.utf8))
            let answer = try HTTPMessage(from: socket, buffer: &buffer)
            if answer.closesConnection { reset() }
            return answer
        } catch {
            reset()
            throw error
        }
    }

    private func reset() {
        socket = nil
        buffer = []
    }
}
