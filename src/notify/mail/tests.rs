//! The thread against a scripted server on the loopback interface.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
};

use keepalived_model::time::Micros;
use keepalived_vrrp::Notified;

use super::*;

/// What the server received: its ended sessions, in the order in which they were opened.
#[derive(Clone, Default)]
struct Heard(Arc<(Mutex<Sessions>, Condvar)>);

/// The lines of each session, by its number.
type Sessions = BTreeMap<usize, Vec<String>>;

impl Heard {
    fn keep(&self, number: usize, lines: Vec<String>) {
        self.0.0.lock().unwrap().insert(number, lines);
        self.0.1.notify_all();
    }

    /// The sessions, when so many have ended: a client may be done before the server knows it.
    fn sessions(&self, count: usize) -> Vec<Vec<String>> {
        let few = |sessions: &mut Sessions| sessions.len() < count;
        let sessions = self
            .0
            .1
            .wait_timeout_while(self.0.0.lock().unwrap(), LONG, few)
            .unwrap()
            .0;
        assert_eq!(sessions.len(), count, "{sessions:?}");
        sessions.values().cloned().collect()
    }
}

/// Serves each connection with `serve` in a thread of its own.
fn server(serve: impl Fn(TcpStream, usize) -> Vec<String> + Send + Sync + 'static) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Heard::default();
    let (kept, serve) = (heard.clone(), Arc::new(serve));
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (kept, serve) = (kept.clone(), Arc::clone(&serve));
            std::thread::spawn(move || kept.keep(number, serve(stream.unwrap(), number)));
        }
    });
    (port, heard)
}

/// Answers as servers do, except what `answer` answers otherwise: an empty answer hangs up.
fn converse(mut stream: TcpStream, greeting: &str, answer: impl Fn(&str) -> Option<&'static str>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    stream.write_all(greeting.as_bytes()).unwrap();
    let (mut data, mut line) = (false, String::new());
    while reader.read_line(&mut line).unwrap_or(0) > 0 {
        let word = line.trim_end().to_owned();
        line.clear();
        lines.push(word.clone());
        if data && word != "." {
            continue;
        }
        let command = if data { "." } else { &word };
        let usual = match command {
            "DATA" => "354 go on\r\n",
            "QUIT" => "221 bye\r\n",
            _ => "250-well\r\n250 done\r\n",
        };
        data = command == "DATA";
        let said = answer(command).unwrap_or(usual);
        if said.is_empty() || stream.write_all(said.as_bytes()).is_err() || command == "QUIT" {
            break;
        }
    }
    lines
}

fn smtp(port: u16) -> Smtp {
    Smtp {
        server: Some("127.0.0.1".into()),
        port: Some(port),
        helo_name: Some("me.example".into()),
        connect_timeout: Some(Micros::from_secs(1)),
        from: Some("K <k@example.org>".into()),
        recipients: vec!["a@example.org".into(), "B <b@example.org>".into()],
        ..Smtp::default()
    }
}

fn deliver(smtp: &Smtp, mails: impl IntoIterator<Item = Mail>, longest: Duration) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut mailer = Mailer::default();
        mailer.configure(smtp, Some("RTR")).unwrap();
        for mail in mails {
            mailer.send(mail);
        }
        mailer.flush(longest).await
    })
}

const LONG: Duration = Duration::from_secs(20);

#[test]
fn the_whole_dialogue() {
    let (port, heard) = server(|stream, _| converse(stream, "220-hello\r\n220 here\r\n", |_| None));
    assert!(deliver(&smtp(port), [Mail::instance("V1", Notified::Backup, 0)], LONG));
    let mut lines = heard.sessions(1).remove(0);
    let date = lines.iter().position(|line| line.starts_with("Date: ")).unwrap();
    lines.remove(date);
    assert_eq!(
        lines,
        [
            "HELO me.example",
            "MAIL FROM:<k@example.org>",
            "RCPT TO:<a@example.org>",
            "RCPT TO:<b@example.org>",
            "DATA",
            "From: K <k@example.org>",
            "Subject: [RTR] VRRP Instance V1 - Entering BACKUP state",
            "X-Mailer: Keepalived",
            "To: a@example.org,",
            " B <b@example.org>",
            "",
            "=> VRRP Instance is no longer owning VRRP VIPs <=",
            "",
            ".",
            "QUIT",
        ]
    );
}

