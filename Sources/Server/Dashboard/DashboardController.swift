import Builds
import Contract
import Hummingbird
import Optimizer
import Storage

/// The pages about builds. Each handler reads what its page needs, a page of rows at a time, and hands it over; what is
/// shown and how is the pages' own.
struct DashboardController: Sendable {
    let store: any Store
    let learner: Learner
    let clock: WallClock
    let configuration: OptimizerConfiguration
    /// Where clients find this server, as a browser sees it.
    let isSecured: Bool
    let backtests: Backtests

    func addRoutes(to pages: RouterGroup<PageContext>) {
        pages.get("/ui/pipelines", use: pipelines)
        pages.get("/ui/pipeline", use: pipeline)
        pages.get("/ui/run", use: run)
        pages.get("/ui/oom", use: oomKills)
        pages.get("/ui/what-if", use: whatIf)
        pages.get("/ui/cost", use: cost)
        pages.get("/ui/backtest", use: backtest)
        pages.get("/ui/events", use: events)
    }

    /// The address for examples.
    func address(_ request: Request) -> String {
        let scheme = isSecured || request.headers[.forwardedProto]?.lowercased() == "https" ? "https" : "http"
        return "\(scheme)://\(request.head.authority ?? "127.0.0.1:8080")"
    }

    // MARK: - All pipelines

    @Sendable func overview(_ request: Request, context: PageContext) async throws -> Response {
        let (query, tenant) = (QueryParameters(request), context.tenant)
        let position = try await learner.position(tenant: tenant)
        let weeks = try await store.usageWeeks(of: nil, before: nil, limit: OverviewPage.weeks, tenant: tenant)
        let thisWeek = Week(clock.now())
        let week = try self.week(query) ?? weeks.first?.week ?? thisWeek
        let (listed, next) = try await pipelinesByUnused(
            week, query, limit: OverviewPage.pipelinesPerPage, tenant: tenant)
        let kills = try await store.oomKills(of: nil, before: nil, limit: 5, tenant: tenant)
        let page = OverviewPage(
            weeks: weeks, week: week, pipelines: listed, nextPipelines: next,
            kills: try await learner.oomKills(kills, asking: 3, tenant: tenant),
            events: try await store.events(of: .all, limit: 5, tenant: tenant), thisWeek: thisWeek,
            waitingRuns: try await store.unlearnedRuns(limit: 2, tenant: tenant).count, server: address(request))
        return Page(
            title: "Overview", section: .overview, body: page.body, session: context.session,
            position: position.newestLesson
        ).response(to: request)
    }

    private func week(_ query: QueryParameters) throws -> Week? {
        try query.integer("week", in: 0...1_000_000).map { Week(number: $0) }
    }

    /// A page of pipelines, and where the next one begins.
    private func pipelinesByUnused(
        _ week: Week, _ query: QueryParameters, limit: Int, tenant: TenantID
    ) async throws -> ([UsageWeek], UnusedPosition?) {
        let after = query.text("after").flatMap { name in
            query.text("unused").flatMap(Double.init).flatMap { unused in
                unused.isFinite ? UnusedPosition(unusedUSD: unused, pipeline: name) : nil
            }
        }
        let found = try await store.pipelines(byUnusedIn: week, after: after, limit: limit + 1, tenant: tenant)
        let shown = Array(found.prefix(limit))
        return (
            shown,
            found.count > limit
                ? shown.last.map { UnusedPosition(unusedUSD: $0.figures.unusedUSD, pipeline: $0.pipeline) } : nil
        )
    }

    @Sendable private func pipelines(_ request: Request, context: PageContext) async throws -> Response {
        let query = QueryParameters(request)
        let after = query.text("after")
        let from = after ?? query.text("from")
        let found = try await store.pipelines(
            from: from, includingFirst: after == nil, limit: PipelinesPage.perPage + 1, tenant: context.tenant)
        let page = PipelinesPage(
            pipelines: Array(found.prefix(PipelinesPage.perPage)), from: from,
            isLast: found.count <= PipelinesPage.perPage, server: address(request))
        return Page(title: "Pipelines", section: .pipelines, body: page.body, session: context.session)
            .response(to: request)
    }

