import Glibc
import Telemetry

/// Writes a reading of everything as JSON lines, every interval.
final class JSONExporter: Timed {
    private let page: MetricsPage
    private let writer: MetricsWriter
    private let intervalNanoseconds: Int64
    /// `nil` is the standard output.
    private let file: RotatedFile?
    private let log: (String) -> Void
    /// What went wrong last time; said once until it changes.
    private var complaint: RotatedFile.CannotWrite?
    private(set) var dueNanoseconds: Int64

    init(
        _ configuration: AgentConfiguration, _ page: MetricsPage, log: @escaping (String) -> Void
    ) {
        self.page = page
        self.log = log
        writer = MetricsWriter(constantLabels: configuration.labels)
        intervalNanoseconds = Int64(configuration.intervalSeconds * 1e9)
        file = configuration.json.path.map {
            RotatedFile(path: $0, limitBytes: configuration.json.rotateBytes, keep: configuration.json.keep)
        }
        dueNanoseconds = monotonicNanoseconds()
    }

    func fire(at now: Int64) {
        // Late is late: intervals that were missed, say while the machine slept, are not made up for.
        dueNanoseconds = max(dueNanoseconds + intervalNanoseconds, now)
        page.render(into: writer, as: .jsonLines)
        do throws(RotatedFile.CannotWrite) {
            if let file { try file.append(writer.bytes) } else { try Self.writeOut(writer.bytes) }
            complaint = nil
        } catch {
            if complaint != error { log("\(error)") }
            complaint = error
        }
    }

    /// Writes to the standard output. A reader that does not keep up loses the rest of this reading, and the agent goes
    /// on: its scrapers must not wait for a full pipe.
    private static func writeOut(_ bytes: UnsafeRawBufferPointer) throws(RotatedFile.CannotWrite) {
        var rest = bytes
        while !rest.isEmpty {
            var entry = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
            guard poll(&entry, 1, 100) != 0 else { throw .init(path: "the standard output", code: EAGAIN) }
            // A pipe that can be written takes this much without waiting; whole lines, so that none is cut in half.
            let portion = rest.part(0..<min(rest.count, Int(PIPE_BUF)))
            let lines = portion.lastPlace(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? portion.count
            let count = write(STDOUT_FILENO, rest.baseAddress, lines)
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count > 0 else { throw .init(path: "the standard output", code: errno) }
            rest = rest.part(from: count)
        }
    }
}