#[test]
fn mails_about_one_thing_arrive_in_order() {
    let (port, heard) = server(|stream, _| converse(stream, "220 x\r\n", |_| None));
    let states = [Notified::Backup, Notified::Master, Notified::Fault, Notified::Backup];
    let mails = (0..40).flat_map(|n| states.map(|state| Mail::instance(&format!("V{n}"), state, 0)));
    assert!(deliver(&smtp(port), mails, LONG));
    let heard = heard.sessions(160);
    for n in 0..40 {
        let of = format!(" V{n} - Entering ");
        let subjects = heard
            .iter()
            .flatten()
            .filter_map(|line| line.split_once(&of).map(|(_, end)| end.to_owned()));
        let subjects: Vec<String> = subjects.collect();
        assert_eq!(
            subjects,
            ["BACKUP state", "MASTER state", "FAULT state", "BACKUP state"]
        );
    }
}

#[test]
fn servers_that_fail_cost_one_mail_each_and_no_more() {
    for (step, said) in [
        ("HELO me.example", "501 no\r\n"),
        ("MAIL FROM:<k@example.org>", "451 later\r\n"),
        ("RCPT TO:<a@example.org>", ""),
        ("DATA", "554 no\r\n"),
        (".", "552 full\r\n"),
        (".", "what\r\n"),
    ] {
        let (port, heard) = server(move |stream, number| {
            converse(stream, "220 x\r\n", move |command| {
                (number == 0 && command == step).then_some(said)
            })
        });
        let mails = [
            Mail::instance("V", Notified::Backup, 0),
            Mail::instance("V", Notified::Master, 0),
        ];
        assert!(deliver(&smtp(port), mails, LONG), "{step}");
        let heard = heard.sessions(2);
        let last = heard.last().unwrap();
        assert!(
            last.iter().any(|line| line.ends_with("Entering MASTER state"))
                && last.ends_with(&[".".into(), "QUIT".into()]),
            "{step}: {heard:?}"
        );
    }
}

#[test]
fn a_silent_server_is_left_after_the_time_limit() {
    let (port, _heard) = server(|stream, _| {
        std::thread::sleep(Duration::from_secs(30));
        drop(stream);
        Vec::new()
    });
    let begun = std::time::Instant::now();
    assert!(deliver(&smtp(port), [Mail::group("G", Notified::Stop, 0)], LONG));
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    // Whoever does not want to wait so long need not.
    assert!(!deliver(
        &smtp(port),
        [Mail::group("G", Notified::Stop, 0)],
        Duration::from_millis(100)
    ));
}

#[test]
fn a_server_has_a_name_and_several_addresses() {
    let (port, heard) = server(|stream, _| converse(stream, "220 x\r\n", |_| None));
    // Nobody listens at ::1, if localhost has that address too.
    let named = Smtp {
        server: Some("localhost".into()),
        ..smtp(port)
    };
    assert!(deliver(&named, [Mail::instance("V", Notified::Stop, 0)], LONG));
    heard.sessions(1);
    let unknown = Smtp {
        server: Some("no.such.host.invalid".into()),
        ..smtp(port)
    };
    assert!(deliver(&unknown, [Mail::instance("V", Notified::Stop, 0)], LONG));
    heard.sessions(1);
}

#[test]
fn nobody_listens_and_nothing_is_configured() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(deliver(&smtp(closed), [Mail::group("G", Notified::Stop, 0)], LONG));
    let mut mailer = Mailer::default();
    let nobody = Smtp {
        recipients: Vec::new(),
        ..smtp(closed)
    };
    mailer.configure(&nobody, None).unwrap();
    assert!(!mailer.is_active());
    mailer.send(Mail::group("G", Notified::Stop, 0));
}
