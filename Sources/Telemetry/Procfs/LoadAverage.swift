/// `/proc/loadavg`: tasks running or in uninterruptible sleep, averaged over 1, 5 and 15 minutes.
public struct LoadAverage: Hashable, Sendable {
    public var oneMinute: Double
    public var fiveMinutes: Double
    public var fifteenMinutes: Double

    public init?(_ text: KernelText) {
        let fields = text.bytes[...].fields
        guard fields.count >= 3, let one = fields[0].fraction, let five = fields[1].fraction,
            let fifteen = fields[2].fraction
        else { return nil }
        oneMinute = one
        fiveMinutes = five
        fifteenMinutes = fifteen
    }

    public static func read(_ roots: KernelRoots) -> LoadAverage? {
        (try? KernelText(path: roots.procfs + "/loadavg")).flatMap { LoadAverage($0) }
    }
}
