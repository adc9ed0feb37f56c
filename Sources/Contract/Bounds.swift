/// The largest values the API accepts. Each is far beyond any real build, and small enough that sums and conversions of
/// accepted values can never overflow.
public enum Bounds {
    /// Bytes in a name: pipeline, run id, branch, image …
    public static let nameBytes = 1024
    /// Ten years: longer than any build, and a clock that ran backwards shows as a negative duration anyway.
    public static let seconds: ClosedRange<Double> = 0...315_360_000
    /// 4,096 cores is beyond the largest single machine.
    public static let cores: ClosedRange<Double> = 0.001...4096
    /// Jobs at once.
    public static let jobs: ClosedRange<Double> = 1...4096
    /// GiB of memory; the upper end is 64 TiB.
    public static let gib: ClosedRange<Double> = 0...65_536
    /// Bytes of memory, the same 64 TiB.
    public static let memoryBytes: ClosedRange<Double> = 0...70_368_744_177_664
    /// Bytes moved or stored; 1 EiB stays exact enough in a double and far from `Int64.max`.
    public static let ioBytes: ClosedRange<Double> = 0...1_152_921_504_606_846_976
    /// CPU seconds: 4,096 cores for a year.
    public static let cpuSeconds: ClosedRange<Double> = 0...129_171_456_000
    /// Events: cache hits, context switches, OOM kills.
    public static let events: ClosedRange<Double> = 0...1e15
    /// US dollars.
    public static let usd: ClosedRange<Double> = 0...1e9
    /// Steps in one `POST /runs`.
    public static let steps = 2000
    /// Tools, artifacts and samples in one body.
    public static let listEntries = 10_000
    /// Keys of a free-form object.
    public static let freeFormKeys = 200
    /// Nesting of a free-form value.
    public static let freeFormDepth = 8
    /// Later clocks than this much ahead of ours are refused.
    public static let clockSkewSeconds: Double = 86_400
}
