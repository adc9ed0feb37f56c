import Builds

/// The keys whose statistics one prediction combines, from the finest to the coarsest.
struct KeyChain: Hashable, Sendable {
    /// Fine to coarse; the last one covers everything.
    var keys: [MemoryKey]
    /// Index of the level that names the pipeline. It gets a weaker prior than the others, for what is known about a
    /// pipeline says more than what is known about a tool.
    var pipelineLevel: Int

    init(keys: [MemoryKey], pipelineLevel: Int) {
        self.keys = keys
        self.pipelineLevel = pipelineLevel
    }

    /// The chain of the product: (step, configuration, branch class) → (step, configuration) → step → (tool, image) →
    /// everything.
    init(step: StepIdentity, configuration: ConfigurationKey) {
        let name = [step.pipeline, step.stage, step.step]
        keys = [
            MemoryKey(["branch"] + name + [configuration.fields, configuration.branch]),
            MemoryKey(["fields"] + name + [configuration.fields]),
            MemoryKey(["step"] + name),
            MemoryKey("tool", configuration.tool, configuration.image),
            MemoryKey("all"),
        ]
        pipelineLevel = 2
    }

    /// What the levels of the product's chain stand for, fine to coarse.
    static let levelNames = ["branch", "configuration", "step", "tool", "all"]

    /// The keys that belong to one step alone, finest first: up to the one that names the pipeline.
    var ownKeys: ArraySlice<MemoryKey> { keys.prefix(pipelineLevel + 1) }
}
