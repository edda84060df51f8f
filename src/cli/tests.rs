use super::*;

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn run(text: &str) -> Options {
    match parse(words(text)) {
        Invocation::Run(options) => *options,
        other => panic!("{text}: {other:?}"),
    }
}

fn refusal(text: &str) -> String {
    match parse(words(text)) {
        Invocation::Refuse(message) => message,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn groups_prefixes_and_both_forms_of_values() {
    let options = run("-nlDD -f/tmp/a --pid=/x --vrrp_p /y --log-d --dont-f");
    assert!(options.dont_fork && options.log_console);
    assert_eq!(options.log_detail, 2);
    assert_eq!(options.config_file, "/tmp/a");
    assert_eq!(options.pid, Some("/x".into()));
    assert_eq!(options.vrrp_pid, Some("/y".into()));
    assert_eq!(
        run("-p -n").pid,
        Some("-n".into()),
        "a mandatory value is the next word whatever it is"
    );
}

#[test]
fn optional_values_must_be_attached() {
    assert_eq!(run("-t").config_test, Some(None));
    assert_eq!(run("-t/tmp/f").config_test, Some(Some("/tmp/f".into())));
    assert_eq!(run("--config-test=/tmp/f").config_test, Some(Some("/tmp/f".into())));
    let options = run("-t word");
    assert_eq!(
        (options.config_test, options.unexpected),
        (Some(None), vec!["word".to_owned()])
    );
    assert_eq!(run("-M").core_pattern.as_deref(), Some("core"));
    assert_eq!(run("-Mx%p").core_pattern.as_deref(), Some("x%p"));
    assert_eq!(run("-g").log_file, Some(None));
}

#[test]
fn refusals_name_the_option_as_written() {
    assert_eq!(refusal("-Z"), "Unknown option -Z");
    assert_eq!(refusal("--bogus"), "Unknown option --bogus");
    assert_eq!(refusal("-p"), "Missing parameter for option -p");
    assert_eq!(refusal("--pid"), "Missing parameter for option --pid");
    assert_eq!(refusal("--pid="), "Missing parameter for option --pid");
    assert_eq!(refusal("--dont-re"), "Unknown option --dont-re", "ambiguous");
    assert_eq!(refusal("--signum=X"), "Unknown sigfunc X");
    assert_eq!(refusal("-nZ"), "Unknown option -Z");
}

#[test]
fn words_may_stand_anywhere_and_two_dashes_end_options() {
    let options = run("a -n b -- -D");
    assert!(options.dont_fork);
    assert_eq!(options.log_detail, 0);
    assert_eq!(options.unexpected, ["a", "b", "-D"]);
}

#[test]
fn signal_numbers_of_this_platform() {
    for (name, number) in [
        ("STOP", 15),
        ("RELOAD", 1),
        ("DATA", 10),
        ("STATS", 12),
        ("STATS_CLEAR", 63),
        ("JSON", 36),
    ] {
        assert_eq!(
            parse(words(&format!("--signum={name}"))),
            Invocation::Answer(format!("{number}\n"))
        );
    }
}

#[test]
fn bad_facility_and_umask_are_complaints_only() {
    let options = run("-S nonsense -u 9999 -P");
    assert_eq!(
        options.complaints,
        ["Invalid log facility 'nonsense'", "Invalid umask '9999'"]
    );
    assert!(!options.run_checker && options.run_vrrp);
    assert_eq!((run("-u 022").umask, run("-u 0x12").umask), (Some(0o22), Some(0x12)));
    assert_eq!(
        (run("-S3").facility, run("-S local7").facility, run("-S user").facility),
        (Facility(19), Facility(23), Facility(1))
    );
}

#[test]
fn test_runs_neither_fork_nor_log_and_all_wins() {
    let options = run("-t -P -C --all");
    assert!(options.dont_fork && options.no_syslog && options.dont_respawn);
    assert!(options.run_checker && options.run_vrrp && options.run_bfd);
}

#[test]
fn genhash_takes_the_rest() {
    assert_eq!(parse(words("-T -s 1.2.3.4")), Invocation::Genhash(words("-s 1.2.3.4")));
}

#[test]
fn the_version_line_has_the_form_that_exporters_match() {
    let report = version_report();
    let first = report.lines().next().unwrap_or_default();
    let version = first
        .strip_prefix("Keepalived v")
        .and_then(|rest| rest.split_once(' '))
        .map(|(version, _)| version);
    assert_eq!(version, Some(super::help::COMPATIBLE_VERSION));
    assert!(report.contains("\nConfig options:  VRRP"));
}

#[test]
fn short_and_long_names_are_unique() {
    for (index, row) in TABLE.iter().enumerate() {
        for other in &TABLE[index + 1..] {
            assert_ne!(row.long, other.long);
            assert!(row.short.is_none() || row.short != other.short, "{}", row.long);
        }
    }
}
