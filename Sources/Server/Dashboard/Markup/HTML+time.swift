import Builds

extension HTML {
    /// A point in time that programs can read as well, in UTC.
    static func time(_ time: Timestamp) -> HTML {
        "<time datetime=\"\(time.rfc3339)\" title=\"\(time.rfc3339)\">\(Figures.time(time))</time>"
    }
}
