/// One worker's part of a training set, oldest rows first.
public struct TrainingShard: Sendable {
    /// Whose part it is; 0 to ``workerCount`` - 1.
    public let rank: Int
    /// Parts of the whole set.
    public let workerCount: Int
    /// The same for all parts of one set, so that parts of two sets are never trained together by mistake.
    let training: UInt64
    /// Runs learned when the whole set was taken.
    let observedRuns: Int
    /// How many of the rows here, the newest, belong to the newest fifth of the *whole* set.
    let heldOutCount: Int
    let matrix: TrainingMatrix

    /// Rows here.
    public var rowCount: Int { matrix.count }
    /// Features of a row.
    public var featureCount: Int { matrix.columns }
}
