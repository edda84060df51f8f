//! Keys of `auth_hmac` in the life of a cluster: introduced, rotated, kept in files, and never shown.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Scenario;
use super::signed::{KEY7, KEY7_LINE, KEY9, KEY9_LINE, KEYS};
use super::text::{VIP, instance, named};
use crate::check;
use crate::daemon::Launch;
use crate::lab::Node::{self, A, B};
use crate::lab::capture::{Frame, Stamp};
use crate::lab::sign::{has_trailer, verified_trailer};
use crate::outcome::{Stop, Verdict, same};
use crate::program::Program;
use crate::run::{Run, advert};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A24-rollout",
        "auth",
        9,
        "none, receive-only, permissive, enforce by reloads: never two MASTERs",
        rollout,
    )
    .ours(),
    Scenario::each(
        "A22-rotation",
        "auth",
        9,
        "a key is added, becomes active, the old one goes, by reloads: never two MASTERs",
        rotation,
    )
    .ours(),
    Scenario::each(
        "A22-files",
        "auth",
        4,
        "keys from files and from systemd's credentials; others that may read them",
        files,
    )
    .ours(),
    Scenario::each(
        "A25-mixed",
        "auth",
        9,
        "a router without auth_hmac beside receive-only, permissive, and back",
        mixed,
    )
    .mixed(),
    Scenario::each(
        "secrets",
        "auth",
        7,
        "no password and no key in logs, dumps, messages, FIFOs, environments of scripts",
        secrets,
    )
    .ours()
    .needs_root(),
];

fn config(node: Node, hmac: &str) -> String {
    let priority = if node == A { 200 } else { 100 };
    let hmac = if hmac.is_empty() {
        String::new()
    } else {
        format!("auth_hmac {{\n{hmac}\n}}")
    };
    instance(&format!("version 3\npriority {priority}\nadvert_int 0.3\n{hmac}"), VIP)
}

/// Starts both routers, leads them through configurations step by step, one after the other, and checks that A stays the
/// only MASTER. Returns A's adverts.
fn lead(run: &mut Run, steps: &[&str]) -> Verdict<Vec<Frame>> {
    let begin = Stamp::now();
    run.start(A, &config(A, steps[0]))?;
    run.wait_advert(A, begin, 4.0)?;
    run.start(B, &config(B, steps[0]))?;
    run.wait_state(B, "BACKUP", 0, 4.0)?;
    run.pause(1.5);
    for step in &steps[1..] {
        // The one that only listens is first: what it must accept comes later.
        for node in [B, A] {
            let moment = run.reload(node, &config(node, step))?;
            run.wait_advert(A, moment, 2.0)?;
            run.pause(0.7);
        }
    }
    run.pause(1.5);
    check!(run.adverts(B, begin).is_empty(), "B became MASTER");
    let all = run.daemon(B)?.statistics("V1")?;
    let bad: Vec<_> = all
        .iter()
        .filter(|(name, n)| name.contains("Error") && **n > 0)
        .collect();
    check!(bad.is_empty(), "B refused adverts: {bad:?}");
    Ok(run.adverts(A, begin))
}

fn rollout(run: &mut Run) -> Verdict {
    let step = |mode: &str| format!("{KEY7_LINE}\nactive_key 7\nmode {mode}");
    let steps = [String::new(), step("receive-only"), step("permissive"), step("enforce")];
    let all = lead(run, &steps.each_ref().map(String::as_str))?;
    let last = advert(&all[all.len() - 1])?;
    verified_trailer(last, &KEYS)?;
    check!(!has_trailer(advert(&all[0])?), "a trailer before the first step");
    Ok(())
}

