import Logging
import Optimizer
import Sharing

/// How the server is set up. Every value has a default: one command and one data folder are enough to start.
struct ServerConfiguration: Sendable {
    var address = ListenAddress()
    var database = DatabaseLocation.sqlite(path: "./inframind-data/inframind.db")
    /// `nil`: plain HTTP, for loopback or behind a proxy that ends TLS.
    var tls: TLSFiles?
    /// What servers share; `nil`: there is one, or they do without.
    var redis: RedisAddress?
    /// Where `redis` was read, and is read again when it changes.
    var redisFile: SecretFile?
    var environment = DeploymentEnvironment.development
    var tokens = AccessTokens.development
    /// Where `tokens` were read, and are read again when it changes; `nil`: they stay as they are.
    var tokensFile: SecretFile?
    /// Seal the sessions of the dashboard. The same on all servers that answer under one address.
    var sessionKeys = SessionKeys()
    /// Where `sessionKeys` were read, and are read again when it changes.
    var sessionKeyFile: SecretFile?
    /// Who else than tokens says who looks at the dashboard; `nil`: nobody.
    var openID: OpenIDSettings?
    var limits = RequestLimits()
    /// Requests that one token may send, on average over ten seconds; `nil`: as many as it likes.
    var requestsPerSecond: Int?
    /// Days that steps are kept after their run began; `nil`: for good.
    var stepRetentionDays: Int? = 400
    /// Between being told to stop and stopping. Long enough for a load balancer to notice.
    var drainSeconds = 0.0
    var logging = LoggingConfiguration()
    /// Whether `/metrics` needs no token.
    var metricsArePublic = true
    /// Pipelines that have series of their own there; about forty series each.
    var metricsPipelineLimit = 100
    var optimizer = OptimizerConfiguration()
    /// Seed of the optimizer's random choices. The same on all servers of a database, so that they answer alike.
    var seed: UInt64 = 1
    /// How old the last look at what other servers have learned may be. Their notices come sooner; this is for when there
    /// are none.
    var learnedFreshness = Duration.milliseconds(250)
    /// Whom it tells of events.
    var notifications = NotificationSettings()
    /// `lib_lightgbm.so`; `nil` looks for it beside the program.
    var lightGBMPath: String?
}

/// Where the server listens. Port 0 takes a free one.
struct ListenAddress: Hashable, Sendable {
    var host = "127.0.0.1"
    var port = 8080

    /// True when only this machine can connect.
    var isLoopback: Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
    }
}

/// Development relaxes what is only safe on one's own machine.
enum DeploymentEnvironment: String, Hashable, Sendable, CaseIterable {
    case development, production
}

/// What one request may ask of the server.
struct RequestLimits: Hashable, Sendable {
    /// A run of 2,000 steps, the most the API accepts, is about 600 kB.
    var bodyBytes = 1_048_576
    var timeoutSeconds = 10.0
    var idleTimeoutSeconds = 60.0

    /// Larger bodies are refused, but read to their end up to here; beyond, the connection is closed.
    var drainedBytes: Int { bodyBytes * 16 }
}

/// How the server writes its log.
struct LoggingConfiguration: Hashable, Sendable {
    enum Format: String, Hashable, Sendable, CaseIterable {
        case text, json
    }

    var level = Logger.Level.info
    var format = Format.text
}
