/// The shared notices; while those are away, what this server says is heard by itself. The others are told that they may
/// have missed some as soon as they listen again.
struct NoticesWithFallback<Shared: ChangeNotices>: ChangeNotices {
    let shared: Shared
    /// Where ``shared`` puts what it hears.
    let own: InProcessNotices

    func publish(_ notice: ChangeNotice) async {
        do { try await shared.publish(notice) } catch { own.publish(notice) }
    }

    func notices() -> AsyncStream<HeardNotice> { own.notices() }
}
