import Telemetry

/// `/proc/pressure/*`: how long tasks waited for CPU, memory and I/O.
final class PressureCollector: Collector {
    let name = "pressure"
    private let buffer: KernelBuffer
    private let failure: CollectorFailure
    private var resources: [Resource]

    private struct Resource {
        let name: StaticString
        let file: KernelFile
        /// Microseconds; -1 where the kernel does not tell.
        var some: Int64 = -1
        var full: Int64 = -1
    }

    init(_ sources: CollectorSources) {
        let folder = sources.roots.procfs + "/pressure"
        buffer = sources.buffer
        resources = [
            Resource(name: "cpu", file: KernelFile(folder + "/cpu")),
            Resource(name: "memory", file: KernelFile(folder + "/memory")),
            Resource(name: "io", file: KernelFile(folder + "/io")),
        ]
        failure = CollectorFailure(
            reason: "\(folder) cannot be read", remedy: "add psi=1 to the kernel command line to enable it")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        var code: Int32 = 0
        var found = false
        for index in 0..<resources.count {
            resources[index].some = -1
            resources[index].full = -1
            do throws(KernelFileError) {
                var cursor = try resources[index].file.read(into: buffer)
                repeat {
                    if cursor.skip("some ") {
                        resources[index].some = Self.total(&cursor)
                    } else if cursor.skip("full ") {
                        resources[index].full = Self.total(&cursor)
                    }
                } while cursor.nextLine()
                found = found || resources[index].some >= 0
            } catch {
                code = error.code
            }
        }
        guard found else {
            var failure = failure
            failure.code = code
            throw failure
        }
        page.counter(
            "inframind_node_pressure_waiting_seconds_total", help: "Time in which some task waited for the resource.")
        for index in 0..<resources.count where resources[index].some >= 0 {
            page.sample(resources[index].some, per: 1_000_000) { $0.add("resource", resources[index].name) }
        }
        page.counter(
            "inframind_node_pressure_stalled_seconds_total",
            help: "Time in which no task could run for want of the resource.")
        for index in 0..<resources.count where resources[index].full >= 0 {
            page.sample(resources[index].full, per: 1_000_000) { $0.add("resource", resources[index].name) }
        }
    }

    /// The `total=` at the end of a line.
    private static func total(_ cursor: inout KernelCursor) -> Int64 {
        while !cursor.isAtLineEnd {
            cursor.skipSpaces()
            if cursor.skip("total=") { return cursor.number() ?? -1 }
            _ = cursor.word()
        }
        return -1
    }
}
