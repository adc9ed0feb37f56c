import Builds

/// What the learned model says of one step's peak, split by the features it goes by.
struct LearnedCorrection: Hashable, Sendable {
    /// One share per feature of ``MemoryPrediction/features``, GiB, and what is left without any.
    let shares: [Double]
    let rest: Double
    /// Name of the model.
    let version: String

    /// The 90 % quantile of "peak minus expectation", GiB.
    var total: Double { shares.reduce(rest, +) }

    /// Every share by the name of its feature, such as `step_largest_gb`.
    var sharesByFeature: [(name: String, gib: Double)] {
        let perLevel = ["last", "largest", "quantile90"]
        let levels = KeyChain.levelNames.reversed().flatMap { level in perLevel.map { "\(level)_\($0)_gb" } }
        return zip(levels + ["spread_gb"], shares).map { ($0, $1) }
    }

    /// The feature that moved the correction most, in words; `nil` when none did.
    var main: (text: String, gib: Double)? {
        let perLevel = ["the last peak", "the largest recent peak", "the 90 % quantile of recent peaks"]
        let levels = [
            "of all runs", "with this tool and image", "of the step", "with this configuration", "on such branches",
        ]
        let names = levels.flatMap { level in perLevel.map { "\($0) \(level)" } } + ["the spread of the peaks"]
        guard let main = zip(names, shares).max(by: { $0.1.magnitude < $1.1.magnitude }), main.1 != 0 else {
            return nil
        }
        return (main.0, main.1)
    }

    var reason: Reason {
        let cause = main.map { ", mostly for \($0.text) (\(Wording.signedGiB($0.gib)))" } ?? ""
        var evidence: [String: JSONValue] = [
            "correction_gb": .number(total), "base_gb": .number(rest), "share": .number(MemoryModel.treeShare),
            "model": .string(version),
        ]
        for (name, gib) in sharesByFeature { evidence[name] = .number(gib) }
        return Reason(
            code: "learned_correction",
            text: "The learned model puts nine of ten peaks within \(Wording.signedGiB(total)) of the expected one"
                + "\(cause); half of that is used.",
            evidence: evidence)
    }
}
