import Builds
import Foundation
import Hummingbird
import Scaffolding
import Testing

@testable import Server

@Suite("Pages of the dashboard")
struct PageTests {
    /// Every page that shows something of a tenant, asked for what red has.
    static let paths: [String] = DashboardRoute.all.filter { $0.method == "GET" && $0.showsTenant }.map(\.path) + ["/"]

    /// What a page needs to be about the pipeline and the run of ``fill(_:token:)``.
    static func query(of path: String) -> String {
        switch path {
        case "/ui/pipeline": "?name=zqred%2Fcart"
        case "/ui/run": "?id=zqred-oom"
        case "/ui/what-if": "?pipeline=zqred%2Fcart&stage=build&step=compile&memory=3"
        case "/ui/backtest": "?pipeline=zqred%2Fcart"
        default: ""
        }
    }

    /// Twelve runs of `zqred/cart`, a recommendation that the last one followed, and an OOM kill.
    static func fill(_ api: API, token: String = TestServer.key) async throws {
        func post(_ path: String, _ body: String) async throws -> API.Answer {
            let answer = try await api.post(path, body, token: token)
            #expect((200...201).contains(answer.status), "\(path): \(answer.text)")
            return answer
        }
        for number in 1...11 {
            _ = try await post(
                "/runs",
                BuildReports.wholeRun(
                    number, pipeline: "zqred/cart", peakBytes: 2_500_000_000 + number * 10_000_000,
                    seconds: 290 + Double(number), jobs: 2 + number % 3))
        }
        let recommended = try await post(
            "/optimize", #"{"pipeline":"zqred/cart","context":{}}"#
        ).json["recommendation_id"].stringValue
        for (id, counters, status) in [
            (
                "zqred-ok",
                #"{"cpu_time_s":900,"peak_memory_bytes":2600000000,"exit_code":0,"cache_hits":30,"cache_misses":10}"#,
                "success"
            ),
            (
                "zqred-oom", #"{"cpu_time_s":700,"peak_memory_bytes":8589934592,"oom_kills":1,"exit_code":137}"#,
                "oom_killed"
            ),
        ] {
            _ = try await post(
                "/builds/start", BuildReports.start(id, pipeline: "zqred/cart", recommendation: recommended))
            _ = try await post("/builds/step", BuildReports.step(id, event: "start"))
            _ = try await post(
                "/builds/step", BuildReports.step(id, event: "stop", at: "2026-03-01T12:05:10Z", counters: counters))
            _ = try await post("/builds/complete", BuildReports.complete(id, status: status))
        }
    }

    @Test("Every page is there, says what it is about, and keeps to its policy", arguments: paths)
    func pages(_ path: String) async throws {
        try await withServer { api in
            try await Self.fill(api)
            let browser = try await Browser(api, token: TestServer.key)
            let page = try await browser.get(path + Self.query(of: path))
            #expect(page.status == 200, "\(page.text)")
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            let policy = page.headers[.contentSecurityPolicy] ?? ""
            #expect(policy.contains("script-src 'self'") && !policy.contains("unsafe"))
            // What the policy forbids is not there: nothing inline.
            #expect(!page.text.contains(" style=") && !page.text.contains("<style") && !page.text.contains(" onclick="))
            #expect(!page.text.contains("<script>"))
            #expect(page.text.utf8.count < 100_000)
            #expect(page.text.contains("<h1>") && page.text.contains("<main") && page.text.contains("class=\"skip\""))
            if !["/ui/models", "/ui/settings", "/ui/audit", "/ui/events"].contains(path) {
                #expect(page.text.contains("zqred/cart"), "\(path)")
            }
            // Asked again, the browser has it already; but for what tells how long ago something was.
            let changes: Set = ["/ui/settings", "/ui/what-if", "/ui/pipeline", "/ui/backtest"]
            if let tag = page.headers[.eTag], !changes.contains(path) {
                let again = try await browser.get(path + Self.query(of: path), headers: [.ifNoneMatch: tag])
                #expect(again.status == 304 && again.text.isEmpty)
            }
        }
    }

