extension BatchLineBody {
    /// - Returns: `nil` when only a decoder can say what the line is.
    init?(scanning line: UnsafeBufferPointer<UInt8>) {
        var scanner = JSONScanner(line)
        var body: BatchLineBody?
        // Named as its own endpoint is; more than one name is for the decoder to refuse.
        let isRead = scanner.object(["step", "run", "start", "complete"]) { scanner, kind in
            guard body == nil else { return false }
            switch kind {
            case 0: body = BuildStepBody(&scanner).map(BatchLineBody.step)
            case 1: body = WholeRunBody(&scanner).map(BatchLineBody.run)
            case 2: body = BuildStartBody(&scanner).map(BatchLineBody.start)
            default: body = BuildCompleteBody(&scanner).map(BatchLineBody.complete)
            }
            return body != nil
        }
        guard isRead, let body, scanner.isAtEnd else { return nil }
        self = body
    }
}
