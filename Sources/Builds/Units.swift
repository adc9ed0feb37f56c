/// Conversions between the canonical units used inside InfraMind (bytes, millicores, seconds) and the dialects of the
/// outside world. Dialects are spoken only at the edge: the wire contract, Kubernetes quantities, command lines.
public enum Units {
    /// Bytes in one GiB. The wire contract writes "GB" and means this, as clients in the field compute it.
    public static let bytesPerGiB: Double = 1_073_741_824

    /// Millicores in one CPU core.
    public static let millicoresPerCore: Double = 1000

    /// Converts GiB to bytes, rounding to the nearest byte and saturating at `Int64.max`.
    ///
    /// - Parameter gib: an amount in GiB; NaN and negative values become 0.
    public static func bytes(gib: Double) -> Int64 {
        saturating(gib * bytesPerGiB)
    }

    /// Converts bytes to GiB.
    public static func gib(bytes: Int64) -> Double {
        Double(bytes) / bytesPerGiB
    }

    /// Converts CPU cores to millicores, rounding to the nearest and saturating at `Int.max`.
    ///
    /// - Parameter cores: a number of cores; NaN and negative values become 0.
    public static func millicores(cores: Double) -> Int {
        Int(saturating(cores * millicoresPerCore))
    }

    /// Converts millicores to CPU cores.
    public static func cores(millicores: Int) -> Double {
        Double(millicores) / millicoresPerCore
    }

    private static func saturating(_ value: Double) -> Int64 {
        guard value > 0 else { return 0 }
        // 2^63 is exactly representable; anything from there on would trap in the conversion.
        return value >= 0x1p63 ? .max : Int64(value.rounded())
    }
}
