//! Examples made from declarations. A test reads every one of them back.

use crate::table::{Block, BodyKind, Keyword, Kind, Presence, Slot, TimeUnit};

/// Blocks between the root and `block`, with the line that opens each.
#[must_use]
pub fn enclosing(block: &Block) -> Vec<String> {
    let mut open = Vec::new();
    let mut inside = crate::table::block("");
    for name in block
        .path
        .split('.')
        .filter(|part| !part.is_empty() && !part.starts_with('<'))
    {
        let Some((_, keyword)) = inside.and_then(|block| block.find(name)) else {
            break;
        };
        open.push(line(keyword));
        inside = match keyword.body {
            BodyKind::Block(inner) => Some(inner),
            _ => None,
        };
    }
    open
}

/// A whole example: the keyword in its blocks.
#[must_use]
pub fn example(block: &Block, keyword: &Keyword) -> Option<String> {
    if block.is_options() || block.path.starts_with('<') || block.path.contains(".<") {
        return None;
    }
    let mut text = String::new();
    let open = enclosing(block);
    for (depth, opener) in open.iter().enumerate() {
        indent(&mut text, depth);
        text.push_str(opener);
        text.push_str(" {\n");
    }
    indent(&mut text, open.len());
    text.push_str(&line(keyword));
    match keyword.body {
        BodyKind::None => text.push('\n'),
        BodyKind::Block(_) => text.push_str(" {\n"),
        BodyKind::Items(items) => {
            text.push_str(" {\n");
            indent(&mut text, open.len() + 1);
            text.push_str(item(items));
            text.push('\n');
        }
        BodyKind::Names(what) => {
            text.push_str(" {\n");
            indent(&mut text, open.len() + 1);
            text.push_str(name(what));
            text.push('\n');
        }
    }
    if !matches!(keyword.body, BodyKind::None) {
        indent(&mut text, open.len());
        text.push_str("}\n");
    }
    for depth in (0..open.len()).rev() {
        indent(&mut text, depth);
        text.push_str("}\n");
    }
    Some(text)
}

fn indent(text: &mut String, depth: usize) {
    for _ in 0..depth {
        text.push_str("    ");
    }
}

/// The keyword with sample arguments.
pub(crate) fn line(keyword: &Keyword) -> String {
    let mut text = keyword.name.to_owned();
    for slot in keyword.slots {
        if slot.presence == Presence::Optional && !matches!(slot.kind, Kind::Bool) {
            continue;
        }
        text.push(' ');
        text.push_str(&value(keyword, slot));
    }
    text
}

fn value(keyword: &Keyword, slot: &Slot) -> String {
    match slot.kind {
        Kind::Text { what, .. } => text(keyword, what).to_owned(),
        Kind::Int { min, max } | Kind::CInt { min, max } => number(keyword, min, max),
        Kind::U64 => "5".to_owned(),
        Kind::Time { unit, min, max } => time(keyword, unit, min, max),
        Kind::Bool => "yes".to_owned(),
        Kind::Address => address(keyword).to_owned(),
        Kind::Prefix => "192.0.2.0/24".to_owned(),
        Kind::Port => "80".to_owned(),
        Kind::Interface => "eth0".to_owned(),
        Kind::Choice { words, .. } | Kind::Maybe(words) => words.first().copied().unwrap_or("").to_owned(),
        Kind::Literal(word) => word.to_owned(),
        Kind::Hex { digits } => "9b3a0c85a887a256d6939da88aabd8cd"[..digits.min(32)].to_owned(),
        Kind::Named(_) => "254".to_owned(),
        Kind::Script => script(keyword).to_owned(),
        Kind::Rest { syntax, .. } => rest(keyword, syntax).to_owned(),
    }
}

fn number(keyword: &Keyword, min: i64, max: i64) -> String {
    let default = keyword.default.split(' ').next().unwrap_or("").parse::<i64>().ok();
    match (keyword.name, default) {
        ("virtual_router_id", _) => "51".to_owned(),
        ("vrrp_version" | "version", _) => "3".to_owned(),
        (_, Some(default)) if (min..=max).contains(&default) && default != 0 => default.to_string(),
        _ => 10.clamp(min, max).to_string(),
    }
}

