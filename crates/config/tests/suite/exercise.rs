//! What a fuzzer does with a text; also replayed over a corpus and over mutated configurations by `cargo test`.

use std::path::Path;

use keepalived_config::{
    Options, convert,
    diag::Diagnostics,
    facts::{Facts, InterfaceFact, ScriptFact},
    lower::Lowering,
    print,
    reader::{self, Limits},
    render,
    source::SourceMap,
    toml,
    tree::Statement,
};
use keepalived_model::{script::Credentials, units::IfName};

/// A machine with one interface and one user.
#[derive(Debug)]
struct Small;

impl Facts for Small {
    fn interface(&self, name: &IfName) -> Option<InterfaceFact> {
        (name.as_str() == "eth0").then_some(InterfaceFact {
            index: 2,
            mtu: 1500,
            loopback: false,
            multicast: true,
            ethernet: true,
            base: None,
        })
    }
    fn credentials(&self, user: &str, _: Option<&str>) -> Result<Credentials, String> {
        if user == "root" {
            Ok(Credentials {
                uid: 0,
                gid: 0,
                groups: Vec::new(),
            })
        } else {
            Err(format!("user {user} is unknown"))
        }
    }
    fn script(&self, program: &str, _: Option<&Credentials>, _: bool) -> ScriptFact {
        ScriptFact::Good(program.into())
    }
    fn environment(&self, _: &str) -> Option<String> {
        Some("value of it".to_owned())
    }
    fn random(&self, min: u64, _: u64) -> u64 {
        min
    }
    fn host_name(&self) -> String {
        "vm".to_owned()
    }
    fn cpus(&self) -> u16 {
        1
    }
    fn iproute2_table(&self, _: &str, _: Option<&Path>, _: Option<&Path>) -> String {
        "7 seven\n".to_owned()
    }
}

/// So small that a text that asks for millions of lines ends at once.
const LIMITS: Limits = Limits {
    generated_lines: 2_000,
    files: 4,
};

/// Reads a text in one language.
fn read(name: &str, text: &str) -> (Vec<Statement>, SourceMap, Diagnostics) {
    let options = Options {
        main: name.to_owned(),
        config_id: Some("h1".to_owned()),
        all_config: false,
    };
    let (mut sources, mut diagnostics, mut statements) = (SourceMap::default(), Diagnostics::default(), Vec::new());
    reader::read_text(
        name,
        text,
        LIMITS,
        &options,
        &Small,
        &mut sources,
        &mut diagnostics,
        &mut |statement| statements.push(statement),
    );
    (statements, sources, diagnostics)
}

/// Takes a text through everything: reading, lowering, rendering, printing, TOML and back.
pub(crate) fn exercise(text: &str) {
    for name in ["fuzz.conf", "fuzz.toml"] {
        let (statements, sources, mut diagnostics) = read(name, text);
        let mut lowering = Lowering::new(&Small);
        for statement in &statements {
            lowering.statement(statement.clone());
        }
        let (_, lowered) = lowering.finish();
        diagnostics.append(lowered);
        let _ = render::summary(&diagnostics, &sources, true);
        let _ = render::json(&diagnostics, &sources);
        let _ = render::sarif(&diagnostics, &sources);
        if name == "fuzz.conf" {
            survives(&statements);
        }
    }
}

/// Everything that was read from keepalived.conf can be written and read again, in both languages.
fn survives(statements: &[Statement]) {
    if let Ok(printed) = convert::to_conf(statements) {
        let (again, ..) = read("again.conf", &printed);
        assert!(print::same(statements, &again), "printing changed the tree:\n{printed}");
    }
    let mut sources = SourceMap::default();
    let file = sources.add("again.toml", convert::to_toml(statements));
    let again = toml::read(file, &sources, &mut Diagnostics::default());
    let text = || sources.file(file).map_or("", |f| &f.text).to_owned();
    assert!(print::same(statements, &again), "TOML changed the tree:\n{}", text());
}