    @Test("Every page of a server on which nothing has run teaches the next step", arguments: paths)
    func emptyStates(_ path: String) async throws {
        try await withServer { api in
            let browser = try await Browser(api, token: TestServer.key)
            let page = try await browser.get(path + (path == "/ui/what-if" ? "" : Self.query(of: path)))
            switch path {
            case "/ui/pipeline", "/ui/run", "/ui/backtest":
                #expect(page.status == 404 && page.text.contains("<h1>Not found</h1>"))
            default: #expect(page.status == 200)
            }
            if ["/", "/ui/pipelines", "/ui/what-if", "/ui/cost"].contains(path) {
                #expect(page.text.contains("inframind run --pipeline"))
            }
        }
    }

    @Test("No page shows anything of another tenant", arguments: paths)
    func isolation(_ path: String) async throws {
        try await withServer {
            $0.tokens = (try? AccessTokens(["red=red-secret", "blue=blue-secret"])) ?? .development
        } _: { api in
            try await Self.fill(api, token: "red-secret")
            let red = try await Browser(api, token: "red-secret")
            let blue = try await Browser(api, token: "blue-secret")
            let place = path + Self.query(of: path)
            let (own, foreign) = (try await red.get(place), try await blue.get(place))
            #expect(own.status == 200)
            // Its own name comes back in an error, and nothing else.
            let told = foreign.text.replacing("zqred/cart", with: "").replacing("zqred-oom", with: "")
            #expect(!told.contains("zqred"), "\(told)")
            #expect(!foreign.text.contains("href=\"/ui/run?id="))
            if !Self.query(of: path).isEmpty { #expect(foreign.status == 404) }
        }
    }

    @Test(
        "A page needs a session, and the scope it says", arguments: DashboardRoute.all.filter { $0.scope != nil })
    func scopes(_ route: DashboardRoute) async throws {
        try await withServer { api in
            try await Self.fill(api)
            let method = try #require(HTTPRequest.Method(route.method))
            let place = route.path + Self.query(of: route.path)
            let stranger = Browser(api)
            let refused = method == .get ? try await stranger.get(place) : try await stranger.post(place, [:])
            #expect(refused.status == (method == .get ? 303 : 403), "\(route)")
            #expect(!refused.text.contains("zqred/cart"))
            for scope in [TokenScope.read, .operate, .admin] where method == .get && route.path != "/ui/live" {
                let made = try await api.post("/tokens", #"{"name":"t","scopes":["\#(scope.rawValue)"]}"#)
                let browser = try await Browser(api, token: made.json["token"].stringValue ?? "")
                let isEnough = route.scope.map(scope.includes) ?? true
                #expect(try await browser.get(place).status == (isEnough ? 200 : 403), "\(scope)")
            }
            if method == .post, route.scope != .read {
                let made = try await api.post("/tokens", #"{"name":"t","scopes":["read"]}"#)
                var browser = try await Browser(api, token: made.json["token"].stringValue ?? "")
                try await browser.readFormToken()
                #expect(try await browser.post(place, ["form_token": browser.formToken]).status == 403)
            }
        }
    }

    @Test("Names that are markup stay text on every page", arguments: paths)
    func hostileNames(_ path: String) async throws {
        try await withServer { api in
            let hostile = #"<img src=x onerror=alert(1)>\"'&"#
            let answer = try await api.post(
                "/runs",
                """
                {"pipeline":"\(hostile)","build_number":1,"git_branch":"\(hostile)","git_sha":"\(hostile)","duration_s":9,
                "start_time":"2026-03-01T12:00:00Z","status":"oom_killed","tool":"\(hostile)","concurrency":1,"cpu_req":1,
                "mem_req_gb":1,"steps":[{"name":"\(hostile)","duration_s":9,"rss_max_bytes":1000000000}]}
                """)
            #expect(answer.status == 201, "\(answer.text)")
            let browser = try await Browser(api, token: TestServer.key)
            let name = Link.encoded(#"<img src=x onerror=alert(1)>"'&"#)
            let query =
                switch path {
                case "/ui/pipeline": "?name=\(name)"
                case "/ui/run": "?id=\(answer.json["run_id"].numberValue.map { String(Int($0)) } ?? "1")"
                case "/ui/what-if", "/ui/backtest": "?pipeline=\(name)"
                default: ""
                }
            let page = try await browser.get(path + query)
            #expect(page.status == 200, "\(page.text)")
            #expect(!page.text.contains("<img src=x"))
        }
    }

    @Test(
        "A query that cannot be used is told, on a page",
        arguments: [
            "/ui/pipeline", "/ui/pipeline?name=a&before=x", "/ui/run", "/ui/what-if?pipeline=zqred%2Fcart&memory=-1",
            "/ui/what-if?pipeline=zqred%2Fcart&jobs=nan", "/?week=x", "/ui/oom?before=0",
            "/ui/events?before=99999999999999999999",
        ])
    func badQueries(_ path: String) async throws {
        try await withServer { api in
            try await Self.fill(api)
            let page = try await Browser(api, token: TestServer.key).get(path)
            #expect(page.status == 422 && page.text.contains("role=\"alert\""), "\(page.status)")
        }
    }

    @Test("An OOM kill is told on the overview, the pipeline and the run, with what the next run gets")
    func oomKill() async throws {
        try await withServer { api in
            try await Self.fill(api)
            let browser = try await Browser(api, token: TestServer.key)
            let told = "OOM killed at 8 of 8 GiB in step compile of zqred/cart; the next run gets "
            for path in ["/", "/ui/oom", "/ui/pipeline?name=zqred%2Fcart"] {
                #expect(try await browser.get(path).text.contains(told), "\(path)")
            }
            let run = try await browser.get("/ui/run?id=zqred-oom").text
            #expect(run.contains("The kernel counted 1 kill in the step’s own cgroup."))
            #expect(run.contains("Try a bigger size</a>"))
            #expect(run.contains("How to say no") && run.contains("memory_quantile"))
        }
    }

    @Test("What if says less risk for more memory, and keeps what was asked in the form")
    func whatIf() async throws {
        try await withServer { api in
            try await Self.fill(api)
            let browser = try await Browser(api, token: TestServer.key)
            func verdict(_ memory: String) async throws -> String {
                let page = try await browser.get(
                    "/ui/what-if?pipeline=zqred%2Fcart&stage=build&step=compile&jobs=3&cpu=2.5&memory=\(memory)"
                ).text
                #expect(page.contains("value=\"\(memory)\"") && page.contains("value=\"2.5\""))
                let start = try #require(page.range(of: "role=\"status\">3 jobs on 2.5 cores")).upperBound
                return String(page[start...].prefix { $0 != "<" })
            }
            #expect(try await verdict("0.5").contains("run out of memory more often than not"))
            #expect(try await verdict("64").contains("at most 0.1 % of the runs"))
        }
    }

    @Test("Runs, pipelines and kills go on where a page ended, and end")
    func paging() async throws {
        try await withServer { api in
            let lines = (1...71).map { number in
                let run = BuildReports.wholeRun(
                    number, pipeline: number <= 45 ? "many" : "p\(number)", status: "oom_killed")
                return #"{"run":\#(run.replacing("\n", with: ""))}"#
            }
            let sent = try await api.post("/batch", lines.joined(separator: "\n"))
            #expect(sent.status == 200, "\(sent.text)")
            let browser = try await Browser(api, token: TestServer.key)
            #expect(
                try await happens { try await browser.get("/ui/pipelines").text.contains("p71") })
            /// Everything that the pages link to from `first` on, with `prefix`.
            func walk(_ first: String, _ more: String, _ prefix: String) async throws -> Set<String> {
                var found: Set<String> = []
                var place: String? = first
                for _ in 0..<20 {
                    guard let path = place else { return found }
                    let page = try await browser.get(path)
                    #expect(page.status == 200)
                    let links = page.text.split(separator: "<a href=\"").dropFirst()
                    found.formUnion(
                        links.map { $0.prefix { $0 != "\"" } }.filter { $0.hasPrefix(prefix) }.map(String.init))
                    place = links.last { $0.contains("\">\(more)</a>") }
                        .map { String($0.prefix { $0 != "\"" }).replacing("&amp;", with: "&") }
                }
                Issue.record("The pages have no end")
                return found
            }
            #expect(try await walk("/ui/oom", "Older", "/ui/run?id=").count == 71)
            #expect(try await walk("/", "More pipelines", "/ui/pipeline?name=").count == 27)
            #expect(try await walk("/ui/cost", "More pipelines", "/ui/pipeline?name=").count == 27)
            #expect(try await walk("/ui/pipeline?name=many", "Older runs", "/ui/run?id=").count == 45)
        }
    }
}
