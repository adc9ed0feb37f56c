import Glibc
import Synchronization
import Testing

@testable import Agent

/// A server on loopback that answers each connection with the next of its answers, the last one for ever.
final class FakeServer: Sendable {
    enum Answer: Sendable {
        case status(Int, fields: String = "", body: String = "{\"ok\":true}")
        case bytes(String)
        /// The end of the connection, without a word.
        case hangUp
        /// Nothing, until the server goes.
        case silence
        /// An answer that waits for ``FakeServer/release()``.
        case waiting(Int)
    }

    let port: UInt16
    private let listener: Int32
    private let state: Mutex<State>

    private struct State {
        var answers: [Answer]
        var requests: [String] = []
        var held: [Int32] = []
        var waiting: [(connection: Int32, status: Int)] = []
        var isReleased = false
    }

    init(_ answers: [Answer]) throws {
        state = Mutex(State(answers: answers))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        try #require(isListening)
        port = UInt16(bigEndian: address.sin_port)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<FakeServer>.fromOpaque(context).takeRetainedValue().serve() }
                return nil
            }, context.toOpaque())
        try #require(code == 0)
        pthread_detach(thread)
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// What came, in order.
    var requests: [String] { state.withLock { $0.requests } }

    /// Lets go of the answers that wait, and of any later one.
    func release() {
        let waiting = state.withLock { state in
            state.isReleased = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for (connection, status) in waiting { Self.answer(status, connection) }
    }

    /// Ends it; from now on nobody listens.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in
            for connection in state.held { close(connection) }
            state.held = []
        }
    }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else {
                close(listener)
                return
            }
            let request = Self.read(connection)
            let answer = state.withLock { state in
                state.requests.append(request)
                return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
            }
            switch answer {
            case .status(let status, let fields, let body):
                Self.answer(status, fields: fields, body: body, connection)
            case .bytes(let text):
                Self.write(text, connection)
                close(connection)
            case .hangUp: close(connection)
            case .silence: state.withLock { $0.held.append(connection) }
            case .waiting(let status):
                let isReleased = state.withLock { state in
                    if !state.isReleased { state.waiting.append((connection, status)) }
                    return state.isReleased
                }
                if isReleased { Self.answer(status, connection) }
            }
        }
    }

    private static func answer(
        _ status: Int, fields: String = "", body: String = "{\"ok\":true}", _ connection: Int32
    ) {
        write("HTTP/1.1 \(status) X\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)", connection)
        close(connection)
    }

    private static func read(_ connection: Int32) -> String {
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                let length = parts[0].split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
                    .flatMap { Int($0.dropFirst("Content-Length: ".count)) }
                if parts[1].utf8.count >= length ?? 0 { return text }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return text }
            bytes += buffer[..<count]
        }
    }

    private static func write(_ text: String, _ connection: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
