/// The file in which a worker hands its trees back: text, one line `inframind-trees 1`, one line `fingerprint` with
/// FNV-1a of all that follows it (16 hexadecimal digits), one line `metric NAME NUMBER` for each metric, an empty line,
/// and what LightGBM wrote.
extension TrainedTrees {
    static let title = "inframind-trees 1"
    /// Hundreds of times what 100 trees of 15 leaves need.
    static let mostBytes = 64 << 20

    /// What to write into the file.
    public func encoded() -> [UInt8] {
        let lines = metrics.sorted { $0.key < $1.key }.map { "metric \($0.key) \($0.value)\n" }
        let body = Array((lines.joined() + "\n" + text).utf8)
        let digits = String(FowlerNollVo(body).value, radix: 16)
        let padding = String(repeating: "0", count: 16 - digits.count)
        return Array("\(Self.title)\nfingerprint \(padding)\(digits)\n".utf8) + body
    }

    /// Reads what a worker handed back; any bytes may come.
    ///
    /// - Throws: ``TrainWorkerError/brokenModel(_:)``.
    public init(bytes: [UInt8]) throws(TrainWorkerError) {
        guard bytes.count <= Self.mostBytes else { throw .brokenModel("it has more than \(Self.mostBytes) bytes") }
        var rest = bytes[...]
        func line() throws(TrainWorkerError) -> String {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw .brokenModel("it ends too soon") }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }
        let title = try line()
        guard title == Self.title else { throw .brokenModel("it does not begin with '\(Self.title)'") }
        let seal = try line().split(separator: " ")
        guard seal.count == 2, seal[0] == "fingerprint", UInt64(seal[1], radix: 16) == FowlerNollVo(rest).value else {
            throw .brokenModel("it is damaged: its fingerprint does not fit")
        }
        var metrics: [String: Double] = [:]
        while true {
            let entry = try line()
            if entry.isEmpty { break }
            let words = entry.split(separator: " ")
            guard words.count == 3, words[0] == "metric", let number = Double(words[2]), number.isFinite else {
                throw .brokenModel("'\(entry.prefix(80))' is no metric")
            }
            metrics[String(words[1])] = number
        }
        self.init(text: String(decoding: rest, as: UTF8.self), metrics: metrics)
    }

    /// Reads the file a worker wrote.
    ///
    /// - Throws: ``TrainWorkerError/file(path:message:)``, ``TrainWorkerError/brokenModel(_:)``.
    public init(path: String) throws(TrainWorkerError) { try self.init(bytes: WorkerFile.read(path)) }
}
