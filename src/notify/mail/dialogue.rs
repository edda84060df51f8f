//! The client's side of SMTP (RFC 5321), without a socket: a reply in, the next words out.
//!
//! What a server sends is read by `smtp-proto`, the protocol library of the Stalwart mail server. What we say is five fixed commands:
//! the original says HELO and never EHLO, so no extension is used and no client library fits (lettre 0.11 and async-smtp 0.10 begin
//! with EHLO whatever they are told; the former, as of 0.11.23, also reads a reply line of any length into memory and panics when a
//! line of the answer to EHLO holds nothing but blanks, which no peer may be able to do to us).

use std::fmt;

use smtp_proto::{Error, Response, response::parser::ResponseReceiver};

use super::text::route;

/// A longer reply, all its lines together, is no SMTP (RFC 5321 section 4.5.3.1.5 allows 512 octets a line).
const LONGEST_REPLY: usize = 16 * 1024;
/// This much of what a server says goes into the log.
const KEPT_TEXT: usize = 160;

/// A complete reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Three digits.
    pub code: u16,
    /// The text of its last line, shortened and without control characters.
    pub text: String,
}

/// Makes replies of octets as they come; holds at most [`LONGEST_REPLY`] octets.
#[derive(Default)]
pub struct Replies {
    receiver: ResponseReceiver,
    /// Octets of the reply that is being read.
    octets: usize,
}

impl fmt::Debug for Replies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replies")
            .field("octets", &self.octets)
            .finish_non_exhaustive()
    }
}

/// What the server sent is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what it sent is no SMTP reply")
    }
}

impl Replies {
    /// Takes octets from the front of `input`; returns the reply that they complete, with how many were used. Nothing when all were
    /// used and more are needed.
    pub fn take(&mut self, input: &[u8]) -> Result<Option<(Reply, usize)>, Malformed> {
        // The library bounds the text of a line, not how many empty lines there are.
        let input = &input[..input.len().min(LONGEST_REPLY - self.octets)];
        let mut rest = input.iter();
        match self.receiver.parse(&mut rest) {
            Ok(response) => {
                self.receiver.reset();
                self.octets = 0;
                Ok(Some((Reply::new(&response)?, input.len() - rest.len())))
            }
            Err(Error::NeedsMoreData { .. }) => {
                self.octets += input.len();
                if self.octets < LONGEST_REPLY {
                    Ok(None)
                } else {
                    Err(Malformed)
                }
            }
            Err(_) => Err(Malformed),
        }
    }
}

impl Reply {
    fn new(response: &Response<String>) -> Result<Self, Malformed> {
        if !(200..600).contains(&response.code) {
            return Err(Malformed);
        }
        let mut text = String::new();
        // The library has taken an enhanced status code (RFC 3463) off.
        if let [class @ 1..=u8::MAX, subject, detail] = response.esc {
            text = format!("{class}.{subject}.{detail} ");
        }
        let said = response.message.trim_end().lines().next_back().unwrap_or_default();
        text.extend(said.chars().filter(|c| !c.is_control()));
        text = text.trim_end().chars().take(KEPT_TEXT).collect();
        Ok(Self {
            code: response.code,
            text,
        })
    }
}

/// What the client said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing yet: the server greets.
    Greeting,
    /// HELO.
    Hello,
    /// MAIL FROM.
    Mail,
    /// RCPT TO, of this recipient.
    Recipient(usize),
    /// DATA.
    Data,
    /// The message and its dot.
    Message,
    /// QUIT.
    Quit,
}

impl Step {
    /// As the original's log names the command.
    const fn name(self) -> &'static str {
        match self {
            Self::Greeting => "(E)SMTP",
            Self::Hello => "HELO",
            Self::Mail => "MAIL",
            Self::Recipient(_) => "RCPT",
            Self::Data => "DATA",
            Self::Message => "BODY",
            Self::Quit => "QUIT",
        }
    }
}

/// A command that the server did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which command.
    pub step: Step,
    /// What it said.
    pub reply: Reply,
    /// The recipient, for RCPT.
    pub recipient: Option<String>,
}

impl Refusal {
    /// In the original's words, with the server's after them.
    pub fn describe(&self, server: &str) -> String {
        let mut text = format!(
            "Error processing {} cmd on SMTP server {server}. SMTP status code = {}",
            self.step.name(),
            self.reply.code
        );
        if !self.reply.text.is_empty() {
            text.push_str(&format!(" ({})", self.reply.text));
        }
        if let Some(recipient) = &self.recipient {
            text.push_str(&format!(" for <{recipient}>"));
        }
        text
    }
}

