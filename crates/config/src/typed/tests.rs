//! What becomes of values that are not acceptable, as observed of the original (`config-language.md` 17, rows 20 and 32 to
//! 47; the rows that concern adverts after parsing belong to the lowering).

use keepalived_model::time::Micros;

use super::{Entry, Seen, Typing};
use crate::{
    diag::Diagnostics,
    table::{
        Block, CHECK_HTTP_GET, CHECK_HTTP_GET_URL, GARP_GROUP, GLOBAL_DEFS, ROOT, VIRTUAL_SERVER, VRRP_INSTANCE,
        VRRP_SCRIPT, VRRP_SYNC_GROUP, VRRP_TRACK_PROCESS,
    },
    testing::tree,
};

/// Types a text of one block and hands each usable entry to `each`.
fn walk(block: &'static Block, text: &str, mut each: impl FnMut(&Entry<'_>)) -> Diagnostics {
    let statements = tree(text);
    let mut typing = Typing::default();
    let mut seen = Seen::default();
    for statement in &statements {
        if let Some(entry) = typing.entry(block, &mut seen, statement) {
            each(&entry);
        }
    }
    typing.diagnostics
}

/// What `get` gives for the last usable entry, the codes, and the exit code of `-t`.
fn read<T>(block: &'static Block, text: &str, get: impl Fn(&Entry<'_>) -> T) -> (Option<T>, Vec<&'static str>, u8) {
    let mut last = None;
    let diagnostics = walk(block, text, |entry| last = Some(get(entry)));
    let codes = diagnostics.items().iter().map(|d| d.code.id).collect();
    (last, codes, diagnostics.test_exit_code())
}

fn int(block: &'static Block, text: &str) -> (Option<i64>, Vec<&'static str>, u8) {
    read(block, text, |entry| entry.int(0))
}

fn micros(block: &'static Block, text: &str) -> (Option<Micros>, Vec<&'static str>, u8) {
    read(block, text, |entry| entry.micros(0))
}

#[test]
fn numbers_as_observed() {
    let instance = |text| int(&VRRP_INSTANCE, text);
    assert_eq!(instance("priority 10 foo bar"), (Some(10), vec![], 0));
    assert_eq!(instance("priority 256"), (Some(100), vec!["KA1005"], 5));
    assert_eq!(instance("priority 0"), (Some(100), vec!["KA1005"], 5));
    assert_eq!(instance("priority 0x64"), (Some(100), vec!["KA1004"], 5));
    assert_eq!(instance("priority \" 42\""), (Some(42), vec![], 0));
    assert_eq!(instance("priority +7"), (Some(7), vec![], 0));
    assert_eq!(instance("priority 010"), (Some(10), vec![], 0));
    assert_eq!(instance("priority -7"), (Some(100), vec!["KA1004"], 5));
}

#[test]
fn strict_numbers_refuse_what_follows_and_tolerant_ones_use_what_precedes() {
    assert_eq!(int(&VRRP_INSTANCE, "virtual_router_id 7z"), (None, vec!["KA1004"], 5));
    assert_eq!(
        int(&VRRP_INSTANCE, "garp_master_delay 7z"),
        (Some(7), vec!["KA1004"], 5)
    );
    assert_eq!(int(&VRRP_INSTANCE, "garp_master_delay z"), (None, vec!["KA1004"], 5));
    assert_eq!(
        int(&VRRP_INSTANCE, "garp_master_delay 9999z"),
        (None, vec!["KA1004"], 5)
    );
}

#[test]
fn out_of_range_policies() {
    // Ignored, so that an earlier value stays.
    assert_eq!(
        int(&VRRP_INSTANCE, "virtual_router_id 7\nvirtual_router_id 256").0,
        Some(7)
    );
    // Clamped.
    assert_eq!(int(&GLOBAL_DEFS, "vrrp_rt_priority 100"), (Some(99), vec!["KA1005"], 5));
    assert_eq!(int(&GLOBAL_DEFS, "vrrp_rt_priority 0"), (Some(1), vec!["KA1005"], 5));
    assert_eq!(int(&GLOBAL_DEFS, "vrrp_rt_priority x"), (None, vec!["KA1004"], 5));
    // Set to 0.
    assert_eq!(
        int(&GLOBAL_DEFS, "vrrp_garp_master_refresh x"),
        (Some(0), vec!["KA1004"], 5)
    );
    // 0 becomes 1.
    assert_eq!(
        int(&GLOBAL_DEFS, "vrrp_garp_master_repeat 0"),
        (Some(1), vec!["KA1023"], 5)
    );
    assert_eq!(
        micros(&VRRP_SCRIPT, "interval 0"),
        (Some(Micros::SECOND), vec!["KA1023"], 5)
    );
    // Set to a default.
    assert_eq!(int(&VRRP_SCRIPT, "rise 0"), (Some(1), vec!["KA1005"], 5));
    // keepalived stores it; here the earlier value stays.
    assert_eq!(int(&VRRP_SCRIPT, "weight 300"), (None, vec!["KA1005"], 5));
}

