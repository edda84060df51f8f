//! `virtual_server`, `virtual_server_group` and `SSL`.

use std::fmt::Write as _;

use keepalived_model::{
    global::Global,
    lvs::{
        Check, CheckKind, CheckTiming, Connection, Endpoint, Forwarding, Granularity, Group, GroupEntry, HttpCheck,
        HttpProtocol, Lvs, MiscCheck, Protocol, RealServer, ReplyPattern, Ssl, Tunnel, TunnelChecksum, UdpCheck, Url,
        VirtualServer,
    },
    units::Family,
};

use super::build::{Lines, block, escaped, item, script};
use crate::{lower::defaults::LvsDefaults, tree::Statement};

pub(super) fn raise(lvs: &Lvs, global: &Global) -> Vec<Statement> {
    let defaults = LvsDefaults::from(global);
    let mut statements: Vec<Statement> = lvs.ssl.iter().map(ssl).collect();
    statements.extend(lvs.groups.iter().map(group));
    statements.extend(lvs.virtual_servers.iter().map(|s| service(s, defaults)));
    statements
}

fn ssl(ssl: &Ssl) -> Statement {
    let mut lines = Lines::default();
    lines.option(
        "password",
        ssl.password
            .as_ref()
            .map(|p| String::from_utf8_lossy(p.expose()).into_owned()),
    );
    lines.option("ca", ssl.ca.as_ref());
    lines.option("certificate", ssl.certificate.as_ref());
    lines.option("key", ssl.key.as_ref());
    block(&["SSL"], lines.0)
}

const fn family_word(family: Family) -> &'static str {
    match family {
        Family::V4 => "inet",
        Family::V6 => "inet6",
    }
}

fn group(group: &Group) -> Statement {
    let entries = group.entries.iter().map(|entry| match entry {
        GroupEntry::Range { first, last, port } => {
            let mut line = first.to_string();
            if last != first {
                let _ = write!(line, "-{last}");
            }
            if *port != 0 {
                let _ = write!(line, " {port}");
            }
            item(&line)
        }
        GroupEntry::Mark { mark, family } => {
            let family = family.map_or(String::new(), |f| format!(" {}", family_word(f)));
            item(&format!("fwmark {mark}{family}"))
        }
    });
    block(&["virtual_server_group", &group.name], entries.collect())
}

fn method(forwarding: Forwarding) -> String {
    let checksum = |checksum| match checksum {
        TunnelChecksum::None => "",
        TunnelChecksum::Checksum => " csum",
        TunnelChecksum::Remote => " remcsum",
    };
    match forwarding {
        Forwarding::Nat => "NAT".to_owned(),
        Forwarding::Dr => "DR".to_owned(),
        Forwarding::Tun(Tunnel::Ipip) => "TUN".to_owned(),
        Forwarding::Tun(Tunnel::Gue { port, checksum: c }) => format!("TUN type gue port {port}{}", checksum(c)),
        Forwarding::Tun(Tunnel::Gre { checksum: c }) => format!("TUN type gre{}", checksum(c)),
    }
}

fn service(service: &VirtualServer, defaults: LvsDefaults) -> Statement {
    let mut lines = Lines::default();
    if let (Endpoint::Mark(_) | Endpoint::Group(_), Some(family)) = (&service.endpoint, service.family) {
        lines.add(["ip_family", family_word(family)]);
    }
    if let Some(protocol) = service.protocol {
        let word = match protocol {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
            Protocol::Sctp => "SCTP",
        };
        lines.add(["protocol", word]);
    }
    lines.add(["lvs_sched", service.scheduler.name()]);
    lines.flag("flag-1", service.flags.flag1);
    lines.flag("flag-2", service.flags.flag2);
    lines.flag("flag-3", service.flags.flag3);
    lines.flag("ops", service.one_packet);
    lines
        .0
        .push(item(&format!("lvs_method {}", method(service.forwarding))));
    if let Some(persistence) = &service.persistence {
        lines.value("persistence_timeout", persistence.timeout);
        match persistence.granularity {
            None => {}
            Some(Granularity::Mask(mask)) => lines.value("persistence_granularity", mask),
            Some(Granularity::Prefix(length)) => lines.value("persistence_granularity", length),
        }
        lines.option("persistence_engine", persistence.engine.as_ref());
    }
    lines.flag("alpha", service.alpha);
    lines.flag("omega", service.omega);
    lines.flag("ha_suspend", service.ha_suspend);
    lines.flag("inhibit_on_failure", service.inhibit_on_failure);
    lines.time("delay_loop", service.delay_loop);
    // 0 comes from servers without weight, and is found again.
    if service.quorum != 0 {
        lines.value("quorum", service.quorum);
    }
    if service.hysteresis != 0 {
        lines.value("hysteresis", service.hysteresis);
    }
    lines.script("quorum_up", service.quorum_up.as_deref());
    lines.script("quorum_down", service.quorum_down.as_deref());
    lines.boolean("smtp_alert", service.smtp_alert, defaults.smtp_alert.unwrap_or(false));
    lines.option("virtualhost", service.virtualhost.as_ref());
    lines.option("snmp_name", service.snmp_name.as_ref());
    if let Some(sorry) = service.sorry_server {
        server_line(&mut lines, "sorry_server", sorry.address, sorry.port);
        if sorry.forwarding != service.forwarding {
            lines
                .0
                .push(item(&format!("sorry_server_lvs_method {}", method(sorry.forwarding))));
        }
        lines.flag("sorry_server_inhibit", sorry.inhibit);
    }
    for server in &service.real_servers {
        lines.0.push(real_server(service, server, defaults));
    }
    match &service.endpoint {
        Endpoint::Address(address, 0) => block(&["virtual_server", &address.to_string()], lines.0),
        Endpoint::Address(address, port) => {
            block(&["virtual_server", &address.to_string(), &port.to_string()], lines.0)
        }
        Endpoint::Mark(mark) => block(&["virtual_server", "fwmark", &mark.to_string()], lines.0),
        Endpoint::Group(name) => block(&["virtual_server", "group", name], lines.0),
    }
}