/// One session that delivers one message.
#[derive(Debug)]
pub struct Dialogue {
    step: Step,
    hello: String,
    from: String,
    recipients: Vec<String>,
    message: Vec<u8>,
    accepted: usize,
    delivered: bool,
    refusals: Vec<Refusal>,
}

impl Dialogue {
    /// `message` as [`Letterhead::message`](super::text::Letterhead::message) makes it.
    pub fn new(hello: &str, from: &str, to: &[String], message: Vec<u8>) -> Self {
        Self {
            step: Step::Greeting,
            hello: hello.chars().filter(|c| !c.is_control()).collect(),
            from: route(from),
            recipients: to.iter().map(|address| route(address)).collect(),
            message,
            accepted: 0,
            delivered: false,
            refusals: Vec::new(),
        }
    }

    /// A reply came; what to say next. `None`: hang up.
    pub fn reply(&mut self, reply: Reply) -> Option<Vec<u8>> {
        let good = match self.step {
            Step::Greeting => reply.code == 220,
            Step::Hello | Step::Mail => reply.code == 250,
            // 251: not here, but it will be forwarded.
            Step::Recipient(_) => matches!(reply.code, 250 | 251),
            Step::Data => reply.code == 354,
            Step::Message => reply.code == 250,
            Step::Quit => return None,
        };
        if let Step::Recipient(_) = self.step {
            self.accepted += usize::from(good);
        }
        self.delivered |= good && self.step == Step::Message;
        if good {
            return Some(self.next());
        }
        let recipient = match self.step {
            Step::Recipient(index) => self.recipients.get(index).cloned(),
            _ => None,
        };
        let closing = reply.code == 421;
        self.refusals.push(Refusal {
            step: self.step,
            reply,
            recipient,
        });
        // The others shall have it, though one address is wrong. (The original gives up for all.)
        if matches!(self.step, Step::Recipient(_)) && !closing {
            return Some(self.next());
        }
        self.step = Step::Quit;
        (!closing).then(|| b"QUIT\r\n".to_vec())
    }

    fn next(&mut self) -> Vec<u8> {
        self.step = match self.step {
            Step::Greeting => Step::Hello,
            Step::Hello => Step::Mail,
            Step::Mail if !self.recipients.is_empty() => Step::Recipient(0),
            Step::Recipient(index) if index + 1 < self.recipients.len() => Step::Recipient(index + 1),
            Step::Recipient(_) if self.accepted > 0 => Step::Data,
            Step::Data => Step::Message,
            Step::Mail | Step::Recipient(_) | Step::Message | Step::Quit => Step::Quit,
        };
        match self.step {
            Step::Hello => format!("HELO {}\r\n", self.hello).into_bytes(),
            Step::Mail => format!("MAIL FROM:<{}>\r\n", self.from).into_bytes(),
            Step::Recipient(index) => {
                let to = self.recipients.get(index).map_or("", |to| to);
                format!("RCPT TO:<{to}>\r\n").into_bytes()
            }
            Step::Data => b"DATA\r\n".to_vec(),
            Step::Message => stuffed(&self.message),
            Step::Greeting | Step::Quit => b"QUIT\r\n".to_vec(),
        }
    }

    /// The server has the message; nothing that happens afterwards matters.
    pub const fn delivered(&self) -> bool {
        self.delivered
    }

    /// What it refused, in order.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// What was said last, as the log names it.
    pub const fn waiting_for(&self) -> &'static str {
        self.step.name()
    }
}

