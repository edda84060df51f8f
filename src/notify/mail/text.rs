//! What a mail says, byte for byte as users' filters know it (`vrrp.md` 13.6, `lvs.md` 12).

use keepalived_linux::local_time::Calendar;
use keepalived_vrrp::Notified;

/// Characters that a display name may not have outside quotes (`lvs.md` 12).
const SPECIAL: &str = "()<>[]:;@\\,.";

/// One mail, before it knows from whom and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// What it is about, as the subject says it: `VRRP Instance V1`. Mails about one thing are delivered in order.
    pub about: Box<str>,
    /// The end of the subject: `Entering MASTER state`.
    pub event: &'static str,
    /// The one line of the body.
    pub body: String,
    /// When it happened, seconds since the epoch.
    pub at: u64,
}

impl Mail {
    /// A state of an instance.
    pub fn instance(name: &str, state: Notified, at: u64) -> Self {
        let body = match state {
            Notified::Master => "=> VRRP Instance is now owning VRRP VIPs <=",
            Notified::Backup | Notified::Fault => "=> VRRP Instance is no longer owning VRRP VIPs <=",
            Notified::Stop => "=> VRRP Instance stopping <=",
            Notified::Deleted => "=> VRRP Deleted at reload <=",
        };
        Self {
            about: format!("VRRP Instance {name}").into(),
            event: event(state),
            body: body.to_owned(),
            at,
        }
    }

    /// A state of a sync group.
    pub fn group(name: &str, state: Notified, at: u64) -> Self {
        let body = match state {
            Notified::Stop => "=> All VRRP group instances are now stopping <=".to_owned(),
            Notified::Deleted => "=> VRRP Deleted at reload <=".to_owned(),
            _ => {
                let word = crate::notify::state_word(state);
                format!("=> All VRRP group instances are now in {word} state <=")
            }
        };
        Self {
            about: format!("VRRP Group {name}").into(),
            event: event(state),
            body,
            at,
        }
    }

    /// The subject line's text.
    pub fn subject(&self, router_id: &str) -> String {
        format!("[{}] {} - {}", plain(router_id), plain(&self.about), self.event)
    }
}

const fn event(state: Notified) -> &'static str {
    match state {
        Notified::Master => "Entering MASTER state",
        Notified::Backup => "Entering BACKUP state",
        Notified::Fault => "Entering FAULT state",
        Notified::Stop => "Stopping",
        Notified::Deleted => "Deleted",
    }
}

/// Who writes, to whom, and under which name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letterhead {
    /// `router_id`, or the host's name.
    pub router_id: String,
    /// `notification_email_from`, or login and host.
    pub from: String,
    /// `notification_email`.
    pub to: Vec<String>,
}

impl Letterhead {
    /// The whole message as it goes after DATA: lines end with CR LF, the final dot is not part of it.
    pub fn message(&self, mail: &Mail) -> Vec<u8> {
        let to: Vec<String> = self.to.iter().map(|address| header_form(address)).collect();
        let text = format!(
            "Date: {}\r\nFrom: {}\r\nSubject: {}\r\nX-Mailer: Keepalived\r\nTo: {}\r\n\r\n{}\r\n\r\n",
            date(mail.at),
            header_form(&self.from),
            mail.subject(&self.router_id),
            to.join(",\r\n "),
            plain(&mail.body),
        );
        text.into_bytes()
    }
}

/// The address alone, as MAIL and RCPT have it: what stands between the last angle brackets, if there are any.
pub fn route(address: &str) -> String {
    let inner = address.rsplit_once('<').map_or(address, |(_, rest)| rest);
    let inner = inner.split('>').next().unwrap_or(inner);
    plain(inner).trim().to_owned()
}

/// The address with its display name, which gets quotes where it needs them.
fn header_form(address: &str) -> String {
    let address = plain(address);
    let Some((name, rest)) = address.rsplit_once('<') else {
        return address;
    };
    let name = name.trim();
    let quoted = name.len() > 1 && name.starts_with('"') && name.ends_with('"');
    if name.is_empty() || quoted || !name.contains(|c| SPECIAL.contains(c)) {
        return address;
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\" <{rest}")
}

