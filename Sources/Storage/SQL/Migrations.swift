extension Migration {
    /// The schema's whole history, oldest first. Append only.
    static let all: [Migration] = [
        Migration(number: 1, name: "runs, recommendations, lessons, models", script: firstTables),
        Migration(number: 2, name: "lessons by step", script: lessonsByStep),
        Migration(number: 3, name: "events", script: events),
        Migration(number: 4, name: "access tokens, audit log", script: tokens),
        Migration(number: 5, name: "retention of steps", script: retention),
        Migration(number: 6, name: "what was observed of steps", script: observations),
        Migration(number: 7, name: "deliveries of notifications", script: deliveries),
        Migration(number: 8, name: "sums by week", script: usage),
    ]

    /// Types are those both dialects know: SQLite reads BIGINT as integer, DOUBLE PRECISION as real, and leaves what is
    /// put into BYTEA as it is. Truth values are 0 and 1. Times are microseconds since 1970.
    ///
    /// `tenants` counts what a tenant ever had, so a count is also the newest number; handing out numbers from a row makes them grow in the order of commits, which a reader of "all after number n" relies on.
    private static let firstTables = """
        CREATE TABLE tenants (
            tenant_id TEXT NOT NULL PRIMARY KEY CHECK (length(tenant_id) > 0),
            run_count BIGINT NOT NULL DEFAULT 0,
            completion_count BIGINT NOT NULL DEFAULT 0,
            step_count BIGINT NOT NULL DEFAULT 0,
            recommendation_count BIGINT NOT NULL DEFAULT 0,
            lesson_count BIGINT NOT NULL DEFAULT 0,
            model_count BIGINT NOT NULL DEFAULT 0
        );

        CREATE TABLE runs (
            tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
            run_id TEXT NOT NULL CHECK (length(run_id) > 0),
            number BIGINT NOT NULL CHECK (number > 0),
            pipeline TEXT NOT NULL,
            branch TEXT NOT NULL,
            recommendation_id TEXT,
            started_at BIGINT NOT NULL,
            content TEXT NOT NULL,
            status TEXT CHECK (status IN
                ('success', 'failure', 'error', 'timeout', 'cancellation', 'oom_killed')),
            duration_seconds DOUBLE PRECISION CHECK (duration_seconds >= 0),
            completion TEXT,
            completion_number BIGINT,
            is_learned SMALLINT NOT NULL DEFAULT 0 CHECK (is_learned IN (0, 1)),
            PRIMARY KEY (tenant_id, run_id),
            CHECK ((status IS NULL) = (duration_seconds IS NULL)),
            CHECK ((status IS NULL) = (completion IS NULL)),
            CHECK ((status IS NULL) = (completion_number IS NULL)),
            CHECK (is_learned = 0 OR completion_number IS NOT NULL)
        );
        CREATE UNIQUE INDEX runs_by_number ON runs (tenant_id, number);
        CREATE INDEX runs_by_pipeline ON runs (tenant_id, pipeline, number);
        CREATE UNIQUE INDEX runs_to_learn ON runs (tenant_id, completion_number)
            WHERE is_learned = 0 AND completion_number IS NOT NULL;

        CREATE TABLE steps (
            tenant_id TEXT NOT NULL,
            run_id TEXT NOT NULL,
            span_id TEXT NOT NULL,
            number BIGINT NOT NULL CHECK (number > 0),
            stage TEXT NOT NULL,
            step TEXT NOT NULL,
            started_at BIGINT NOT NULL,
            stopped_at BIGINT CHECK (stopped_at >= started_at),
            stop TEXT,
            PRIMARY KEY (tenant_id, run_id, span_id),
            FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, run_id),
            CHECK ((stopped_at IS NULL) = (stop IS NULL))
        );

        CREATE TABLE recommendations (
            tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
            recommendation_id TEXT NOT NULL CHECK (length(recommendation_id) > 0),
            number BIGINT NOT NULL CHECK (number > 0),
            pipeline TEXT NOT NULL,
            content TEXT NOT NULL,
            ticket BYTEA NOT NULL,
            PRIMARY KEY (tenant_id, recommendation_id)
        );
        CREATE UNIQUE INDEX recommendations_by_number ON recommendations (tenant_id, number);
        CREATE INDEX recommendations_by_pipeline ON recommendations (tenant_id, pipeline, number);

        CREATE TABLE lessons (
            tenant_id TEXT NOT NULL,
            number BIGINT NOT NULL CHECK (number > 0),
            run_id TEXT NOT NULL,
            span_id TEXT NOT NULL,
            outcome TEXT NOT NULL,
            ticket BYTEA NOT NULL,
            PRIMARY KEY (tenant_id, number),
            FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, run_id)
        );

        CREATE TABLE models (
            tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
            version TEXT NOT NULL CHECK (length(version) > 0),
            number BIGINT NOT NULL CHECK (number > 0),
            created_at BIGINT NOT NULL,
            is_active SMALLINT NOT NULL DEFAULT 0 CHECK (is_active IN (0, 1)),
            metrics TEXT NOT NULL,
            bytes BYTEA NOT NULL,
            PRIMARY KEY (tenant_id, version)
        );
        CREATE UNIQUE INDEX models_by_number ON models (tenant_id, number);
        CREATE UNIQUE INDEX active_models ON models (tenant_id) WHERE is_active = 1;
        """

    /// What a lesson is about, in columns of its own: a step that was put aside is brought back by its newest lessons.
    private static let lessonsByStep = """
        ALTER TABLE lessons ADD COLUMN pipeline TEXT NOT NULL DEFAULT '';
        ALTER TABLE lessons ADD COLUMN stage TEXT NOT NULL DEFAULT '';
        ALTER TABLE lessons ADD COLUMN step TEXT NOT NULL DEFAULT '';
        UPDATE lessons SET
            pipeline = (SELECT r.pipeline FROM runs AS r
                WHERE r.tenant_id = lessons.tenant_id AND r.run_id = lessons.run_id),
            stage = COALESCE((SELECT s.stage FROM steps AS s WHERE s.tenant_id = lessons.tenant_id
                AND s.run_id = lessons.run_id AND s.span_id = lessons.span_id), ''),
            step = COALESCE((SELECT s.step FROM steps AS s WHERE s.tenant_id = lessons.tenant_id
                AND s.run_id = lessons.run_id AND s.span_id = lessons.span_id), '');
        CREATE INDEX lessons_by_step ON lessons (tenant_id, pipeline, stage, step, number);
        CREATE INDEX lessons_by_pipeline ON lessons (tenant_id, pipeline, number);
        """

    /// What a lesson gave cause to say. They follow from the lessons, so the number of the lesson and a place among its
    /// events name each for good, whichever server writes it.
    private static let events = """
        CREATE TABLE events (
            tenant_id TEXT NOT NULL,
            lesson_number BIGINT NOT NULL CHECK (lesson_number > 0),
            place BIGINT NOT NULL CHECK (place >= 0),
            run_id TEXT NOT NULL,
            pipeline TEXT NOT NULL,
            content TEXT NOT NULL,
            PRIMARY KEY (tenant_id, lesson_number, place)
        );
        CREATE INDEX events_by_run ON events (tenant_id, run_id, lesson_number, place);
        CREATE INDEX events_by_pipeline ON events (tenant_id, pipeline, lesson_number, place);
        """

    /// A token is found by its digest before it is known whose it is, so `digest` is unique across tenants.
    private static let tokens = """
        ALTER TABLE tenants ADD COLUMN audit_count BIGINT NOT NULL DEFAULT 0;
        CREATE TABLE access_tokens (
            tenant_id TEXT NOT NULL CHECK (length(tenant_id) > 0),
            token_id TEXT NOT NULL CHECK (length(token_id) > 0),
            name TEXT NOT NULL,
            scopes TEXT NOT NULL,
            digest BYTEA NOT NULL CHECK (length(digest) = 32),
            created_at BIGINT NOT NULL,
            expires_at BIGINT,
            revoked_at BIGINT,
            PRIMARY KEY (tenant_id, token_id)
        );
        CREATE UNIQUE INDEX access_tokens_by_digest ON access_tokens (digest);

        CREATE TABLE audit_log (
            tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
            number BIGINT NOT NULL CHECK (number > 0),
            at BIGINT NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            PRIMARY KEY (tenant_id, number)
        );
        """

    /// When which run was the newest; at most one row a day for each tenant. Without a foreign key: see
    /// `deploy/sql/citus.sql`.
    private static let retention = """
        ALTER TABLE tenants ADD COLUMN pruned_run BIGINT NOT NULL DEFAULT 0;
        CREATE TABLE retention_marks (
            tenant_id TEXT NOT NULL,
            at BIGINT NOT NULL,
            run_number BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, at)
        );
        """

    /// What agents saw of steps; the newest word on each. Without a foreign key: see `deploy/sql/citus.sql`.
    private static let observations = """
        CREATE TABLE step_observations (
            tenant_id TEXT NOT NULL,
            run_id TEXT NOT NULL,
            span_id TEXT NOT NULL,
            observed_at BIGINT NOT NULL,
            is_final SMALLINT NOT NULL CHECK (is_final IN (0, 1)),
            content TEXT NOT NULL,
            PRIMARY KEY (tenant_id, run_id, span_id)
        );
        """

    /// Events get a number in the order they are kept, so that who tells others of them can remember how far it has come;
    /// those that were there before have none and are old news. Where a destination stands with a tenant is one row.
    /// Without a foreign key: see `deploy/sql/citus.sql`.
    private static let deliveries = """
        ALTER TABLE tenants ADD COLUMN event_count BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE events ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
        CREATE INDEX events_by_number ON events (tenant_id, number);
        CREATE TABLE deliveries (
            tenant_id TEXT NOT NULL,
            destination TEXT NOT NULL CHECK (length(destination) > 0),
            version BIGINT NOT NULL CHECK (version > 0),
            position BIGINT NOT NULL CHECK (position >= 0),
            due_at BIGINT,
            state TEXT NOT NULL,
            PRIMARY KEY (tenant_id, destination)
        );
        """

    /// What the dashboard shows without adding up runs. The row of ``usage_weeks`` without a pipeline is all of them
    /// together. Pipelines of an older database are listed at once, their sums begin with their next runs. Without foreign
    /// keys: see `deploy/sql/citus.sql`.
    private static let usage = """
        CREATE TABLE pipelines (
            tenant_id TEXT NOT NULL,
            pipeline TEXT NOT NULL,
            run_count BIGINT NOT NULL CHECK (run_count > 0),
            oom_run_count BIGINT NOT NULL CHECK (oom_run_count >= 0),
            last_run_id TEXT NOT NULL,
            last_status TEXT NOT NULL,
            last_started_at BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, pipeline)
        );
        INSERT INTO pipelines
            (tenant_id, pipeline, run_count, oom_run_count, last_run_id, last_status, last_started_at)
        SELECT r.tenant_id, r.pipeline, l.runs, l.oom_runs, r.run_id, r.status, r.started_at
        FROM (SELECT tenant_id, pipeline, MAX(number) AS number, COUNT(*) AS runs,
                SUM(CASE WHEN status = 'oom_killed' THEN 1 ELSE 0 END) AS oom_runs
            FROM runs WHERE is_learned = 1 GROUP BY tenant_id, pipeline) AS l
        JOIN runs AS r ON r.tenant_id = l.tenant_id AND r.number = l.number;

        CREATE TABLE usage_weeks (
            tenant_id TEXT NOT NULL,
            pipeline TEXT NOT NULL,
            week BIGINT NOT NULL,
            runs DOUBLE PRECISION NOT NULL,
            failed_runs DOUBLE PRECISION NOT NULL,
            oom_runs DOUBLE PRECISION NOT NULL,
            duration_seconds DOUBLE PRECISION NOT NULL,
            followed_runs DOUBLE PRECISION NOT NULL,
            followed_oom_runs DOUBLE PRECISION NOT NULL,
            promised_oom_runs DOUBLE PRECISION NOT NULL,
            memory_asked_gib_seconds DOUBLE PRECISION NOT NULL,
            memory_used_gib_seconds DOUBLE PRECISION NOT NULL,
            core_asked_seconds DOUBLE PRECISION NOT NULL,
            core_used_seconds DOUBLE PRECISION NOT NULL,
            cost_usd DOUBLE PRECISION NOT NULL,
            unused_usd DOUBLE PRECISION NOT NULL,
            oom_usd DOUBLE PRECISION NOT NULL,
            baseline_usd DOUBLE PRECISION NOT NULL,
            against_baseline_usd DOUBLE PRECISION NOT NULL,
            cache_hits DOUBLE PRECISION NOT NULL,
            cache_misses DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (tenant_id, pipeline, week)
        );
        CREATE INDEX usage_weeks_by_unused ON usage_weeks (tenant_id, week, unused_usd, pipeline);

        CREATE TABLE oom_kills (
            tenant_id TEXT NOT NULL,
            lesson_number BIGINT NOT NULL,
            pipeline TEXT NOT NULL,
            PRIMARY KEY (tenant_id, lesson_number)
        );
        CREATE INDEX oom_kills_by_pipeline ON oom_kills (tenant_id, pipeline, lesson_number);
        """
}
