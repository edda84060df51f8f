//! Mail about states (section 13.6 of the VRRP description).

use std::process::{Command, Stdio};

use super::Scenario;
use crate::check;
use crate::daemon::until;
use crate::lab::Node::{self, A};
use crate::lab::capture::Stamp;
use crate::lab::mail::{MailServer, Manner, PORT, Session, subject};
use crate::outcome::{Stop, Verdict, near, same};
use crate::run::Run;
use crate::scenarios::text::{VIP, named};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "mail-texts",
        "mail",
        6,
        "instances and a group: every line of the dialogue, in order",
        texts,
    ),
    Scenario::each(
        "mail-defaults",
        "mail",
        5,
        "no router_id, sender and HELO name: the host's name and our login",
        defaults,
    ),
    Scenario::each(
        "mail-faults",
        "mail",
        7,
        "no_email_faults: no mail about FAULT, nor about coming back to the state mailed last",
        faults,
    ),
    Scenario::each(
        "mail-alerts",
        "mail",
        5,
        "smtp_alert: instance before smtp_alert_vrrp",
        alerts,
    ),
    Scenario::each("R50", "mail", 6, "what is mailed about a stop", stop)
        .reference_deviates("opens a connection for the mail about the stop, and ends before it has sent anything"),
    Scenario::each("mail-refused", "mail", 5, "a recipient the server refuses", refused)
        .reference_deviates("gives the mail up for all recipients"),
    Scenario::each(
        "mail-silent",
        "mail",
        6,
        "a server that takes the connection and is silent: adverts go on in time",
        silent,
    ),
    Scenario::each(
        "mail-busy",
        "mail",
        5,
        "a server that says 421: one line in the log",
        busy,
    ),
    Scenario::each(
        "mail-python",
        "mail",
        6,
        "a mail server of somebody else takes the mails (smtpd of Python)",
        python,
    ),
];

fn globals(more: &str) -> String {
    format!(
        "global_defs {{\nrouter_id RTR\nsmtp_server 127.0.0.1 {PORT}\nsmtp_connect_timeout 5\nsmtp_helo_name helo.example\n\
         notification_email_from from@example.org\nnotification_email {{\none@example.org\ntwo@example.org\n}}\n{more}\n}}\n"
    )
}

fn instance(name: &str, vrid: u8, more: &str) -> String {
    let vip = if vrid == 51 { VIP } else { "10.9.0.101/24" };
    named(
        name,
        vrid,
        &format!("version 3\npriority 200\nadvert_int 0.2\n{more}"),
        vip,
    )
}

/// A session with its headers unfolded and its date replaced.
fn unfolded(session: &Session) -> String {
    let mut text = session.join("\n").replace("\n ", " ");
    if let Some(at) = text.find("\nDate: ") {
        let end = text[at + 1..].find('\n').map_or(text.len(), |n| at + 1 + n);
        text.replace_range(at + 1..end, "Date: *");
    }
    text
}

fn date_is_rfc_5322(session: &Session) -> Verdict {
    let date = session
        .iter()
        .find_map(|line| line.strip_prefix("Date: "))
        .unwrap_or_default();
    let words: Vec<&str> = date.split(' ').collect();
    let shape = words.len() == 6
        && words[0].len() == 4
        && words[0].ends_with(',')
        && words[1].parse::<u8>().is_ok()
        && words[2].len() == 3
        && words[3].len() == 4
        && words[4].len() == 8
        && words[5].len() == 5
        && words[5].starts_with(['+', '-']);
    check!(shape, "Date: {date:?}");
    Ok(())
}

