//! The command line (`runtime.md` 1).

use crate::harness::{Place, output};

fn says(arguments: &[&str]) -> (i32, String, String) {
    let output = output(arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn refusals_go_to_stderr_with_exit_status_1() {
    for (arguments, message) in [
        (vec!["-Z"], "Unknown option -Z\n"),
        (vec!["--bogus"], "Unknown option --bogus\n"),
        (vec!["-p"], "Missing parameter for option -p\n"),
        (vec!["--pid"], "Missing parameter for option --pid\n"),
        (vec!["--pid="], "Missing parameter for option --pid\n"),
        (vec!["--signum=NONE"], "Unknown sigfunc NONE\n"),
    ] {
        assert_eq!(
            says(&arguments),
            (1, String::new(), message.to_owned()),
            "{arguments:?}"
        );
    }
}

#[test]
fn help_and_version_go_to_stderr_with_exit_status_0() {
    let (code, out, err) = says(&["-v"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.starts_with("Keepalived v"), "{err}");
    assert!(
        err.contains("Config options:  ") && err.contains("--enable-json"),
        "{err}"
    );
    let (code, out, err) = says(&["--help"]);
    assert_eq!((code, out.as_str()), (0, ""));
    for word in ["--use-file", "--config-test", "--strict", "--signum"] {
        assert!(err.contains(word), "{err}");
    }
}

#[test]
fn signal_numbers_go_to_stdout() {
    for (name, number) in [
        ("STOP", "15"),
        ("RELOAD", "1"),
        ("DATA", "10"),
        ("STATS", "12"),
        ("STATS_CLEAR", "63"),
        ("JSON", "36"),
    ] {
        assert_eq!(says(&["--signum", name]), (0, format!("{number}\n"), String::new()));
    }
}

#[test]
fn words_that_are_no_options_are_reported_and_ignored() {
    let place = Place::new("");
    let file = place.path("keepalived.conf");
    let (code, out, _) = says(&["one", "-t", "-f", file.to_str().unwrap(), "two"]);
    assert_eq!((code, out.as_str()), (0, "Unexpected argument(s): one two \n"));
}

#[test]
fn genhash_says_that_it_is_not_there_yet() {
    for arguments in [vec!["-T", "-s", "192.0.2.1"], vec!["--genhash"]] {
        let (code, _, err) = says(&arguments);
        assert_eq!(code, 1);
        assert!(err.contains("genhash is not part of this version"), "{err}");
    }
}

#[test]
fn bad_facility_and_umask_do_not_stop_it() {
    let place = Place::new("");
    let file = place.path("keepalived.conf");
    let (code, _, err) = says(&["-t", "-f", file.to_str().unwrap(), "-S", "nonsense"]);
    assert_eq!(code, 0);
    assert!(err.contains("Invalid log facility 'nonsense'"), "{err}");
}