fn rotation(run: &mut Run) -> Verdict {
    let steps = [
        format!("{KEY7_LINE}\nactive_key 7"),
        format!("{KEY7_LINE}\n{KEY9_LINE}\nactive_key 7"),
        format!("{KEY7_LINE}\n{KEY9_LINE}\nactive_key 9"),
        format!("{KEY9_LINE}\nactive_key 9"),
    ];
    let all = lead(run, &steps.each_ref().map(String::as_str))?;
    let seals = all
        .iter()
        .map(|frame| verified_trailer(advert(frame)?, &KEYS))
        .collect::<Verdict<Vec<_>>>()?;
    check!(
        seals.windows(2).all(|pair| pair[0].sequence < pair[1].sequence),
        "numbers do not grow over the reloads"
    );
    let mut ids: Vec<u8> = seals.iter().map(|seal| seal.key_id).collect();
    ids.dedup();
    same("keys in their order", ids, vec![7, 9])
}

fn write_key(path: &Path, text: &[u8], mode: u32) -> Verdict {
    std::fs::write(path, text)?;
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?)
}

fn files(run: &mut Run) -> Verdict {
    let directory = run.directory(A);
    std::fs::create_dir_all(directory.join("credentials"))?;
    let hex: String = KEY7.iter().map(|byte| format!("{byte:02x}")).collect();
    write_key(
        &directory.join("credentials/vrrp"),
        format!("hex:{hex}\n").as_bytes(),
        0o400,
    )?;
    write_key(&directory.join("key9"), &[KEY9, b"\r\n"].concat(), 0o640)?;
    let hmac =
        |active| format!("key 7 file:${{_ENV CREDENTIALS_DIRECTORY}}/vrrp\nkey 9 file:@DIR@/key9\nactive_key {active}");
    let begin = Stamp::now();
    run.launch(
        A,
        &Launch {
            config: config(A, &hmac(7)),
            environment: vec![("CREDENTIALS_DIRECTORY".to_owned(), "@DIR@/credentials".to_owned())],
            ..Launch::default()
        },
    )?;
    let first = run.wait_advert(A, begin, 4.0)?;
    same("key", verified_trailer(advert(&first)?, &KEYS)?.key_id, 7)?;
    let log = run.daemon(A)?.log();
    let complaints: Vec<&str> = log.lines().filter(|line| line.contains("by others")).collect();
    check!(
        complaints.len() == 1 && complaints[0].contains("key9") && complaints[0].contains("0640"),
        "about readable key files: {complaints:?}"
    );
    // The content of the file is read again with the configuration.
    let new = b"a third key, of 32 octets or more";
    write_key(&directory.join("key9"), new, 0o600)?;
    let moment = run.reload(A, &config(A, &hmac(9)))?;
    run.pause(0.5);
    let next = run.wait_advert(A, moment.plus(0.4), 1.0)?;
    same("key", verified_trailer(advert(&next)?, &[(9, new)])?.key_id, 9)
}

fn mixed(run: &mut Run) -> Verdict {
    let (ours, plain) = if run.program(A) == Program::Ours {
        (A, B)
    } else {
        (B, A)
    };
    let hmac = |mode: &str| format!("{KEY7_LINE}\nactive_key 7\nmode {mode}");
    let begin = Stamp::now();
    run.start(ours, &config(A, &hmac("receive-only")))?;
    run.wait_advert(ours, begin, 4.0)?;
    run.start(plain, &config(B, ""))?;
    run.pause(1.5);
    check!(
        run.adverts(plain, begin).is_empty(),
        "a router without auth_hmac does not hear one that only receives"
    );
    // Too early: it takes the trailer for an error of length, and soon thinks itself alone.
    let moment = run.reload(ours, &config(A, &hmac("permissive")))?;
    run.wait_advert(plain, moment, 3.0)?;
    check!(
        run.counter(plain, "Packet Errors/Length")? >= 3,
        "trailers were not refused for their length"
    );
    run.wait_address(ours, "10.9.0.100", true, 0.0)?;
    // The way back.
    run.reload(ours, &config(A, &hmac("receive-only")))?;
    run.wait_address(plain, "10.9.0.100", false, 2.0)?;
    let moment = Stamp::now();
    run.expect_silence(plain, moment.plus(0.1), 1.5)
}

/// What must not be found anywhere, as it would be written down.
fn forbidden() -> Vec<Vec<u8>> {
    let key = b"gEheim03gEheim03gEheim03gEheim03";
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let list: String = format!("{key:?}");
    vec![
        b"gEheim".to_vec(),
        hex.clone().into_bytes(),
        hex.to_uppercase().into_bytes(),
        list.trim_matches(['[', ']']).as_bytes()[..40].to_vec(),
    ]
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}

