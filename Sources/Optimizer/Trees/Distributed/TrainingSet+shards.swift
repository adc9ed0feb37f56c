extension TrainingSet {
    /// Splits the set for so many workers, dealing the rows out in turn: row `i` goes to worker `i` modulo `count`.
    ///
    /// Every worker must see a sample of everything, for LightGBM does two things on one worker's rows alone: it cuts a
    /// feature into bins, and it takes the quantile in a leaf, whose mean over the workers is the leaf's value. Blocks
    /// of time would give each worker another era, and a hash of the step other steps; both would bias the bins and the
    /// leaves. Dealt out, the parts also differ by one row at most, stay in the order of time, and each ends with its
    /// share of the newest fifth, which judges the model. No chance is involved: the same set gives the same parts.
    ///
    /// - Parameter count: 1 to 64.
    /// - Throws: `unsuitable` when a part would have fewer than 20 rows, when rows are of different lengths, and for a
    ///   count outside its range.
    public func shards(_ count: Int) throws(LightGBMError) -> [TrainingShard] {
        guard (1...TrainWorkerRoster.mostWorkers).contains(count) else {
            throw .unsuitable(message: "1 to \(TrainWorkerRoster.mostWorkers) workers can train together, not \(count)")
        }
        let needed = count * ModelTrainer.fewestRows
        guard rows.count >= needed else {
            throw .unsuitable(message: "\(rows.count) runs are too few for \(count) workers, \(needed) are needed")
        }
        let whole = try TrainingMatrix(rows)
        var fingerprint = FowlerNollVo()
        for number in whole.values { fingerprint.add(number.bitPattern) }
        for number in whole.targets { fingerprint.add(number.bitPattern) }
        fingerprint.add(UInt64(observedRuns))
        let firstHeldOut = rows.count - ModelTrainer.heldOutCount(of: rows.count)
        var shards: [TrainingShard] = []
        for rank in 0..<count {
            let mine = stride(from: rank, to: rows.count, by: count)
            shards.append(
                TrainingShard(
                    rank: rank, workerCount: count, training: fingerprint.value, observedRuns: observedRuns,
                    heldOutCount: mine.count { $0 >= firstHeldOut }, matrix: try TrainingMatrix(mine.map { rows[$0] })))
        }
        return shards
    }
}

extension FowlerNollVo {
    fileprivate mutating func add(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { combine($0) }
    }
}
