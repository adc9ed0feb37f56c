/// What a rival keeps for each group of builds. To size a build it asks the finest group that has seen enough.
struct GroupedStates<State: Sendable>: Sendable {
    /// Builds from which on a group is asked before a coarser one: below, a single odd build would decide.
    private static var enough: Int { 4 }

    private struct Entry: Sendable {
        var count = 0
        var state: State
    }

    private let initial: State
    private var entries: [Int: Entry] = [:]

    /// - Parameter initial: state of a group that has seen nothing.
    init(initial: State) { self.initial = initial }

    /// The state of the first group, fine to coarse, with four builds or more, else of the first with any; `nil` before
    /// the first build.
    func state(of groups: [Int]) -> State? {
        var fallback: State?
        for group in groups {
            guard let entry = entries[group] else { continue }
            if entry.count >= Self.enough { return entry.state }
            fallback = fallback ?? entry.state
        }
        return fallback
    }

    /// Changes the state of every group of a build.
    ///
    /// - Parameter change: gets the state and the number of builds the group has seen, this one included.
    mutating func learn(_ groups: [Int], _ change: (inout State, Int) -> Void) {
        let fresh = Entry(state: initial)
        for group in groups { Self.learn(&entries[group, default: fresh], change) }
    }

    private static func learn(_ entry: inout Entry, _ change: (inout State, Int) -> Void) {
        entry.count += 1
        change(&entry.state, entry.count)
    }
}

/// What all rivals add to what they expect: the margin Kubernetes' autoscaler recommends by default.
enum RivalMargin {
    static let factor = 1.15
}
