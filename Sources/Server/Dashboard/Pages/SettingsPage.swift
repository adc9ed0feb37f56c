import Builds
import Optimizer
import Storage

/// `/ui/settings`: who is signed in, how the server is set up, the tenant's tokens.
struct SettingsPage: Sendable {
    var session: Session
    var configuration: OptimizerConfiguration
    /// `nil` for who may not see them.
    var tokens: [StoredToken]?
    var now: Timestamp
    /// The secret of a token that was made just now; shown this once.
    var newSecret: String?

    var body: HTML {
        """
        <h1>Settings and tokens</h1>
        \(newSecret.map { secret in
            """
            <div class="note ok" role="status"><h2>The new token</h2><p>Copy it now: it is shown this once and kept nowhere.</p>
            <pre tabindex="0"><code>\(secret)</code></pre></div>
            """ as HTML
        })
        <section class="panel"><h2>You</h2><dl class="facts">
        <dt>Tenant</dt><dd>\(session.caller.tenant.rawValue)</dd>
        <dt>Signed in with</dt><dd>\(signedInWith)</dd>
        <dt>May</dt><dd>\(session.caller.scopes.map(\.rawValue).sorted().joined(separator: ", "))</dd>
        <dt>Until</dt><dd>\(.time(session.expiresAt))</dd></dl></section>
        \(tokenSection)
        <section class="panel"><h2>How recommendations are made</h2>
        <p class="quiet">Set on the server, by flags, environment or file: see <a href="/docs/operations">Operating</a>.</p>
        <dl class="facts">
        <dt>Accepted OOM risk (<code>oom-risk</code>)</dt><dd>\(Figures.percent(configuration.oomRisk)) of the runs</dd>
        <dt>Exploration (<code>exploration-rate</code>)</dt><dd>\(Figures.percent(configuration.explorationRate)) of decisions may try something else</dd>
        <dt>Control runs (<code>control-rate</code>)</dt><dd>\(Figures.percent(configuration.controlRate)) keep their baseline, to measure savings</dd>
        <dt>Prices (<code>cpu-price</code>, <code>memory-price</code>)</dt><dd>\(Figures.dollars(configuration.cpuPricePerCoreHourUSD)) per core and hour,
        \(Figures.dollars(configuration.memoryPricePerGiBHourUSD)) per GiB and hour</dd></dl></section>
        """
    }

    private var signedInWith: String {
        if let person = session.person { return "your own account, as \(person)" }
        return session.caller.actor == "configured"
            ? "a token of the server’s configuration" : "token \(session.caller.actor)"
    }

    private var tokenSection: HTML {
        guard let tokens else {
            return """
                <section class="panel"><h2>Tokens</h2><p>Making and revoking tokens takes the scope “admin”.</p></section>
                """
        }
        return """
            <section class="panel"><h2>Tokens</h2>\(list(tokens))
            <h3>Make a token</h3>
            <form method="post" action="/ui/tokens">\(session.formField)
            <div class="fields"><label for="name">Name<small>What you call it: who or what uses it.</small>
            <input id="name" name="name" required maxlength="200"></label>
            <label for="days">Ends after days<small>Empty: never.</small>
            <input id="days" name="days" type="number" min="1" max="3650" step="1"></label></div>
            <fieldset><legend>It may</legend>
            \(scope("ingest", "report builds and ask for recommendations: what a CI job needs"))
            \(scope("read", "look at everything, this dashboard included"))
            \(scope("operate", "as read, and train and choose models"))
            \(scope("admin", "everything, tokens included"))
            </fieldset><button>Make it</button></form>
            <p class="quiet">Who did what is in the <a href="/ui/audit">audit log</a>.</p></section>
            """
    }

    private func scope(_ name: String, _ text: String) -> HTML {
        "<label class=\"choice\"><input type=\"checkbox\" name=\"scopes\" value=\"\(name)\"> <strong>\(name)</strong> \(text)</label>"
    }

    private func list(_ tokens: [StoredToken]) -> HTML {
        guard !tokens.isEmpty else {
            return """
                <p>There are none yet, beside those of the server’s configuration. Give each CI system one of its own with the scope
                “ingest”: it can be revoked without touching the others.</p>
                """
        }
        return Table(
            caption: "Oldest first", columns: ["Name", "Id", "May", "Made", "Ends", "State", "Revoke"],
            rows: tokens.map { token in
                let isValid = token.isValid(at: now)
                return [
                    "\(token.name)", "<code>\(token.id)</code>",
                    "\(token.scopes.map(\.rawValue).sorted().joined(separator: ", "))", .time(token.createdAt),
                    token.expiresAt.map(HTML.time) ?? "never",
                    isValid
                        ? "<span class=\"tag ok\">valid</span>"
                        : token.revokedAt == nil
                            ? "<span class=\"tag\">expired</span>" : "<span class=\"tag\">revoked</span>",
                    isValid ? revocation(token) : "",
                ]
            }
        ).html
    }

    private func revocation(_ token: StoredToken) -> HTML {
        """
        <form method="post" action="/ui/tokens/revoke">\(session.formField)<input type="hidden" name="id" value="\(token.id)">\
        <button class="danger small" aria-label="Revoke \(token.name)">Revoke</button></form>
        """
    }
}

/// `/ui/audit`: who changed what by hand.
struct AuditPage: Sendable {
    static let perPage = 100

    var entries: [AuditEntry]
    var next: Int64?

    var body: HTML {
        """
        <p class="crumbs"><a href="/ui/settings">Settings</a></p>
        <h1>Audit log</h1>
        <p class="lead">Who changed what by hand, newest first. What learning did by itself is in <a href="/ui/events">events</a>.</p>
        \(list)
        \(next.map { "<p class=\"pager\">\(Link("/ui/audit", ["before": String($0)]).html("Older"))</p>" as HTML })
        """
    }

    private var list: HTML {
        guard !entries.isEmpty else {
            return
                "<div class=\"note\"><p>Nothing was changed by hand yet. Making a token or choosing a model is recorded here.</p></div>"
        }
        return Table(
            caption: "Newest first", columns: ["When", "Who", "Did", "To"],
            rows: entries.map { entry in
                [
                    .time(entry.at), "\(entry.actor == "configured" ? "a configured token" : entry.actor)",
                    "<code>\(entry.action)</code>", "\(entry.subject)",
                ]
            }
        ).html
    }
}
