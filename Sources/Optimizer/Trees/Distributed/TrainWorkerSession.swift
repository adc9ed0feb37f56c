/// The two trainings of one worker, once all workers are joined.
struct TrainWorkerSession {
    let shard: TrainingShard
    let links: TrainWorkerLinks
    let timeoutSeconds: Double
    let library: LightGBM

    private typealias Metric = MemoryTreeModel.Metric

    /// Judges the recipe on the held-out rows, then trains on all.
    func trained(_ watch: TrainWorkerWatch) throws(TrainWorkerError) -> TrainedTrees {
        guard links.rows >= ModelTrainer.fewestRows else {
            throw .lightGBM(
                .unsuitable(message: "\(links.rows) runs are too few, \(ModelTrainer.fewestRows) are needed"))
        }
        let judged = try watch.during { () throws(TrainWorkerError) in
            try booster(oldest: shard.rowCount - shard.heldOutCount, rows: links.rows - links.heldOut)
        }
        var metrics = try sumsOfAll(try sums(of: judged)).metrics
        metrics[Metric.rows] = Double(links.rows)
        metrics[Metric.observedRuns] = Double(shard.observedRuns)
        let text = try watch.during { () throws(TrainWorkerError) in
            let booster = try booster(oldest: shard.rowCount, rows: links.rows)
            do throws(LightGBMError) {
                return try booster.modelText()
            } catch {
                throw .lightGBM(error)
            }
        }
        try agree(on: text)
        return TrainedTrees(text: text, metrics: metrics)
    }

    /// - Parameter rows: of all workers; the parameters follow from them and must be the same everywhere.
    private func booster(oldest: Int, rows: Int) throws(TrainWorkerError) -> Booster {
        var parameters = ModelTrainer.parameters(rows: rows, workers: shard.workerCount)
        if !links.peers.isEmpty {
            parameters += " tree_learner=data pre_partition=true num_machines=\(shard.workerCount)"
        }
        do {
            return try Booster(
                matrix: shard.matrix, oldest: oldest, parameters: parameters, rounds: ModelTrainer.rounds,
                library: library)
        } catch {
            throw .lightGBM(error)
        }
    }

    private func sums(of booster: Booster) throws(TrainWorkerError) -> HeldOutSums {
        var sums = HeldOutSums()
        for row in shard.rowCount - shard.heldOutCount..<shard.rowCount {
            guard let predicted = booster.prediction(shard.matrix.features(row)) else {
                throw .lightGBM(.failed(message: "a held-out row could not be predicted"))
            }
            sums.add(target: shard.matrix.targets[row], predicted: predicted)
        }
        return sums
    }

    private func sumsOfAll(_ mine: HeldOutSums) throws(TrainWorkerError) -> HeldOutSums {
        let message = TrainWorkerMessage(kind: .sums, body: mine.encoded)
        let body = try links.exchange(message, answer: .allSums, seconds: timeoutSeconds) {
            (bodies) throws(TrainWorkerError) in
            var all = HeldOutSums()
            for body in bodies {
                guard let sums = HeldOutSums(body) else { throw .disagreement("a worker's metrics cannot be read") }
                all += sums
            }
            return all.encoded
        }
        guard let all = HeldOutSums(body), all.rows == links.heldOut, all.rows > 0 else {
            throw .disagreement("the workers judged other rows than were held out")
        }
        return all
    }

    /// Makes sure that all have grown the same trees: if LightGBM ever did not keep its word, a model would be wrong
    /// without a sign.
    private func agree(on text: String) throws(TrainWorkerError) {
        var mine: [UInt8] = []
        mine.appendLittleEndian(FowlerNollVo(text.utf8).value)
        let message = TrainWorkerMessage(kind: .trees, body: mine)
        _ = try links.exchange(message, answer: .agreed, seconds: timeoutSeconds) { (bodies) throws(TrainWorkerError) in
            if let other = bodies.firstIndex(where: { $0 != bodies[0] }) {
                throw .disagreement("worker \(other) has grown other trees than worker 0")
            }
            return []
        }
    }
}

extension HeldOutSums {
    fileprivate var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for number in [rows, covered] { bytes.appendLittleEndian(UInt64(number)) }
        bytes.appendLittleEndian([pinball, absolute, width])
        return bytes
    }

    fileprivate init?(_ bytes: [UInt8]) {
        var reader = LittleEndianReader(bytes[...])
        guard let rows = reader.count(), let covered = reader.count(), let pinball = reader.double(),
            let absolute = reader.double(), let width = reader.double(), reader.remaining == 0,
            covered <= rows, rows <= TrainingShard.mostRows
        else { return nil }
        self.init(rows: rows, pinball: pinball, absolute: absolute, width: width, covered: covered)
    }
}
