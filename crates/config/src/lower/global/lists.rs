//! Settings with a small grammar of their own.

use keepalived_model::{
    global::{LvsGlobals, SyncDaemon},
    units::IfName,
};

use crate::{
    codes::keyword as codes,
    table::{GLOBAL_DEFS_LVS_SYNC_DAEMON_ARG, GLOBAL_DEFS_LVS_TIMEOUTS_ARG},
    tree::Word,
    typed::{Entry, Options, Step, Typing},
    values,
};

/// `umask`.
pub(super) fn umask(typing: &mut Typing, entry: &Entry<'_>, place: &mut Option<u16>) {
    let words: Vec<&str> = entry.rest(0).iter().map(|word| &*word.text).collect();
    match values::umask::umask(&words.join(" ")) {
        Ok(mask) => *place = Some(mask),
        Err(why) => typing.report(
            &codes::INVALID_SETTING,
            entry.span_of(0),
            format!("umask: {why} - ignoring"),
        ),
    }
}

/// `notification_email`: any number of addresses.
pub(super) fn recipients(typing: &mut Typing, entry: &Entry<'_>, place: &mut Vec<Box<str>>) {
    if entry.names().next().is_none() {
        let message = "notification_email names nobody";
        typing.report(&codes::EXPECTED_ARGUMENT, entry.span(), message);
    }
    place.extend(entry.names().map(|word| word.text.clone()));
}

/// `lvs_timeouts (tcp|tcpfin|udp SECONDS)+`.
pub(super) fn lvs_timeouts(typing: &mut Typing, entry: &Entry<'_>, lvs: &mut LvsGlobals) {
    if entry.rest(0).len() < 2 {
        let message = "lvs_timeouts needs pairs of a name and a number of seconds - ignoring";
        typing.report(&codes::EXPECTED_ARGUMENT, entry.span(), message);
        return;
    }
    let mut options = Options::new(&GLOBAL_DEFS_LVS_TIMEOUTS_ARG, entry.statement, 1);
    while let Some(step) = typing.next_option(&mut options) {
        match step {
            Step::Option(option) => match option.name() {
                "tcp" => lvs.tcp_timeout = option.u32(0),
                "tcpfin" => lvs.tcpfin_timeout = option.u32(0),
                _ => lvs.udp_timeout = option.u32(0),
            },
            Step::Word(word) => typing.unknown_option(&options, word, "ignoring it"),
            Step::Skipped | Step::Dropped => {}
        }
    }
}

/// `lvs_sync_daemon IFNAME [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]`.
pub(super) fn sync_daemon(typing: &mut Typing, entry: &Entry<'_>) -> Option<SyncDaemon> {
    let first = entry.rest(0).first()?;
    let Some(interface) = IfName::new(&first.text) else {
        let message = format!("invalid interface name '{}' - ignoring lvs_sync_daemon", first.text);
        typing.report(&codes::INVALID_INTERFACE, first.span, message);
        return None;
    };
    let mut daemon = SyncDaemon {
        interface,
        instance: None,
        id: None,
        maxlen: None,
        port: None,
        ttl: None,
        group: None,
    };
    let mut options = Options::new(&GLOBAL_DEFS_LVS_SYNC_DAEMON_ARG, entry.statement, 2);
    let mut position = 2;
    while let Some(step) = typing.next_option(&mut options) {
        match step {
            Step::Option(option) => sync_option(typing, &option, &mut daemon),
            Step::Word(word) => bare_word(typing, &options, word, position, &mut daemon),
            Step::Skipped | Step::Dropped => {}
        }
        position = options.position();
    }
    Some(daemon)
}

fn sync_option(typing: &mut Typing, option: &Entry<'_>, daemon: &mut SyncDaemon) {
    match option.name() {
        "inst" => daemon.instance = option.boxed(0),
        "id" => daemon.id = Some(option.u8(0)),
        "maxlen" => daemon.maxlen = Some(option.u16(0)),
        "port" => daemon.port = Some(option.u16(0)),
        "ttl" => daemon.ttl = Some(option.u8(0)),
        _ => match option.addr(0) {
            Some(group) if group.is_multicast() => daemon.group = Some(group),
            _ => {
                let message = "lvs_sync_daemon: the group is no multicast address - ignoring it";
                typing.report(&codes::INVALID_ADDRESS, option.span_of(0), message);
            }
        },
    }
}

/// The second word may be the instance without `inst`, and the one after it the id without `id`.
fn bare_word(typing: &mut Typing, options: &Options<'_>, word: &Word, position: usize, daemon: &mut SyncDaemon) {
    let id = word.text.parse::<u8>().ok();
    match (position, id) {
        (2, _) => daemon.instance = Some(word.text.clone()),
        (3, Some(id)) if daemon.id.is_none() => {
            let message = format!("lvs_sync_daemon: write 'id {id}' instead of '{id}' alone");
            typing.report(&codes::CORRECTED, word.span, message);
            daemon.id = Some(id);
        }
        _ => typing.unknown_option(options, word, "ignoring it"),
    }
}
