//! Options of one rule line.

use super::decl::{Block, Kind, OnBad, Repeat, cint, int, kw, text, want};

/// `static_rules.<item>`.
pub static STATIC_RULES_ITEM: Block = Block::new(
    "static_rules.<item>",
    &[
        kw("from")
            .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
            .default("any")
            .values("bad or mixed family drops the rule")
            .doc("Source selector."),
        kw("to")
            .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
            .default("any")
            .values("bad or mixed family drops the rule")
            .doc("Destination selector."),
        kw("inet")
            .repeat(Repeat::Flag)
            .values("conflict drops the rule")
            .doc("The line is of family IPv4; keepalived 2.4.3 also loses the word after it."),
        kw("inet6")
            .repeat(Repeat::Flag)
            .values("conflict drops the rule")
            .doc("The line is of family IPv6; keepalived 2.4.3 also loses the word after it."),
        kw("table")
            .slots(&[want(Kind::Named("rt_tables")).bad(OnBad::Drop).strict()])
            .repeat(Repeat::First)
            .values("unknown or 0 drops the rule; one action only")
            .doc("Action: look up this table."),
        kw("lookup")
            .canonical("table")
            .slots(&[want(Kind::Named("rt_tables")).bad(OnBad::Drop).strict()])
            .repeat(Repeat::First)
            .values("unknown or 0 drops the rule; one action only")
            .doc("Action: look up this table."),
        kw("not")
            .repeat(Repeat::Flag)
            .default("off")
            .doc("Invert the selectors."),
        kw("preference")
            .slots(&[want(cint(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
            .default("16384 counting down per family (reported)")
            .values("0..4294967295 in C notation; else rule dropped")
            .doc("Rule priority."),
        kw("order")
            .canonical("preference")
            .slots(&[want(cint(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
            .default("16384 counting down per family (reported)")
            .values("0..4294967295 in C notation; else rule dropped")
            .doc("Rule priority."),
        kw("priority")
            .canonical("preference")
            .slots(&[want(cint(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
            .default("16384 counting down per family (reported)")
            .values("0..4294967295 in C notation; else rule dropped")
            .doc("Rule priority."),
        kw("tos")
            .slots(&[want(Kind::Named("rt_dsfield")).bad(OnBad::Drop).strict()])
            .default("any")
            .values("unknown drops the rule")
            .doc("Type-of-service selector."),
        kw("dsfield")
            .canonical("tos")
            .slots(&[want(Kind::Named("rt_dsfield")).bad(OnBad::Drop).strict()])
            .default("any")
            .values("unknown drops the rule")
            .doc("Type-of-service selector."),
        kw("fwmark")
            .slots(&[want(text("mark[/mask]")).bad(OnBad::Drop)])
            .default("any")
            .values("0..4294967295 in C notation; else rule dropped")
            .doc("Firewall mark selector."),
        kw("realms")
            .slots(&[want(text("realm[/realm]")).bad(OnBad::Drop)])
            .default("none")
            .values("IPv4 and table action only; else rule dropped")
            .doc("Realms."),
        kw("suppress_prefixlength")
            .slots(&[want(int(0, 2_147_483_647)).bad(OnBad::Drop).strict()])
            .default("none")
            .values("0..2147483647, table action only; else rule dropped")
            .doc("Ignore routes with at most this prefix length."),
        kw("sup_pl")
            .canonical("suppress_prefixlength")
            .slots(&[want(int(0, 2_147_483_647)).bad(OnBad::Drop).strict()])
            .default("none")
            .values("0..2147483647, table action only; else rule dropped")
            .doc("Ignore routes with at most this prefix length."),
        kw("suppress_ifgroup")
            .slots(&[want(Kind::Named("group")).bad(OnBad::Drop).strict()])
            .default("none")
            .values("table action only; unknown drops the rule")
            .doc("Ignore routes through this interface group."),
        kw("sup_group")
            .canonical("suppress_ifgroup")
            .slots(&[want(Kind::Named("group")).bad(OnBad::Drop).strict()])
            .default("none")
            .values("table action only; unknown drops the rule")
            .doc("Ignore routes through this interface group."),
        kw("iif")
            .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
            .default("any")
            .values("missing interface drops the rule and is fatal unless dynamic_interfaces")
            .doc("Input interface selector."),
        kw("dev")
            .canonical("iif")
            .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
            .default("any")
            .values("missing interface drops the rule and is fatal unless dynamic_interfaces")
            .doc("Input interface selector."),
        kw("oif")
            .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
            .default("any")
            .values("as iif")
            .doc("Output interface selector."),
        kw("tunnel-id")
            .slots(&[want(Kind::U64).bad(OnBad::Drop)])
            .default("none")
            .values("else rule dropped")
            .doc("Tunnel id selector."),
        kw("uidrange")
            .slots(&[want(text("uid-uid")).bad(OnBad::Drop)])
            .default("none")
            .values("both numbers needed; else rule dropped")
            .doc("User id selector."),
        kw("l3mdev")
            .repeat(Repeat::First)
            .default("off")
            .values("not with another action or a table")
            .doc("Action: use the table of the l3 master device."),
        kw("protocol")
            .slots(&[want(int(0, 255)).strict()])
            .default("18")
            .values("0..255; else reported and ignored; reset to 18 with message unless no_track")
            .doc("Protocol id of the rule."),
        kw("ipproto")
            .slots(&[want(Kind::Named("protocols")).strict()])
            .default("any")
            .values("0..255; else reported and ignored")
            .doc("IP protocol selector. (The manual example writes ip_proto, which is not accepted.)"),
        kw("sport")
            .slots(&[want(text("port[-port]"))])
            .default("any")
            .values("a range or one port; keepalived 2.4.3 refuses one port")
            .doc("Source port selector."),
        kw("dport")
            .slots(&[want(text("port[-port]"))])
            .default("any")
            .values("a range or one port; keepalived 2.4.3 refuses one port")
            .doc("Destination port selector."),
        kw("type")
            .slots(&[want(text("action")).bad(OnBad::Drop)])
            .repeat(Repeat::Yes)
            .doc("Optional word before an action."),
        kw("goto")
            .slots(&[want(cint(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
            .repeat(Repeat::First)
            .values("needs an explicit smaller preference; else rule dropped")
            .doc("Action: continue at that rule."),
        kw("nop").repeat(Repeat::First).doc("Action: nothing."),
        kw("blackhole")
            .repeat(Repeat::First)
            .values("other route types are refused")
            .doc("Action: blackhole."),
        kw("unreachable")
            .repeat(Repeat::First)
            .values("other route types are refused")
            .doc("Action: unreachable."),
        kw("prohibit")
            .repeat(Repeat::First)
            .values("other route types are refused")
            .doc("Action: prohibit."),
        kw("no_track")
            .repeat(Repeat::Flag)
            .default("off")
            .doc("Do not react to removal by others."),
        kw("track_group")
            .slots(&[want(text("name"))])
            .repeat(Repeat::First)
            .default("none")
            .values("earlier track_group; unknown reported and ignored; needs iif")
            .doc("Instances that go to FAULT when the rule is lost."),
    ],
);

/// `vrrp_instance.virtual_rules.<item>`.
pub static VRRP_INSTANCE_VIRTUAL_RULES_ITEM: Block = Block::new(
    "vrrp_instance.virtual_rules.<item>",
    &[
        kw("from")
            .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
            .default("any")
            .values("bad or mixed family drops the rule")
            .doc("Source selector."),
        kw("to")
            .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
            .default("any")
            .values("bad or mixed family drops the rule")
            .doc("Destination selector."),
        kw("inet")
            .repeat(Repeat::Flag)
            .values("conflict drops the rule")
            .doc("The line is of family IPv4; keepalived 2.4.3 also loses the word after it."),
        kw("inet6")
            .repeat(Repeat::Flag)
            .values("conflict drops the rule")
            .doc("The line is of family IPv6; keepalived 2.4.3 also loses the word after it."),
        kw("table")
            .slots(&[want(Kind::Named("rt_tables")).bad(OnBad::Drop).strict()])
            .repeat(Repeat::First)
            .values("unknown or 0 drops the rule; one action only")
            .doc("Action: look up this table."),
        kw("lookup")
            .canonical("table")
            .slots(&[want(Kind::Named("rt_tables")).bad(OnBad::Drop).strict()])
            .repeat(Repeat::First)
            .values("unknown or 0 drops the rule; one action only")
            .doc("Action: look up this table."),
        kw("not")
            .repeat(Repeat::Flag)
            .default("off")
            .doc("Invert the selectors."),
        kw("preference")
            .slots(&[want(cint(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
            .default("16384 counting down per family (reported)")
            .values("0..4294967295 in C notation; else rule dropped")
            .doc("Rule priority."),
        kw("order")
            .canonical("preference")
            .slots(&[want(cint(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
            .default("16384 counting down per family (reported)")
            .values("0..4294967295 in C notation; else rule dropped")
            .doc("Rule priority."),
        kw("priority")
            .canonical("preference")
            .slots(&[want(cint(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
            .default("16384 counting down per family (reported)")
            .values("0..4294967295 in C notation; else rule dropped")
            .doc("Rule priority."),
        kw("tos")
            .slots(&[want(Kind::Named("rt_dsfield")).bad(OnBad::Drop).strict()])
            .default("any")
            .values("unknown drops the rule")
            .doc("Type-of-service selector."),
        kw("dsfield")
            .canonical("tos")
            .slots(&[want(Kind::Named("rt_dsfield")).bad(OnBad::Drop).strict()])
            .default("any")
            .values("unknown drops the rule")
            .doc("Type-of-service selector."),
        kw("fwmark")
            .slots(&[want(text("mark[/mask]")).bad(OnBad::Drop)])
            .default("any")
            .values("0..4294967295 in C notation; else rule dropped")
            .doc("Firewall mark selector."),
        kw("realms")
            .slots(&[want(text("realm[/realm]")).bad(OnBad::Drop)])
            .default("none")
            .values("IPv4 and table action only; else rule dropped")
            .doc("Realms."),
        kw("suppress_prefixlength")
            .slots(&[want(int(0, 2_147_483_647)).bad(OnBad::Drop).strict()])
            .default("none")
            .values("0..2147483647, table action only; else rule dropped")
            .doc("Ignore routes with at most this prefix length."),
        kw("sup_pl")
            .canonical("suppress_prefixlength")
            .slots(&[want(int(0, 2_147_483_647)).bad(OnBad::Drop).strict()])
            .default("none")
            .values("0..2147483647, table action only; else rule dropped")
            .doc("Ignore routes with at most this prefix length."),
        kw("suppress_ifgroup")
            .slots(&[want(Kind::Named("group")).bad(OnBad::Drop).strict()])
            .default("none")
            .values("table action only; unknown drops the rule")
            .doc("Ignore routes through this interface group."),
        kw("sup_group")
            .canonical("suppress_ifgroup")
            .slots(&[want(Kind::Named("group")).bad(OnBad::Drop).strict()])
            .default("none")
            .values("table action only; unknown drops the rule")
            .doc("Ignore routes through this interface group."),
        kw("iif")
            .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
            .default("any")
            .values("missing interface drops the rule and is fatal unless dynamic_interfaces")
            .doc("Input interface selector."),
        kw("dev")
            .canonical("iif")
            .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
            .default("any")
            .values("missing interface drops the rule and is fatal unless dynamic_interfaces")
            .doc("Input interface selector."),
        kw("oif")
            .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
            .default("any")
            .values("as iif")
            .doc("Output interface selector."),
        kw("tunnel-id")
            .slots(&[want(Kind::U64).bad(OnBad::Drop)])
            .default("none")
            .values("else rule dropped")
            .doc("Tunnel id selector."),
        kw("uidrange")
            .slots(&[want(text("uid-uid")).bad(OnBad::Drop)])
            .default("none")
            .values("both numbers needed; else rule dropped")
            .doc("User id selector."),
        kw("l3mdev")
            .repeat(Repeat::First)
            .default("off")
            .values("not with another action or a table")
            .doc("Action: use the table of the l3 master device."),
        kw("protocol")
            .slots(&[want(int(0, 255)).strict()])
            .default("18")
            .values("0..255; else reported and ignored; reset to 18 with message unless no_track")
            .doc("Protocol id of the rule."),
        kw("ipproto")
            .slots(&[want(Kind::Named("protocols")).strict()])
            .default("any")
            .values("0..255; else reported and ignored")
            .doc("IP protocol selector. (The manual example writes ip_proto, which is not accepted.)"),
        kw("sport")
            .slots(&[want(text("port[-port]"))])
            .default("any")
            .values("a range or one port; keepalived 2.4.3 refuses one port")
            .doc("Source port selector."),
        kw("dport")
            .slots(&[want(text("port[-port]"))])
            .default("any")
            .values("a range or one port; keepalived 2.4.3 refuses one port")
            .doc("Destination port selector."),
        kw("type")
            .slots(&[want(text("action")).bad(OnBad::Drop)])
            .repeat(Repeat::Yes)
            .doc("Optional word before an action."),
        kw("goto")
            .slots(&[want(cint(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
            .repeat(Repeat::First)
            .values("needs an explicit smaller preference; else rule dropped")
            .doc("Action: continue at that rule."),
        kw("nop").repeat(Repeat::First).doc("Action: nothing."),
        kw("blackhole")
            .repeat(Repeat::First)
            .values("other route types are refused")
            .doc("Action: blackhole."),
        kw("unreachable")
            .repeat(Repeat::First)
            .values("other route types are refused")
            .doc("Action: unreachable."),
        kw("prohibit")
            .repeat(Repeat::First)
            .values("other route types are refused")
            .doc("Action: prohibit."),
        kw("no_track")
            .repeat(Repeat::Flag)
            .default("off")
            .doc("Do not react to removal by others."),
    ],
);
