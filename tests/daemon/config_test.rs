//! `-t` (`config-language.md` 11.3).

use std::fs;

use crate::harness::{ONE_INSTANCE, Place, is_root, output};

fn test(place: &Place, more: &[&str]) -> (i32, String) {
    let file = place.path("keepalived.conf");
    let output = output(&[&["-t", "-f", file.to_str().unwrap()], more].concat());
    assert!(output.stdout.is_empty());
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn exit_codes_follow_the_highest_class() {
    for (config, options, code) in [
        ("", vec![], 0),
        ("global_defs {\n router_id X\n}\n", vec![], 0),
        ("no_such_keyword 1\n", vec![], 5),
        ("vrrp_instance A {\n interface\n}\n", vec![], 2),
        ("include nothing-there.conf\n", vec!["-e"], 6),
        ("global_defs {\n", vec![], 5),
    ] {
        let place = Place::new(config);
        let (got, text) = test(&place, &options);
        assert_eq!(got, code, "{config:?} {options:?}: {text}");
    }
}

#[test]
fn a_script_without_script_security_is_a_matter_of_security() {
    if !is_root() {
        return;
    }
    let place = Place::new("");
    let script = place.script("notify", "exit 0");
    place.configure(&ONE_INSTANCE.replace("priority 100", &format!("notify {script}")));
    let status = place.command(&["-t"]).status().unwrap();
    let text = fs::read_to_string(place.path("log")).unwrap();
    assert_eq!(status.code(), Some(6), "{text}");
    assert!(text.contains("script"), "{text}");
    place.configure(&ONE_INSTANCE.replace("priority 100", "priority 101"));
    assert_eq!(place.command(&["-t"]).status().unwrap().code(), Some(0));
}

#[test]
fn a_missing_file_is_an_error() {
    let place = Place::new("");
    fs::remove_file(place.path("keepalived.conf")).unwrap();
    let (code, text) = test(&place, &[]);
    assert_eq!(code, 4, "{text}");
    assert!(text.contains("Config files missing"), "{text}");
}

#[test]
fn messages_name_file_and_line() {
    let place = Place::new("global_defs {\n}\nno_such_keyword 1\n");
    let (_, text) = test(&place, &[]);
    assert!(
        text.contains("keepalived.conf") && text.contains("no_such_keyword") && text.contains('3'),
        "{text}"
    );
}

#[test]
fn messages_are_appended_to_the_file_that_is_given() {
    let place = Place::new("no_such_keyword 1\n");
    let report = place.path("report");
    fs::write(&report, "old\n").unwrap();
    let file = place.path("keepalived.conf");
    let run = |option: String| output(&[&option, "-f", file.to_str().unwrap()]);
    let output = run(format!("-t{}", report.display()));
    assert_eq!(output.status.code(), Some(5));
    assert!(output.stderr.is_empty());
    let text = fs::read_to_string(&report).unwrap();
    assert!(text.starts_with("old\n") && text.contains("no_such_keyword"), "{text}");
    let output = run("--config-test=/no/such/directory/report".to_owned());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Unable to open config-test log file"));
}

#[test]
fn strict_refuses_what_keepalived_shrugs_at() {
    let place = Place::new("include nothing-there.conf\n");
    let (relaxed, text) = test(&place, &[]);
    let (strict, _) = test(&place, &["--strict"]);
    assert_eq!((relaxed, strict), (0, 5), "{text}");
}

#[test]
fn diagnostics_can_be_data() {
    let place = Place::new("no_such_keyword 1\n");
    let file = place.path("keepalived.conf");
    for (form, member) in [("json", "diagnostics"), ("sarif", "runs")] {
        let output = output(&["-t", "-f", file.to_str().unwrap(), &format!("--diagnostics={form}")]);
        assert_eq!(output.status.code(), Some(5));
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(value.get(member).is_some_and(serde_json::Value::is_array), "{value}");
    }
    let human = output(&["-t", "-f", file.to_str().unwrap(), "--diagnostics=human"]);
    let text = String::from_utf8_lossy(&human.stderr).into_owned();
    assert!(text.contains("1 | no_such_keyword 1"), "{text}");
}

#[test]
fn a_line_begins_with_file_and_number_as_keepalived_writes_it() {
    let place = Place::new("\nno_such_keyword 1\n");
    let (_, text) = test(&place, &[]);
    let start = format!("({}: Line 2) ", place.path("keepalived.conf").display());
    assert!(text.starts_with(&start), "{text}");
}