#[test]
fn times_as_observed() {
    assert_eq!(
        micros(&VRRP_INSTANCE, "advert_int 1.1234567"),
        (Some(Micros(1_123_457)), vec!["KA1006"], 5)
    );
    assert_eq!(micros(&VRRP_INSTANCE, "advert_int 256"), (None, vec!["KA1005"], 5));
    assert_eq!(
        micros(&VRRP_INSTANCE, "advert_int 0.015"),
        (Some(Micros(15_000)), vec![], 0)
    );
    assert_eq!(
        micros(&VRRP_INSTANCE, "preempt_delay 3y"),
        (Some(Micros(3)), vec!["KA1004"], 5)
    );
    assert_eq!(
        micros(&VRRP_INSTANCE, "preempt_delay 1001"),
        (Some(Micros(0)), vec!["KA1005"], 5)
    );
    assert_eq!(
        micros(&VRRP_SCRIPT, "interval 0.0005"),
        (Some(Micros(1_000)), vec!["KA1006"], 5)
    );
    assert_eq!(micros(&VRRP_TRACK_PROCESS, "delay 0"), (None, vec!["KA1005"], 5));
    assert_eq!(
        micros(&VIRTUAL_SERVER, "delay_loop 18446744073709.551614").0,
        Some(Micros(u64::MAX - 1))
    );
    let message = walk(&VRRP_INSTANCE, "advert_int 256", |_| {}).items()[0]
        .message
        .clone();
    assert_eq!(
        message,
        "advert_int: number '256' outside range [0.010000, 255.000000] - ignoring"
    );
}

