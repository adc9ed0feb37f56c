/// True when both numbers agree to `tolerance`, relative for numbers above 1.
func agree(_ a: Double, _ b: Double, within tolerance: Double = 1e-5) -> Bool {
    (a - b).magnitude <= tolerance * max(1, b.magnitude)
}

/// True when both lists agree element by element.
func agree(_ a: [Double], _ b: [Double], within tolerance: Double = 1e-5) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { agree($0, $1, within: tolerance) }
}
