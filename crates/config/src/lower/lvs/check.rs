//! The checks of a real server: what their blocks say.

use std::{collections::HashSet, net::IpAddr};

use keepalived_model::{
    bfd::BfdInstance,
    lvs::{DnsType, ReplyPattern},
    time::Micros,
    units::{Family, IfName},
};

use super::{
    Inherited,
    http::{self, HttpDraft},
};
use crate::{
    check::codes,
    grammar::{Context, number},
    lower::{
        script::{Written, written},
        track::Trackables,
    },
    source::Span,
    table::{
        Block, CHECK_BFD_CHECK, CHECK_DNS_CHECK, CHECK_FILE_CHECK, CHECK_HTTP_GET, CHECK_MISC_CHECK, CHECK_PING_CHECK,
        CHECK_SMTP_CHECK, CHECK_SMTP_CHECK_HOST, CHECK_SSL_GET, CHECK_TCP_CHECK, CHECK_UDP_CHECK,
    },
    typed::{Entry, Seen},
};

/// `connect_ip` and its companions, as far as written.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectionDraft {
    pub(super) address: Option<IpAddr>,
    pub(super) port: Option<u16>,
    pub(super) bind_address: Option<IpAddr>,
    pub(super) bind_port: Option<u16>,
    pub(super) bind_interface: Option<IfName>,
    pub(super) fwmark: u32,
}

impl ConnectionDraft {
    /// Takes a setting; `false` when it is none of these.
    pub(super) fn take(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) -> bool {
        match entry.name() {
            "connect_ip" => {
                if let Some(address) = same_family(cx, entry, self.bind_address) {
                    self.address = Some(address);
                }
            }
            "bindto" => {
                if let Some(address) = same_family(cx, entry, self.address) {
                    self.bind_address = Some(address);
                }
            }
            "connect_port" => self.port = Some(entry.u16(0)),
            "bind_port" => self.bind_port = Some(entry.u16(0)),
            "bind_if" => self.bind_interface = entry.ifname(0),
            "fwmark" => self.fwmark = entry.u32(0),
            _ => return false,
        }
        true
    }
}

/// The later of `connect_ip` and `bindto` is ignored when their families differ.
fn same_family(cx: &mut Context<'_>, entry: &Entry<'_>, other: Option<IpAddr>) -> Option<IpAddr> {
    let address = entry.addr(0)?;
    if other.is_some_and(|o| Family::of(o) != Family::of(address)) {
        cx.say(
            &codes::CHECK_OPTION,
            entry.span(),
            format!(
                "`{}` is of another family than the other address of the check; it is ignored",
                entry.name()
            ),
        );
        return None;
    }
    Some(address)
}

/// What a check does, as far as written.
#[derive(Debug)]
pub(super) enum KindDraft {
    Tcp,
    Ping,
    Http(Box<HttpDraft>),
    Ssl(Box<HttpDraft>),
    Smtp {
        helo_name: Option<Box<str>>,
    },
    Dns {
        record: DnsType,
        name: Box<str>,
    },
    Udp {
        payload: Option<Box<[u8]>>,
        reply: Option<ReplyPattern>,
        min_reply: u16,
        max_reply: u16,
    },
    Misc {
        command: Written,
        timeout: Option<Micros>,
        dynamic: bool,
    },
    File {
        track_file: Box<str>,
        weight: i32,
        reverse: bool,
    },
    Bfd {
        session: Box<str>,
    },
}

/// One check while the rest is read.
#[derive(Debug)]
pub(super) struct CheckDraft {
    pub(super) span: Span,
    pub(super) inherited: Inherited,
    pub(super) log_all_failures: Option<bool>,
    pub(super) connection: ConnectionDraft,
    pub(super) kind: KindDraft,
}

/// Reads a check block. `None`: it lacks its mandatory part and is dropped, which was said.
pub(super) fn read(
    cx: &mut Context<'_>,
    trackables: &mut Trackables,
    bfds: &[BfdInstance],
    sessions: &mut HashSet<Box<str>>,
    entry: &Entry<'_>,
) -> Option<CheckDraft> {
    let mut common = Common::default();
    let kind = match entry.name() {
        "TCP_CHECK" => {
            common.plain(cx, &CHECK_TCP_CHECK, entry);
            KindDraft::Tcp
        }
        "PING_CHECK" => {
            common.plain(cx, &CHECK_PING_CHECK, entry);
            KindDraft::Ping
        }
        "SMTP_CHECK" => smtp(cx, &mut common, entry),
        "DNS_CHECK" => dns(cx, &mut common, entry),
        "UDP_CHECK" => udp(cx, &mut common, entry),
        "HTTP_GET" => KindDraft::Http(http::read(cx, &CHECK_HTTP_GET, &mut common, entry)?),
        "SSL_GET" => KindDraft::Ssl(http::read(cx, &CHECK_SSL_GET, &mut common, entry)?),
        "MISC_CHECK" => misc(cx, &mut common, entry)?,
        "FILE_CHECK" => file(cx, trackables, entry)?,
        "BFD_CHECK" => bfd(cx, &mut common, trackables, bfds, sessions, entry)?,
        _ => return None,
    };
    Some(CheckDraft {
        span: entry.span(),
        inherited: common.inherited,
        log_all_failures: common.log_all_failures,
        connection: common.connection,
        kind,
    })
}

