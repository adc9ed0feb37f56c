import Builds
import Telemetry

/// How far learning has come, and what it is worth.
extension MetricsPage {
    func learning(_ page: inout PrometheusText) {
        page.counter(
            "inframind_outcomes_learned_total", help: "Step outcomes learned since the server started.",
            [.init(value: Double(counts.outcomesLearned))])
        page.counter(
            "inframind_learning_failures_total", help: "Times runs could not be learned; they are tried again.",
            [.init(value: Double(counts.learningFailures))])
        page.gauge(
            "inframind_unlearned_runs", help: "Runs of all tenants that are over and not learned from yet.",
            store.map { [.init(value: Double($0.unlearnedRuns))] } ?? [])
        page.gauge(
            "inframind_learner_warm", help: "1 when what was learned is in memory after a start.",
            [.init(value: learner.isWarm ? 1 : 0)])
        page.gauge(
            "inframind_learner_tenants", help: "Tenants whose learned state is in memory.",
            [.init(value: Double(learner.tenantsInMemory))])
        page.gauge(
            "inframind_learner_tenants_behind", help: "Tenants with runs that wait to be learned again.",
            [.init(value: Double(learner.tenantsBehind))])
    }

    func models(_ page: inout PrometheusText) {
        page.gauge(
            "inframind_learner_available", help: "1 when this server can train models, 0 when it lacks the library.",
            [.init(value: isLearnerAvailable ? 1 : 0)])
        page.gauge(
            "inframind_trainings_running", help: "Models being trained.",
            [.init(value: Double(learner.trainingsRunning))])
        page.counter(
            "inframind_trainings_total", help: "Models trained, by what came of it.",
            .each(ServerMetrics.TrainingResult.self, "result") { counts.trainings[$0] })
        page.gauge(
            "inframind_model_age_seconds", help: "Time since the model in force was trained.",
            samples { $0.ageSeconds })
        page.gauge(
            "inframind_training_age_seconds", help: "Time since a model was trained last, in force or not.",
            samples { $0.trainingAgeSeconds })
        page.gauge(
            "inframind_outcomes_since_training", help: "Step outcomes learned since then.",
            samples { $0.outcomesSinceTraining.map { Double($0) } })
        page.gauge(
            "inframind_model_loss_bytes",
            help: "Pinball loss on the newest runs, which the newest model was not trained on.",
            samples { $0.lossBytes })
        page.gauge(
            "inframind_model_rival_loss_bytes",
            help: "Loss on the same runs of what was in force before: an earlier model, or the closed form.",
            samples { $0.rivalLossBytes })
        page.gauge(
            "inframind_model_coverage_ratio",
            help: "Share of those runs whose peak was below the predicted quantile; 0.9 is meant.",
            samples { $0.coverage })
    }

    private func samples(_ value: (ModelStatus) -> Double?) -> [PrometheusText.Sample] {
        (store?.models ?? [:]).filter { shows($0.key.rawValue) }.sorted { $0.key.rawValue < $1.key.rawValue }
            .compactMap { tenant, status in
                value(status).map { .init(labels: ["tenant": tenant.rawValue], value: $0) }
            }
    }
}
