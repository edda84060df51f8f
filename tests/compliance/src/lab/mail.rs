//! A mail server for the tests: keeps what it hears, and fails as it is told.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::namespace::Namespace;
use crate::daemon::until;
use crate::outcome::{Stop, Verdict};

/// Port on the loopback interface of its machine.
pub const PORT: u16 = 2525;

/// How a server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Takes everything.
    Good,
    /// Refuses recipients whose address contains `wrong`.
    RefusesWrong,
    /// Takes connections and never says a word.
    Silent,
    /// Says that it is busy and hangs up.
    Busy,
}

/// One session: all lines that the client sent, in order.
pub type Session = Vec<String>;

/// A server and the sessions it has had.
#[derive(Debug)]
pub struct MailServer {
    sessions: Arc<Mutex<Vec<Session>>>,
}

impl MailServer {
    /// Listens in a namespace until this process ends.
    pub fn start(namespace: &Namespace, manner: Manner) -> Verdict<Self> {
        let listener = namespace.run(|| TcpListener::bind(("127.0.0.1", PORT)))??;
        let server = Self {
            sessions: Arc::default(),
        };
        let sessions = Arc::clone(&server.sessions);
        std::thread::Builder::new().name("mail".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                let sessions = Arc::clone(&sessions);
                std::thread::spawn(move || {
                    let place = {
                        let mut all = sessions.lock().unwrap_or_else(PoisonError::into_inner);
                        all.push(Session::new());
                        all.len() - 1
                    };
                    // A client that goes away in the middle is part of the game.
                    let _ended = serve(stream, manner, |line| {
                        sessions.lock().unwrap_or_else(PoisonError::into_inner)[place].push(line);
                    });
                });
            }
        })?;
        Ok(server)
    }

    /// All sessions that ended with QUIT, in the order of their beginnings.
    pub fn complete(&self) -> Vec<Session> {
        self.all()
            .into_iter()
            .filter(|s| s.last().is_some_and(|l| l == "QUIT"))
            .collect()
    }

    /// All sessions.
    pub fn all(&self) -> Vec<Session> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The subjects of all messages that were taken, in the order of their sessions.
    pub fn subjects(&self) -> Vec<String> {
        let taken = self
            .complete()
            .into_iter()
            .filter(|session| session.iter().any(|line| line == "."));
        taken.filter_map(|session| subject(&session)).collect()
    }

    /// Waits until there are `count` messages.
    pub fn wait(&self, count: usize, limit: f64) -> Verdict {
        if until(limit, || self.subjects().len() >= count) {
            return Ok(());
        }
        Err(Stop::Fail(format!("{count} mails expected, got {:?}", self.subjects())))
    }
}

/// The subject in a session.
pub fn subject(session: &Session) -> Option<String> {
    session
        .iter()
        .find_map(|line| line.strip_prefix("Subject: "))
        .map(str::to_owned)
}

fn serve(mut stream: TcpStream, manner: Manner, mut heard: impl FnMut(String)) -> std::io::Result<()> {
    match manner {
        Manner::Silent => std::thread::sleep(Duration::from_secs(3600)),
        Manner::Busy => return stream.write_all(b"421 busy, come again\r\n"),
        Manner::Good | Manner::RefusesWrong => {}
    }
    stream.write_all(b"220 sink\r\n")?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut data, mut line) = (false, String::new());
    while reader.read_line(&mut line)? > 0 {
        let words = line.strip_suffix("\r\n").unwrap_or(&line).to_owned();
        line.clear();
        heard(words.clone());
        if data && words != "." {
            continue;
        }
        let answer = match &*words {
            "QUIT" => return stream.write_all(b"221 bye\r\n"),
            "DATA" => "354 go on\r\n",
            other if manner == Manner::RefusesWrong && other.contains("wrong") => "550 nobody of that name\r\n",
            // Whoever says EHLO is no client of 1982.
            other if other.starts_with("EHLO") => "500 what?\r\n",
            _ => "250 done\r\n",
        };
        data = words == "DATA";
        stream.write_all(answer.as_bytes())?;
    }
    Ok(())
}