#[test]
fn booleans() {
    let alert = |text| read(&GLOBAL_DEFS, text, |e: &Entry<'_>| e.bool());
    assert_eq!(alert("vrrp_strict"), (Some(true), vec![], 0));
    assert_eq!(alert("vrrp_strict off"), (Some(false), vec![], 0));
    assert_eq!(alert("vrrp_strict YES"), (None, vec!["KA1007"], 5));
    // A flag does not look.
    assert_eq!(alert("enable_dbus no").1, Vec::<&str>::new());
}

#[test]
fn missing_words() {
    let (value, codes, exit) = int(&VRRP_INSTANCE, "virtual_router_id");
    assert_eq!((value, codes, exit), (None, vec!["KA1002"], 2));
    let diagnostics = walk(&VRRP_INSTANCE, "virtual_router_id", |_| {});
    assert_eq!(
        diagnostics.items()[0].message,
        "*** Configuration line starting `virtual_router_id` is missing a parameter after keyword `virtual_router_id` at word \
         position 2"
    );
    // Those that keepalived only reports.
    assert_eq!(
        read(&ROOT, "vrrp_instance {\n}", |e| e.has(0)),
        (None, vec!["KA1003"], 5)
    );
    assert_eq!(int(&GLOBAL_DEFS, "json_version").1, ["KA1003"]);
    // And those that crash it.
    assert_eq!(read(&ROOT, "bfd_instance {\n}", |e| e.has(0)).2, 2);
    assert_eq!(read(&ROOT, "virtual_server {\n}", |e| e.has(0)).2, 2);
}

#[test]
fn words_of_a_choice() {
    let state = |text| read(&VRRP_INSTANCE, text, |entry| entry.choice(0));
    assert_eq!(state("state MASTER"), (Some(Some("MASTER")), vec![], 0));
    assert_eq!(state("state master"), (Some(Some("BACKUP")), vec!["KA1012"], 5));
    let protocol = read(&VIRTUAL_SERVER, "protocol tcp", |entry| entry.choice(0));
    assert_eq!(protocol.0, Some(Some("TCP")));
    let fix = walk(&VRRP_INSTANCE, "state MASTR", |_| {}).items()[0].fix.clone();
    assert_eq!(fix.map(|f| f.replacement).as_deref(), Some("MASTER"));
}

#[test]
fn optional_words_before_and_after() {
    let extra = |text| read(&VRRP_INSTANCE, text, |e| (e.has(0), e.int(1)));
    assert_eq!(extra("garp_extra_if all 30").0, Some((true, 30)));
    assert_eq!(extra("garp_extra_if 30").0, Some((false, 30)));
    assert_eq!(extra("garp_extra_if all").0, None);
    let weight = |text| read(&VRRP_SCRIPT, text, |e| (e.int(0), e.has(1)));
    assert_eq!(weight("weight -5 reverse"), (Some((-5, true)), vec![], 0));
    assert_eq!(weight("weight -5 sideways"), (Some((-5, false)), vec!["KA1014"], 5));
}

#[test]
fn braces() {
    let list = |text| read(&VRRP_INSTANCE, text, |e| e.body().len());
    assert_eq!(
        list("virtual_ipaddress {\n10.0.0.10\n10.0.0.11\n}"),
        (Some(2), vec![], 0)
    );
    assert_eq!(
        list("virtual_ipaddress foo {\n10.0.0.10\n}"),
        (Some(1), vec!["KA1015"], 5)
    );
    assert_eq!(list("virtual_ipaddress"), (None, vec!["KA1016"], 5));
    assert_eq!(list("priority 5 {\nfoo\n}").1, ["KA1017"]);
    assert_eq!(
        read(&ROOT, "vrrp_instance A B {\n}", |e| e.has(0)),
        (None, vec!["KA1014"], 5)
    );
    let names = |e: &Entry<'_>| e.names().map(|w| w.text.to_string()).collect::<Vec<_>>();
    let group = read(&VRRP_SYNC_GROUP, "group {\nA B\nC\n}", names);
    assert_eq!(group.0, Some(vec!["A".to_owned(), "B".to_owned(), "C".to_owned()]));
}

#[test]
fn duplicates() {
    // The last wins, silently.
    assert_eq!(int(&VRRP_INSTANCE, "priority 1\npriority 2"), (Some(2), vec![], 0));
    // The last wins, reported.
    let host = read(&CHECK_HTTP_GET, "virtualhost a\nvirtualhost b", |e| {
        e.text(0).to_owned()
    });
    assert_eq!(host.0.as_deref(), Some("b"));
    assert!(host.1.contains(&"KA1019"));
    // The first wins, and only a usable one counts as first.
    let digest = read(
        &CHECK_HTTP_GET_URL,
        "digest 12\ndigest 0123456789abcdef0123456789abcdef\ndigest ffffffffffffffffffffffffffffffff",
        |e| e.text(0).to_owned(),
    );
    assert_eq!(digest.0.as_deref(), Some("0123456789abcdef0123456789abcdef"));
    assert!(digest.1.contains(&"KA1024") && digest.1.contains(&"KA1018"));
    // Lists and objects accumulate.
    let mut count = 0;
    let diagnostics = walk(&GARP_GROUP, "interface eth0\ninterface eth1", |_| count += 1);
    assert_eq!((count, diagnostics.items().len()), (2, 0));
}

#[test]
fn unknown_words_are_explained() {
    let diagnostics = walk(&VRRP_INSTANCE, "priorty 5\nenable_dbus\nfoo {\nbar\n}", |_| {});
    let said = diagnostics.items();
    assert_eq!(said.len(), 3);
    assert_eq!(said[0].message, "Unknown keyword 'priorty'");
    assert_eq!(said[0].fix.as_ref().map(|f| &*f.replacement), Some("priority"));
    assert_eq!(
        said[1].help.as_deref(),
        Some("'enable_dbus' is a keyword of global_defs, not of vrrp_instance; is a brace missing?")
    );
    assert_eq!(said[2].help.as_deref(), Some("the whole block is ignored"));
    assert_eq!(diagnostics.test_exit_code(), 5);
}

#[test]
fn planned_keywords_are_mentioned_once() {
    let text = "virtual_server 10.0.0.1 80 {\nlb_algo rr\n}\nvirtual_server 10.0.0.2 80 {\nlb_algo rr\n}";
    let statements = tree(text);
    let mut typing = Typing::default();
    typing.check(&ROOT, &statements);
    let codes: Vec<&str> = typing.diagnostics.items().iter().map(|d| d.code.id).collect();
    assert_eq!(codes, ["KA9001"]);
    assert_eq!(typing.diagnostics.test_exit_code(), 0);
}

#[test]
fn old_spellings_have_the_current_name() {
    let entry = read(&VRRP_INSTANCE, "vmac_garp_intvl all 5", |e| {
        (e.name(), e.keyword.name, e.int(1))
    });
    assert_eq!(entry.0, Some(("garp_extra_if", "vmac_garp_intvl", 5)));
    assert_eq!(entry.2, 5);
    // keepalived says nothing about this one.
    assert_eq!(
        read(&GLOBAL_DEFS, "enable_snmp_keepalived", |e: &Entry<'_>| e.name()).2,
        0
    );
}
