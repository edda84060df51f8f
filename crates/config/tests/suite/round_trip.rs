//! Printing and reading again gives the same tree.

use keepalived_config::{convert, print, tree::Statement};
use proptest::prelude::*;

use crate::common::{Outcome, read_text, show};

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-z_0-9./:-]{1,10}",
        1 => prop::sample::select(vec![
            "", "a b", "#x", "a!b", "{", "}", "${UND}", "$UND", "@id", "@^", "~SEQ(I,2)", "~LST", "~x", "$X=1", "include", "includea", "'",
            "it's", "\\y", "a\\", "\\#", "\\n", "1", "010", "1.5", "1.50", "-3", "true", "false", "on", "_args", "_items", "_order", "_line", "é",
            "real_server", "vrrp_instance", "virtual_ipaddress", "authentication", "TCP_CHECK", "url", "notify_master", "virtual_server",
            "item", "(", ")", "=", ",", "[", "]",
        ]).prop_map(str::to_owned),
    ]
}

fn keyword() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "global_defs", "vrrp_instance", "virtual_server", "real_server", "virtual_ipaddress", "authentication", "track_file", "url", "group",
            "track_script", "notify_master", "notify", "state", "priority", "nopreempt", "smtp_alert", "HTTP_GET", "static_routes",
            "virtual_server_group", "auth_hmac", "key", "advert_int", "interface",
        ]).prop_map(str::to_owned),
        1 => word(),
    ]
}

pub(crate) fn tree() -> impl Strategy<Value = Vec<Statement>> {
    let words = (keyword(), prop::collection::vec(word(), 0..4));
    let line = words
        .prop_map(|(keyword, words)| {
            Statement::made(std::iter::once(keyword.as_str()).chain(words.iter().map(String::as_str)))
        })
        .boxed();
    let leaf = line.clone();
    let statement = leaf.prop_recursive(4, 40, 6, move |inner| {
        (line.clone(), prop::collection::vec(inner, 0..6), any::<bool>())
            .prop_map(|(head, body, braces)| if braces { head.with_body(body) } else { head })
    });
    prop::collection::vec(statement, 0..6)
}

fn assert_same(one: &[Statement], other: &Outcome, text: &str) {
    assert!(
        print::same(one, &other.statements),
        "{text}\n-- wanted\n{}\n-- got\n{}\n{:?}",
        show(one),
        show(&other.statements),
        other.diagnostics.items()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn printed_trees_read_the_same(tree in tree()) {
        let text = convert::to_conf(&tree).unwrap();
        let again = read_text(&text);
        prop_assert!(again.diagnostics.items().is_empty(), "{text}\n{:?}", again.diagnostics.items());
        assert_same(&tree, &again, &text);
    }
}

fn read_toml(text: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let file = outcome.sources.add("test.toml", text);
    outcome.statements = keepalived_config::toml::read(file, &outcome.sources, &mut outcome.diagnostics);
    outcome
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn toml_reads_the_same(tree in tree()) {
        let text = convert::to_toml(&tree);
        let again = read_toml(&text);
        prop_assert!(again.diagnostics.items().is_empty(), "{text}\n{:?}", again.diagnostics.items());
        assert_same(&tree, &again, &text);
    }

    #[test]
    fn any_toml(text in "([a-z_]{1,3}|[\\[\\]{}=\",.' \n#]|_items|_args|_order|true|1|-2.5|vrrp_instance|real_server|virtual_ipaddress){0,40}") {
        read_toml(&text);
    }
}

/// Reads a text, prints it, reads it again.
pub(crate) fn again(text: &str) {
    let mut first = read_text(text);
    // Of tens of thousands of equal blocks some are enough here.
    first.statements.truncate(500);
    let printed = convert::to_conf(&first.statements).unwrap();
    assert_same(&first.statements, &read_text(&printed), &printed);
    let toml = convert::to_toml(&first.statements);
    assert_same(&first.statements, &read_toml(&toml), &toml);
}

#[test]
fn scripts_keep_their_words() {
    again("notify_master \"/bin/x 'a b' c\\td\" root wheel");
    again("notify '/bin/x a' \"b\"c");
    again("notify /bin/x\\ y \\#z '#' \"# {\"");
    again("script \"/bin/x \\\"a b\\\"\"");
    again("a\\\\\\#b ' ${UND}");
}

#[test]
fn scripts_keep_their_words_in_any_shape() {
    again("no\"tify x\" y\nnotify 'a\n");
}

/// The fenced block of a language in a Markdown text.
fn fenced<'a>(text: &'a str, language: &str) -> &'a str {
    let open = format!("```{language}\n");
    let (_, rest) = text.split_once(open.as_str()).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_example_of_the_documentation() {
    let text = include_str!("../../../../docs/toml.md");
    let wanted = read_text(fenced(text, "conf"));
    let toml = fenced(text, "toml");
    let got = read_toml(toml);
    assert!(got.diagnostics.items().is_empty(), "{:?}", got.diagnostics.items());
    assert_same(&wanted.statements, &got, toml);
}

#[test]
fn places_in_toml() {
    let outcome = read_toml("[vrrp_instance.V]\nnotify = '\"/x y\" root'\npriority = 7\n");
    let inner = &outcome.statements[0].body.as_ref().unwrap().statements;
    let place = |statement: usize, word: usize| {
        let span = inner[statement].words[word].span;
        (span.line, span.column, span.len)
    };
    assert_eq!(
        [place(0, 0), place(0, 1), place(0, 2)],
        [(2, 1, 6), (2, 11, 6), (2, 18, 4)]
    );
    assert_eq!(place(1, 1), (3, 12, 1));
}

#[test]
fn toml_that_is_wrong_is_said() {
    let codes = |text: &str| {
        read_toml(text)
            .diagnostics
            .items()
            .iter()
            .map(|d| d.code.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(codes("a = \n"), ["KA0026"]);
    assert_eq!(codes("a = 1979-05-27\n"), ["KA0027"]);
    assert_eq!(codes("a = \"b\\nc\"\n"), ["KA0028"]);
    assert_eq!(codes("a = 'b \"c'\n"), ["KA0028"]);
    assert_eq!(codes("a = 'b {'\n"), ["KA0028"]);
    assert_eq!(codes("vrrp_instance.V = 5\n"), ["KA0027"]);
    assert_eq!(codes("_order = 5\n_items = 5\n"), ["KA0027", "KA0027"]);
}
