import Telemetry

/// `/proc/diskstats`: bytes, operations and busy time of each disk.
///
/// Disks only: partitions count their disk's work a second time, and loop and RAM devices are no hardware.
final class DiskCollector: Collector {
    let name = "disk"
    private let file: KernelFile
    private let buffer: KernelBuffer
    private let failure: CollectorFailure
    private var devices = DeviceTable(columns: Column.count)

    private enum Column {
        static let reads = 0, readSectors = 1, readMilliseconds = 2, writes = 3, writtenSectors = 4
        static let writeMilliseconds = 5, inFlight = 6, busyMilliseconds = 7, queuedMilliseconds = 8
        static let count = 9
    }

    /// The kernel's unit here, whatever the sectors of the disk.
    private static let sectorBytes: Int64 = 512

    init(_ sources: CollectorSources) {
        file = KernelFile(sources.roots.procfs + "/diskstats")
        buffer = sources.buffer
        failure = CollectorFailure(
            reason: "\(file.path) cannot be read",
            remedy: "leave disk out of collectors where the kernel has no block devices")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        var cursor = try file.read(into: buffer, orFail: failure)
        devices.removeAll()
        repeat {
            read(&cursor)
        } while cursor.nextLine() && !devices.isFull
        write(to: page)
    }

    // 254 0 vda 215694 46053 35712674 125803 8985451 1517135 318841656 3490963 2 515300 3845494 …
    private func read(_ cursor: inout KernelCursor) {
        guard cursor.number() != nil, cursor.number() != nil else { return }
        let name = cursor.word()
        guard !name.isEmpty, !Self.isLeftOut(name) else { return }
        devices.append(name)
        // Merged requests stand between the operations and the sectors of either kind.
        let order: [11 of Int] = [
            Column.reads, -1, Column.readSectors, Column.readMilliseconds, Column.writes, -1, Column.writtenSectors,
            Column.writeMilliseconds, Column.inFlight, Column.busyMilliseconds, Column.queuedMilliseconds,
        ]
        for index in order.indices {
            // A line cut short is no line: a disk whose writes are missing would look idle.
            guard let value = cursor.number() else { return devices.removeLast() }
            if order[index] >= 0 { devices.set(order[index], value) }
        }
    }

    private func write(to page: MetricsWriter) {
        page.counter("inframind_node_disk_read_bytes_total", help: "Bytes read from the disk.")
        devices.write(Column.readSectors, scale: Self.sectorBytes, to: page)
        page.counter("inframind_node_disk_written_bytes_total", help: "Bytes written to the disk.")
        devices.write(Column.writtenSectors, scale: Self.sectorBytes, to: page)
        page.counter("inframind_node_disk_reads_total", help: "Read operations completed.")
        devices.write(Column.reads, to: page)
        page.counter("inframind_node_disk_writes_total", help: "Write operations completed.")
        devices.write(Column.writes, to: page)
        page.counter("inframind_node_disk_read_seconds_total", help: "Time all reads together took.")
        devices.write(Column.readMilliseconds, per: 1000, to: page)
        page.counter("inframind_node_disk_write_seconds_total", help: "Time all writes together took.")
        devices.write(Column.writeMilliseconds, per: 1000, to: page)
        page.counter("inframind_node_disk_busy_seconds_total", help: "Time the disk had anything to do.")
        devices.write(Column.busyMilliseconds, per: 1000, to: page)
        page.counter(
            "inframind_node_disk_queued_seconds_total", help: "Time operations waited or ran, summed over them.")
        devices.write(Column.queuedMilliseconds, per: 1000, to: page)
        page.gauge("inframind_node_disk_operations_in_flight", help: "Operations under way.")
        devices.write(Column.inFlight, to: page)
    }

    /// Loop, RAM and floppy devices, and partitions: `sda1`, `vda2`, `nvme0n1p3`, `mmcblk0p1`.
    private static func isLeftOut(_ name: UnsafeRawBufferPointer) -> Bool {
        var stem = name[...]
        while let last = stem.last, (0x30...0x39).contains(last) { stem = stem.dropLast() }
        guard stem.count < name.count else { return false }
        for word: StaticString in ["loop", "ram", "zram", "fd"] where stem.isEqual(to: word) { return true }
        if let last = stem.last, last == UInt8(ascii: "p"), let before = stem.dropLast().last,
            (0x30...0x39).contains(before),
            name.hasPrefix("nvme")
                || name.hasPrefix("mmcblk")
        {
            return true
        }
        // Whole disks of these end in a letter.
        for prefix: StaticString in ["sd", "hd", "vd", "xvd"]
        where stem.hasPrefix(prefix) && stem.dropFirst(prefix.utf8CodeUnitCount).allSatisfy(isLowercase) {
            return stem.count > prefix.utf8CodeUnitCount
        }
        return false
    }

    private static func isLowercase(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
}
