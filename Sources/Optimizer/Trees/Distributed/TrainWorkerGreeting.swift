/// How a worker introduces itself to worker 0, which makes sure that all train the same model.
struct TrainWorkerGreeting: Hashable, Sendable {
    /// Changes with the messages, so that two versions of the program do not train together.
    private static let magic = Array("IM-TRAIN".utf8)
    private static let version: UInt32 = 1

    var rank: Int
    /// Of the roster; a list in another order would join the wrong processes.
    var roster: UInt64
    /// Of the set the shard comes from.
    var training: UInt64
    var features: Int
    var rows: Int
    var heldOut: Int

    init(roster: TrainWorkerRoster, shard: TrainingShard) {
        rank = shard.rank
        self.roster = roster.fingerprint
        training = shard.training
        features = shard.featureCount
        rows = shard.rowCount
        heldOut = shard.heldOutCount
    }

    var encoded: [UInt8] {
        var bytes = Self.magic
        bytes.appendLittleEndian(Self.version)
        for number in [UInt64(rank), roster, training, UInt64(features), UInt64(rows), UInt64(heldOut)] {
            bytes.appendLittleEndian(number)
        }
        return bytes
    }

    /// `nil` when no worker of this version greets so.
    init?(_ bytes: [UInt8]) {
        var reader = LittleEndianReader(bytes[...])
        guard reader.bytes(Self.magic.count)?.elementsEqual(Self.magic) == true,
            reader.integer(UInt32.self) == Self.version, let rank = reader.count(),
            let roster = reader.integer(UInt64.self), let training = reader.integer(UInt64.self),
            let features = reader.count(), let rows = reader.count(), let heldOut = reader.count(),
            reader.remaining == 0, features <= TrainingShard.mostFeatures, rows <= TrainingShard.mostRows,
            heldOut < rows
        else { return nil }
        self.rank = rank
        self.roster = roster
        self.training = training
        self.features = features
        self.rows = rows
        self.heldOut = heldOut
    }

    /// Why worker 0, who greets so, cannot train with another; `nil` when it can.
    func objection(to other: TrainWorkerGreeting, of count: Int) -> String? {
        guard (1..<count).contains(other.rank) else { return "a worker says its rank is \(other.rank) of \(count)" }
        let name = "worker \(other.rank)"
        if other.roster != roster { return "\(name) was given another list of machines than worker 0" }
        if other.features != features {
            return "the rows of \(name) have \(other.features) features, those of worker 0 have \(features)"
        }
        if other.training != training { return "\(name) holds a shard of another training set than worker 0" }
        return nil
    }
}
