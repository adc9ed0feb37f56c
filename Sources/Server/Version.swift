/// The version this server reports.
enum Version {
    static let current = "0.1.0"
}