fn texts(run: &mut Run) -> Verdict {
    let server = MailServer::start(run.lab.node(A), Manner::Good)?;
    let group = "vrrp_sync_group G {\ngroup {\nV1\n}\n}\n";
    run.start(
        A,
        &format!(
            "{}{group}{}{}",
            globals("smtp_alert"),
            instance("V1", 51, ""),
            instance("V2", 52, "")
        ),
    )?;
    server.wait(6, 5.0)?;
    let sessions = server.complete();
    for (about, event, body) in [
        (
            "Instance V1",
            "Entering BACKUP state",
            "=> VRRP Instance is no longer owning VRRP VIPs <=",
        ),
        (
            "Instance V2",
            "Entering BACKUP state",
            "=> VRRP Instance is no longer owning VRRP VIPs <=",
        ),
        (
            "Group G",
            "Entering BACKUP state",
            "=> All VRRP group instances are now in BACKUP state <=",
        ),
        (
            "Instance V1",
            "Entering MASTER state",
            "=> VRRP Instance is now owning VRRP VIPs <=",
        ),
        (
            "Instance V2",
            "Entering MASTER state",
            "=> VRRP Instance is now owning VRRP VIPs <=",
        ),
        (
            "Group G",
            "Entering MASTER state",
            "=> All VRRP group instances are now in MASTER state <=",
        ),
    ] {
        let title = format!("[RTR] VRRP {about} - {event}");
        let Some(session) = sessions.iter().find(|s| subject(s).as_ref() == Some(&title)) else {
            return Err(Stop::Fail(format!("no mail {title:?} in {:?}", server.subjects())));
        };
        date_is_rfc_5322(session)?;
        let expected = format!(
            "HELO helo.example\nMAIL FROM:<from@example.org>\nRCPT TO:<one@example.org>\nRCPT TO:<two@example.org>\nDATA\n\
             Date: *\nFrom: from@example.org\nSubject: {title}\nX-Mailer: Keepalived\n\
             To: one@example.org, two@example.org\n\n{body}\n\n.\nQUIT"
        );
        same(&format!("the dialogue of {title:?}"), unfolded(session), expected)?;
    }
    run.pause(0.5);
    same("mails", server.subjects().len(), 6)
}

fn defaults(run: &mut Run) -> Verdict {
    let server = MailServer::start(run.lab.node(A), Manner::Good)?;
    let globals = format!(
        "global_defs {{\nsmtp_server 127.0.0.1 {PORT}\nnotification_email {{\none@example.org\n}}\nsmtp_alert\n}}\n"
    );
    run.start(A, &format!("{globals}{}", instance("V1", 51, "")))?;
    server.wait(1, 4.0)?;
    let session = &server.complete()[0];
    let host = session[0].strip_prefix("HELO ").unwrap_or_default().to_owned();
    check!(!host.is_empty(), "{session:?}");
    same("sender", &*session[1], &*format!("MAIL FROM:<root@{host}>"))?;
    let title = format!("[{host}] VRRP Instance V1 - Entering BACKUP state");
    same("subject", subject(session), Some(title))
}

fn interface_b(run: &Run, up: bool) -> Verdict {
    let state = if up { "up" } else { "down" };
    run.lab.node(A).ip(&[&format!("link set e1 {state}")])
}

fn faults(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    let server = MailServer::start(run.lab.node(A), Manner::Good)?;
    let slow = "advert_int 5\ntrack_interface {\ne1\n}";
    let v1 = instance("V1", 51, "track_interface {\ne1\n}");
    let v2 = instance("V2", 52, slow).replacen("advert_int 0.2\n", "", 1);
    run.start(A, &format!("{}{v1}{v2}", globals("smtp_alert\nno_email_faults")))?;
    server.wait(3, 4.0)?;
    interface_b(run, false)?;
    run.daemon(A)?.wait_log("(V2) Entering FAULT STATE", 0, 2.0)?;
    interface_b(run, true)?;
    server.wait(5, 4.0)?;
    run.pause(0.4);
    let of = |name: &str| -> Vec<String> {
        let about = format!("[RTR] VRRP Instance {name} - Entering ");
        let subjects = server.subjects();
        let told = subjects.iter().filter_map(|s| s.strip_prefix(&about));
        told.map(|end| end.trim_end_matches(" state").to_owned()).collect()
    };
    same(
        "mails about V1",
        of("V1"),
        ["BACKUP", "MASTER", "BACKUP", "MASTER"].map(str::to_owned).to_vec(),
    )?;
    same("mails about V2", of("V2"), vec!["BACKUP".to_owned()])
}

fn alerts(run: &mut Run) -> Verdict {
    let server = MailServer::start(run.lab.node(A), Manner::Good)?;
    let text = format!(
        "{}{}{}",
        globals("smtp_alert on\nsmtp_alert_vrrp off"),
        instance("V1", 51, ""),
        instance("V2", 52, "smtp_alert")
    );
    run.start(A, &text)?;
    server.wait(2, 4.0)?;
    run.pause(0.4);
    let other = server
        .subjects()
        .into_iter()
        .filter(|s| !s.contains("Instance V2 - "))
        .count();
    same("mails about V1", other, 0)
}

fn stop(run: &mut Run) -> Verdict {
    let server = MailServer::start(run.lab.node(A), Manner::Good)?;
    run.start(A, &format!("{}{}", globals("smtp_alert"), instance("V1", 51, "")))?;
    server.wait(2, 4.0)?;
    run.stop(A)?;
    run.pause(0.1);
    let last = server.subjects().split_off(2);
    let expected = if run.reference() {
        vec![]
    } else {
        vec!["[RTR] VRRP Instance V1 - Stopping".to_owned()]
    };
    same("mails since the stop", last, expected)
}

