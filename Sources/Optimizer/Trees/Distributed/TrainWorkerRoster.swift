/// All workers of one training, in the order of their ranks. Every worker is given the same list.
public struct TrainWorkerRoster: Hashable, Sendable {
    /// Where a worker listens.
    public struct Address: Hashable, Sendable, CustomStringConvertible {
        /// A name or an IPv4 address; LightGBM speaks no IPv6.
        public let host: String
        /// 1 to 65,535.
        public let port: UInt16

        public var description: String { "\(host):\(port)" }
    }

    /// Every two workers hold a connection, and more than this would mostly wait for each other.
    public static let mostWorkers = 64

    /// By rank; 1 to 64, no two alike.
    public let addresses: [Address]

    /// - Parameter text: `host:port,host:port,…`.
    /// - Throws: ``TrainWorkerError/usage(_:)``.
    public init(_ text: String) throws(TrainWorkerError) {
        var addresses: [Address] = []
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains(where: \.isWhitespace),
                let port = UInt16(parts[1]), port > 0
            else { throw .usage("a machine is HOST:PORT, not '\(entry)'") }
            let address = Address(host: String(parts[0]), port: port)
            guard !addresses.contains(address) else { throw .usage("\(address) is named twice") }
            addresses.append(address)
        }
        guard addresses.count <= Self.mostWorkers else {
            throw .usage("\(addresses.count) machines are too many, \(Self.mostWorkers) can train together")
        }
        self.addresses = addresses
    }

    /// Tells rosters apart that only look alike.
    var fingerprint: UInt64 { FowlerNollVo(addresses.map(\.description).joined(separator: ",").utf8).value }
}
