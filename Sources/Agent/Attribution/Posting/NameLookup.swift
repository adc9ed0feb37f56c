import Glibc
import Synchronization
import Telemetry

/// Finds the addresses of a host.
///
/// The C library's resolver waits, up to half a minute when its servers are silent, and the agent's one thread has
/// scrapes to answer meanwhile. So a name is looked up on a thread of its own; there is at most one at a time, as the
/// owner keeps a lookup until it is done, and one that is given up on ends by itself. Numeric addresses need no thread.
final class NameLookup: Sendable {
    enum Result: Sendable {
        case addresses([SocketAddress])
        case failed(String)
    }

    /// Readable once there is a result.
    let wakePipe: WakePipe
    private let state = Mutex<Result?>(nil)
    private let host: String
    private let port: UInt16

    private static let mostAddresses = 8

    /// Starts looking. `nil` when the process is out of descriptors or threads.
    init?(host: String, port: UInt16) {
        guard let wakePipe = WakePipe() else { return nil }
        self.wakePipe = wakePipe
        self.host = host
        self.port = port
        let numeric = Self.resolve(host, port, AI_NUMERICHOST)
        if case .addresses = numeric {
            finish(numeric)
        } else if !start() {
            return nil
        }
    }

    /// `nil` while it is still looking.
    var result: Result? { state.withLock { $0 } }

    private func start() -> Bool {
        guard let thread = QuietThread.start({ self.finish(Self.resolve(self.host, self.port, 0)) }) else {
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func finish(_ result: Result) {
        state.withLock { $0 = result }
        wakePipe.wake()
    }

    private static func resolve(_ host: String, _ port: UInt16, _ flags: Int32) -> Result {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { return .failed(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee, addresses.count < mostAddresses {
            if let address = entry.ai_addr, entry.ai_family == AF_INET || entry.ai_family == AF_INET6 {
                let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
                addresses.append(SocketAddress(family: entry.ai_family, bytes: Array(bytes)))
            }
            next = entry.ai_next
        }
        return addresses.isEmpty ? .failed("no addresses") : .addresses(addresses)
    }
}
