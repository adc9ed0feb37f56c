/// Settings fit the node, if the caller describes it: a pod that asks for more is never scheduled. Memory the caller
/// states to need is asked for all the same; then the node is the wrong one, and the answer says so.
enum NodeCapacityGuardrail: Guardrail {
    static let name = "node_capacity"

    static func apply(to settings: inout ProposedSettings, given facts: GuardrailFacts) {
        if let cores = facts.bounds.nodeCores { settings.cores = min(settings.cores, cores) }
        if let memory = facts.bounds.nodeMemoryGiB {
            settings.memoryGiB = min(settings.memoryGiB, max(memory, facts.statedFloorGiB ?? 0))
        }
    }
}