fn refused(run: &mut Run) -> Verdict {
    let server = MailServer::start(run.lab.node(A), Manner::RefusesWrong)?;
    let globals = globals("smtp_alert").replace("one@", "wrong@");
    run.start(A, &format!("{globals}{}", instance("V1", 51, "")))?;
    let reference = run.reference();
    let line = format!("Error processing RCPT cmd on SMTP server [127.0.0.1]:{PORT}. SMTP status code = 550");
    run.daemon(A)?.wait_log(&line, 0, 4.0)?;
    run.pause(1.0);
    if reference {
        return same("mails", server.subjects().len(), 0);
    }
    same("mails", server.subjects().len(), 2)?;
    same(
        "lines in the log",
        run.daemon(A)?.log().matches("SMTP status code").count(),
        1,
    )
}

fn steady(run: &Run) -> Verdict {
    let begin = Stamp::now();
    run.pause(1.6);
    let seen = run.adverts(A, begin);
    check!(seen.len() >= 6, "only {} adverts", seen.len());
    for pair in seen.windows(2) {
        near("interval", pair[1].at.since(pair[0].at), 0.2)?;
    }
    Ok(())
}

fn silent(run: &mut Run) -> Verdict {
    let _server = MailServer::start(run.lab.node(A), Manner::Silent)?;
    run.start(A, &format!("{}{}", globals("smtp_alert"), instance("V1", 51, "")))?;
    run.wait_address(A, "10.9.0.100", true, 4.0)?;
    steady(run)?;
    let begin = std::time::Instant::now();
    run.stop(A)?;
    check!(
        begin.elapsed().as_secs_f64() < 2.5,
        "the stop took {:?}",
        begin.elapsed()
    );
    Ok(())
}

fn busy(run: &mut Run) -> Verdict {
    let _server = MailServer::start(run.lab.node(A), Manner::Busy)?;
    run.start(A, &format!("{}{}", globals("smtp_alert"), instance("V1", 51, "")))?;
    run.wait_address(A, "10.9.0.100", true, 4.0)?;
    let line = format!("Error processing (E)SMTP cmd on SMTP server [127.0.0.1]:{PORT}. SMTP status code = 421");
    run.daemon(A)?.wait_log(&line, 0, 2.0)?;
    steady(run)?;
    if !run.reference() {
        same("lines in the log", run.daemon(A)?.log().matches(&line).count(), 1)?;
    }
    Ok(())
}

/// Python's own server, which writes what it gets to its output; gone from Python 3.12 on.
fn python(run: &mut Run) -> Verdict {
    let directory = run.directory(Node::A);
    std::fs::create_dir_all(&directory)?;
    let path = directory.join("mails");
    let output = std::fs::File::create(&path)?;
    let mut command = Command::new("python3");
    command.args([
        "-u",
        "-W",
        "ignore",
        "-m",
        "smtpd",
        "-n",
        "-c",
        "DebuggingServer",
        &format!("127.0.0.1:{PORT}"),
    ]);
    command.stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
    let spawned = run.lab.node(A).run(move || command.spawn())?;
    let Ok(mut server) = spawned else {
        return Err(Stop::Skip("there is no python3".to_owned()));
    };
    let namespace = run.lab.node(A);
    let listens = until(8.0, || {
        let connected = namespace.run(|| std::net::TcpStream::connect(("127.0.0.1", PORT)));
        matches!(connected, Ok(Ok(_))) || matches!(server.try_wait(), Ok(Some(_)))
    });
    let ended = server.try_wait()?;
    let result = match (listens, ended) {
        (_, Some(_)) => Err(Stop::Skip("this Python has no smtpd".to_owned())),
        (false, None) => Err(Stop::Skip("Python's smtpd does not begin to listen".to_owned())),
        (true, None) => with_python(run, &path),
    };
    server.kill()?;
    server.wait()?;
    result
}

fn with_python(run: &mut Run, path: &std::path::Path) -> Verdict {
    run.start(A, &format!("{}{}", globals("smtp_alert"), instance("V1", 51, "")))?;
    let arrived = || std::fs::read_to_string(path).is_ok_and(|text| text.contains("Entering MASTER state"));
    check!(until(6.0, arrived), "no mail about MASTER");
    run.pause(0.2);
    let text = std::fs::read_to_string(path)?;
    same("messages", text.matches("MESSAGE FOLLOWS").count(), 2)?;
    let lines: Vec<&str> = text.lines().collect();
    check!(text.contains("X-Mailer: Keepalived"), "{lines:?}");
    check!(
        text.contains("=> VRRP Instance is now owning VRRP VIPs <="),
        "{lines:?}"
    );
    Ok(())
}