    @Sendable private func cost(_ request: Request, context: PageContext) async throws -> Response {
        let (query, tenant) = (QueryParameters(request), context.tenant)
        let weeks = try await store.usageWeeks(of: nil, before: nil, limit: CostPage.weeks, tenant: tenant)
        let week = try self.week(query) ?? weeks.first?.week ?? Week(clock.now())
        let (listed, next) = try await pipelinesByUnused(week, query, limit: CostPage.perPage, tenant: tenant)
        let page = CostPage(
            weeks: weeks, week: week, pipelines: listed, next: next, prices: configuration.hourlyPrices(pool: nil),
            pools: configuration.poolPrices, server: address(request))
        return Page(title: "Cost", section: .cost, body: page.body, session: context.session).response(to: request)
    }

    @Sendable private func oomKills(_ request: Request, context: PageContext) async throws -> Response {
        let query = QueryParameters(request)
        let before = try query.integer("before", in: 1 ... .max)
        let found = try await store.oomKills(
            of: query.text("pipeline"), before: before, limit: OOMPage.perPage + 1, tenant: context.tenant)
        let shown = Array(found.prefix(OOMPage.perPage))
        let page = OOMPage(
            pipeline: query.text("pipeline"),
            kills: try await learner.oomKills(shown, asking: OOMPage.stepsAsked, tenant: context.tenant),
            next: found.count > shown.count ? shown.last?.number : nil, isFirstPage: before == nil)
        return Page(title: "OOM kills", section: .oom, body: page.body, session: context.session).response(to: request)
    }

    @Sendable private func events(_ request: Request, context: PageContext) async throws -> Response {
        let query = QueryParameters(request)
        let pipeline = query.text("pipeline")
        let before = try query.integer("before", in: 1 ... .max).map { number in
            EventPosition(lessonNumber: number, place: Int(try query.integer("place", in: 0...1_000_000) ?? 0))
        }
        let found = try await store.events(
            of: pipeline.map(EventSubject.pipeline) ?? .all, before: before, limit: EventsPage.perPage + 1,
            tenant: context.tenant)
        let shown = Array(found.prefix(EventsPage.perPage))
        let next =
            found.count > shown.count
            ? shown.last.map { EventPosition(lessonNumber: $0.lessonNumber, place: $0.place) } : nil
        let page = EventsPage(pipeline: pipeline, events: shown, next: next)
        return Page(title: "Events", section: .events, body: page.body, session: context.session).response(to: request)
    }

    // MARK: - One pipeline, one run

    @Sendable private func pipeline(_ request: Request, context: PageContext) async throws -> Response {
        let (query, tenant) = (QueryParameters(request), context.tenant)
        let name = try query.needed("name")
        let before = try query.integer("before", in: 1 ... .max)
        let limit = PipelinePage.runsPerPage
        let known = try await store.pipeline(name, tenant: tenant)
        let runs = try await store.runs(of: name, before: before, limit: limit + 1, tenant: tenant)
        // Another tenant's pipeline is not there either.
        guard known != nil || !runs.isEmpty else { throw APIError.notFound("There is no pipeline “\(name)”.") }
        let kills = try await store.oomKills(of: name, before: nil, limit: 3, tenant: tenant)
        let page = PipelinePage(
            name: name, pipeline: known, runs: runs.prefix(limit).map(RunFacts.init),
            recommendations: try await store.recommendations(
                ofRunsOf: name, before: before, limit: limit, tenant: tenant),
            events: try await store.events(of: .pipeline(name), limit: PipelinePage.events, tenant: tenant),
            kills: try await learner.oomKills(kills, asking: 3, tenant: tenant),
            next: before == nil && known != nil
                ? try await learner.whatIf(
                    OptimizationRequest(target: StepIdentity(pipeline: name)), settings: Settings(), tenant: tenant)
                : nil,
            weeks: try await store.usageWeeks(of: name, before: nil, limit: 8, tenant: tenant),
            isFirstPage: before == nil, isLastPage: runs.count <= limit)
        return Page(
            title: name, section: .pipelines, body: page.body, session: context.session,
            position: try await learner.position(tenant: tenant).newestLesson
        ).response(to: request)
    }

    @Sendable private func run(_ request: Request, context: PageContext) async throws -> Response {
        let (query, tenant) = (QueryParameters(request), context.tenant)
        let id = try query.needed("id")
        let stored = try await store.run(namedByClient: id, tenant: tenant)
        let facts = RunFacts(stored)
        var recommendation: Recommendation?
        if let named = stored.run.recommendationID {
            recommendation = try await store.recommendation(named, tenant: tenant)?.recommendation
        }
        let page = RunPage(
            facts: facts, recommendation: recommendation,
            events: try await store.events(of: .run(stored.run.id), limit: 20, tenant: tenant),
            next: try await nextOfKilled(facts, tenant: tenant),
            firstStep: Int(try query.integer("from", in: 0...1_000_000) ?? 0))
        return Page(title: "Run \(id)", section: .pipelines, body: page.body, session: context.session)
            .response(to: request)
    }

