import Builds
import Foundation
import Logging
import Synchronization
import Optimizer
import Testing

@testable import Server

@Suite("Small parts of the server")
struct PartsTests {
    @Test("The generator gives the published sequence")
    func splitMix() {
        // The first outputs for seed 1234567 of the reference implementation in C.
        var generator = SplitMix64(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
    }

    @Test("Tenants with one seed have streams of their own, the same in every process")
    func streams() {
        var red = SplitMix64(seed: 1, stream: "red")
        var blue = SplitMix64(seed: 1, stream: "blue")
        var again = SplitMix64(seed: 1, stream: "red")
        let first = red.next()
        #expect(first != blue.next())
        #expect(first == again.next())
    }

    @Test("A latency is counted in the first bucket that holds it")
    func histogram() {
        var histogram = Distribution(bounds: ServerMetrics.latencyBounds)
        for seconds in [0.001, 0.002, 0.3, 60] { histogram.observe(seconds) }
        #expect(histogram.counts == [1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
        #expect(abs(histogram.sum - 60.303) < 1e-9)
    }

    @Test("Log lines are one line each, whatever is logged", arguments: [LoggingConfiguration.Format.text, .json])
    func logLines(_ format: LoggingConfiguration.Format) throws {
        let lines = Mutex<[String]>([])
        var logger = Logger(label: "test") { label in
            LineLogHandler(label: label, configuration: LoggingConfiguration(level: .info, format: format)) { line in
                lines.withLock { $0.append(line) }
            }
        }
        logger[metadataKey: "tenant.id"] = "red"
        logger.debug("not shown")
        logger.warning("first\nsecond", metadata: ["path": "a b\n\"c\""])
        let written = lines.withLock { $0 }
        #expect(written.count == 1)
        let line = try #require(written.first)
        #expect(line.hasSuffix("\n") && line.dropLast().allSatisfy { !$0.isNewline })
        if format == .json {
            let json = try JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
            #expect(json["message"] == "first\nsecond")
            #expect(json["level"] == "warning")
            #expect(json["tenant.id"] == "red")
            #expect(json["path"] == "a b\n\"c\"")
        } else {
            #expect(line.contains(#"warning first second path="a b\n\"c\"" tenant.id=red"#))
        }
    }

    @Test("Text in pages cannot become markup")
    func escaping() {
        #expect(HTML.escaped(#"<a href="x">'&'</a>"#) == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;")
    }

    @Test(
        "A token speaks for its tenant only as a whole",
        arguments: [
            ("secret-one", "red"), ("secret-two", "default"), ("secret-on", nil), ("secret-onee", nil), ("", nil),
            ("red=secret-one", nil), ("Secret-one", nil),
        ] as [(String, String?)])
    func tokens(_ token: String, _ tenant: String?) throws {
        let tokens = try AccessTokens(["red=secret-one", "secret-two"])
        #expect(tokens.tenant(of: token)?.rawValue == tenant)
    }

    @Test("Wrong methods are told from wrong paths")
    func routeTemplates() {
        #expect(RouteTable.template("/models/:version/activate") == "/models/{version}/activate")
        #expect(RouteTable.template("") == "/")
    }

    @Test("A baseline once said stands in until the caller states its own")
    func declaredBaselines() {
        var baselines = DeclaredBaselines()
        var context = BuildContext()
        context.baseline = Settings(jobs: 3)
        baselines.learn(
            Outcome(
                step: StepIdentity(pipeline: "p"), context: context, settings: Settings(), usage: Usage(),
                status: .success, startedAt: Timestamp(seconds: 0)))
        let bare = OptimizationRequest(target: StepIdentity(pipeline: "p"))
        #expect(baselines.completing(bare).context.baseline?.jobs == 3)
        var stated = bare
        stated.context.baseline = Settings(jobs: 9)
        #expect(baselines.completing(stated).context.baseline?.jobs == 9)
        #expect(baselines.completing(OptimizationRequest(target: StepIdentity(pipeline: "q"))).context.baseline == nil)
    }
}