fn server_line(lines: &mut Lines, keyword: &str, address: std::net::IpAddr, port: u16) {
    if port == 0 {
        lines.add([keyword, &address.to_string()]);
    } else {
        lines.add([keyword, &address.to_string(), &port.to_string()]);
    }
}

fn real_server(service: &VirtualServer, server: &RealServer, defaults: LvsDefaults) -> Statement {
    let mut lines = Lines::default();
    lines.value("weight", server.weight);
    if server.forwarding != service.forwarding {
        lines.0.push(item(&format!("lvs_method {}", method(server.forwarding))));
    }
    if server.upper_threshold != 0 {
        lines.value("uthreshold", server.upper_threshold);
    }
    if server.lower_threshold != 0 {
        lines.value("lthreshold", server.lower_threshold);
    }
    lines.boolean(
        "inhibit_on_failure",
        server.inhibit_on_failure,
        service.inhibit_on_failure,
    );
    lines.boolean("alpha", server.alpha, service.alpha);
    lines.boolean("smtp_alert", server.smtp_alert, defaults.smtp_alert.unwrap_or(true));
    lines.script("notify_up", server.notify_up.as_deref());
    lines.script("notify_down", server.notify_down.as_deref());
    lines.option("virtualhost", server.virtualhost.as_ref());
    lines.option("snmp_name", server.snmp_name.as_ref());
    for one in &server.checks {
        lines.0.push(check(service, server, one, defaults));
    }
    let (address, port) = (server.address.to_string(), server.port.to_string());
    if server.port == 0 {
        block(&["real_server", &address], lines.0)
    } else {
        block(&["real_server", &address, &port], lines.0)
    }
}

fn timing(lines: &mut Lines, timing: &CheckTiming, server: &RealServer, defaults: LvsDefaults) {
    lines.time("delay_loop", timing.delay_loop);
    lines.time("warmup", timing.warmup);
    lines.value("retry", timing.retry);
    lines.time("delay_before_retry", timing.delay_before_retry);
    lines.boolean("alpha", timing.alpha, server.alpha);
    lines.boolean("log_all_failures", timing.log_all_failures, defaults.log_all_failures);
}

fn connection(lines: &mut Lines, connection: &Connection, server: &RealServer) {
    if connection.address != server.address {
        lines.value("connect_ip", connection.address);
    }
    if connection.port != server.port && connection.port != 0 {
        lines.value("connect_port", connection.port);
    }
    lines.option("bindto", connection.bind_address);
    lines.option("bind_port", connection.bind_port);
    lines.option("bind_if", connection.bind_interface);
    lines.time("connect_timeout", connection.timeout);
    if connection.fwmark != 0 {
        lines.value("fwmark", connection.fwmark);
    }
}

