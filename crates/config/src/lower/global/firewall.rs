//! nftables, and iptables with its sets.

use keepalived_model::global::{Firewall, Ipsets, IptablesChains};

use crate::{
    codes::keyword as codes,
    typed::{Entry, Typing},
};

/// Longest name of a set, bytes.
const LONGEST_SET: usize = 30;

/// Takes a keyword of the firewall; false when it is none.
pub(super) fn setting(typing: &mut Typing, entry: &Entry<'_>, firewall: &mut Firewall) -> bool {
    match entry.name() {
        "nftables" => firewall.table = Some(entry.opt_text(0).unwrap_or("keepalived").into()),
        "vrrp_iptables" => firewall.iptables = chains(typing, entry),
        "vrrp_ipsets" => {
            if let Some(sets) = sets(typing, entry) {
                firewall.ipsets = sets;
            }
        }
        "nftables_priority" => firewall.priority = Some(entry.i32(0)),
        "nftables_ifindex" => firewall.ifindex = true,
        "nftables_counters" => firewall.counters = true,
        "nftables_ipvs" => firewall.ipvs_table = Some(entry.opt_text(0).unwrap_or("keepalived_ipvs").into()),
        "nftables_ipvs_priority" => firewall.ipvs_priority = Some(entry.i32(0)),
        "nftables_ipvs_start_fwmark" => firewall.ipvs_start_fwmark = Some(entry.u32(0)),
        _ => return false,
    }
    true
}

fn chains(typing: &mut Typing, entry: &Entry<'_>) -> Option<IptablesChains> {
    let Some(input) = entry.opt_text(0) else {
        return Some(IptablesChains {
            input: "INPUT".into(),
            output: Some("OUTPUT".into()),
        });
    };
    let output = entry.opt_text(1);
    if output == Some(input) {
        let message = format!("'vrrp_iptables' needs two different chains, not {input} twice - ignoring");
        typing.report(&codes::INVALID_SETTING, entry.span(), message);
        return None;
    }
    Some(IptablesChains {
        input: input.into(),
        output: output.map(Into::into),
    })
}

/// `None` when the names cannot be used: then the earlier ones stay.
fn sets(typing: &mut Typing, entry: &Entry<'_>) -> Option<Ipsets> {
    let words = entry.rest(0);
    let (names, surplus) = words.split_at(words.len().min(6));
    if let Some(first) = surplus.first() {
        typing.report(
            &codes::SURPLUS_WORDS,
            first.span,
            "'vrrp_ipsets' takes six names at most",
        );
    }
    for (number, word) in names.iter().enumerate() {
        let name = &*word.text;
        let why = if name.len() > LONGEST_SET {
            format!("the name of a set has {LONGEST_SET} characters at most")
        } else if names.iter().take(number).any(|earlier| *earlier.text == *name) {
            format!("the set {name} is named twice")
        } else {
            continue;
        };
        typing.report(
            &codes::INVALID_SETTING,
            word.span,
            format!("{why} - ignoring 'vrrp_ipsets'"),
        );
        return None;
    }
    Some(if names.is_empty() {
        Ipsets::Off
    } else {
        Ipsets::Named(names.iter().map(|word| word.text.clone()).collect())
    })
}
