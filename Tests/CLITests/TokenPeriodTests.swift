import Testing

@testable import CLI

@Suite("How long a token lasts")
struct TokenPeriodTests {
    @Test(
        "A length of time is read, and shown in the largest unit that leaves no rest",
        arguments: [
            ("90d", 7_776_000, "90d"), ("24h", 86_400, "1d"), ("36h", 129_600, "36h"), ("90m", 5400, "90m"),
            ("61s", 61, "61s"), ("never", nil, "never"),
        ] as [(String, Double?, String)])
    func periods(_ argument: String, _ seconds: Double?, _ shown: String) throws {
        let period = try #require(TokenPeriod(argument: argument))
        #expect(period.seconds == seconds && period.defaultValueDescription == shown)
    }

    @Test("Help says the defaults as they would be written")
    func help() {
        #expect(TokenCreateCommand.helpMessage().contains("(default: 90d)"))
        #expect(TokenRotateCommand.helpMessage().contains("(default: 1d)"))
    }

    @Test("What is no length of time is refused", arguments: ["", "d", "90", "-1d", "1w", "1.5h"])
    func refused(_ argument: String) { #expect(TokenPeriod(argument: argument) == nil) }
}
