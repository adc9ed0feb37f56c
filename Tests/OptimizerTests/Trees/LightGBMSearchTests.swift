import Testing

@testable import Optimizer

@Suite struct LightGBMSearchTests {
    @Test("The library is looked for beside the program, then in the folders above it")
    func search() {
        let search = LightGBMSearch(configured: nil, environment: [:], executableFolder: "/opt/app/bin")
        #expect(
            search.candidates(exists: { _ in true }) == [
                "/opt/app/bin/../lib/lib_lightgbm.so", "/opt/app/bin/../lib/inframind/lib_lightgbm.so",
                "/opt/app/bin/lib_lightgbm.so",
                "/opt/app/bin/.build/vendor/lightgbm/lib_lightgbm.so",
                "/opt/app/.build/vendor/lightgbm/lib_lightgbm.so",
                "/opt/.build/vendor/lightgbm/lib_lightgbm.so",
            ])
        let named = LightGBMSearch(configured: nil, environment: ["INFRAMIND_LIGHTGBM": "/x.so"], executableFolder: "/")
        #expect(named.candidates(exists: { _ in false }) == ["/x.so"])
        let configured = LightGBMSearch(
            configured: "/y.so", environment: ["INFRAMIND_LIGHTGBM": "/x.so"], executableFolder: "/")
        #expect(configured.candidates() == ["/y.so"])
    }

    @Test("A library somebody named must be there; nobody's need not")
    func missing() throws {
        let named = LightGBMSearch(configured: "/none/such.so", environment: [:], executableFolder: "/")
        #expect(throws: LightGBMError.self) { _ = try named.load() }
        #expect(try LightGBMSearch(environment: [:], executableFolder: "/nowhere").load() == nil)
    }
}
