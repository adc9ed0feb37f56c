import Telemetry

/// `/proc/self/io`: what the agent itself reads and writes.
final class SelfIOCollector: Collector {
    let name = "self_io"
    private let file: KernelFile
    private let buffer: KernelBuffer
    private let failure: CollectorFailure

    init(_ sources: CollectorSources) {
        file = KernelFile(sources.roots.procfs + "/self/io")
        buffer = sources.buffer
        failure = CollectorFailure(
            reason: "\(file.path) cannot be read",
            remedy: "the kernel needs CONFIG_TASK_IO_ACCOUNTING; or leave self_io out of collectors")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        var cursor = try file.read(into: buffer, orFail: failure)
        var readCalls: Int64 = -1
        var writeCalls: Int64 = -1
        var readBytes: Int64 = -1
        var writtenBytes: Int64 = -1
        repeat {
            if cursor.skip("syscr:") {
                readCalls = cursor.number() ?? -1
            } else if cursor.skip("syscw:") {
                writeCalls = cursor.number() ?? -1
            } else if cursor.skip("read_bytes:") {
                readBytes = cursor.number() ?? -1
            } else if cursor.skip("write_bytes:") {
                writtenBytes = cursor.number() ?? -1
            }
        } while cursor.nextLine()
        guard readBytes >= 0, writtenBytes >= 0, readCalls >= 0, writeCalls >= 0 else { throw failure }
        page.counter("inframind_agent_read_calls_total", help: "System calls of the agent that read.")
        page.sample(readCalls)
        page.counter("inframind_agent_write_calls_total", help: "System calls of the agent that write.")
        page.sample(writeCalls)
        page.counter("inframind_agent_storage_read_bytes_total", help: "Bytes the agent had fetched from storage.")
        page.sample(readBytes)
        page.counter("inframind_agent_storage_written_bytes_total", help: "Bytes the agent had sent to storage.")
        page.sample(writtenBytes)
    }
}