/// A dot at the beginning of a line is doubled, and a line with a dot ends it all (RFC 5321 section 4.5.2).
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 8);
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialogue() -> Dialogue {
        let to = ["A <a@x>".to_owned(), "b@x".to_owned()];
        Dialogue::new("host", "K <k@x>", &to, b"Subject: s\r\n\r\n.b\r\n\r\n".to_vec())
    }

    fn run(dialogue: &mut Dialogue, codes: &[u16]) -> Vec<String> {
        let mut said = Vec::new();
        for code in codes {
            let reply = Reply {
                code: *code,
                text: String::new(),
            };
            match dialogue.reply(reply) {
                Some(words) => said.push(String::from_utf8_lossy(&words).into_owned()),
                None => said.push("(end)".to_owned()),
            }
        }
        said
    }

    #[test]
    fn a_good_session() {
        let mut d = dialogue();
        let said = run(&mut d, &[220, 250, 250, 250, 251, 354, 250, 221]);
        assert_eq!(
            said,
            [
                "HELO host\r\n",
                "MAIL FROM:<k@x>\r\n",
                "RCPT TO:<a@x>\r\n",
                "RCPT TO:<b@x>\r\n",
                "DATA\r\n",
                "Subject: s\r\n\r\n..b\r\n\r\n.\r\n",
                "QUIT\r\n",
                "(end)"
            ]
        );
        assert!(d.delivered() && d.refusals().is_empty());
    }

    #[test]
    fn a_wrong_recipient_does_not_keep_the_mail_from_the_others() {
        let mut d = dialogue();
        let said = run(&mut d, &[220, 250, 250, 550, 250, 354, 250, 221]);
        assert_eq!(said[4], "DATA\r\n");
        assert!(d.delivered());
        assert_eq!(
            d.refusals()[0].describe("[::1]:25"),
            "Error processing RCPT cmd on SMTP server [::1]:25. SMTP status code = 550 for <a@x>"
        );
        let mut nobody = dialogue();
        assert_eq!(run(&mut nobody, &[220, 250, 250, 550, 452])[4], "QUIT\r\n");
        assert!(!nobody.delivered());
    }

    #[test]
    fn any_other_code_ends_the_session() {
        let good = [220, 250, 250, 250, 250, 354, 250];
        for wrong in [(0, 554), (1, 501), (2, 451), (5, 554), (6, 552)] {
            let mut d = dialogue();
            let mut codes = good.to_vec();
            codes.truncate(wrong.0);
            codes.extend([wrong.1, 221]);
            let said = run(&mut d, &codes);
            assert_eq!(&said[wrong.0..], ["QUIT\r\n", "(end)"], "{codes:?}");
            assert!(!d.delivered());
        }
        // It closes by itself.
        assert_eq!(run(&mut dialogue(), &[421]), ["(end)"]);
    }

    #[test]
    fn replies_come_in_any_pieces() {
        let text = b"250-first\r\n250-second\r\n250 last one\r\n354\r\n";
        for size in 1..text.len() {
            let mut replies = Replies::default();
            let mut found = Vec::new();
            for piece in text.chunks(size) {
                let mut rest = piece;
                while let Some((reply, used)) = replies.take(rest).unwrap_or_default() {
                    found.push((reply.code, reply.text));
                    rest = &rest[used..];
                }
            }
            assert_eq!(found, [(250, "last one".to_owned()), (354, String::new())]);
        }
    }

    #[test]
    fn the_log_shows_the_enhanced_code_and_a_reply_leaves_nothing_behind() {
        let mut replies = Replies::default();
        let mut next = |text: &str| {
            let taken = replies.take(text.as_bytes()).unwrap_or_default();
            taken.map(|(reply, used)| (reply.code, reply.text, used))
        };
        let relay = "550 5.7.1 relaying denied\r\n";
        assert_eq!(
            next(relay),
            Some((550, "5.7.1 relaying denied".to_owned(), relay.len()))
        );
        assert_eq!(next("250 ok\r\n250 "), Some((250, "ok".to_owned(), 8)));
    }

    #[test]
    fn nonsense_is_told_from_replies() {
        for bad in [
            "hello\r\n",
            "25\r\n",
            "250x\r\n",
            "\r\n",
            "     \r\n",
            "950 x\r\n",
            "150 x\r\n",
            "\u{fc}50 x\r\n",
        ] {
            assert_eq!(Replies::default().take(bad.as_bytes()), Err(Malformed), "{bad:?}");
        }
        // Neither a line without an end nor lines without number fill the memory.
        for endless in [&b"250 xxxxxxxxxxxxxxxxxxxxxxxxxxxx"[..], b"250-\r\n", b"250-x\r\n"] {
            let flood = endless.repeat(LONGEST_REPLY);
            let mut replies = Replies::default();
            let refused = flood.chunks(1000).position(|piece| replies.take(piece).is_err());
            assert!(refused.is_some_and(|at| at <= LONGEST_REPLY / 1000), "{refused:?}");
        }
        // Blanks alone are a text like any other.
        assert!(matches!(Replies::default().take(b"250      \r\n"), Ok(Some(_))));
    }

    #[test]
    fn a_server_cannot_write_into_the_log() {
        let long = format!("550 \u{1b}[31m{}\r\n", "x".repeat(1000));
        let (reply, _) = Replies::default().take(long.as_bytes()).unwrap_or_default().unwrap_or((
            Reply {
                code: 0,
                text: String::new(),
            },
            0,
        ));
        assert_eq!((reply.code, reply.text.len()), (550, KEPT_TEXT));
        assert!(!reply.text.contains('\u{1b}'));
    }
}
