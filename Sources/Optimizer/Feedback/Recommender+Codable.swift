/// The state without what follows from it: fitted regressions are computed again, a learned model is installed again.
extension Recommender: Codable {
    private enum CodingKeys: String, CodingKey {
        case configuration, history
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(configuration: try container.decode(OptimizerConfiguration.self, forKey: .configuration))
        history = try container.decode(History.self, forKey: .history)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(configuration, forKey: .configuration)
        try container.encode(history, forKey: .history)
    }
}

/// Equal when they have learned the same and are set up alike; the learned model in force does not count.
extension Recommender: Equatable {
    public static func == (a: Recommender, b: Recommender) -> Bool {
        a.configuration == b.configuration && a.history == b.history
    }
}
