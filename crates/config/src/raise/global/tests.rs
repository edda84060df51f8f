//! What is written is read again as the same settings.

use proptest::prelude::*;

use keepalived_model::{global::Global, time::Micros};

use super::statements;
use crate::{
    Options,
    docs::sample,
    load_text, print,
    table::{GLOBAL_DEFS, Keyword, Kind, ROOT, TimeUnit},
    testing::Machine,
    values::number::time_text,
};

fn read(text: &str) -> Global {
    let options = Options {
        main: "test.conf".to_owned(),
        config_id: None,
        all_config: false,
    };
    load_text("test.conf", text, &options, &Machine).config.global
}

/// The keyword with acceptable arguments chosen by `seed`.
fn line(keyword: &Keyword, seed: u64) -> String {
    let between = |min: i64, max: i64| {
        let width = max.abs_diff(min).saturating_add(1);
        min.wrapping_add_unsigned(seed % width)
    };
    let mut text = keyword.name.to_owned();
    for slot in keyword.slots {
        let value = match slot.kind {
            Kind::Int { min, max } => between(min, max).to_string(),
            Kind::Time { unit, min, max } => {
                let micros = min + seed % (max - min + 1);
                let rounded = if unit == TimeUnit::SecondsMillis {
                    micros / 1_000 * 1_000
                } else {
                    micros
                };
                time_text(Micros(rounded.max(min)), unit)
            }
            Kind::Bool => if seed.is_multiple_of(2) { "yes" } else { "no" }.to_owned(),
            Kind::Literal(word) if seed.is_multiple_of(2) => word.to_owned(),
            Kind::Literal(_) => continue,
            Kind::Choice { words, .. } => words[(seed as usize) % words.len()].to_owned(),
            Kind::Port => "2525".to_owned(),
            Kind::Script => "\"/good/x 'a b' \\\"\" joe".replace("\\\"", ""),
            Kind::Text { what: "user", .. } => "joe".to_owned(),
            Kind::Text { what: "group", .. } => ":".to_owned(),
            Kind::Text {
                what: "name" | "text", ..
            } => format!("\"n {}#\"", seed % 9),
            _ => return sample::line(keyword),
        };
        text.push(' ');
        text.push_str(&value);
    }
    text
}

fn keywords() -> Vec<(bool, &'static Keyword)> {
    let root = ROOT
        .keywords
        .iter()
        .filter(|keyword| crate::lower::global::is_global(keyword.name));
    let plain = |keyword: &&Keyword| matches!(keyword.body, crate::table::BodyKind::None);
    root.filter(plain)
        .map(|keyword| (true, keyword))
        .chain(
            GLOBAL_DEFS
                .keywords
                .iter()
                .filter(plain)
                .map(|keyword| (false, keyword)),
        )
        .collect()
}

fn text_of(lines: &[(usize, u64)]) -> String {
    let all = keywords();
    let (mut root, mut inside) = (String::new(), String::new());
    for (at, seed) in lines {
        let (at_root, keyword) = all[at % all.len()];
        let place = if at_root { &mut root } else { &mut inside };
        place.push_str(&line(keyword, *seed));
        place.push('\n');
    }
    format!("{root}global_defs {{\nnotification_email {{\na@example.org \"B <b@example.org>\"\n}}\n{inside}}}\n")
}

fn written(global: &Global) -> String {
    print::conf(&statements(global)).unwrap_or_else(|error| panic!("{error}"))
}

proptest! {
    #[test]
    fn random_settings(lines in proptest::collection::vec((any::<usize>(), any::<u64>()), 0..50)) {
        let text = text_of(&lines);
        let global = read(&text);
        let again = written(&global);
        prop_assert_eq!(&read(&again), &global, "{}\n---\n{}", text, again);
    }
}

/// Every keyword alone, so that none is forgotten: what it changes must come back.
#[test]
fn each_keyword_alone() {
    let mut changed = 0;
    for at in 0..keywords().len() {
        let global = read(&text_of(&[(at, 7)]));
        let again = written(&global);
        assert_eq!(read(&again), global, "{}\n---\n{again}", text_of(&[(at, 7)]));
        changed += usize::from(global != read(&text_of(&[])));
    }
    // Those that leave the model as it is: include_check, vrrp_ipsets, FIFO scripts without their FIFO, the value that is the
    // default, and `no` where that is the default.
    assert!(changed > 110, "only {changed} keywords change the model");
}

#[test]
fn nothing_to_say() {
    assert_eq!(written(&Global::default()), "");
}
