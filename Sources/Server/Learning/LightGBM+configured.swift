import Optimizer

/// The LightGBM library, where there is one.
///
/// - Parameter configured: the path of `lightgbm-library`.
/// - Throws: ``ConfigurationError`` when a path somebody named cannot be loaded.
func loadLightGBM(configured: String?, environment: [String: String]) throws(ConfigurationError) -> LightGBM? {
    let search = LightGBMSearch(
        configured: configured, environment: environment,
        executableFolder: LightGBMSearch.runningExecutableFolder)
    do {
        return try search.load()
    } catch {
        throw ConfigurationError(key: "lightgbm-library", "cannot be used: \(error)")
    }
}