    /// What the step that was killed gets next: the one whose kill was counted, else the one that the run's end means.
    private func nextOfKilled(_ facts: RunFacts, tenant: TenantID) async throws -> (kill: MemoryKill, answer: WhatIf)? {
        guard facts.isOutOfMemory else { return nil }
        let stored = facts.stored
        let killed = RunOutcomes(run: stored.run, steps: stored.steps, observations: stored.observations).all
            .lazy.compactMap { MemoryKill($0.outcome, of: stored.run.id) }.first
        let counted = facts.killedSteps.lazy.compactMap { MemoryKill($0, of: stored.run) }.first
        guard let kill = killed ?? counted else { return nil }
        let request = OptimizationRequest(target: kill.step, context: stored.run.context)
        return (kill, try await learner.whatIf(request, settings: Settings(), tenant: tenant))
    }

    /// How long a page waits for a replay that is not known yet; it goes on without.
    private static let patience = Duration.seconds(4)

    @Sendable private func backtest(_ request: Request, context: PageContext) async throws -> Response {
        let (pipeline, tenant) = (try QueryParameters(request).needed("pipeline"), context.tenant)
        guard let known = try await store.pipeline(pipeline, tenant: tenant) else {
            throw APIError.notFound("There is no pipeline “\(pipeline)” whose runs were learned.")
        }
        let work = await backtests.result(of: known, tenant: tenant)
        let page = BacktestPage(pipeline: pipeline, result: try await work.value(within: Self.patience))
        return Page(title: "Backtest", section: .pipelines, body: page.body, session: context.session)
            .response(to: request)
    }

    // MARK: - What if

    @Sendable private func whatIf(_ request: Request, context: PageContext) async throws -> Response {
        let (query, tenant) = (QueryParameters(request), context.tenant)
        func page(_ body: HTML, scripts: [String] = []) -> Response {
            Page(title: "What if", section: .whatIf, body: body, scripts: scripts, session: context.session)
                .response(to: request)
        }
        guard let pipeline = query.text("pipeline") else {
            let pipelines = try await store.pipelines(
                from: nil, includingFirst: true, limit: WhatIfChoicePage.pipelines, tenant: tenant)
            return page(WhatIfChoicePage(pipelines: pipelines, server: address(request)).body)
        }
        let runs = try await store.runs(of: pipeline, before: nil, limit: WhatIfPage.recentRuns, tenant: tenant)
        guard !runs.isEmpty else { throw APIError.notFound("There is no pipeline “\(pipeline)”.") }
        let target = StepIdentity(pipeline: pipeline, stage: query.text("stage") ?? "", step: query.text("step") ?? "")
        let asked = Settings(
            jobs: try query.number("jobs", in: 1...4096).map { Int($0.rounded()) },
            cpuMillicores: try query.number("cpu", in: 0.001...4096).map(Units.millicores(cores:)),
            memoryBytes: try query.number("memory", in: 0.001...65_536).map(Units.bytes(gib:)))
        var seen: Set<StepIdentity> = []
        let steps = runs.flatMap(\.knownSteps)
            .map { StepIdentity(pipeline: pipeline, stage: $0.stage, step: $0.step) }.filter {
                seen.insert($0).inserted
            }
        // The newest run's context is what the next will be like.
        let question = OptimizationRequest(target: target, context: runs[0].run.whatIfContext)
        let answer = try await learner.whatIf(question, settings: asked, tenant: tenant)
        return page(
            WhatIfPage(
                target: target, steps: Array(steps.prefix(WhatIfPage.mostSteps)), asked: asked, answer: answer
            ).body, scripts: ["what-if.js"])
    }
}

extension Run {
    /// What the caller would say of the next run like this one; what would bound the answer is left out.
    fileprivate var whatIfContext: BuildContext {
        var context = context
        context.branch = context.branch ?? (branch.isEmpty ? nil : branch)
        context.image = context.image ?? (image.isEmpty ? nil : image)
        context.tool = context.tool ?? tools.first
        return context
    }
}