fn check(service: &VirtualServer, server: &RealServer, check: &Check, defaults: LvsDefaults) -> Statement {
    let mut lines = Lines::default();
    if !matches!(check.kind, CheckKind::File { .. } | CheckKind::Bfd { .. }) {
        timing(&mut lines, &check.timing, server, defaults);
    }
    let keyword = match &check.kind {
        CheckKind::Tcp(to) => {
            connection(&mut lines, to, server);
            "TCP_CHECK"
        }
        CheckKind::Ping(to) => {
            connection(&mut lines, to, server);
            "PING_CHECK"
        }
        CheckKind::Smtp {
            connection: to,
            helo_name,
        } => {
            connection(&mut lines, to, server);
            lines.value("helo_name", helo_name);
            "SMTP_CHECK"
        }
        CheckKind::Dns {
            connection: to,
            record,
            name,
        } => {
            connection(&mut lines, to, server);
            lines.add(["type", record.name()]);
            lines.value("name", name);
            "DNS_CHECK"
        }
        CheckKind::Udp(udp) => {
            udp_lines(&mut lines, udp, server);
            "UDP_CHECK"
        }
        CheckKind::Http(http) => {
            http_lines(&mut lines, http, server, false);
            "HTTP_GET"
        }
        CheckKind::Ssl(http) => {
            http_lines(&mut lines, http, server, true);
            "SSL_GET"
        }
        CheckKind::Misc(misc) => {
            misc_lines(&mut lines, misc, service);
            "MISC_CHECK"
        }
        CheckKind::File {
            track_file,
            weight,
            reverse,
        } => {
            lines.value("track_file", track_file);
            let direction = if *reverse { "reverse" } else { "noreverse" };
            lines.add(["weight", &weight.to_string(), direction]);
            "FILE_CHECK"
        }
        CheckKind::Bfd { session } => {
            lines.value("name", session);
            lines.boolean("alpha", check.timing.alpha, server.alpha);
            "BFD_CHECK"
        }
    };
    block(&[keyword], lines.0)
}

fn udp_lines(lines: &mut Lines, udp: &UdpCheck, server: &RealServer) {
    connection(lines, &udp.connection, server);
    if let Some(payload) = &udp.payload {
        let digits: Vec<String> = payload.iter().map(|b| format!("{b:02x}")).collect();
        lines.0.push(item(&format!("payload {}", digits.join(" "))));
    }
    if let Some(reply) = &udp.reply {
        lines.0.push(item(&format!("require_reply {}", pattern(reply))));
    }
    lines.value("min_reply_length", udp.min_reply);
    lines.value("max_reply_length", udp.max_reply);
}

fn pattern(reply: &ReplyPattern) -> String {
    let nibble = |value: u8, mask: u8| {
        if mask == 0 {
            "x".to_owned()
        } else {
            format!("{value:x}")
        }
    };
    let octets = reply.value.iter().zip(&reply.mask);
    let words: Vec<String> = octets
        .map(|(value, mask)| nibble(value >> 4, mask >> 4) + &nibble(value & 15, mask & 15))
        .collect();
    words.join(" ")
}

fn misc_lines(lines: &mut Lines, misc: &MiscCheck, service: &VirtualServer) {
    lines.0.push(script("misc_path", &misc.command, false));
    match (&misc.command.user, &misc.command.group) {
        (Some(user), Some(group)) => lines.add(["user", user, group]),
        (Some(user), None) => lines.add(["user", user]),
        (None, _) => {}
    }
    if misc.timeout != service.delay_loop {
        lines.value("misc_timeout", misc.timeout.as_secs());
    }
    lines.flag("misc_dynamic", misc.dynamic);
}

fn http_lines(lines: &mut Lines, http: &HttpCheck, server: &RealServer, is_ssl: bool) {
    connection(lines, &http.connection, server);
    let protocol = match http.protocol {
        HttpProtocol::V1_0 => "1.0",
        HttpProtocol::V1_0Close => "1.0C",
        HttpProtocol::V1_1 => "1.1",
    };
    lines.add(["http_protocol", protocol]);
    lines.option("virtualhost", http.virtualhost.as_ref());
    lines.boolean("fast_recovery", http.fast_recovery, false);
    lines.option("sni_name", http.sni_name.as_ref());
    // After `sni_name`, which switches it on.
    lines.boolean("enable_sni", http.sni, http.sni_name.is_some());
    if is_ssl {
        lines.boolean("tls_compliant", http.tls_compliant, false);
    }
    for one in &http.urls {
        lines.0.push(url(one, http.tls_compliant));
    }
}

fn url(url: &Url, compliant: bool) -> Statement {
    let mut lines = Lines::default();
    lines.value("path", &url.path);
    if let Some(digest) = url.digest {
        let digits = digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        lines.value("digest", digits);
    }
    let codes: Vec<String> = url
        .status
        .iter()
        .map(|(first, last)| format!("{first}-{last}"))
        .collect();
    lines.0.push(item(&format!("status_code {}", codes.join(" "))));
    lines.option("virtualhost", url.virtualhost.as_ref());
    lines.boolean("tls_compliant", url.tls_compliant, compliant);
    if let Some(regex) = &url.regex {
        lines.0.push(escaped("regex", &regex.pattern));
        lines.flag("regex_no_match", regex.no_match);
        if !regex.options.is_empty() {
            lines
                .0
                .push(item(&format!("regex_options {}", regex.options.join(" "))));
        }
        if regex.min_offset != 0 {
            lines.value("regex_min_offset", regex.min_offset);
        }
        lines.option("regex_max_offset", regex.max_offset);
        if let Some((start, most)) = regex.stack {
            lines.add(["regex_stack", &start.to_string(), &most.to_string()]);
        }
    }
    block(&["url"], lines.0)
}
