extension CgroupV2 {
    /// `memory.events`: how often limits bit, children included.
    public struct MemoryEvents: Hashable, Sendable {
        /// Times the limit was reached and an allocation was about to fail.
        public var outOfMemory: Int64?
        /// Processes killed for memory, whichever limit above was hit.
        public var oomKills: Int64

        public init?(_ text: KernelText) {
            let values = text.flatKeyed
            guard let kills = values["oom_kill"] else { return nil }
            oomKills = kills
            outOfMemory = values["oom"]
        }
    }
}
