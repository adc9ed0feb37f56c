/// The file in which a worker gets its shard. All numbers are little-endian.
///
/// | bytes | what |
/// | --- | --- |
/// | 8 | `IM-SHARD` |
/// | 4, 4, 4, 4 | version 1; rank; workers; features of a row |
/// | 8, 8, 8, 8 | rows; held-out rows; runs learned; mark of the training |
/// | 8 × features × rows | features as doubles, row after row, oldest first; NaN where one is missing |
/// | 8 × rows | peak minus expectation, GiB, as doubles |
/// | 8 | FNV-1a of all before |
extension TrainingShard {
    static let magic = Array("IM-SHARD".utf8)
    static let version: UInt32 = 1
    /// More than any description of a build has; bounds what a damaged header can ask for.
    static let mostFeatures = 1024
    /// LightGBM counts the rows of all workers in 32 bits.
    static let mostRows = Int(Int32.max)

    /// What to write into the shard's file.
    public func encoded() -> [UInt8] {
        var bytes = Self.magic
        for number in [Self.version, UInt32(rank), UInt32(workerCount), UInt32(matrix.columns)] {
            bytes.appendLittleEndian(number)
        }
        for number in [UInt64(rowCount), UInt64(heldOutCount), UInt64(observedRuns), training] {
            bytes.appendLittleEndian(number)
        }
        bytes.appendLittleEndian(matrix.values)
        bytes.appendLittleEndian(matrix.targets)
        bytes.appendLittleEndian(FowlerNollVo(bytes).value)
        return bytes
    }

    /// Reads a shard. Every number is checked before it is used, so any bytes may come.
    ///
    /// - Throws: ``TrainWorkerError/brokenShard(_:)``.
    public init(bytes: [UInt8]) throws(TrainWorkerError) {
        var reader = LittleEndianReader(bytes[...])
        guard let magic = reader.bytes(Self.magic.count), magic.elementsEqual(Self.magic) else {
            throw .brokenShard("it does not begin with IM-SHARD")
        }
        guard let version = reader.integer(UInt32.self) else { throw .brokenShard("it ends in its header") }
        guard version == Self.version else {
            throw .brokenShard("it has version \(version), and only \(Self.version) is known here")
        }
        guard let rank = reader.integer(UInt32.self), let workers = reader.integer(UInt32.self),
            let columns = reader.integer(UInt32.self), let rows = reader.count(), let heldOut = reader.count(),
            let observedRuns = reader.count(), let training = reader.integer(UInt64.self)
        else { throw .brokenShard("it ends in its header") }
        guard (1...UInt32(TrainWorkerRoster.mostWorkers)).contains(workers), rank < workers else {
            throw .brokenShard("it says it is part \(rank) of \(workers)")
        }
        guard rows > 0 else { throw .brokenShard("it holds no rows") }
        guard (1...UInt32(Self.mostFeatures)).contains(columns), rows <= Self.mostRows else {
            throw .brokenShard("it says it holds \(rows) rows of \(columns) features")
        }
        guard heldOut < rows else { throw .brokenShard("all of its rows are held out, none is left to train on") }
        // The bounds above keep this far from overflow.
        let expected = rows * (Int(columns) + 1) * 8 + 8
        guard reader.remaining == expected else {
            throw .brokenShard("\(expected) bytes should follow its header, \(reader.remaining) do")
        }
        guard let values = reader.doubles(rows * Int(columns)), let targets = reader.doubles(rows),
            let fingerprint = reader.integer(UInt64.self)
        else { throw .brokenShard("it ends too soon") }
        guard fingerprint == FowlerNollVo(bytes.dropLast(8)).value else {
            throw .brokenShard("it is damaged: the fingerprint at its end does not fit")
        }
        guard targets.allSatisfy(\.isFinite), !values.contains(where: \.isInfinite) else {
            throw .brokenShard("a number in it is not finite")
        }
        self.init(
            rank: Int(rank), workerCount: Int(workers), training: training, observedRuns: observedRuns,
            heldOutCount: heldOut,
            matrix: TrainingMatrix(columns: Int(columns), values: values, targets: targets))
    }

    /// Reads a shard's file into memory; at most twice its size is needed meanwhile.
    ///
    /// - Throws: ``TrainWorkerError/file(path:message:)``, ``TrainWorkerError/brokenShard(_:)``.
    public init(path: String) throws(TrainWorkerError) { try self.init(bytes: WorkerFile.read(path)) }

    /// Writes the shard's file, whole or not at all, readable by this user alone.
    ///
    /// - Throws: ``TrainWorkerError/file(path:message:)``.
    public func write(to path: String) throws(TrainWorkerError) {
        try WorkerFile.write(encoded(), to: path, writer: rank)
    }
}
