enum BatchStatements {
    /// Names per statement, greatest first: few statements to prepare, and each large enough that its own cost
    /// does not count.
    static let sizes = [64, 8, 1]

    /// Parameters: tenant, run ids.
    static let runs = bySize { size in
        """
        SELECT run_id, pipeline, branch, recommendation_id, content, started_at, status, duration_seconds, completion
        FROM runs WHERE tenant_id = $1 AND run_id IN (\(places(2..<2 + size)))
        """
    }

    private static let stepColumns = "run_id, span_id, stage, step, started_at, stopped_at, stop"

    /// Every step of some runs. Parameters: tenant, run ids.
    static let stepsOfRuns = bySize { size in
        "SELECT \(stepColumns) FROM steps WHERE tenant_id = $1 AND run_id IN (\(places(2..<2 + size)))"
    }

    /// Some steps of one run. Parameters: tenant, run, spans.
    static let steps = bySize { size in
        """
        SELECT \(stepColumns) FROM steps
        WHERE tenant_id = $1 AND run_id = $2 AND span_id IN (\(places(3..<3 + size)))
        """
    }

    private static func bySize(_ statement: (Int) -> String) -> [(size: Int, statement: String)] {
        sizes.map { ($0, statement($0)) }
    }

    private static func places(_ numbers: Range<Int>) -> String {
        numbers.map { "$\($0)" }.joined(separator: ", ")
    }
}
