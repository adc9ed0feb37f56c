import Builds

/// A path that answers with a page or with what pages are made of. They are for people, so `/openapi.json` does not list
/// them; this does, and tests compare it with the router.
struct DashboardRoute: Hashable, Sendable {
    var method: String
    var path: String
    /// What a session needs; `nil`: no session.
    var scope: TokenScope?
    /// Whether it tells something of a tenant.
    var showsTenant = true

    /// `/` and `/docs` are in the OpenAPI document.
    static let all: [DashboardRoute] = [
        DashboardRoute(method: "GET", path: "/assets/{name}", showsTenant: false),
        DashboardRoute(method: "GET", path: "/docs/search", showsTenant: false),
        DashboardRoute(method: "GET", path: "/docs/{guide}", showsTenant: false),
        DashboardRoute(method: "GET", path: "/ui/sign-in", showsTenant: false),
        DashboardRoute(method: "POST", path: "/ui/sign-in", showsTenant: false),
        DashboardRoute(method: "GET", path: "/ui/sign-in/oidc", showsTenant: false),
        DashboardRoute(method: "GET", path: "/ui/sign-in/oidc/callback", showsTenant: false),
        DashboardRoute(method: "POST", path: "/ui/sign-in/oidc/tenant", showsTenant: false),
        DashboardRoute(method: "POST", path: "/ui/sign-out", scope: .read, showsTenant: false),
        DashboardRoute(method: "GET", path: "/ui/live", scope: .read, showsTenant: false),
        DashboardRoute(method: "GET", path: "/ui/pipelines", scope: .read),
        DashboardRoute(method: "GET", path: "/ui/pipeline", scope: .read),
        DashboardRoute(method: "GET", path: "/ui/run", scope: .read),
        DashboardRoute(method: "GET", path: "/ui/oom", scope: .read),
        DashboardRoute(method: "GET", path: "/ui/what-if", scope: .read),
        DashboardRoute(method: "GET", path: "/ui/cost", scope: .read),
        DashboardRoute(method: "GET", path: "/ui/models", scope: .read),
        DashboardRoute(method: "POST", path: "/ui/models/train", scope: .operate),
        DashboardRoute(method: "POST", path: "/ui/models/activate", scope: .operate),
        DashboardRoute(method: "GET", path: "/ui/backtest", scope: .read),
        DashboardRoute(method: "GET", path: "/ui/events", scope: .read),
        DashboardRoute(method: "GET", path: "/ui/settings", scope: .read),
        DashboardRoute(method: "GET", path: "/ui/audit", scope: .admin),
        DashboardRoute(method: "POST", path: "/ui/tokens", scope: .admin),
        DashboardRoute(method: "POST", path: "/ui/tokens/revoke", scope: .admin),
    ]
}
