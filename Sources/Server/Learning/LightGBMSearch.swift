import Foundation
import Optimizer

/// Finds the LightGBM library. Without it the server works with the closed form alone.
///
/// Looked at in this order: the configured path; `INFRAMIND_LIGHTGBM`; `../lib/` beside the program's folder; the
/// program's folder; `.build/vendor/lightgbm/` in the folders above it, where a development build keeps it.
struct LightGBMSearch {
    static let fileName = "lib_lightgbm.so"

    /// The configured path, if there is one.
    var configured: String?
    var environment: [String: String]
    var executableFolder: String

    /// Existing files to try, first to last; a path somebody named is tried whether it exists or not.
    func candidates(exists: (String) -> Bool = FileManager.default.fileExists(atPath:)) -> [String] {
        if let configured { return [configured] }
        if let named = environment["INFRAMIND_LIGHTGBM"], !named.isEmpty { return [named] }
        var folders = [executableFolder + "/../lib", executableFolder]
        var ancestor = executableFolder
        while ancestor != "/" && !ancestor.isEmpty {
            folders.append(ancestor + "/.build/vendor/lightgbm")
            ancestor = (ancestor as NSString).deletingLastPathComponent
        }
        return folders.map { $0 + "/" + Self.fileName }.filter(exists)
    }

    /// - Returns: the library; `nil` when there is none.
    /// - Throws: ``ConfigurationError`` when a path somebody named cannot be loaded.
    func load() throws(ConfigurationError) -> LightGBM? {
        let isNamed = configured != nil || environment["INFRAMIND_LIGHTGBM"]?.isEmpty == false
        for path in candidates() {
            do {
                return try LightGBM(path: path)
            } catch {
                if isNamed { throw ConfigurationError(key: "lightgbm-library", "cannot be used: \(error)") }
            }
        }
        return nil
    }

    /// The folder the running program lies in.
    static var runningExecutableFolder: String {
        let path =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return (path as NSString).deletingLastPathComponent
    }
}