/// What most checks have in common.
#[derive(Default)]
pub(super) struct Common {
    inherited: Inherited,
    log_all_failures: Option<bool>,
    connection: ConnectionDraft,
}

impl Common {
    /// Takes a setting; `false` when it is none of these.
    pub(super) fn take(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) -> bool {
        if entry.name() == "log_all_failures" {
            self.log_all_failures = Some(entry.bool());
            return true;
        }
        self.inherited.take(entry) || self.connection.take(cx, entry)
    }

    /// Reads a block that has nothing else.
    fn plain(&mut self, cx: &mut Context<'_>, block: &'static Block, entry: &Entry<'_>) {
        let mut seen = Seen::default();
        for statement in entry.body() {
            if let Some(inner) = cx.typing.entry(block, &mut seen, statement) {
                self.take(cx, &inner);
            }
        }
    }
}

fn dropped<T>(cx: &mut Context<'_>, entry: &Entry<'_>, why: &str, help: &str) -> Option<T> {
    cx.say_help(
        &codes::CHECK_DROPPED,
        entry.keyword_span(),
        format!("{} {why}; it is dropped", entry.name()),
        help,
    );
    None
}

fn smtp(cx: &mut Context<'_>, common: &mut Common, entry: &Entry<'_>) -> KindDraft {
    let mut helo_name = None;
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(&CHECK_SMTP_CHECK, &mut seen, statement) else {
            continue;
        };
        match inner.name() {
            "helo_name" => helo_name = inner.boxed(0),
            "host" => {
                cx.say_help(
                    &codes::SMTP_HOST,
                    inner.keyword_span(),
                    "the `host` block is deprecated; its options apply to the check itself",
                    "write its options directly into SMTP_CHECK, or use several SMTP_CHECK blocks",
                );
                common.plain(cx, &CHECK_SMTP_CHECK_HOST, &inner);
            }
            _ => {
                common.take(cx, &inner);
            }
        }
    }
    KindDraft::Smtp { helo_name }
}

fn dns(cx: &mut Context<'_>, common: &mut Common, entry: &Entry<'_>) -> KindDraft {
    let (mut record, mut name): (_, Box<str>) = (DnsType::default(), ".".into());
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(&CHECK_DNS_CHECK, &mut seen, statement) else {
            continue;
        };
        match inner.name() {
            "type" => record = inner.choice(0).and_then(DnsType::from_name).unwrap_or(record),
            "name" => {
                let text = inner.text(0);
                let labels = text.strip_suffix('.').unwrap_or(text);
                // RFC 1035 section 2.3.4: labels of 1 to 63 octets, names of at most 255.
                let fine = text == "." || (text.len() <= 253 && labels.split('.').all(|l| (1..=63).contains(&l.len())));
                if fine {
                    name = text.into();
                } else {
                    cx.say(
                        &codes::CHECK_OPTION,
                        inner.span_of(0),
                        format!("`{text}` is no domain name; the root is asked"),
                    );
                }
            }
            _ => {
                common.take(cx, &inner);
            }
        }
    }
    KindDraft::Dns { record, name }
}

fn udp(cx: &mut Context<'_>, common: &mut Common, entry: &Entry<'_>) -> KindDraft {
    let (mut payload, mut reply) = (None, None);
    let (mut min_reply, mut max_reply) = (0, 255);
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(&CHECK_UDP_CHECK, &mut seen, statement) else {
            continue;
        };
        match inner.name() {
            "payload" => payload = hex(cx, &inner, false).map(|(bytes, _)| bytes.into()).or(payload),
            "require_reply" => {
                let pattern = hex(cx, &inner, true);
                reply = pattern
                    .map(|(value, mask)| ReplyPattern {
                        value: value.into(),
                        mask: mask.into(),
                    })
                    .or(reply);
            }
            "min_reply_length" => min_reply = inner.u16(0),
            "max_reply_length" => max_reply = inner.u16(0),
            _ => {
                common.take(cx, &inner);
            }
        }
    }
    if min_reply > max_reply {
        cx.say(
            &codes::CHECK_OPTION,
            entry.keyword_span(),
            format!("min_reply_length {min_reply} is above max_reply_length {max_reply}, so no reply fits"),
        );
    }
    KindDraft::Udp {
        payload,
        reply,
        min_reply,
        max_reply,
    }
}

