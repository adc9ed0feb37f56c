import Builds

/// What each pipeline would run without us, as its runs last said: stands in for a `baseline` the caller does not send.
struct DeclaredBaselines: Sendable {
    /// As many as the optimizer keeps steps.
    private static let capacity = 5000

    private var settings: [String: Settings] = [:]

    mutating func learn(_ outcome: Outcome) {
        guard let baseline = outcome.context.baseline else { return }
        let pipeline = outcome.step.pipeline
        // Any one goes when it is full: it comes back with the next run of its pipeline.
        if settings[pipeline] == nil, settings.count >= Self.capacity, let some = settings.keys.first {
            settings[some] = nil
        }
        settings[pipeline] = baseline
    }

    /// The request with the pipeline's own baseline, unless it states one.
    func completing(_ request: OptimizationRequest) -> OptimizationRequest {
        guard request.context.baseline == nil, request.context.lastSuccess == nil else { return request }
        var request = request
        request.context.baseline = settings[request.target.pipeline]
        return request
    }
}
