import Foundation
import Glibc
import Synchronization

/// A server on 127.0.0.1 that answers each connection as its test wants: rightly, wrongly, or never.
public final class LoopbackServer: Sendable {
    /// What a client sent.
    public struct Request: Sendable {
        public var method: String
        public var path: String
        public var headers: [String: String]
        public var body: String
    }

    public enum Answer: Sendable {
        case json(Int, String)
        /// A refusal in the words of the API.
        case problem(Int)
        /// These bytes, and then the end of the connection.
        case bytes([UInt8])
        /// Nothing, for as long as the server lives.
        case silence
        /// The head of an answer, and then nothing.
        case headOnly
    }

    public let port: UInt16
    public var url: String { "http://127.0.0.1:\(port)" }
    /// Everything received, in order.
    public var requests: [Request] { received.withLock { $0 } }

    private let listener: Int32
    private let isListening = Atomic(true)
    private let received = Mutex<[Request]>([])
    private let held = Mutex<[Int32]>([])
    private let answer: @Sendable (Request) -> Answer

    public init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 {
                    // Closed here and nowhere else: another server may get the same number at once.
                    close(listener)
                    return
                }
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                Thread.detachNewThread { [self] in serve(connection) }
            }
        }
    }

    /// Ends it: `accept` fails, and held connections close.
    public func stop() {
        // Once: a second time the numbers may be somebody else's.
        guard isListening.exchange(false, ordering: .relaxed) else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in held.withLock({ $0 }) { close(connection) }
    }

    private func serve(_ connection: Int32) {
        guard let request = Self.read(connection) else {
            close(connection)
            return
        }
        received.withLock { $0.append(request) }
        switch answer(request) {
        case .json(let status, let body):
            Self.write(status, "application/json", body, to: connection)
        case .problem(let status):
            let body = #"{"type":"about:blank","title":"No","status":\#(status),"detail":"no"}"#
            Self.write(status, "application/problem+json", body, to: connection)
        case .bytes(let bytes):
            Self.write(bytes, to: connection)
            close(connection)
        case .headOnly:
            Self.write(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".utf8), to: connection)
            held.withLock { $0.append(connection) }
        case .silence: held.withLock { $0.append(connection) }
        }
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(connection, &buffer, buffer.count)
            if count <= 0 { return nil }
            bytes += buffer[..<count]
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
            }
            let body = text[end.upperBound...]
            if body.utf8.count < Int(headers["content-length"] ?? "0") ?? 0 { continue }
            let words = lines[0].split(separator: " ")
            return Request(method: String(words[0]), path: String(words[1]), headers: headers, body: String(body))
        }
    }

    private static func write(_ status: Int, _ mediaType: String, _ body: String, to connection: Int32) {
        let head = "HTTP/1.1 \(status) X\r\nContent-Type: \(mediaType)\r\nContent-Length: \(body.utf8.count)"
        write(Array("\(head)\r\nConnection: close\r\n\r\n\(body)".utf8), to: connection)
        close(connection)
    }

    private static func write(_ bytes: [UInt8], to connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}
