//! All about the selected instance.

use keepalived_status::{Wall, view::Detail};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Borders, Paragraph, Wrap},
};

use super::Theme;
use crate::{
    console::model::Model,
    text::{MasterText, age, plain, seconds},
};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let theme = Theme::of(model);
    let name = model
        .row()
        .map_or_else(String::new, |row| format!(" {} ", plain(&row.name)));
    let block = Block::new()
        .borders(Borders::TOP | Borders::RIGHT)
        .title(Span::styled(name, theme.title()));
    let lines: Vec<Line<'_>> = match &model.detail {
        None => vec![],
        Some(detail) => facts(detail, model.now)
            .into_iter()
            .map(|(name, value)| {
                let name = Span::styled(format!("{name:>10} "), theme.faint());
                let value = plain(&value);
                Line::from(vec![name, Span::raw(value)])
            })
            .collect(),
    };
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }).block(block), area);
}

/// Name and value of what is shown, most wanted first.
pub(crate) fn facts(d: &Detail, now: Wall) -> Vec<(&'static str, String)> {
    let r = &d.row;
    let mut facts = vec![("State", state(d, now)), ("Priority", priority(d))];
    if r.master.is_some() {
        facts.push(("Master", MasterText(r.master).to_string()));
    }
    facts.push(("Via", via(d)));
    let mut list = |name, items: &[String]| facts.extend(items.iter().map(|item| (name, item.clone())));
    list("Address", &d.addresses);
    list("Excluded", &d.excluded_addresses);
    list("Route", &d.routes);
    list("Rule", &d.rules);
    for t in &d.tracked {
        let reverse = if t.reverse { " reverse" } else { "" };
        let status = t.status.as_ref().map_or(String::new(), |s| format!(": {s}"));
        facts.push((
            "Tracks",
            format!("{} {} weight {}{reverse}{status}", t.kind, t.name, t.weight),
        ));
    }
    if let Some(group) = &r.group {
        facts.push(("Group", group.clone()));
    }
    facts.push((
        "Timers",
        format!(
            "advert {}, master down {}",
            seconds(d.advert_interval),
            seconds(d.master_down_timer)
        ),
    ));
    facts.push((
        "Habits",
        format!(
            "VRRPv{}, {}, {}, authentication {}",
            r.version,
            if d.preempt { "preempt" } else { "nopreempt" },
            if d.accept { "accept" } else { "no accept" },
            d.authentication
        ),
    ));
    facts.push(("Errors", errors(d)));
    facts
}

fn state(d: &Detail, now: Wall) -> String {
    let r = &d.row;
    let mut text = format!("{} for {}", r.state, age(r.last_transition, now));
    if r.want_state != r.state {
        text.push_str(&format!(", wants {}", r.want_state));
    }
    if !r.faults.is_empty() {
        text.push_str(&format!(" ({})", r.faults.join(", ")));
    }
    text
}

fn priority(d: &Detail) -> String {
    let r = &d.row;
    let mut text = format!("{} (base {}", r.effective, r.priority);
    if r.total != i32::from(r.effective) {
        text.push_str(&format!(", total {}", r.total));
    }
    text + ")"
}

fn via(d: &Detail) -> String {
    let mut text = d.row.interface.clone().unwrap_or_else(|| "any interface".into());
    if let Some(base) = &d.base_interface {
        text.push_str(&format!("@{base}"));
    }
    if let Some(source) = d.source {
        text.push_str(&format!(" from {source}"));
    }
    let to: Vec<_> = d.destinations.iter().map(ToString::to_string).collect();
    format!("{text} to {}{}", if d.unicast { "peers " } else { "" }, to.join(", "))
}

fn errors(d: &Detail) -> String {
    let s = &d.statistics;
    let errors: Vec<_> = [
        ("length", s.packet_len_err),
        ("ttl", s.ip_ttl_err),
        ("type", s.invalid_type_rcvd),
        ("interval", s.advert_interval_err),
        ("addresses", s.addr_list_err),
        ("auth", s.invalid_authtype + s.authtype_mismatch + s.auth_failure),
        (
            "hmac",
            s.auth_ext_missing + s.auth_ext_malformed + s.auth_ext_unknown_key + s.auth_ext_invalid_hmac,
        ),
        ("replay", s.auth_ext_stale + s.auth_ext_replay),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 0)
    .map(|(name, n)| format!("{n} {name}"))
    .collect();
    if errors.is_empty() {
        "none".into()
    } else {
        errors.join(", ")
    }
}
