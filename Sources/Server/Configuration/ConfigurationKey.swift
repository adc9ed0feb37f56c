/// A key the server understands: `--key` on the command line, `INFRAMIND_KEY` in the environment, `key:` in the file.
struct ConfigurationKey: Hashable, Sendable {
    var name: String
    /// What stands for the value in the help.
    var value: String
    var help: String

    /// The environment variable of this key.
    var environmentName: String {
        "INFRAMIND_" + name.uppercased().replacing("-", with: "_")
    }
}

extension ConfigurationKey {
    /// Names of those whose value is itself a secret, or may hold a password.
    static let secrets: Set<String> = ["database-url", "redis-url", "tokens", "session-key", "oidc-client-secret"]

    /// Every key, in the order the help shows them.
    static let all: [ConfigurationKey] = [
        .init(name: "host", value: "ADDRESS", help: "address to listen on (127.0.0.1)"),
        .init(name: "port", value: "N", help: "port to listen on; 0 takes a free one and prints it (8080)"),
        .init(name: "data", value: "DIR", help: "folder of the embedded database (./inframind-data)"),
        .init(name: "database-url", value: "URL", help: "sqlite:PATH or postgresql://…; stands in for --data"),
        .init(
            name: "database-url-file", value: "FILE",
            help: "holds the URL of a PostgreSQL database; read for every connection, so a password can be replaced"),
        .init(
            name: "redis-url", value: "URL",
            help: "redis://:PASSWORD@HOST:PORT/DATABASE, for what several servers share (none)"),
        .init(
            name: "redis-url-file", value: "FILE",
            help: "holds that URL; read again when it changes, so a password can be replaced"),
        .init(
            name: "tls-certificate", value: "FILE",
            help: "PEM certificate chain; with tls-key the server speaks TLS 1.3, and reloads files that change"),
        .init(name: "tls-key", value: "FILE", help: "PEM key of the certificate"),
        .init(
            name: "tls-client-ca", value: "FILE", help: "PEM certificates of who signs clients' (mutual TLS, off)"),
        .init(name: "environment", value: "NAME", help: "development or production (development)"),
        .init(name: "tokens", value: "LIST", help: "TOKEN or TENANT=TOKEN, separated by commas (a development key)"),
        .init(
            name: "tokens-file", value: "FILE", help: "holds such tokens, one a line; read again when it changes"),
        .init(
            name: "session-key", value: "SECRET",
            help: "seals the dashboard's sessions; set it where several servers answer (one of this process)"),
        .init(
            name: "session-key-file", value: "FILE",
            help: "holds such keys, one a line, the first seals; read again when it changes"),
        .init(
            name: "oidc-issuer", value: "URL",
            help: "people sign in to the dashboard with this OpenID Connect provider, too; needs public-url (none)"),
        .init(name: "oidc-client-id", value: "ID", help: "what the provider knows this installation by"),
        .init(name: "oidc-client-secret", value: "SECRET", help: "shown to the provider (none: a public client)"),
        .init(name: "oidc-client-secret-file", value: "FILE", help: "holds that secret"),
        .init(name: "oidc-name", value: "NAME", help: "what people call the provider (its host)"),
        .init(
            name: "oidc-scopes", value: "WORDS", help: "what is asked of the provider (openid profile email)"),
        .init(name: "oidc-groups-claim", value: "NAME", help: "the claim that names a person's groups (groups)"),
        .init(
            name: "oidc-roles", value: "LIST",
            help: "what groups may do: GROUP=SCOPE[@TENANT], separated by commas; ci-*=operate@* for all teams"),
        .init(
            name: "oidc-default-scope", value: "SCOPE",
            help: "what everybody may do whom the provider knows: SCOPE or SCOPE@TENANT (nothing)"),
        .init(
            name: "oidc-session-seconds", value: "SECONDS", help: "how long they stay signed in, 300 to 43200 (43200)"),
        .init(
            name: "oidc-ca-file", value: "FILE",
            help: "PEM certificates of who signed the provider's, where that is you"),
        .init(name: "max-request-bytes", value: "N", help: "largest body accepted (1048576)"),
        .init(name: "request-timeout", value: "SECONDS", help: "longest time one request may take (10)"),
        .init(name: "idle-timeout", value: "SECONDS", help: "silent connections are closed after this (60)"),
        .init(name: "rate-limit", value: "N", help: "requests per second that one token may send; 0: no limit (0)"),
        .init(
            name: "drain-seconds", value: "SECONDS",
            help: "time to go on after SIGTERM while /readyz says no (0 in development, 5 in production)"),
        .init(
            name: "retention-days", value: "N",
            help: "days that steps are kept; runs and what was learned stay; 0: for good (400)"),
        .init(name: "log-level", value: "LEVEL", help: "trace, debug, info, notice, warning, error, critical (info)"),
        .init(name: "log-format", value: "FORMAT", help: "text or json (text)"),
        .init(
            name: "metrics-public", value: "BOOL",
            help: "serve /metrics without a token (true in development, false in production)"),
        .init(
            name: "metrics-pipelines", value: "N",
            help: "pipelines with series of their own in /metrics; all others are one, '*' (100)"),
        .init(name: "oom-risk", value: "P", help: "accepted probability of an OOM kill per run, 0.0001 to 0.5 (0.02)"),
        .init(name: "exploration-rate", value: "P", help: "share of decisions that may try something else (0.15)"),
        .init(
            name: "control-rate", value: "P", help: "share of runs that keep their baseline, to measure savings (0.02)"),
        .init(name: "seed", value: "N", help: "seed of the random choices, the same on every server of a database (1)"),
        .init(name: "cpu-price", value: "USD", help: "price of one core for one hour (0.04048)"),
        .init(name: "memory-price", value: "USD", help: "price of one GiB for one hour (0.004445)"),
        .init(
            name: "pool-prices", value: "LIST",
            help: "prices of pools that cost something else: POOL=CPU/MEMORY, separated by commas"),
        .init(
            name: "notify-destinations", value: "LIST",
            help: "names of whom to tell of events; each is set up in the file or the environment (none)"),
        .init(
            name: "digest-time", value: "WHEN", help: "when the weekly digest is sent, in UTC (monday 8)"),
        .init(
            name: "public-url", value: "URL",
            help: "where people reach this server: messages link there (to the CI system)"),
        .init(name: "lightgbm-library", value: "PATH", help: "lib_lightgbm.so (looked for beside the program)"),
    ]
}
