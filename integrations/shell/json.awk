# Reads one JSON document, strictly and bounded, and prints what is asked of it. Fails when it is no JSON, or no answer of InfraMind.
#
#   HOW=settings   NAME=value for a build               HOW=detail     the `detail` of a problem document
#   HOW=summary    one line for a log                   HOW=value      the value at the path in FROM; HOW=kind its kind
#   HOW=card       why, as Markdown                     HOW=comments   the id of the comment of a bot that begins with FROM,
#   HOW=changed    exit 0: differs from the baseline                   `more` when another page may have it, else `none`
#
# Any awk: mawk, gawk, BusyBox. No single quote may stand in here, because the program is also packed into shell scripts.
function fail() { bad = 1; at = length(text) + 1 }
function space() { while (substr(text, at, 1) ~ /^[ \t\r\n]$/) at++ }
function string(  c, out, code, chunk) {
    at++
    while (!bad) {
        chunk = substr(text, at, 200)
        if (match(chunk, /^[^"\\]+/)) { out = out substr(chunk, 1, RLENGTH); at += RLENGTH; continue }
        c = substr(text, at++, 1)
        if (c == "\"") return out
        if (c != "\\") { fail(); return "" }
        c = substr(text, at++, 1)
        if (c ~ /^["\\\/]$/) out = out c
        else if (c ~ /^[bfnrt]$/) out = out (c == "n" && ENVIRON["HOW"] == "comment" ? "\n" : " ")
        else if (c == "u" && substr(text, at, 4) ~ /^[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]$/) {
            code = substr(text, at, 4); at += 4
            out = out character(code)
        } else fail()
    }
    return ""
}
# The character of four hexadecimal digits in UTF-8. Controls become blanks, halves of a pair a question mark.
function character(code,  n, i) {
    for (i = 1; i <= 4; i++) n = 16 * n + index("0123456789abcdef", tolower(substr(code, i, 1))) - 1
    if (n < 32 || n == 127) return " "
    if (n < 128) return sprintf("%c", n)
    if (n < 2048) return sprintf("%c%c", 192 + int(n / 64), 128 + n % 64)
    if (n >= 55296 && n < 57344) return "?"
    return sprintf("%c%c%c", 224 + int(n / 4096), 128 + int(n / 64) % 64, 128 + n % 64)
}
function value(path, depth,  c, key, n) {
    space(); c = substr(text, at, 1)
    if (depth > 16) { fail(); return }
    if (c == "{") {
        kind[path] = "o"; at++; space()
        if (substr(text, at, 1) == "}") { at++; return }
        while (!bad) {
            space(); if (substr(text, at, 1) != "\"") { fail(); return }
            key = string(); space()
            if (substr(text, at++, 1) != ":") { fail(); return }
            value(path == "" ? key : path "." key, depth + 1); space()
            c = substr(text, at++, 1)
            if (c == "}") return
            if (c != ",") fail()
        }
    } else if (c == "[") {
        kind[path] = "a"; at++; space()
        if (substr(text, at, 1) == "]") { at++; return }
        for (n = 1; !bad; n++) {
            value(path "[" n "]", depth + 1); space(); count[path] = n
            c = substr(text, at++, 1)
            if (c == "]") return
            if (c != ",") fail()
        }
    } else if (c == "\"") { kind[path] = "s"; held[path] = string() }
    else if (match(substr(text, at, 64), /^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?/)) {
        kind[path] = "n"; held[path] = substr(text, at, RLENGTH) + 0; at += RLENGTH
    } else if (match(substr(text, at, 5), /^(true|false|null)/)) {
        kind[path] = substr(text, at, 1) == "n" ? "null" : "b"; held[path] = substr(text, at, RLENGTH); at += RLENGTH
    } else fail()
}
function within(path, low, high) { return kind[path] == "n" && held[path] >= low && held[path] <= high }
function decimal(number,  s) { s = sprintf("%.3f", number); sub(/[.]?0+$/, "", s); return s }
# A limit that was cut would be one that was not decided on: the last digit is rounded up, never down.
function ceiling(number,  s) { s = decimal(number); return s + 0 < number ? decimal(number + 0.0005) : s }
# In a fenced block nothing is markup, and nobody is called by name; only a fence would end it.
function shown(s) {
    gsub(/[\001-\037\177]/, " ", s); gsub(/\302[\200-\237]/, " ", s)
    gsub(/\342\200[\213-\217\250-\256]/, " ", s); gsub(/\342\201[\240-\257]/, " ", s)
    gsub(/`/, "\047", s); gsub(/##/, "# #", s)
    return length(s) > 600 ? substr(s, 1, 600) : s
}
function known(path, unit) { return kind[path] == "n" ? decimal(held[path]) unit : "" }
function row(name, path, base, unit) {
    print "| " name " | " known(path, unit) " | " known(base, unit) " |"
}
function usable(  jobs, id) {
    if (kind[p "limits"] != "o") {
        # Servers of the field that know only suggestions are welcome.
        kind[p "limits.cpu"] = kind[s "cpu_req"]; held[p "limits.cpu"] = held[s "cpu_req"]
        kind[p "limits.mem_gb"] = kind[s "mem_req_gb"]; held[p "limits.mem_gb"] = held[s "mem_req_gb"]
    }
    if (!within(s "concurrency", 1, 4096) || held[s "concurrency"] != int(held[s "concurrency"])) return 0
    if (!within(s "cpu_req", 0.001, 4096) || !within(p "limits.cpu", 0.001, 4096)) return 0
    if (!within(s "mem_req_gb", 0.001, 65536) || !within(p "limits.mem_gb", 0.001, 65536)) return 0
    if (kind[s "cache.size_gb"] == "n" && !within(s "cache.size_gb", 0, 65536)) return 0
    id = held[p "recommendation_id"]
    return id == "" || (length(id) <= 128 && id ~ /^[A-Za-z0-9._:-]+$/)
}
{ text = text $0 "\n" }
END {
    at = 1; value("", 0); space()
    if (bad || at <= length(text)) exit 1
    how = ENVIRON["HOW"]; p = (kind["recommendation"] == "o") ? "recommendation." : ""; s = p "suggestions."
    if (how == "detail") { print shown(held["detail"]); exit 0 }
    if (how == "value") { print shown(held[ENVIRON["FROM"]]); exit 0 }
    if (how == "kind") { print kind[ENVIRON["FROM"]]; exit 0 }
    if (how == "comments") {
        # Only a comment of a bot is ours: anybody can write the mark into one of their own.
        if (kind[""] != "a") exit 1
        for (i = 1; i <= count[""]; i++)
            if (held["[" i "].user.type"] == "Bot" && index(held["[" i "].body"], ENVIRON["FROM"]) == 1) { printf "%.0f\n", held["[" i "].id"]; exit 0 }
        print (count[""] >= 30 ? "more" : "none")
        exit 0
    }
    if (!usable()) exit 1
    if (how == "settings") {
        print "IM_CONCURRENCY=" held[s "concurrency"]
        print "IM_CPU_REQUEST=" ceiling(held[p "limits.cpu"])
        print "IM_MEM_REQUEST_GB=" ceiling(held[s "mem_req_gb"])
        print "IM_MEM_LIMIT_GB=" ceiling(held[p "limits.mem_gb"])
        if (kind[s "cache.ccache"] == "b") print "IM_CACHE_ENABLED=" held[s "cache.ccache"]
        if (kind[s "cache.size_gb"] == "n") print "IM_CACHE_SIZE_GB=" decimal(held[s "cache.size_gb"])
        if (held[p "recommendation_id"] != "") print "INFRAMIND_RECOMMENDATION_ID=" held[p "recommendation_id"]
    } else if (how == "changed") {
        b = p "baseline."
        if (kind[b "concurrency"] == "n" && held[b "concurrency"] != held[s "concurrency"]) exit 0
        if (kind[b "cpu_req"] == "n" && held[b "cpu_req"] != held[p "limits.cpu"]) exit 0
        if (kind[b "mem_req_gb"] == "n" && held[b "mem_req_gb"] != held[s "mem_req_gb"]) exit 0
        exit 1
    } else if (how == "summary") {
        print held[s "concurrency"] " jobs, " decimal(held[p "limits.cpu"]) " CPU, " decimal(held[p "limits.mem_gb"]) " GiB: " shown(held[p "rationale"])
    } else if (how == "card") {
        print "| | recommended | without InfraMind |\n| --- | --- | --- |"
        row("jobs", s "concurrency", p "baseline.concurrency", "")
        row("CPU", p "limits.cpu", p "baseline.cpu_req", "")
        row("memory", p "limits.mem_gb", p "baseline.mem_req_gb", " GiB")
        if (kind[p "predicted.duration_s.p50"] == "n") row("duration", p "predicted.duration_s.p50", p "baseline.predicted_duration_s", " s")
        if (kind[p "predicted.cost_usd"] == "n") row("cost, $", p "predicted.cost_usd", p "baseline.cost_usd", "")
        if (kind[p "predicted.oom_probability"] == "n") print "| OOM risk | " decimal(100 * held[p "predicted.oom_probability"]) " % | |"
        if (kind["counters.wall_s"] == "n") {
            peak = kind["counters.unreclaimable_peak_bytes"] == "n" ? held["counters.unreclaimable_peak_bytes"] : held["counters.rss_max_bytes"]
            print "| used: peak memory | " decimal(peak / 1073741824) " GiB | |\n| used: time | " decimal(held["counters.wall_s"]) " s | |"
        }
        print "\n```text\n" shown(held[p "rationale"])
        for (i = 1; i <= count[p "reasons"] && i <= 20; i++) print "- " shown(held[p "reasons[" i "].text"])
        for (i = 1; i <= count[p "guardrails"] && i <= 20; i++)
            print "- guardrail " shown(held[p "guardrails[" i "].name"]) ": " known(p "guardrails[" i "].before", "") " to " known(p "guardrails[" i "].after", "")
        print "To decide yourself: state -j in your command. To switch InfraMind off: INFRAMIND_DISABLE=1.\n```"
    }
}
