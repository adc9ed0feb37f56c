/// A value of a configuration file, and where it stands.
struct YAMLNode: Hashable, Sendable {
    indirect enum Value: Hashable, Sendable {
        /// `key:` with nothing behind it.
        case empty
        /// Text as it was meant, quotes and escapes gone.
        case scalar(String)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    var value: Value
    var position: FilePosition
}

/// A key and its value, in the order of the file.
struct YAMLEntry: Hashable, Sendable {
    var key: String
    var position: FilePosition
    var node: YAMLNode
}
