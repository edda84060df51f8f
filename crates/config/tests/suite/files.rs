//! Files: which are read, which are refused, what is said.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
};

use keepalived_config::Options;

use crate::common::{Machine, Outcome, options, read_file, show};

fn write(directory: &Path, name: &str, text: &str) {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(directory: &Path, main: &str) -> Outcome {
    let options = Options {
        main: directory.join(main).to_string_lossy().into_owned(),
        ..options(None)
    };
    read_file(&options, &Machine::default())
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.diagnostics.items().iter().map(|d| d.code.id).collect()
}

#[test]
fn main_files_that_are_not_plain_files() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    write(place, "good", "a");
    write(place, "bad", "b");
    fs::set_permissions(place.join("bad"), fs::Permissions::from_mode(0o654)).unwrap();
    fs::create_dir(place.join("directory")).unwrap();
    for (main, code) in [
        ("bad", "KA0002"),
        ("directory", "KA0002"),
        ("none", "KA0001"),
        ("{good,bad}", "KA0002"),
        ("n*", "KA0001"),
    ] {
        let outcome = read(place, main);
        assert_eq!(codes(&outcome), [code], "{main}");
        assert_eq!(outcome.diagnostics.test_exit_code(), 4, "{main}");
        assert!(outcome.diagnostics.refuses_start(), "{main}");
        assert!(outcome.statements.is_empty(), "{main}");
    }
}

#[test]
fn several_main_files() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "b.conf", "b {");
    write(directory.path(), "a.conf", "a");
    write(directory.path(), "c.conf", "c\n}");
    let outcome = read(directory.path(), "*.conf");
    assert_eq!(show(&outcome.statements), "a\nb {\n  c\n");
    assert_eq!(codes(&outcome), ["KA0003"]);
    assert_eq!(outcome.diagnostics.test_exit_code(), 5);
}

#[test]
fn included_files_that_are_not_plain_files() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    write(place, "main", "include d\nincluder d\nincludem x*\ninclude x*\n");
    fs::create_dir(place.join("d")).unwrap();
    write(place, "x1", "a");
    write(place, "x2", "b");
    fs::set_permissions(place.join("x1"), fs::Permissions::from_mode(0o755)).unwrap();
    let outcome = read(place, "main");
    assert_eq!(show(&outcome.statements), "b\nb\n");
    assert_eq!(codes(&outcome), ["KA0006", "KA0005", "KA0005", "KA0006"]);
}

#[test]
fn all_checks_from_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "main", "include none*");
    let options = Options {
        main: directory.path().join("main").to_string_lossy().into_owned(),
        all_config: true,
        ..options(None)
    };
    let outcome = read_file(&options, &Machine::default());
    assert_eq!(outcome.diagnostics.test_exit_code(), 6);
}

#[test]
fn a_link_to_the_main_file_counts_as_being_where_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().canonicalize().unwrap();
    write(&place, "store/real", "state ${_PWD}\ninclude beside");
    write(&place, "etc/beside", "beside");
    symlink(place.join("store/real"), place.join("etc/main")).unwrap();
    let outcome = read(&place, "etc/main");
    assert_eq!(
        show(&outcome.statements),
        format!("state {}/etc\nbeside\n", place.display())
    );
    assert_eq!(
        outcome.sources.files()[1].name,
        place.join("etc/beside").to_string_lossy()
    );
}

#[test]
fn hidden_files_and_names_with_blanks() {
    let directory = tempfile::tempdir().unwrap();
    write(
        directory.path(),
        "main",
        "include *.conf\ninclude a b.inc # comment\ninclude x\\#y\n",
    );
    write(directory.path(), ".hidden.conf", "hidden");
    write(directory.path(), "seen.conf", "seen");
    write(directory.path(), "a b.inc", "blank");
    write(directory.path(), "x#y", "escaped");
    let outcome = read(directory.path(), "main");
    assert_eq!(show(&outcome.statements), "seen\nblank\nescaped\n");
    assert!(codes(&outcome).is_empty());
}

#[test]
fn a_cycle_through_two_files_and_a_tree_without_end() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "main", "include a");
    write(directory.path(), "a", "include b\nx");
    write(directory.path(), "b", "include a\ny\ninclude ./a");
    let outcome = read(directory.path(), "main");
    assert_eq!(show(&outcome.statements), "y\nx\n");
    assert_eq!(codes(&outcome), ["KA0007", "KA0007"]);
    for level in 0..13 {
        let next = level + 1;
        write(
            directory.path(),
            &format!("t{level}"),
            &format!("include t{next}\ninclude t{next}\n"),
        );
    }
    write(directory.path(), "t13", "z");
    let outcome = read(directory.path(), "t0");
    assert_eq!(codes(&outcome), ["KA0008"]);
}

#[test]
fn toml_as_the_main_file() {
    let directory = tempfile::tempdir().unwrap();
    write(
        directory.path(),
        "main.toml",
        "include = [\"a.conf\", \"b.conf\"]\n[global_defs]\nrouter_id = \"x\"\n",
    );
    write(directory.path(), "a.conf", "a");
    write(directory.path(), "b.conf", "b");
    let outcome = read(directory.path(), "main.toml");
    assert_eq!(show(&outcome.statements), "a\nb\nglobal_defs {\n  router_id x\n");
    assert!(codes(&outcome).is_empty());
}

#[test]
fn lines_made_by_the_thousand_share_their_records() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "main", "$M= \\\na ${I} \\\nb\n~SEQ(I,70000) $M\n");
    let mut last = None;
    let mut count = 0;
    let mut outcome = Outcome::default();
    let options = Options {
        main: directory.path().join("main").to_string_lossy().into_owned(),
        ..options(None)
    };
    keepalived_config::reader::read(
        &options,
        &Machine::default(),
        &mut outcome.sources,
        &mut outcome.diagnostics,
        &mut |statement| {
            count += 1;
            last = Some(statement);
        },
    );
    assert_eq!(count, 140_000);
    let last = last.unwrap();
    let known = outcome.sources.expansion(last.span.expansion.unwrap()).unwrap();
    assert_eq!((known.definition.line, known.text), (3, None));
    assert_eq!((last.span.line, last.span.column), (4, 15));
}
