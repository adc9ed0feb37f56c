/// True when both numbers agree to `tolerance`, relative for numbers above 1.
func agree(_ a: Double, _ b: Double, within tolerance: Double = 1e-5) -> Bool {
    (a - b).magnitude <= tolerance * max(1, b.magnitude)
}

/// True when both lists agree element by element.
func agree(_ a: [Double], _ b: [Double], within tolerance: Double = 1e-5) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { agree($0, $1, within: tolerance) }
}

/// SplitMix64 (Steele, Lea, Flood): chance that is the same in every run of the tests.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