fn time(keyword: &Keyword, unit: TimeUnit, min: u64, max: u64) -> String {
    let default = keyword.default.split(' ').next().unwrap_or("");
    let per_unit = if unit == TimeUnit::Millis { 1_000 } else { 1_000_000 };
    match default.parse::<u64>() {
        Ok(value) if value != 0 && (min..=max).contains(&value.saturating_mul(per_unit)) => default.to_owned(),
        _ => (2 * per_unit).clamp(min, max).div_euclid(per_unit).to_string(),
    }
}

fn address(keyword: &Keyword) -> &'static str {
    match keyword.name {
        "vrrp_mcast_group4" | "mcast_dst_ip" => "224.0.0.18",
        "vrrp_mcast_group6" => "ff02::12",
        _ => "192.0.2.11",
    }
}

fn text(keyword: &Keyword, what: &str) -> &'static str {
    match (keyword.name, what) {
        ("vrrp_instance", _) => "VI_1",
        ("vrrp_sync_group", _) => "VG_1",
        ("vrrp_script", _) => "chk_haproxy",
        ("key", "key") => "0123456789abcdef0123456789abcdef",
        (_, "path" | "file") => "/run/keepalived/example",
        (_, "directory") => "/var/lib/keepalived",
        (_, "host") => "mail.example.org",
        (_, "address") => "admin@example.org",
        (_, "user") => "keepalived_script",
        (_, "command") => "haproxy",
        (_, "netmask or prefix length") => "255.255.255.0",
        (_, "transport") => "unix:/var/agentx/master",
        (_, "domain") => "example.org",
        _ => "example",
    }
}

const fn script(keyword: &Keyword) -> &'static str {
    match keyword.name.as_bytes() {
        b"regex" => "\"ok\"",
        _ => "\"/usr/local/bin/example --quiet\"",
    }
}

fn rest(keyword: &Keyword, syntax: &str) -> &'static str {
    match keyword.name {
        "virtual_server" => "192.0.2.1 80",
        "lb_kind" | "lvs_method" | "sorry_server_lvs_method" => "DR",
        "umask" => "0077",
        "include_check" => "+match",
        "lvs_sync_daemon" => "eth0 inst VI_1 id 51",
        "lvs_timeouts" => "tcp 900 tcpfin 120 udp 300",
        "vrrp_rx_bufs_policy" => "MTU",
        "use_vmac" => "vrrp51",
        "use_ipvlan" => "192.0.2.9 bridge",
        "status_code" => "200-299",
        "payload" | "require_reply" => "0102",
        "regex_options" => "caseless",
        _ if syntax.starts_with("CPU") => "0",
        _ => "example",
    }
}

fn item(items: &Block) -> &'static str {
    match items.path {
        "unicast_peer" | "vrrp_instance.unicast_peer.<item>" => "192.0.2.12",
        path if path.contains("ipaddress") => "192.0.2.1/24 dev eth0",
        path if path.contains("_routes") => "198.51.100.0/24 via 192.0.2.254 dev eth0",
        path if path.contains("_rules") => "from 198.51.100.0/24 table 100",
        path if path.contains("track_interface") => "eth0 weight 10",
        path if path.contains("track_") => "example weight 10",
        path if path.starts_with("linkbeat") => "eth0 ETHTOOL",
        path if path.starts_with("interface_up") => "eth0 0.5 2",
        path if path.starts_with("virtual_server_group") => "192.0.2.1-9 80",
        _ => "example",
    }
}

fn name(what: &str) -> &'static str {
    match what {
        "vrrp_instance" => "VI_1",
        "interface" => "eth0",
        _ => "admin@example.org",
    }
}

#[cfg(test)]
mod tests {
    use super::example;
    use crate::{
        diag::Severity,
        table::{BLOCKS, ROOT},
        testing::tree,
        typed::Typing,
    };

    /// Examples are typed without anything to complain about.
    #[test]
    fn every_example_is_accepted() {
        let mut count = 0;
        for block in BLOCKS {
            for keyword in block.keywords {
                let Some(text) = example(block, keyword) else { continue };
                let mut typing = Typing::default();
                typing.check(&ROOT, &tree(&text));
                let complaints: Vec<_> = typing
                    .diagnostics
                    .items()
                    .iter()
                    .filter(|d| d.severity != Severity::Note && d.code.id != "KA1020")
                    .collect();
                assert!(complaints.is_empty(), "{text}\n{complaints:?}");
                count += 1;
            }
        }
        assert_eq!(count, 531 + 4, "with extensions of our own");
    }
}
