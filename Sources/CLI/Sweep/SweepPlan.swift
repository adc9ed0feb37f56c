/// Which numbers of jobs are tried, and in which order.
struct SweepPlan: Hashable, Sendable {
    /// Ascending, without repetition.
    let jobs: [Int]
    /// Every build, in order: one round after the other, so that a machine that slows down slows all alike.
    let builds: [Int]

    /// - Parameter repeats: rounds.
    init(jobs: [Int], repeats: Int) {
        self.jobs = jobs
        builds = (0..<max(1, repeats)).flatMap { _ in jobs }
    }

    /// Most numbers in one list; a sweep of more takes a day.
    private static let most = 20

    /// 1, 2, 4 … up to twice the cores: beyond that more jobs only cost memory.
    static func jobs(cores: Int) -> [Int] {
        var jobs = [1]
        while let last = jobs.last, last < 2 * cores, jobs.count < most { jobs.append(min(2 * last, 2 * cores)) }
        return jobs
    }

    /// `1,2,4`; `nil` when it is no such list.
    static func jobs(listed text: String) -> [Int]? {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = words.compactMap { Int($0.filter { $0 != " " }) }.filter { (1...4096).contains($0) }
        guard numbers.count == words.count, numbers.count <= most else { return nil }
        return Set(numbers).sorted()
    }
}
