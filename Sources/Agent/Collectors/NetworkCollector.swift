import Glibc
import Telemetry

/// `/proc/net/dev`: bytes, packets, errors and drops of each network device.
///
/// Left out are the loopback and the node's ends of containers' cables (`veth…`, `cali…`, `lxc…`): each container would
/// bring a series of its own, and its traffic passes through a device that is shown.
final class NetworkCollector: Collector {
    let name = "network"
    private let file: KernelFile
    private let buffer: KernelBuffer
    private let failure: CollectorFailure
    private var devices = DeviceTable(columns: 8)

    init(_ sources: CollectorSources) {
        // Below a mount of the host's `/proc`, `net` is still the agent's own network; the host's is that of its first
        // process, which takes the host's PID namespace and the right to look.
        let hosts = sources.roots.procfs + "/1/net/dev"
        let isHosts = sources.roots.procfs != "/proc" && access(hosts, R_OK) == 0
        file = KernelFile(isHosts ? hosts : sources.roots.procfs + "/net/dev")
        buffer = sources.buffer
        failure = CollectorFailure(reason: "\(file.path) cannot be read")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        var cursor = try file.read(into: buffer, orFail: failure)
        devices.removeAll()
        // The two lines above the devices have no colon after their first word.
        repeat {
            read(&cursor)
        } while cursor.nextLine() && !devices.isFull
        write(to: page)
    }

    //   eth0: 564865437   17178    0    0    0     0          0         0   920954   11566    0    0    0 …
    private func read(_ cursor: inout KernelCursor) {
        cursor.skipSpaces()
        let line = cursor.rest
        guard cursor.skip(past: UInt8(ascii: ":")) else { return }
        let name = UnsafeRawBufferPointer(rebasing: line.prefix(line.count - cursor.rest.count - 1))
        guard !name.isEmpty, !Self.isLeftOut(name) else { return }
        devices.append(name)
        for column in 0..<16 {
            guard let value = cursor.number() else { return devices.removeLast() }
            // Of either direction the first four: bytes, packets, errors, drops.
            if column % 8 < 4 { devices.set(column / 8 * 4 + column % 8, value) }
        }
    }

    private func write(to page: MetricsWriter) {
        page.counter("inframind_node_network_receive_bytes_total", help: "Bytes received.")
        devices.write(0, to: page)
        page.counter("inframind_node_network_receive_packets_total", help: "Packets received.")
        devices.write(1, to: page)
        page.counter("inframind_node_network_receive_errors_total", help: "Packets received broken.")
        devices.write(2, to: page)
        page.counter("inframind_node_network_receive_drops_total", help: "Packets received and thrown away.")
        devices.write(3, to: page)
        page.counter("inframind_node_network_transmit_bytes_total", help: "Bytes sent.")
        devices.write(4, to: page)
        page.counter("inframind_node_network_transmit_packets_total", help: "Packets sent.")
        devices.write(5, to: page)
        page.counter("inframind_node_network_transmit_errors_total", help: "Packets that could not be sent.")
        devices.write(6, to: page)
        page.counter("inframind_node_network_transmit_drops_total", help: "Packets thrown away instead of sent.")
        devices.write(7, to: page)
    }

    private static func isLeftOut(_ name: UnsafeRawBufferPointer) -> Bool {
        if name.isEqual(to: "lo") { return true }
        for prefix: StaticString in ["veth", "cali", "lxc"] where name.hasPrefix(prefix) { return true }
        return false
    }
}
