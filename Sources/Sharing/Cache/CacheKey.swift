/// The name of a cached answer: whose it is, which state of learning it follows from, and what was asked.
public struct CacheKey: Hashable, Sendable {
    public var tenant: String
    /// Anything that is another number when the answer may be another: the number of the newest lesson, for example.
    public var version: Int64
    /// What was asked; short, because it is sent each time.
    public var question: String

    /// 512 KiB. A recommendation takes a few KiB; beyond this, computing is cheaper than sending.
    public static let largestValueBytes = 512 << 10

    public init(tenant: String, version: Int64, question: String) {
        self.tenant = tenant
        self.version = version
        self.question = question
    }

    /// One text per key and one key per text: the length says where the tenant ends, whatever it contains.
    var text: String { "\(tenant.utf8.count):\(tenant):\(version):\(question)" }
}
