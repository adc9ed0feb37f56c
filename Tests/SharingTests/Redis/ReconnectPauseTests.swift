import Testing

@testable import Sharing

@Suite("The pause before connecting again")
struct ReconnectPauseTests {
    @Test("Doubles up to the longest, and begins anew when a connection held")
    func doubling() {
        var pause = ReconnectPause(RedisLimits())
        let seconds = (1...8).map { _ in pause.seconds(chance: 1) }
        #expect(seconds == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2, 2])
        pause.reset()
        #expect(pause.seconds(chance: 0) == 0.025)
    }
}
