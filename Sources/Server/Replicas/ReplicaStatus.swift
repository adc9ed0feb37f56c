import Sharing

/// How a server stands among those of its database, for metrics.
struct ReplicaStatus: Sendable {
    var isLeader: Bool
    var isDraining: Bool
    var sharing: SharingState
    /// `nil` without Redis.
    var redis: SharingFigures?
    /// By kind of job.
    var jobs: [String: QueueFigures]
}

extension ReplicaStatus {
    init(_ sharing: SharedServices, isLeader: Bool, isDraining: Bool) async {
        self.init(
            isLeader: isLeader, isDraining: isDraining, sharing: sharing.state, redis: sharing.figures,
            jobs: [
                JobKind.training.rawValue: await sharing.queue.figures(of: .training),
                JobKind.notification.rawValue: await sharing.queue.figures(of: .notification),
            ])
    }
}
