import Glibc

/// Finds the LightGBM library. Without it the closed form works alone.
///
/// Looked at in this order: the configured path; `INFRAMIND_LIGHTGBM`; `../lib/` beside the program's folder, and
/// `inframind/` in it, where packages put what is theirs alone; the program's folder; `.build/vendor/lightgbm/` in the folders above it, where a development build keeps it.
public struct LightGBMSearch: Sendable {
    /// The environment variable that names it.
    public static let variable = "INFRAMIND_LIGHTGBM"
    private static let fileName = "lib_lightgbm.so"

    /// The path somebody named: configured, else in the environment.
    private let named: String?
    private let executableFolder: String

    /// - Parameters:
    ///   - configured: a path from a configuration.
    ///   - environment: may hold ``variable``.
    ///   - executableFolder: the folder the running program lies in.
    public init(configured: String? = nil, environment: [String: String], executableFolder: String) {
        named = configured ?? environment[Self.variable].flatMap { $0.isEmpty ? nil : $0 }
        self.executableFolder = executableFolder
    }

    /// Existing files to try, first to last; a path somebody named is tried whether it exists or not.
    func candidates(exists: (String) -> Bool = { access($0, F_OK) == 0 }) -> [String] {
        if let named { return [named] }
        var folders = ["/../lib", "/../lib/inframind", ""].map { executableFolder + $0 }
        var ancestor = executableFolder[...]
        while !ancestor.isEmpty && ancestor != "/" {
            folders.append(ancestor + "/.build/vendor/lightgbm")
            ancestor = Self.parent(of: ancestor)
        }
        return folders.map { $0 + "/" + Self.fileName }.filter(exists)
    }

    /// - Returns: the library; `nil` when there is none.
    /// - Throws: ``LightGBMError`` when a path somebody named cannot be loaded.
    public func load() throws(LightGBMError) -> LightGBM? {
        for path in candidates() {
            do throws(LightGBMError) {
                return try LightGBM(path: path)
            } catch {
                if named != nil { throw error }
            }
        }
        return nil
    }

    /// The folder the running program lies in.
    public static var runningExecutableFolder: String {
        // PATH_MAX of Linux; a longer path cannot be opened either.
        var characters = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &characters, characters.count)
        let bytes = characters.prefix(max(0, count)).map { UInt8(truncatingIfNeeded: $0) }
        let path = count > 0 ? String(decoding: bytes, as: UTF8.self) : CommandLine.arguments[0]
        return String(parent(of: path[...]))
    }

    private static func parent(of path: Substring) -> Substring {
        path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    }
}
