extension Double {
    /// The nearest number inside `range`; its lower end for NaN, so that nothing downstream has to think of it.
    func clamped(to range: ClosedRange<Double>) -> Double {
        self >= range.lowerBound ? (self <= range.upperBound ? self : range.upperBound) : range.lowerBound
    }

    /// The number itself if it is finite and above zero.
    var ifPositive: Double? { isFinite && self > 0 ? self : nil }
}
