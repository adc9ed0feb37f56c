/// `a + b` for counters from outside: at most `Int64.max`, and a negative part counts as 0.
public func saturatingSum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = max(0, a).addingReportingOverflow(max(0, b))
    return overflow ? .max : sum
}

/// `a × b` for counters from outside: at most `Int64.max`, and a negative part counts as 0.
func saturatingProduct(_ a: Int64, _ b: Int64) -> Int64 {
    let (product, overflow) = max(0, a).multipliedReportingOverflow(by: max(0, b))
    return overflow ? .max : product
}

/// How far a counter rose. One that fell was reset in between, and has counted from 0 since.
public func counterDelta(from before: Int64, to after: Int64) -> Int64 {
    after >= before ? after - before : max(0, after)
}
