extension CCacheStatistics {
    /// What a number of a statistics file adds to.
    enum Meaning: Hashable, Sendable {
        case directHit, preprocessedHit, miss, uncacheable, error, cleanup, files, kibibytes, zeroed
    }

    /// One number of a statistics file.
    struct Counter: Hashable, Sendable {
        /// Its line in the file, from 0. Lines never change their meaning: ccache appends new ones, and leaves those of
        /// counters it gave up.
        var line: Int
        /// What `ccache --print-stats` calls it; a second name where versions differ.
        var names: [String]
        var meaning: Meaning
    }

    /// The numbers that are read, sorted into uncacheable calls and errors as `ccache --show-stats` does.
    ///
    /// Lines 33 and on count lookups in the parts of the cache, and 49 to 80 (since 4.8) repeat files and sizes for each
    /// subdirectory: adding those would count them twice.
    static let counters: [Counter] = [
        Counter(line: 1, names: ["compiler_produced_stdout"], meaning: .uncacheable),
        Counter(line: 2, names: ["compile_failed"], meaning: .uncacheable),
        Counter(line: 3, names: ["internal_error"], meaning: .error),
        Counter(line: 4, names: ["cache_miss"], meaning: .miss),
        Counter(line: 5, names: ["preprocessor_error"], meaning: .uncacheable),
        Counter(line: 6, names: ["could_not_find_compiler"], meaning: .error),
        Counter(line: 7, names: ["missing_cache_file"], meaning: .error),
        Counter(line: 8, names: ["preprocessed_cache_hit"], meaning: .preprocessedHit),
        Counter(line: 9, names: ["bad_compiler_arguments"], meaning: .uncacheable),
        Counter(line: 10, names: ["called_for_link"], meaning: .uncacheable),
        Counter(line: 11, names: ["files_in_cache"], meaning: .files),
        Counter(line: 12, names: ["cache_size_kibibyte"], meaning: .kibibytes),
        Counter(line: 15, names: ["unsupported_source_language"], meaning: .uncacheable),
        Counter(line: 16, names: ["bad_output_file"], meaning: .error),
        Counter(line: 17, names: ["no_input_file"], meaning: .uncacheable),
        Counter(line: 18, names: ["multiple_source_files"], meaning: .uncacheable),
        Counter(line: 19, names: ["autoconf_test"], meaning: .uncacheable),
        Counter(line: 20, names: ["unsupported_compiler_option"], meaning: .uncacheable),
        Counter(line: 21, names: ["output_to_stdout"], meaning: .uncacheable),
        Counter(line: 22, names: ["direct_cache_hit"], meaning: .directHit),
        Counter(line: 23, names: ["compiler_produced_no_output"], meaning: .uncacheable),
        Counter(line: 24, names: ["compiler_produced_empty_output"], meaning: .uncacheable),
        Counter(line: 25, names: ["error_hashing_extra_file"], meaning: .error),
        Counter(line: 26, names: ["compiler_check_failed"], meaning: .error),
        Counter(line: 27, names: ["could_not_use_precompiled_header"], meaning: .uncacheable),
        Counter(line: 28, names: ["called_for_preprocessing"], meaning: .uncacheable),
        Counter(line: 29, names: ["cleanups_performed"], meaning: .cleanup),
        Counter(line: 30, names: ["unsupported_code_directive"], meaning: .uncacheable),
        Counter(line: 31, names: ["stats_zeroed_timestamp"], meaning: .zeroed),
        Counter(line: 32, names: ["could_not_use_modules", "could_not_use_clang_modules"], meaning: .uncacheable),
        Counter(line: 41, names: ["recache"], meaning: .uncacheable),
        Counter(line: 42, names: ["unsupported_environment_variable"], meaning: .uncacheable),
        Counter(line: 81, names: ["disabled"], meaning: .uncacheable),
        Counter(line: 82, names: ["bad_input_file"], meaning: .error),
        Counter(line: 83, names: ["modified_input_file"], meaning: .error),
        Counter(
            line: 84, names: ["unsupported_source_encoding", "could_not_use_cxx_modules"], meaning: .uncacheable),
    ]
}
