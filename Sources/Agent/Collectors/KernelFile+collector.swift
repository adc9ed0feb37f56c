import Telemetry

extension KernelFile {
    /// Reads the file, or throws `failure` with the kernel's reason in it.
    func read(into buffer: KernelBuffer, orFail failure: CollectorFailure) throws(CollectorFailure) -> KernelCursor {
        do throws(KernelFileError) {
            return try read(into: buffer)
        } catch {
            var failure = failure
            failure.code = error.code
            throw failure
        }
    }
}
