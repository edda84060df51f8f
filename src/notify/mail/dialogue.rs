//! The client's side of SMTP (RFC 5321), without a socket: a reply in, the next words out.
//!
//! The original says HELO and never EHLO, and so do we: no extension is used. No kept library does that: lettre 0.11 begins
//! with EHLO whatever it is told, and as of 0.11.23 (tried) reads a reply line of any length into memory and panics when a line of the
//! answer to EHLO holds nothing but blanks, which no peer may be able to do to us. What remains of the protocol is this page.

use std::fmt;

use super::text::route;

/// Longer lines are no SMTP (RFC 5321 section 4.5.3.1.5 allows 512 octets).
const LONGEST_LINE: usize = 2048;
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

/// Makes replies of octets as they come; holds at most one line.
#[derive(Debug, Default)]
pub struct Replies {
    line: Vec<u8>,
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
        for (index, octet) in input.iter().enumerate() {
            if *octet != b'\n' {
                if self.line.len() >= LONGEST_LINE {
                    return Err(Malformed);
                }
                self.line.push(*octet);
                continue;
            }
            let (reply, last) = parse(&self.line)?;
            self.line.clear();
            if last {
                return Ok(Some((reply, index + 1)));
            }
        }
        Ok(None)
    }
}

/// One line, and whether it is the last one of its reply.
fn parse(line: &[u8]) -> Result<(Reply, bool), Malformed> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (digits, rest) = line.split_at_checked(3).ok_or(Malformed)?;
    if !(digits.iter().all(u8::is_ascii_digit) && (b'2'..=b'5').contains(&digits[0])) {
        return Err(Malformed);
    }
    let code = digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    let last = match rest.first() {
        None | Some(b' ') => true,
        Some(b'-') => false,
        Some(_) => return Err(Malformed),
    };
    let text = String::from_utf8_lossy(rest.get(1..).unwrap_or_default());
    let text = text.chars().filter(|c| !c.is_control()).take(KEPT_TEXT).collect();
    Ok((Reply { code, text }, last))
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
    fn nonsense_is_told_from_replies() {
        for bad in [
            "hello\r\n",
            "25\r\n",
            "250x\r\n",
            "\r\n",
            "     \r\n",
            "950 x\r\n",
            "\u{fc}50 x\r\n",
        ] {
            assert_eq!(Replies::default().take(bad.as_bytes()), Err(Malformed), "{bad:?}");
        }
        let mut replies = Replies::default();
        let endless = [b'x'; 4096];
        assert_eq!(replies.take(&endless), Err(Malformed));
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
