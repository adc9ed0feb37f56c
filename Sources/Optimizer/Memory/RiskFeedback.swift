import Glibc

/// Keeps the share of killed builds near the risk that was stated, by counting kills.
///
/// The margins promise a rate only as long as tomorrow's builds miss like yesterday's. Builds come in bursts, outcomes
/// arrive late, and blending two calibrated experts is a little too careful; each moves the rate away from what was
/// promised and keeps it there. So every finished run of a sized build moves the risk that the margins are asked for: up
/// a little when the limit held, down by much more when it did not. In balance, limits fail as often as they may.
///
/// Adaptive conformal inference (Gibbs and Candès 2021) on a logarithmic scale, where a step means the same at every risk.
struct RiskFeedback: Hashable, Codable, Sendable {
    /// Share of the stated risk that is aimed at. Of 5,000 builds at 2 %, a hundred may be killed; 85 ± 9 are below that in 19
    /// streams of 20.
    private static let aim = 0.85
    /// Step for one kill. 33 kills too many or too few move the asked risk by a factor of *e*; smaller steps follow
    /// too slowly, larger ones add noise of their own to the limits.
    private static let step = 0.03
    /// Finished runs before the first step. At 2 % they hold twenty kills; fewer tell nothing.
    private static let warmUp = 1000
    /// The asked risk stays within a factor of two of the stated one. More is no miscalibration but a fault elsewhere.
    private static let bound = 0.7

    /// Logarithm of the asked over the stated risk.
    private var logFactor = 0.0

    /// The risk to ask the margins for, so that the stated one comes out.
    func asked(for stated: Double) -> Double { min(0.5, stated * exp(logFactor)) }

    /// - Parameters:
    ///   - held: true when the limit was not below the peak.
    ///   - risk: the stated one.
    ///   - runs: finished runs before this one.
    mutating func learn(held: Bool, risk: Double, runs: Int) {
        guard runs >= Self.warmUp else { return }
        let change = Self.step * (Self.aim * risk - (held ? 0 : 1))
        logFactor = (logFactor + change).clamped(to: -Self.bound...Self.bound)
    }
}