/// Every file below a directory but the configuration.
fn written(directory: &Path, found: &mut Vec<(String, Vec<u8>)>) -> Verdict {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            written(&path, found)?;
        } else if kind.is_file() && entry.file_name() != "keepalived.conf" {
            found.push((path.display().to_string(), std::fs::read(&path)?));
        }
    }
    Ok(())
}

fn secrets(run: &mut Run) -> Verdict {
    let trailer = "auth_hmac {\nkey 7 gEheim03gEheim03gEheim03gEheim03\nactive_key 7\n}";
    let password = |word: &str, kind: &str| {
        format!(
            "version 2\npriority 150\nadvert_int 1\nauthentication {{\nauth_type {kind}\nauth_pass {word}\n}}\n\
             notify @DIR@/notify.sh"
        )
    };
    let config = |surplus: &str| {
        [
            "global_defs {\nscript_user root\nenable_script_security\n}\n".to_owned(),
            instance(&password("gEheim01", "PASS"), VIP),
            named("V2", 52, &password("gEheim02", "AH"), "10.9.0.101/24"),
            named(
                "V3",
                53,
                &format!("version 3\nadvert_int 0.3\n{trailer}"),
                "10.9.0.102/24",
            ),
            surplus.to_owned(),
        ]
        .concat()
    };
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let script = directory.join("notify.sh");
    std::fs::write(&script, "#!/bin/sh\nenv >> \"$0.env\"\necho \"$@\" >> \"$0.env\"\n")?;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
    let begin = Stamp::now();
    run.launch(
        A,
        &Launch {
            config: config(""),
            args: vec!["-d".to_owned(), "-D".to_owned()],
            ..Launch::default()
        },
    )?;
    run.wait_advert(A, begin, 6.0)?;
    run.wait_address(A, "10.9.0.101", true, 6.0)?;
    // JSON is signal RTMIN+2.
    for (name, signal) in [
        ("keepalived.data", 10),
        ("keepalived.stats", 12),
        ("keepalived.json", 36),
    ] {
        let text = run.daemon(A)?.dump(name, signal)?;
        check!(text.contains("V2"), "{name} says nothing of V2: {text}");
    }
    let wrong = "vrrp_instance V4 {\ninterface e0\nvirtual_router_id 54\nauthentication {\nauth_type PASS\n\
                 auth_pass gEheim04 gEheim05\n}\nauth_hmac {\nkey gEheim06gEheim06gEheim06gEheim06\n\
                 key 8 gEheim07\nactive_key 8\n}\n}\n";
    run.reload(A, &config(wrong))?;
    run.pause(1.5);
    run.stop(A)?;
    let mut found = Vec::new();
    written(&directory, &mut found)?;
    check!(
        found
            .iter()
            .any(|(name, text)| name.ends_with("notify.sh.env") && contains(text, b"MASTER")),
        "the script was not run"
    );
    for (name, text) in &found {
        for needle in forbidden() {
            check!(
                !contains(text, &needle),
                "{name} holds {}: {}",
                String::from_utf8_lossy(&needle),
                String::from_utf8_lossy(text)
            );
        }
    }
    test_output(run)
}

/// What `-t` says about the same mistakes, in every form.
fn test_output(run: &mut Run) -> Verdict {
    let directory = run.directory(A);
    let program = run.executable(A).to_owned();
    for form in ["human", "line", "json", "sarif"] {
        let output = std::process::Command::new(&program)
            .args(["-t", "--diagnostics", form, "-f"])
            .arg(directory.join("keepalived.conf"))
            .output()?;
        let text = [output.stdout, output.stderr].concat();
        let shown = String::from_utf8_lossy(&text);
        if !shown.contains("V4") && !shown.contains("KA1004") {
            return Err(Stop::Fail(format!("-t as {form} finds nothing: {shown}")));
        }
        check!(!contains(&text, b"gEheim"), "-t as {form} shows a secret: {shown}");
    }
    Ok(())
}