/// Without line ends and other control characters: what a configuration says cannot add a header or a command.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// RFC 5322 section 3.3, local time with a numeric zone.
fn date(at: u64) -> String {
    let c = Calendar::local(at);
    let (sign, offset) = if c.offset < 0 {
        ('-', -c.offset)
    } else {
        ('+', c.offset)
    };
    format!(
        "{}, {:02} {} {} {:02}:{:02}:{:02} {sign}{:02}{:02}",
        c.weekday_name(),
        c.day,
        c.month_name(),
        c.year,
        c.hour,
        c.minute,
        c.second,
        offset / 3600,
        offset / 60 % 60,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letterhead() -> Letterhead {
        Letterhead {
            router_id: "RTR".to_owned(),
            from: "Keep, Alive <ka@example.org>".to_owned(),
            to: vec!["a@example.org".to_owned(), "Bee <b@example.org>".to_owned()],
        }
    }

    #[test]
    fn headers_and_body_in_the_original_order() {
        let mail = Mail::instance("V1", Notified::Master, 1_795_216_268);
        let text = String::from_utf8_lossy(&letterhead().message(&mail)).into_owned();
        let (date, rest) = text.split_once("\r\n").unwrap_or_default();
        assert!(date.starts_with("Date: ") && date.contains(" Nov 2026 "), "{date}");
        assert_eq!(
            rest,
            "From: \"Keep, Alive\" <ka@example.org>\r\n\
             Subject: [RTR] VRRP Instance V1 - Entering MASTER state\r\n\
             X-Mailer: Keepalived\r\n\
             To: a@example.org,\r\n Bee <b@example.org>\r\n\r\n\
             => VRRP Instance is now owning VRRP VIPs <=\r\n\r\n"
        );
    }

    #[test]
    fn every_event_has_its_texts() {
        let all = [
            Notified::Master,
            Notified::Backup,
            Notified::Fault,
            Notified::Stop,
            Notified::Deleted,
        ];
        let told: Vec<_> = all
            .iter()
            .flat_map(|state| [Mail::instance("V", *state, 0), Mail::group("G", *state, 0)])
            .map(|mail| format!("{} | {}", mail.subject("R"), mail.body))
            .collect();
        assert_eq!(
            told,
            [
                "[R] VRRP Instance V - Entering MASTER state | => VRRP Instance is now owning VRRP VIPs <=",
                "[R] VRRP Group G - Entering MASTER state | => All VRRP group instances are now in MASTER state <=",
                "[R] VRRP Instance V - Entering BACKUP state | => VRRP Instance is no longer owning VRRP VIPs <=",
                "[R] VRRP Group G - Entering BACKUP state | => All VRRP group instances are now in BACKUP state <=",
                "[R] VRRP Instance V - Entering FAULT state | => VRRP Instance is no longer owning VRRP VIPs <=",
                "[R] VRRP Group G - Entering FAULT state | => All VRRP group instances are now in FAULT state <=",
                "[R] VRRP Instance V - Stopping | => VRRP Instance stopping <=",
                "[R] VRRP Group G - Stopping | => All VRRP group instances are now stopping <=",
                "[R] VRRP Instance V - Deleted | => VRRP Deleted at reload <=",
                "[R] VRRP Group G - Deleted | => VRRP Deleted at reload <=",
            ]
        );
    }

    #[test]
    fn addresses_with_and_without_names() {
        assert_eq!(route("a@b"), "a@b");
        assert_eq!(route("Bee [x] <b@example.org>"), "b@example.org");
        assert_eq!(header_form("Bee [x] <b@c>"), "\"Bee [x]\" <b@c>");
        assert_eq!(header_form("\"Bee, x\" <b@c>"), "\"Bee, x\" <b@c>");
        assert_eq!(header_form("<b@c>"), "<b@c>");
        assert_eq!(header_form("b@c"), "b@c");
    }

    #[test]
    fn no_line_of_ours_can_be_made_by_a_word_of_the_configuration() {
        let mut head = letterhead();
        head.to = vec!["a@b>\r\nDATA\r\n".to_owned()];
        head.router_id = "x\r\nBcc: everybody".to_owned();
        let mail = Mail::instance("V\n1", Notified::Stop, 0);
        let text = String::from_utf8_lossy(&head.message(&mail)).into_owned();
        assert_eq!(text.lines().count(), 8, "{text}");
        assert!(!route(&head.to[0]).contains(['\r', '\n', '>']));
    }
}
