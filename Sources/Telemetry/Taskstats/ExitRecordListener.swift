import Glibc

/// Hears of every task of the node that ends, with what it used: the kernel's exit accounting.
///
/// The only source that sees a process which lived and died between two looks at `/proc`. It needs `CAP_NET_ADMIN`, the
/// initial network namespace and the initial PID namespace. While somebody listens every exit on the node costs a
/// message, so listen only while something is followed.
public final class ExitRecordListener {
    /// Why nobody can listen here.
    public struct Unavailable: Error, Hashable, Sendable, CustomStringConvertible {
        public var description: String
    }

    /// A second of two thousand exits, which is a large machine busy with small compilers, fits: the kernel counts
    /// about 2 KiB for each.
    private static let receiveBufferBytes: Int32 = 8 << 20
    private let descriptor: Int32
    private let family: UInt16
    private var buffer = [UInt8](repeating: 0, count: 16 << 10)

    /// Starts listening on every processor.
    ///
    /// - Throws: ``Unavailable`` with the reason and what would help.
    public init(_ roots: KernelRoots) throws(Unavailable) {
        let kind = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_NETLINK, kind, 16)  // NETLINK_GENERIC
        guard descriptor >= 0 else { throw Self.unavailable("no netlink socket", errno) }
        do throws(Unavailable) {
            try Self.bind(descriptor)
            Self.enlarge(descriptor)
            var scratch = [UInt8](repeating: 0, count: 16 << 10)
            family = try Self.family(descriptor, &scratch)
            try Self.register(descriptor, family, roots, &scratch)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Hands over everything that has arrived, without waiting.
    ///
    /// - Returns: false when records were lost since the last call.
    public func drain(_ body: (ExitRecord) -> Void) -> Bool {
        var isWhole = true
        // Bounded, so that a node that ends processes faster than they are read cannot hold the caller.
        for _ in 0..<100_000 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == ENOBUFS {
                isWhole = false
                continue
            }
            guard count > 0 else { return isWhole && errno == EAGAIN }
            for record in ExitRecord.records(in: buffer[..<count], family: family) { body(record) }
        }
        return false
    }

    private static func bind(_ descriptor: Int32) throws(Unavailable) {
        // `struct sockaddr_nl`: family, padding, port (the kernel chooses), groups (none).
        var address: [UInt8] = []
        address.append(number: UInt16(AF_NETLINK))
        address += [UInt8](repeating: 0, count: 10)
        let code = address.withUnsafeBytes {
            Glibc.bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        guard code == 0 else { throw unavailable("no netlink address", errno) }
    }

    private static func enlarge(_ descriptor: Int32) {
        var size = receiveBufferBytes
        let length = socklen_t(MemoryLayout<Int32>.size)
        if setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, length) != 0 {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, length)
        }
    }

    private static func family(_ descriptor: Int32, _ scratch: inout [UInt8]) throws(Unavailable) -> UInt16 {
        // The controller, family 16, knows the others by name (attribute 2) and answers with the number (attribute 1).
        let answer = try exchange(
            descriptor,
            NetlinkMessage.request(
                type: 16, command: 3, version: 1, attribute: 2, payload: Array("TASKSTATS\0".utf8),
                acknowledged: false), &scratch)
        let attributes = NetlinkAttributes(
            answer.dropFirst(NetlinkMessage.headerBytes + NetlinkMessage.genericHeaderBytes))
        for attribute in attributes where attribute.type == 1 && attribute.payload.count >= 2 {
            return attribute.payload.load(UInt16.self, at: 0)
        }
        throw Unavailable(description: "the kernel was built without TASKSTATS")
    }

    private static func register(
        _ descriptor: Int32, _ family: UInt16, _ roots: KernelRoots, _ scratch: inout [UInt8]
    ) throws(Unavailable) {
        guard let possible = try? KernelText(path: roots.sysfs + "/devices/system/cpu/possible"),
            let list = possible.lines.first
        else { throw Unavailable(description: "the processors are not listed in \(roots.sysfs)/devices/system/cpu") }
        // Command GET with attribute REGISTER_CPUMASK.
        _ = try exchange(
            descriptor,
            NetlinkMessage.request(
                type: family, command: 1, version: 1, attribute: 3, payload: Array(list) + [0], acknowledged: true),
            &scratch)
    }

    /// Sends a request and waits for its answer, which the kernel makes before `send` returns.
    private static func exchange(
        _ descriptor: Int32, _ request: [UInt8], _ scratch: inout [UInt8]
    ) throws(Unavailable) -> ArraySlice<UInt8> {
        guard send(descriptor, request, request.count, 0) == request.count else {
            throw unavailable("no request to the kernel", errno)
        }
        let count = recv(descriptor, &scratch, scratch.count, 0)
        guard count >= NetlinkMessage.headerBytes + 4 else { throw unavailable("no answer of the kernel", errno) }
        let answer = scratch[..<count]
        if answer.load(UInt16.self, at: 4) == NetlinkMessage.errorType {
            let code = -answer.load(Int32.self, at: NetlinkMessage.headerBytes)
            if code == EPERM { throw Unavailable(description: "listening needs CAP_NET_ADMIN") }
            if code == ENOENT { throw Unavailable(description: "the kernel was built without TASKSTATS") }
            guard code == 0 else { throw unavailable("refused", code) }
        }
        return answer
    }

    private static func unavailable(_ what: String, _ code: Int32) -> Unavailable {
        Unavailable(description: "\(what): \(String(cString: strerror(code)))")
    }
}