/// Octets and masks; bad digits are reported.
fn hex(cx: &mut Context<'_>, entry: &Entry<'_>, wild: bool) -> Option<(Vec<u8>, Vec<u8>)> {
    let octets = number::hex_octets(entry.rest(0).iter().map(|w| &*w.text), wild);
    if octets.is_none() {
        cx.say_help(
            &codes::CHECK_OPTION,
            entry.span_of(0),
            format!("`{}` needs hexadecimal digits; it is ignored", entry.name()),
            "write two digits an octet, for example `0a 1f`",
        );
    }
    octets
}

fn misc(cx: &mut Context<'_>, common: &mut Common, entry: &Entry<'_>) -> Option<KindDraft> {
    let (mut command, mut user, mut timeout, mut dynamic) = (None, None, None, false);
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(&CHECK_MISC_CHECK, &mut seen, statement) else {
            continue;
        };
        match inner.name() {
            "misc_path" => command = written(cx, &inner).or(command),
            "misc_timeout" => timeout = Some(inner.secs(0)).filter(|t| !t.is_zero()),
            "misc_dynamic" => dynamic = true,
            "user" => user = Some((inner.boxed(0), inner.boxed(1))),
            _ => {
                common.take(cx, &inner);
            }
        }
    }
    let Some(mut command) = command else {
        return dropped(
            cx,
            entry,
            "names no script",
            "add `misc_path \"/path/to/program arguments\"`",
        );
    };
    // Words after the command are ignored here (8.2).
    (command.line.user, command.line.group) = user.unwrap_or_default();
    Some(KindDraft::Misc {
        command,
        timeout,
        dynamic,
    })
}

fn file(cx: &mut Context<'_>, trackables: &mut Trackables, entry: &Entry<'_>) -> Option<KindDraft> {
    let (mut name, mut weight) = (None, None);
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(&CHECK_FILE_CHECK, &mut seen, statement) else {
            continue;
        };
        match inner.name() {
            "track_file" => name = inner.word(0),
            "weight" => weight = Some((inner.i32(0), inner.choice(1))),
            _ => {}
        }
    }
    let Some(word) = name else {
        return dropped(cx, entry, "names no track_file", "add `track_file NAME`");
    };
    let Some(known) = trackables
        .file_names
        .get(&word.text)
        .and_then(|i| trackables.files.get(i))
    else {
        return dropped(
            cx,
            entry,
            &format!("names the unknown track_file `{}`", word.text),
            "define the `track_file` above this block",
        );
    };
    let (weight, reverse) = match weight {
        Some((weight, word)) => (
            weight,
            match word {
                Some("reverse") => true,
                Some(_) => false,
                None => known.reverse,
            },
        ),
        None => (i32::from(known.weight), known.reverse),
    };
    Some(KindDraft::File {
        track_file: word.text.clone(),
        weight,
        reverse,
    })
}

fn bfd(
    cx: &mut Context<'_>,
    common: &mut Common,
    trackables: &Trackables,
    bfds: &[BfdInstance],
    sessions: &mut HashSet<Box<str>>,
    entry: &Entry<'_>,
) -> Option<KindDraft> {
    let mut name = None;
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(&CHECK_BFD_CHECK, &mut seen, statement) else {
            continue;
        };
        match inner.name() {
            "name" => name = inner.word(0),
            _ => {
                common.take(cx, &inner);
            }
        }
    }
    let Some(word) = name else {
        return dropped(cx, entry, "names no bfd_instance", "add `name INSTANCE`");
    };
    let known = trackables
        .bfd_names
        .get(&word.text)
        .and_then(|i| bfds.get(i))
        .is_some_and(|b| b.for_checker);
    if !known {
        let why = format!("names the unknown bfd_instance `{}`", word.text);
        return dropped(
            cx,
            entry,
            &why,
            "define the `bfd_instance` above this block, without `vrrp` alone",
        );
    }
    if !sessions.insert(word.text.clone()) {
        let why = format!("follows `{}`, which this server follows already", word.text);
        return dropped(cx, entry, &why, "remove it");
    }
    Some(KindDraft::Bfd {
        session: word.text.clone(),
    })
}
